"""What tests of any package share: the databases that a store can be kept in, and homes of whole kiosks."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import URL

from agent.settings import Settings
from tests.databases import Databases, PostgresqlDatabases, SqliteDatabases, postgresql_server
from tools.store_files import read_store
from tools.store_import import create_store

SMALL_STORE = Path(__file__).parent / "tools" / "small_store"
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


@pytest.fixture
def home_with_usual_cache(tmp_path: Path) -> Path:
    """A kiosk's home of its own with the user's cache, so that the real model reads its instructions once for all."""
    home, cache = tmp_path / "home", Settings().cache_dir
    cache.mkdir(parents=True, exist_ok=True)
    home.mkdir()
    (home / "cache").symlink_to(cache.resolve(), target_is_directory=True)
    return home


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Puts the small shop's database, as `walkiosk store init` leaves it, at a path."""
    made = tmp_path_factory.mktemp("small") / "store.db"
    create_store(made, read_store(SMALL_STORE))
    return lambda path: Path(shutil.copy(made, path))


@pytest.fixture(scope="session")
def make_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes a kiosk's home of its own; only the cache (the graph, the catalogue's embeddings) is common to all."""
    cache = tmp_path_factory.mktemp("cache")

    def make() -> Path:
        home = tmp_path_factory.mktemp("home")
        (home / "cache").symlink_to(cache, target_is_directory=True)
        return home

    return make
