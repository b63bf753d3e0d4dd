"""`walkiosk serve` as a process: it says where it is, refuses what is unsafe, and stops in order when told to."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import pytest

from agent.settings import Settings
from server import serving
from server.error_boundary import ErrorBoundary
from server.server_settings import ServerSettings
from tests.server.realtime_server import Served, SmallTalkKiosk
from tools.errors import OperatorError

PROGRAM = """
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from agent.settings import Settings
from server.serving import run, serve
from server.server_settings import ServerSettings
from tests.server.realtime_server import SmallTalkKiosk

@asynccontextmanager
async def open_kiosk(settings, notice):
    yield SmallTalkKiosk()
    print("kiosk closed", flush=True)

settings = Settings().in_home(Path(sys.argv[1]))
run(serve(settings, ServerSettings(), "127.0.0.1", 0, lambda text: print(text, flush=True), open_kiosk))
"""


async def test_sigterm_ends_sessions_and_then_the_kiosk(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(tmp_path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            welcome = (await process.stdout.readline()).decode()
        assert "text only" in welcome
        assert "no kiosk tokens" in welcome
        port = int(welcome.split("127.0.0.1:")[1].split("/")[0])
        server = Served(port, None)  # type: ignore[arg-type]  # only its client is used
        async with server.client() as client:
            await client.say("shoes")
            process.send_signal(signal.SIGTERM)
            assert await client.closed() == 1012
            assert client.of("kiosk.session_ended")[0]["reason"] == "shutdown"
        async with asyncio.timeout(30):
            out, err = await process.communicate()
        assert out.decode().splitlines()[-1] == "kiosk closed"
        assert err == b""
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def opened(tmp_path: Path, host: str, tokens: str = "") -> None:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def open_kiosk(settings: Settings, notice: object):
        yield SmallTalkKiosk()

    settings = ServerSettings(tokens=tokens)
    async with serving.open_service(Settings().in_home(tmp_path), settings, host, print, open_kiosk):
        pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "shop.example"])
async def test_without_tokens_only_this_machine_is_served(tmp_path: Path, host: str) -> None:
    with pytest.raises(OperatorError, match="no kiosk tokens"):
        await opened(tmp_path, host)
    await opened(tmp_path, host, "K1=" + "0" * 64)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_this_machine_is_served_without_tokens(tmp_path: Path, host: str) -> None:
    await opened(tmp_path, host)


def test_a_port_that_is_taken_is_one_sentence(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from server.cli import app

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert ErrorBoundary().run(app, "walkiosk", ["serve", "--port", port]) == 1
    assert f"port {port}" in capsys.readouterr().err


def test_a_wrong_setting_is_named(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from server.cli import app

    monkeypatch.setenv("WALKIOSK_SERVE_MAX_SESSIONS", "many")
    assert ErrorBoundary().run(app, "walkiosk", ["serve"]) == 1
    assert "WALKIOSK_SERVE_MAX_SESSIONS" in capsys.readouterr().err
