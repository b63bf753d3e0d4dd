"""`walkiosk chat`: its options come in, a kiosk is opened and the right way of talking with it runs."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from agent.settings import Settings
from server.chat_roles import Notice, OpenKiosk
from server.console import ChatConsole
from server.console_input import LineInput, TerminalInput
from server.error_boundary import ErrorBoundary
from server.scripted_chat import JsonPrinter, TextPrinter, read_script, require_utf8, run_script
from server.terminal_text import neutral

log = logging.getLogger(__name__)
FAREWELL_S = 4.0


@dataclass(frozen=True)
class ChatOptions:
    """What was asked for on the command line."""

    once: str | None = None
    script: Path | None = None
    as_json: bool = False
    customer_id: str | None = None
    kiosk_id: str | None = None
    language: str | None = None
    small: bool = False
    store_dir: Path | None = None

    def settings(self) -> Settings:
        """The environment's settings with the command line's on top."""
        given: dict[str, Any] = {"small": True} if self.small else {}
        given |= {"store_dir": self.store_dir} if self.store_dir else {}
        return Settings(**given)


def run_chat(options: ChatOptions, boundary: ErrorBoundary, open_kiosk: OpenKiosk | None = None) -> int:
    """Talk with a kiosk until the script or the customer is done; the exit code."""
    settings = options.settings()
    is_scripted = options.once is not None or options.script is not None
    boundary.log_to(settings.home, on_stderr=is_scripted)
    customers = _scripted_customers(options)
    if is_scripted and not customers:
        log.warning("the script says nothing")
        return 0
    if open_kiosk is None:
        from agent.bootstrap import open_kiosk as open_real_kiosk
        from agent.visits import VisitRequest

        first = VisitRequest(options.kiosk_id, options.customer_id, options.language)
        open_kiosk = partial(open_real_kiosk, first=first)
    if is_scripted:
        return asyncio.run(_scripted(options, settings, customers, open_kiosk))
    return asyncio.run(_interactive(options, settings, open_kiosk, boundary))


def _scripted_customers(options: ChatOptions) -> list[list[str]]:
    """What is to be said, read before anything slow starts; a customer's utterances each."""
    if options.once is not None:
        return [[require_utf8(options.once)]]
    return read_script(options.script) if options.script else []


async def _scripted(options: ChatOptions, settings: Settings, customers: list[list[str]], open_kiosk: OpenKiosk) -> int:
    printer = JsonPrinter(sys.stdout) if options.as_json else TextPrinter(sys.stdout)
    async with open_kiosk(settings, log.info) as kiosk:
        all_ran = await run_script(
            customers,
            lambda: kiosk.new_session(options.kiosk_id, options.customer_id, options.language),
            printer,
            sys.stderr,
        )
    return 0 if all_ran else 1


async def _interactive(options: ChatOptions, settings: Settings, open_kiosk: OpenKiosk, boundary: ErrorBoundary) -> int:
    screen = Console(highlight=False)
    is_terminal = sys.stdin.isatty() and screen.is_terminal
    async with AsyncExitStack() as running:
        with _start_notices(screen) as notice, boundary.warnings_shown():
            kiosk = await running.enter_async_context(open_kiosk(settings, notice))
        source = TerminalInput() if is_terminal else LineInput(sys.stdin.fileno())
        farewell_s = FAREWELL_S if is_terminal else 0.0
        await ChatConsole(kiosk, screen, source, settings.idle_s or None, farewell_s).run(
            options.kiosk_id, options.customer_id, options.language
        )
    return 0


@contextmanager
def _start_notices(screen: Console) -> Iterator[Notice]:
    """Shows what the start is waiting for: beside a spinner on a terminal, as lines on stderr elsewhere."""
    if not screen.is_terminal:
        yield lambda text: print(neutral(text), file=sys.stderr)
        return
    with screen.status("Starting the kiosk…") as status:
        yield lambda text: status.update(Text(neutral(text)))
