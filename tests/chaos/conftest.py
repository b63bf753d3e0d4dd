"""One shop for all crashes of a test run, and the table of what came of them; two servers of a shop for others."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from campaign import Shop, Tally
from sqlalchemy import URL
from two_servers import TwoServers

from agent.settings import DEMO_STORE
from tests.databases import PostgresqlDatabases
from tools.store_files import read_store
from tools.store_import import create_store

TALLIES: list[Tally] = []


@pytest_asyncio.fixture
async def two_servers(
    request: pytest.FixtureRequest, home_with_usual_cache: Path, tmp_path: Path, postgresql: PostgresqlDatabases
) -> AsyncIterator[TwoServers]:
    """They hear and speak where a test's parameter says so."""
    database = postgresql.new_empty()
    create_store(database, read_store(DEMO_STORE))
    shop = TwoServers(database, home_with_usual_cache, tmp_path)
    try:
        await shop.open(getattr(request, "param", False))
        yield shop
    finally:
        await shop.close()
        postgresql.drop_all()


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, database: URL) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("chaos"), database)
    yield shop
    TALLIES.append(shop.tally)
    shop.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Runs, kills and violations for each place, over all campaigns."""
    if not TALLIES:
        return
    total = Tally()
    for tally in TALLIES:
        for place in tally.runs:
            total.runs[place] += tally.runs[place]
            total.kills[place] += tally.kills[place]
            total.wrong[place] += tally.wrong[place]
    terminalreporter.section("chaos")
    terminalreporter.write_line(f"{'hurt':<36}{'runs':>7}{'kills':>7}{'violations':>12}")
    for place in total.runs:
        terminalreporter.write_line(f"{place:<36}{total.runs[place]:>7}{total.kills[place]:>7}{total.wrong[place]:>12}")
    sums = [sum(counter.values()) for counter in (total.runs, total.kills, total.wrong)]
    terminalreporter.write_line(f"{'all':<36}{sums[0]:>7}{sums[1]:>7}{sums[2]:>12}")
