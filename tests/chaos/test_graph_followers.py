"""Two servers of one store as real processes, each with a home of its own: both follow what a third one publishes."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL

from agent.settings import Settings
from tests.databases import PostgresqlDatabases
from tests.server.realtime_server import Served
from tests.server.test_graph_publishing import NEW, PATIENCE_S, PROGRAM, reply_to_newcomer
from tests.tools.film_shop import add_film, write_film_shop
from tests.tools.graph_fixtures import edit
from tools.database import GraphVersion, open_database, write_transaction
from tools.store_files import read_store
from tools.store_import import create_store

pytestmark = pytest.mark.chaos

ACTOR = "Ada Sandvik"
"""Who is the answer, in the version with the new film."""


@dataclass
class Follower:
    """A server that runs."""

    process: asyncio.subprocess.Process
    served: Served

    async def until_answer(self, *, names_actor: bool) -> None:
        """Ask as a newcomer until the answer names the actor, or no longer does; no turn may fail meanwhile."""
        async with asyncio.timeout(PATIENCE_S):
            while (ACTOR in await reply_to_newcomer(self.served)) is not names_actor:
                pass

    async def until_logged(self, text: str) -> None:
        """Read the log up to a line with this text."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            while text not in (line := (await self.process.stderr.readline()).decode()):
                assert line, "the server ended"


class FilmShop:
    """The shop's folder and store, its servers, and commands in processes of their own."""

    def __init__(self, folder: Path, homes: Path, database: URL) -> None:
        self._homes = homes
        address = database.render_as_string(hide_password=False)
        shop = {"DATABASE_URL": address, "STORE_DIR": str(folder), "GRAPH_CHECK_S": "0.05"}
        self._environment = {**os.environ, **{f"WALKIOSK_{name}": value for name, value in shop.items()}}

    def _environment_of(self, machine: str) -> dict[str, str]:
        """Each machine has its own home; the usual embeddings are there, to start sooner."""
        home, usual = self._homes / machine, Settings().cache_dir / "embeddings"
        if usual.is_dir() and not home.exists():
            shutil.copytree(usual, home / "cache" / "embeddings")
        return {**self._environment, "WALKIOSK_HOME": str(home)}

    @asynccontextmanager
    async def server(self, machine: str) -> AsyncIterator[Follower]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM, NEW), env=self._environment_of(machine), stdout=pipe, stderr=pipe
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while "ws://" not in (line := (await process.stdout.readline()).decode()):
                    assert line, "the server ended before it served"
            port = int(line.split("127.0.0.1:")[1].split("/")[0])
            yield Follower(process, Served(port, None))  # type: ignore[arg-type]
            assert process.returncode is None
            process.send_signal(signal.SIGTERM)
            await process.communicate()
            assert process.returncode == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()

    async def graph(self, *arguments: str, code: int = 0) -> str:
        """What `walkiosk graph …` says on a third machine."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server.cli", "graph", *arguments),
            env=self._environment_of("office"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate())[0].decode()
        assert process.returncode == code, said
        return " ".join(said.split())


@pytest.fixture
def database(postgresql: PostgresqlDatabases) -> Iterator[URL]:
    yield postgresql.new_empty()
    postgresql.drop_all()


async def test_both_servers_answer_from_the_version_that_is_current_and_keep_theirs_when_one_is_broken(
    tmp_path: Path, database: URL
) -> None:
    folder = write_film_shop(tmp_path / "shop")
    create_store(database, read_store(folder))
    shop = FilmShop(folder, tmp_path, database)
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(shop.server(name)) for name in ("first", "second")]
        for server in servers:
            await server.until_answer(names_actor=False)

        add_film(folder)
        assert "Version 2 is current" in await shop.graph("publish")
        for server in servers:
            await server.until_answer(names_actor=True)
        assert "Version 1 is current" in await shop.graph("rollback")
        for server in servers:
            await server.until_answer(names_actor=False)

        films = folder / "graph" / "films.csv"
        edit(films, "ada|bo,P1", "ada|boo,P1")
        assert "films.csv:2:cast: unknown Person 'boo'" in await shop.graph("publish", code=1)
        engine = open_database(database)
        with write_transaction(engine) as session:
            damaged = {"files": b"no archive", "summary": '{"nodes":{},"edges":{}}'}
            session.add(GraphVersion(number=9, files_sha256="0" * 64, **damaged))
        engine.dispose()
        assert "Version 9 is current" in await shop.graph("rollback", "9")
        for server in servers:
            await server.until_logged("the graph stays at version 1: version 9 of the graph cannot be used")
            assert ACTOR not in await reply_to_newcomer(server.served)

        edit(films, "ada|boo,P1", "ada|bo,P1")
        assert "Version 10 is current" in await shop.graph("publish")
        for server in servers:
            await server.until_answer(names_actor=True)
