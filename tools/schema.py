"""The store's schema: a database comes in, and its tables are brought to the revision that this program works with."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from tools.database_address import name_of
from tools.database_failures import explain
from tools.errors import StoreError
from tools.migrations import HEAD

BASELINE = "0001"
"""What a store has that was made before its database kept a revision."""

PATIENCE_S = 60
"""So long a migration waits for another one, or for whoever writes."""

_MIGRATION_LOCK = 8_102_431
"""The number of the lock that lets one program at a time migrate a PostgreSQL database."""


@dataclass(frozen=True)
class Migration:
    """What a migration did: the revisions before (None for an empty database) and after it, and what each step made."""

    before: str | None
    after: str
    steps: tuple[str, ...]


def revision_of(connection: Connection) -> str | None:
    """The revision that a database is at; None where there is no store in it."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return connection.scalar(text("SELECT version_num FROM alembic_version"))
    return BASELINE if "storesetting" in tables else None


def require_current(revision: str, place: str) -> None:
    """StoreError unless a store is at this program's revision, with the command that mends it."""
    if revision == HEAD:
        return
    _require_known(revision, place)
    raise StoreError(
        f"the store at {place} is of an older version (revision {revision}, this program needs {HEAD}); "
        "bring it up to date with `walkiosk store migrate`"
    )


def migrate(engine: Engine, before_change: Callable[[], None] | None = None) -> Migration:
    """Bring a database to this program's revision, all or nothing; an empty one gets all tables.

    Who migrates at the same time waits, and then has nothing to do. `before_change` is called while they wait, unless
    there is nothing to do. StoreError when it fails, or when the store is newer than the program or older than all
    revisions.
    """
    try:
        with _transaction(engine) as connection:
            if before_change is not None and revision_of(connection) != HEAD:
                before_change()
            return upgrade(connection)
    except DBAPIError as error:
        raise StoreError(f"the store at {name_of(engine.url)} cannot be migrated: {explain(error)}") from error


def upgrade(connection: Connection) -> Migration:
    """As `migrate`, in the transaction that is open on the connection."""
    from alembic import command  # half a second that only a migration needs to wait for
    from alembic.script import ScriptDirectory

    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    before = revision_of(connection)
    if before == HEAD:
        return Migration(before, HEAD, ())
    config = _config(connection)
    if before is not None:
        _require_known(before, name_of(connection.engine.url))
    if before == BASELINE and not inspect(connection).has_table("alembic_version"):
        _require_baseline(connection)
        command.stamp(config, BASELINE)
    command.upgrade(config, HEAD)
    steps = ScriptDirectory.from_config(config).iterate_revisions(HEAD, before or "base")
    return Migration(before, HEAD, tuple(f"{step.revision}: {step.doc}" for step in reversed([*steps])))


def _config(connection: Connection | None = None) -> Any:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    folder = Path(__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _require_known(revision: str, place: str) -> None:
    """StoreError for a revision that this program has never heard of, so one that a newer program made."""
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision not in known:
        raise StoreError(
            f"the store at {place} is of a newer version (revision {revision}, this program knows up to {HEAD}); "
            "update this program, or use a backup that was made before `walkiosk store migrate`"
        )


def _require_baseline(connection: Connection) -> None:
    """StoreError when a store without a revision lacks something of the first one."""
    from alembic import command

    model = create_engine("sqlite://")
    with model.connect() as empty:
        command.upgrade(_config(empty), BASELINE)
        missing = sorted(_columns(empty) - _columns(connection) - {"alembic_version.version_num"})
    model.dispose()
    if missing:
        raise StoreError(
            f"{name_of(connection.engine.url)} was made by too old a version (it lacks {', '.join(missing)}); "
            "make a new one with `walkiosk store init --force`, which keeps this one as a backup"
        )


def _columns(connection: Connection) -> set[str]:
    inspector = inspect(connection)
    return {
        f"{table}.{column['name']}" for table in inspector.get_table_names() for column in inspector.get_columns(table)
    }


@contextmanager
def _transaction(engine: Engine) -> Generator[Connection, None, None]:
    """A transaction to change tables in. SQLite makes tables anew, so what refers to them must not mind for a while."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        [[usual_ms]] = connection.exec_driver_sql("PRAGMA busy_timeout").all()
        connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE_S * 1000}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise StoreError(f"{len(broken)} rows of {name_of(engine.url)} refer to what is not there")
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql(f"PRAGMA busy_timeout={usual_ms}")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
