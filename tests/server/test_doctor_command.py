"""`walkiosk doctor` shows what is found and how to mend it, to people and to programs."""

import asyncio
import json
from pathlib import Path

import pytest

from server.cli import app
from server.error_boundary import ErrorBoundary
from tests.model_servers import ModelBehaviour, model_server


async def test_what_a_server_says_of_itself_cannot_steer_a_terminal(
    own_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WALKIOSK_LLM_URL", raising=False)
    with model_server(ModelBehaviour(models=("\x1b[2J[red]evil",))) as url:
        arguments = ["doctor", "--llm", f"{url}/v1", "--model", "qwen3"]
        code = await asyncio.to_thread(ErrorBoundary().run, app, "walkiosk", arguments)
    shown = capsys.readouterr()
    assert code == 1
    assert "\x1b[2J" not in shown.out
    assert "[red]evil" in shown.out
    assert "cannot use this server" in shown.err


async def test_the_command_says_what_it_finds(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> int:
        return ErrorBoundary().run(app, "walkiosk", ["doctor", *arguments])

    with model_server(ModelBehaviour()) as url:
        assert await asyncio.to_thread(run, "--llm", f"{url}/v1", "--model", "qwen3") == 0
        assert "can use this server." in capsys.readouterr().err
        assert await asyncio.to_thread(run, "--llm", f"{url}/v1", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[2] == {
        "check": "model",
        "verdict": "doubtful",
        "says": "no model is named; the server has qwen3",
        "mend": "set WALKIOSK_LLM_MODEL=qwen3",
    }
    assert await asyncio.to_thread(run) == 1
    assert "WALKIOSK_LLM_URL" in capsys.readouterr().err
