"""`walkiosk doctor` shows what is found and how to mend it, to people and to programs."""

import asyncio
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from agent.settings import Settings
from server.cli import app
from server.error_boundary import ErrorBoundary
from tests.model_servers import ModelBehaviour, model_server
from tests.tools.film_shop import add_film, write_film_shop
from tools.database_address import file_of
from tools.graph_versions import publish
from tools.models import load_manifest
from tools.store_files import read_store
from tools.store_import import create_store, opened_store


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


@pytest.fixture
def film_shop(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop that is set, with models in its home that look whole, and no model server."""
    folder = write_film_shop(tmp_path / "shop")
    monkeypatch.setenv("WALKIOSK_STORE_DIR", str(folder))
    monkeypatch.setenv("WALKIOSK_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.delenv("WALKIOSK_LLM_URL", raising=False)
    for model in load_manifest().models:
        path = tmp_path / "models" / model.file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.truncate(model.size_bytes)
    return folder


def looked_over(capsys: pytest.CaptureFixture[str], code: int) -> dict[str, tuple[str, str]]:
    """What the doctor finds in the home: verdicts and all that is said, by check."""
    assert ErrorBoundary().run(app, "walkiosk", ["doctor", "--json"]) == code
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {item["check"]: (item["verdict"], f"{item['says']}; {item['mend']}") for item in found}


def database() -> Path:
    return file_of(Settings().database)


def test_a_home_that_is_sound_has_nothing_wrong(film_shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = looked_over(capsys, 0)
    assert (before["database"][0], before["graph"][0]) == ("doubtful", "ok")
    create_store(database(), read_store(film_shop))
    with opened_store(database()) as engine:
        publish(engine, film_shop, Settings().graph_copies)
    assert {check: verdict for check, (verdict, _) in looked_over(capsys, 0).items()} == dict.fromkeys(
        ("home", "database", "shop", "clock", "graph", "dialogue model", "voice models"), "ok"
    )
    add_film(film_shop)
    verdict, said = looked_over(capsys, 0)["graph"]
    assert (verdict, "walkiosk graph publish" in said) == ("doubtful", True)


def test_what_is_wrong_in_a_home_comes_with_its_remedy(film_shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_store(database(), read_store(film_shop))
    with opened_store(database()) as engine:
        publish(engine, film_shop, Settings().graph_copies)
    shutil.rmtree(Settings().graph_copies)
    for path in Settings().models_dir.rglob("*.gguf"):
        path.unlink()
    with sqlite3.connect(database()) as connection:
        connection.execute("UPDATE graphversion SET files = x'00', published_at = '2999-01-01 00:00:00'")
    found = looked_over(capsys, 1)
    assert found["dialogue model"] == ("wrong", found["dialogue model"][1])
    assert "walkiosk models pull" in found["dialogue model"][1]
    assert (found["graph"][0], "walkiosk graph rollback" in found["graph"][1]) == ("wrong", True)
    assert (found["clock"][0], "behind" in found["clock"][1]) == ("doubtful", True)
    for revision, mend in (("0003", "walkiosk store migrate"), ("9999", "update this program")):
        with sqlite3.connect(database()) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
        verdict, said = looked_over(capsys, 1)["database"]
        assert (verdict, mend in said) == ("wrong", True)
