"""What tests of any package share: the databases that a store can be kept in, and homes of whole kiosks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import URL

from tests.databases import Databases, PostgresqlDatabases, SqliteDatabases, postgresql_server

settings.register_profile("untimed", deadline=None)  # no test is timed: another one may take the processor meanwhile
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlDatabases]:
    """The databases of a server that runs as long as the tests."""
    with postgresql_server() as address:
        yield PostgresqlDatabases(address)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Databases of each kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql")
    return SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture
def database(databases: Databases) -> Iterator[URL]:
    """A fresh database of each kind."""
    yield databases.new()
    databases.drop_all()


@pytest.fixture(scope="session")
def make_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes a kiosk's home of its own; only the cache (the graph, the catalogue's embeddings) is common to all."""
    cache = tmp_path_factory.mktemp("cache")

    def make() -> Path:
        home = tmp_path_factory.mktemp("home")
        (home / "cache").symlink_to(cache, target_is_directory=True)
        return home

    return make
