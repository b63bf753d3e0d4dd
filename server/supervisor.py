"""What the supervisor of the process is told, by systemd's protocol: the server is ready, it lives, it stops.

Its address comes from the environment (`NOTIFY_SOCKET`), and after how long a silence it ends the server
(`WATCHDOG_USEC`); without an address nobody is told anything. A server whose event loop hangs holds the order it was
paying for, so that no other may go on with it until it is ended. See sd_notify(3) and sd_watchdog_enabled(3).
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)

_TELL_LIMIT_S = 0.1
"""So long, at most, the server stands still while its supervisor does not listen."""


@asynccontextmanager
async def supervised(environment: Mapping[str, str] = os.environ) -> AsyncIterator[None]:
    """Within it the server is ready and tells twice in each period of the watchdog that its event loop goes round."""
    address = environment.get("NOTIFY_SOCKET", "")
    _tell(address, "READY=1")
    living = asyncio.create_task(_keep_telling(address, _period_s(environment)))
    try:
        yield
    finally:
        living.cancel()
        _tell(address, "STOPPING=1")


async def _keep_telling(address: str, period_s: float) -> None:
    while period_s:
        _tell(address, "WATCHDOG=1")
        await asyncio.sleep(period_s / 2)


def _period_s(environment: Mapping[str, str]) -> float:
    """After how long a silence the server is ended; 0 when nobody watches this very process."""
    is_watched = environment.get("WATCHDOG_PID") in (None, str(os.getpid()))
    microseconds = environment.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if is_watched and microseconds.isdecimal() else 0.0


def _tell(address: str, state: str) -> None:
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            supervisor.settimeout(_TELL_LIMIT_S)
            supervisor.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
    except OSError as error:
        log.warning("the supervisor could not be told %s: %s", state, error)
