"""The interactive text console: a customer's lines and slash commands come in, the kiosk's replies are drawn."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.state import SentenceReady, TurnFinished, TurnReport
from server.chat_roles import ChatKiosk, ChatSession
from server.console_input import InputSource
from server.console_views import problem, reply_sentence, safe, trace_views, turn_views
from server.error_boundary import expected_problem
from server.terminal_text import neutral
from tools.errors import WalkioskError

MAX_LISTED = 40
FORGET_SCROLLBACK = "\x1b[3J"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Command:
    """A slash command: what may follow it, what it does, and the method that does it."""

    name: str
    arguments: str
    help: str
    run: Callable[[str], Awaitable[None]]


class ChatConsole:
    """One screen, one kiosk, one session at a time."""

    def __init__(
        self,
        kiosk: ChatKiosk,
        screen: Console,
        source: InputSource,
        idle_s: float | None = None,
        farewell_s: float = 0.0,
    ) -> None:
        self._kiosk = kiosk
        self._farewell_s = farewell_s
        self._idle_s = idle_s
        self._screen = screen
        self._source = source
        self._traces = False
        self._last: TurnReport | None = None
        self._has_quit = False
        self._has_come = False
        self._is_over = False
        commands = (
            Command("help", "", "what you can do here", self._help),
            Command("trace", "[on|off]", "show how each reply came about", self._trace),
            Command("customer", "[ID|-]", "who is shopping; - is someone unknown", self._customer),
            Command("kiosk", "[ID]", "the machine the customer stands at", self._move),
            Command("lang", "[CODE]", "the language to begin in", self._lang),
            Command("staff", "NAME", "staff approve age-restricted goods, with a PIN", self._staff),
            Command("reset", "", "the next customer comes", self._reset),
            Command("quit", "", "leave (Ctrl-D does too)", self._quit),
        )
        self._commands = {command.name: command for command in commands}

    async def run(self, kiosk_id: str | None, customer_id: str | None, language: str | None) -> None:
        """Talk until /quit or the end of the input; CustomerError or OperatorError when the session cannot begin."""
        self._session = self._kiosk.new_session(kiosk_id, customer_id, language)
        try:
            self._welcome()
            while not self._has_quit:
                await self._next_line()
        finally:
            await self._close(self._session)

    async def _close(self, session: ChatSession) -> None:
        """End a session and show what it still had to say, such as where the goods are that were just paid for."""
        for sentence in await session.close():
            self._screen.print(reply_sentence(sentence))

    async def _next_line(self) -> None:
        try:
            # Who has not come yet is waited for without a limit.
            line = await self._source.read(self._where(), self._complete, self._idle_s if self._has_come else None)
        except TimeoutError:
            await self._next_customer()
            return
        except KeyboardInterrupt:
            self._screen.print(Text("Press Ctrl-D or type /quit to leave.", style="dim"))
            return
        if line is None:
            self._has_quit = True
        elif line.startswith("/"):
            await self._run_command(line)
        elif line.strip():
            self._has_come, self._is_over = True, False
            await self._turn(line)
            if self._is_over:
                await asyncio.sleep(self._farewell_s)  # the goodbye is to be read before the screen is cleared
                await self._next_customer()

    # a turn

    async def _turn(self, text: str) -> None:
        """Show the reply; Ctrl-C gives up waiting for it and leaves the session as it is."""
        turn = asyncio.create_task(self._show_turn(text))
        try:
            with _ctrl_c_cancels(turn):
                await turn
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                turn.cancel()
                raise
            self._screen.print(Text("Stopped waiting for the reply.", style="dim"))
        except WalkioskError as error:
            self._screen.print(problem(expected_problem(error) or ""))
        except Exception as error:
            log.exception("a turn failed")
            name = type(error).__name__
            self._screen.print(problem(f"This turn failed ({name}); the session goes on. The log says more."))

    async def _show_turn(self, text: str) -> None:
        with self._screen.status(Text("one moment…", style="dim")) as waiting:
            async for event in self._session.say(text):
                waiting.stop()
                if isinstance(event, SentenceReady):
                    self._screen.print(reply_sentence(event.text))
                elif isinstance(event, TurnFinished):
                    self._finished(event)

    def _finished(self, event: TurnFinished) -> None:
        self._last = event.report
        for view in turn_views(event.report):
            self._screen.print(view)
        if self._traces:
            self._show_trace(event.report)
        self._screen.print()
        self._is_over = event.is_farewell

    def _show_trace(self, report: TurnReport) -> None:
        for view in trace_views(report):
            self._screen.print(view)

    # commands

    async def _run_command(self, line: str) -> None:
        name, _, argument = line[1:].strip().partition(" ")
        command = self._commands.get(name.casefold())
        if command is None:
            near = get_close_matches(name.casefold(), self._commands, n=1)
            hint = f"did you mean /{near[0]}?" if near else "/help lists the commands."
            self._screen.print(problem(f"There is no command /{name}; {hint}"))
            return
        argument = argument.strip()
        if argument and not command.arguments:
            self._screen.print(problem(f"/{command.name} takes nothing after it."))
            return
        try:
            await command.run(argument)
        except WalkioskError as error:
            self._screen.print(problem(expected_problem(error) or ""))

    async def _help(self, _argument: str) -> None:
        self._screen.print(Text("Type what you want to buy, in your own words and language. Commands:"))
        table = Table.grid(padding=(0, 2))
        for command in self._commands.values():
            table.add_row(Text(f"/{command.name} {command.arguments}".rstrip(), style="bold"), Text(command.help))
        self._screen.print(table)
        self._screen.print(Text("Ctrl-C stops waiting for a reply, Ctrl-D leaves.", style="dim"))

    async def _trace(self, argument: str) -> None:
        wanted = {"on": True, "off": False, "": not self._traces}.get(argument.casefold())
        if wanted is None:
            self._screen.print(problem("Say /trace on or /trace off."))
            return
        self._traces = wanted
        self._screen.print(Text(f"Trace is {'on' if wanted else 'off'}.", style="dim"))
        if wanted and self._last is not None:
            self._show_trace(self._last)

    async def _customer(self, argument: str) -> None:
        if not argument:
            self._list("customer", self._kiosk.customers(), self._session.customer_id)
            return
        customer_id = None if argument == "-" else argument
        await self._begin(self._session.kiosk_id, customer_id, None)

    async def _move(self, argument: str) -> None:
        if not argument:
            self._list("kiosk", self._kiosk.kiosks(), self._session.kiosk_id)
            return
        await self._begin(argument, self._session.customer_id, self._session.language)

    async def _lang(self, argument: str) -> None:
        if not argument:
            self._screen.print(Text.assemble("The language is ", safe(self._session.language, "bold"), "."))
            return
        await self._begin(self._session.kiosk_id, self._session.customer_id, argument)

    async def _staff(self, argument: str) -> None:
        waiting = self._session.age_check
        if waiting is None:
            self._screen.print(problem("Nothing here waits for an age check."))
            return
        if not argument:
            self._screen.print(problem("Say who you are: /staff NAME."))
            return
        self._screen.print(safe(f"To approve: {', '.join(waiting.names)}, sold from {waiting.min_age} years on."))
        pin = await self._source.read_secret("PIN: ")
        if pin is None:
            self._screen.print(Text("Nothing was approved.", style="dim"))
            return
        await self._session.approve_age(argument, pin)
        self._screen.print(Text("Approved for this customer for ten minutes; they may now say that they buy it."))

    async def _reset(self, _argument: str) -> None:
        await self._next_customer()

    async def _quit(self, _argument: str) -> None:
        self._has_quit = True

    async def _next_customer(self) -> None:
        """The last one has left, with or without a word: nothing of them stays, not even on the screen."""
        self._screen.clear()
        if self._screen.is_terminal:
            self._screen.file.write(FORGET_SCROLLBACK)
        await self._begin(self._session.kiosk_id, None, None)

    async def _begin(self, kiosk_id: str, customer_id: str | None, language: str | None) -> None:
        """Put a new session in the place of the old one, which is kept if the new one cannot begin."""
        session = self._kiosk.new_session(kiosk_id, customer_id, language)
        left, self._session, self._last = self._session, session, None
        self._has_come = False
        self._source.forget()
        try:
            await self._close(left)
        except WalkioskError as error:
            self._screen.print(problem(expected_problem(error) or ""))
        self._welcome()

    # what is on the screen besides

    def _list(self, what: str, known: Iterable[tuple[str, str]], current: str | None) -> None:
        rows = list(known)
        table = Table.grid(padding=(0, 2))
        for key, name in rows[:MAX_LISTED]:
            here = key == current
            table.add_row(Text("›" if here else " "), safe(key, "bold" if here else ""), safe(name))
        self._screen.print(table)
        if len(rows) > MAX_LISTED:
            self._screen.print(Text(f"… and {len(rows) - MAX_LISTED} more", style="dim"))
        self._screen.print(Text(f"/{what} ID changes it; a new session begins.", style="dim"))

    def _welcome(self) -> None:
        session = self._session
        who = dict(self._kiosk.customers()).get(session.customer_id or "", session.customer_id) or "unknown customer"
        place = dict(self._kiosk.kiosks()).get(session.kiosk_id, session.kiosk_id)
        self._who_and_place = f"{who} · {place} ({session.kiosk_id})"
        self._screen.print(safe(self._where(), "bold"))
        self._screen.print(
            Text("A demonstration: the payment is simulated, no money moves. /help lists the commands.", style="dim")
        )

    def _where(self) -> str:
        """Who, where and in which language, on one line."""
        return neutral(f"{self._who_and_place} · {self._session.language}")

    def _complete(self, line: str) -> Iterator[tuple[str, str]]:
        """The words that may end the line, each with what it means."""
        name, space, _ = line[1:].partition(" ")
        if not space:
            yield from ((f"/{command.name}", command.help) for command in self._commands.values())
        elif name == "trace":
            yield from (("on", "after each turn"), ("off", ""))
        elif name == "customer":
            yield "-", "someone unknown"
            yield from ((key, neutral(shown)) for key, shown in self._kiosk.customers())
        elif name == "kiosk":
            yield from ((key, neutral(shown)) for key, shown in self._kiosk.kiosks())


@contextmanager
def _ctrl_c_cancels(turn: asyncio.Task[None]) -> Iterator[None]:
    """While inside, Ctrl-C cancels the turn and nothing else."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    installed = False
    with suppress(NotImplementedError, RuntimeError, ValueError):  # not on the main thread, or no such thing here
        loop.add_signal_handler(signal.SIGINT, turn.cancel)
        installed = True
    try:
        yield
    finally:
        if installed:
            loop.remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, before)
