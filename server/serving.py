"""`walkiosk serve` put together: settings come in, a kiosk is opened and served until the process is told to stop."""

import asyncio
import gc
import ipaddress
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from typing import Any

import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from agent.settings import Settings
from server.chat_roles import Notice
from server.kiosk_tokens import KioskTokens, tokens_file
from server.niceness import take_niceness
from server.realtime.app import LOOPBACK, Service, create_app
from server.realtime.roles import TalkKiosk
from server.realtime.talks import Talks
from server.realtime.voice import Voice
from server.server_settings import ServerSettings
from server.staff_page import PATH, ReportsBeside, Staff
from server.staff_tokens import StaffTokens, staff_tokens_file
from server.supervisor import supervised
from tools.errors import OperatorError

OpenTalkKiosk = Callable[[Settings, Notice], AbstractAsyncContextManager[TalkKiosk]]
OpenVoice = Callable[[Settings, Sequence[str], Notice], AbstractAsyncContextManager[Voice]]
"""Opens ears and mouth for the languages that the kiosk speaks."""

CLOSING_S = 10


class RealtimeServer(uvicorn.Server):
    """Leaves signals to us: what money hangs on ends before any connection does."""

    def capture_signals(self) -> AbstractContextManager[None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """See uvicorn.Server."""
        return nullcontext()


@asynccontextmanager
async def open_service(
    settings: Settings,
    server_settings: ServerSettings,
    host: str,
    notice: Notice,
    open_kiosk: OpenTalkKiosk,
    open_voice: OpenVoice | None = None,
) -> AsyncIterator[Service]:
    """Open everything that is served; without `open_voice` it is served by text only.

    Raises OperatorError for a host beyond this machine while there are no tokens, before anything slow starts.
    """
    tokens = KioskTokens(tokens_file(settings.home, server_settings.tokens_file), server_settings.tokens)
    staff_file = staff_tokens_file(settings.home, server_settings.staff_tokens_file)
    staff = Staff(StaffTokens(staff_file, server_settings.staff_tokens), ReportsBeside(settings))
    if not is_loopback(host) and not len(tokens):
        raise OperatorError(
            f"there are no kiosk tokens, so only this machine can be served, not {host}; "
            "`walkiosk serve token KIOSK` makes one"
        )
    async with AsyncExitStack() as stack:
        kiosk = await stack.enter_async_context(open_kiosk(settings, notice))
        voice = None
        if open_voice is not None:
            voice = await stack.enter_async_context(open_voice(settings, kiosk.languages, notice))
        talks = Talks(kiosk, voice, server_settings, settings.idle_s, time.monotonic)
        stack.enter_context(short_collections())
        yield Service(kiosk, talks, tokens, server_settings, time.monotonic, is_spoken=voice is not None, staff=staff)


@contextmanager
def short_collections() -> Iterator[None]:
    """Keep the garbage collector from what is there: looking through it all held microphones up for half a second."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def make_server(service: Service) -> RealtimeServer:
    """The server of a service, for a socket that listens."""
    config = uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=2 * service.settings.max_frame_bytes,
        ws_per_message_deflate=False,  # it costs time and memory, and audio in base64 hardly shrinks
        timeout_graceful_shutdown=CLOSING_S,
    )
    return RealtimeServer(config)


async def serve(
    settings: Settings,
    server_settings: ServerSettings,
    host: str,
    port: int,
    notice: Notice,
    open_kiosk: OpenTalkKiosk,
    open_voice: OpenVoice | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C; then take nobody in, let what is begun end, close the sessions."""
    listening = listen(host, port)
    with listening:
        async with open_service(settings, server_settings, host, notice, open_kiosk, open_voice) as service:
            server = make_server(service)
            stopping = asyncio.Event()
            loop = asyncio.get_running_loop()
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(name, stopping.set)
            if server_settings.nice is not None:
                take_niceness(server_settings.nice)
            listening.listen()  # who reads that the server is there may connect at once
            serving = asyncio.create_task(server.serve([listening]))
            for line in _welcome(service, listening):
                notice(line)
            async with supervised():
                await asyncio.wait([serving, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
            notice("stopping: no new sessions, waiting for what has begun")
            await service.talks.drain()
            server.should_exit = True
            await serving


def run(serving: Coroutine[Any, Any, None]) -> None:
    """Run `serve` to its end, on uvloop where it is installed: it takes a quarter off the slower turns."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serving)


def is_loopback(host: str) -> bool:
    """Whether the address leads to this machine and nowhere else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK


def listen(host: str, port: int) -> socket.socket:
    """The port, taken before anything slow starts; OperatorError when it cannot be had."""
    try:
        [family, *_, address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        raise OperatorError(f"nothing can listen on {host} port {port}: {error.strerror}") from error
    return listening


def _welcome(service: Service, listening: socket.socket) -> list[str]:
    """What the operator should know at the start."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    speech = "speech and text" if service.is_spoken else "text only"
    who = f"{len(service.tokens)} kiosk tokens" if len(service.tokens) else "no kiosk tokens: only this machine"
    lines = [
        f"serving ws://{shown}:{port}/v1/realtime ({speech}; {who}); Ctrl-C stops",
        f"the kiosk page is http://{shown}:{port}/",
    ]
    if service.staff is not None and len(service.staff.tokens):
        lines.append(f"the morning report for staff is http://{shown}:{port}{PATH}")
    return lines
