"""What the supervisor of a server's process hears, at a real socket."""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.supervisor import supervised
from tests.server.test_serve_command import PROGRAM

WATCHED_S = 0.05


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """A socket that listens, and the environment of a process that it watches."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening, {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(int(WATCHED_S * 1e6))}


def heard(listening: socket.socket) -> list[str]:
    """All that was told so far."""
    listening.setblocking(False)
    told: list[str] = []
    while True:
        try:
            told.append(listening.recv(100).decode())
        except BlockingIOError:
            return told


async def test_a_server_says_that_it_is_ready_and_lives_and_stops(
    tmp_path: Path, supervisor: tuple[socket.socket, dict[str, str]]
) -> None:
    listening, watched = supervisor
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(tmp_path), env={**os.environ, **watched}, stdout=asyncio.subprocess.PIPE
    )
    try:
        told = [await asyncio.to_thread(listening.recv, 100) for _ in range(4)]
        assert told == [b"READY=1", *[b"WATCHDOG=1"] * 3]
        process.send_signal(signal.SIGSTOP)  # it hangs
        await asyncio.to_thread(os.waitpid, process.pid, os.WUNTRACED)
        heard(listening)
        await asyncio.sleep(5 * WATCHED_S)
        assert heard(listening) == []
        process.send_signal(signal.SIGCONT)
        listening.settimeout(30)
        assert await asyncio.to_thread(listening.recv, 100) == b"WATCHDOG=1"
        process.send_signal(signal.SIGTERM)
        while await asyncio.to_thread(listening.recv, 100) != b"STOPPING=1":
            pass
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_server_whose_event_loop_hangs_says_nothing(
    supervisor: tuple[socket.socket, dict[str, str]],
) -> None:
    listening, watched = supervisor
    async with supervised(watched):
        await asyncio.sleep(0)
        assert heard(listening) == ["READY=1", "WATCHDOG=1"]
        time.sleep(5 * WATCHED_S)  # noqa: ASYNC251  that is the hang
        assert heard(listening) == []


@pytest.mark.parametrize(
    "changed",
    [{"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_PID": "1"}],
    ids=["nobody", "never", "damaged", "another process"],
)
async def test_who_is_not_watched_says_only_when_it_is_ready_and_stops(
    supervisor: tuple[socket.socket, dict[str, str]], changed: dict[str, str]
) -> None:
    listening, watched = supervisor
    async with supervised({**watched, **changed}):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert heard(listening) == ["READY=1", "STOPPING=1"]


async def test_an_abstract_socket_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0walkiosk-{os.getpid()}")
        async with supervised({"NOTIFY_SOCKET": f"@walkiosk-{os.getpid()}"}):
            assert heard(listening) == ["READY=1"]


async def test_without_a_supervisor_and_without_its_socket_a_server_serves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with supervised({}):
            await asyncio.sleep(0)
        assert caplog.text == ""
        async with supervised({"NOTIFY_SOCKET": str(tmp_path / "nobody")}):
            await asyncio.sleep(0)
    assert "READY=1" in caplog.text
