"""What tests of any package share: the databases that a store can be kept in."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.databases import Databases, PostgresqlDatabases, SqliteDatabases, postgresql_server


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
