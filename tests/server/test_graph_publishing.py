"""`walkiosk graph publish`, `versions` and `rollback`, and a server that runs and follows them between two turns."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.settings import Settings
from server.graph_commands import app
from tests.server.realtime_server import Client, Served
from tests.tools.film_shop import add_film, write_film_shop
from tests.tools.graph_fixtures import edit
from tools.store_files import read_store
from tools.store_import import create_store

NEW = "who was in Lofoten Sunrise?"
PATIENCE_S = 300.0
PROGRAM = """
import sys
from functools import partial
from agent.bootstrap import open_kiosk
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from server.server_settings import ServerSettings
from server.serving import run, serve

script = {sys.argv[1]: {"intent": "fact", "asked": "person", "film": "Lofoten Sunrise"}}
opening = partial(open_kiosk, model=ScriptedModel(script))
run(serve(Settings(), ServerSettings(), "127.0.0.1", 0, lambda text: print(text, flush=True), opening))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a shop that is set, with a store in a home that has the usual embeddings, to start sooner."""
    home, usual = tmp_path / "home", Settings().cache_dir / "embeddings"
    if usual.is_dir():
        shutil.copytree(usual, home / "cache" / "embeddings")
    folder = write_film_shop(tmp_path / "shop")
    for name, value in {"HOME": home, "STORE_DIR": folder, "GRAPH_CHECK_S": "0.05"}.items():
        monkeypatch.setenv(f"WALKIOSK_{name}", str(value))
    create_store(Settings().database, read_store(folder))
    return folder


def graph(*arguments: str, code: int = 0) -> str:
    """What `walkiosk graph …` says."""
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code == code, run.output
    return " ".join(run.output.split())


def test_the_commands_publish_list_and_go_back(folder: Path) -> None:
    assert "No version was published yet" in graph("versions")
    assert "Version 1 is current" in graph("publish")
    assert "nothing has changed" in graph("publish", str(folder))
    add_film(folder)
    assert "Version 2 is current" in graph("publish", str(folder))
    assert "Version 1 is current" in graph("rollback")
    first, second = [json.loads(line) for line in graph("versions", "--json").replace("} {", "}\n{").splitlines()]
    assert (first["number"], first["is_current"], first["summary"]["nodes"]["Film"]) == (1, True, 2)
    assert (second["number"], second["is_current"], second["summary"]["nodes"]["Film"]) == (2, False, 3)
    assert "no version before 1 is kept; kept: 1, 2" in graph("rollback", code=1)
    edit(folder / "graph" / "films.csv", "ada|bo,P1", "ada|boo,P1")
    assert "films.csv:2:cast: unknown Person 'boo'; did you mean 'bo'?" in graph("publish", code=1)
    edit(folder / "products.csv", "P2,Fjord", "P9,Fjord")
    edit(folder / "graph" / "films.csv", "ada|boo,P1", "ada|bo,P1")
    edit(folder / "graph" / "films.csv", "ada,P2", "ada,P9")
    said = graph("publish", code=1)
    assert "products.csv:3:product_id: the store's catalogue has no product 'P9'" in said


async def test_a_server_that_runs_answers_from_what_is_published_between_two_turns(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, NEW, env={**os.environ}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while "ws://" not in (line := (await process.stdout.readline()).decode()):
                assert line, "the server ended before it served"
        server = Served(int(line.split("127.0.0.1:")[1].split("/")[0]), None)  # type: ignore[arg-type]
        async with server.client() as client:
            assert "Ada Sandvik" not in await reply(client)
            add_film(folder)
            assert "Version 2 is current" in await asyncio.to_thread(graph, "publish")
            async with asyncio.timeout(PATIENCE_S):
                while "Ada Sandvik" not in await reply(client):
                    pass
            assert "Version 1 is current" in await asyncio.to_thread(graph, "rollback")
            async with asyncio.timeout(PATIENCE_S):
                while "Ada Sandvik" in await reply_to_newcomer(server):
                    pass
            await reply(client)
        assert process.returncode is None
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()
    assert process.returncode == 0


async def reply(client: Client) -> str:
    """What the kiosk says to the question, as JSON; no turn may fail."""
    response = (await client.say(NEW))["response"]
    assert response["status"] == "completed"
    return json.dumps(response["output"], ensure_ascii=False)


async def reply_to_newcomer(server: Served) -> str:
    """The same to somebody who has not heard the answer before, which the kiosk would remember."""
    async with server.client() as client:
        return await reply(client)
