"""The store's tables are what the models say, are made by migrations alone, and guard themselves."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, CheckConstraint, inspect, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, SQLModel, select
from typer.testing import CliRunner

from server.store_commands import app
from tests.databases import Databases, PostgresqlDatabases
from tools import migrations
from tools.database import Feedback, Kiosk, Order, open_database
from tools.errors import StoreError
from tools.schema import migrate, revision_of
from tools.store_files import read_store
from tools.store_import import create_store, migrate_store, open_store

SMALL_STORE = Path(__file__).parent / "small_store"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_migrations_make_what_the_models_say(database: URL) -> None:
    with open_database(database).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
        for table in SQLModel.metadata.sorted_tables:
            wanted = {check.name for check in table.constraints if isinstance(check, CheckConstraint)}
            assert {check["name"] for check in inspect(connection).get_check_constraints(table.name)} == wanted


def test_the_program_works_with_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


@pytest.mark.parametrize(
    "row",
    [
        "INSERT INTO stock VALUES ('K', 'S', '', 3, 4, NULL)",
        "INSERT INTO stock VALUES ('K', 'S', '', 3, -1, NULL)",
        "INSERT INTO orders VALUES ('O', 'K', '', NULL, '', 5, 'USD', '', NULL, :now, '', 0, 6, '', '', 0, '{}', '')",
        "INSERT INTO orders VALUES ('O', 'K', '', NULL, '', 5, 'USD', '', NULL, :now, '', 0, -1, '', '', 0, '{}', '')",
        "INSERT INTO orderline VALUES ('P', 'S', 0, 5, 5, 0, '', '', '', '', '', 0, '')",
        "INSERT INTO orderline VALUES ('P', 'S', 1, 5, 5, 0, '', '', '', '', '', 2, '')",
        "INSERT INTO orderline VALUES ('P', 'S', 1, -5, 5, 0, '', '', '', '', '', 1, '')",
        "INSERT INTO product VALUES ('Q', '', '', '', '', '', -1, 'USD', 0, '')",
    ],
)
def test_impossible_stock_and_money_is_refused(database: URL, row: str) -> None:
    with open_database(database).connect() as connection:
        for there in (
            "INSERT INTO kiosk VALUES ('K', '', '')",
            "INSERT INTO product VALUES ('P', '', '', '', '', '', 1, 'USD', 0, '')",
            "INSERT INTO variant VALUES ('S', 'P', '', '', 0)",
            "INSERT INTO orders VALUES ('P', 'K', '', NULL, '', 5, '', '', NULL, :now, '', 0, 5, '', '', 0, '{}', '')",
        ):
            connection.execute(text(there), {"now": NOW.isoformat(" ")})
        with pytest.raises(IntegrityError, match=r"(?i)check"):
            connection.execute(text(row), {"now": NOW.isoformat(" ")})


def test_the_ledger_cannot_be_emptied_on_a_server_either(postgresql: PostgresqlDatabases) -> None:
    with open_database(postgresql.new()).connect() as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(text("TRUNCATE ledgerentry"))
    postgresql.drop_all()


def test_moments_come_back_in_utc(database: URL) -> None:
    engine = open_database(database)
    elsewhere = datetime(2026, 7, 1, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with Session(engine) as session:
        session.add(Feedback(kiosk_id="K", language="en", text="", at=elsewhere))
        session.commit()
    with Session(engine) as session:
        row = session.exec(select(Feedback)).one()
        assert (row.at, row.at.tzinfo) == (elsewhere, UTC)
        assert session.exec(select(Feedback).where(Feedback.at <= elsewhere)).one()
        session.add(Feedback(kiosk_id="K", language="en", text="", at=datetime(2026, 7, 1)))  # noqa: DTZ001
        with pytest.raises(StatementError, match="needs its zone"):
            session.flush()


def test_large_amounts_have_room(database: URL) -> None:
    engine = open_database(database)
    with Session(engine) as session:
        order = Order(order_id="O", kiosk_id="K", session_id="s", state="reserved", total_minor=10**12, currency="IDR")
        session.add(order)
        session.commit()
        assert session.get_one(Order, "O").total_minor == 10**12


def unversioned(path: Path) -> None:
    """A store as it was before its database kept a revision, with a kiosk, stock and a row of the ledger in it."""
    from alembic import command

    engine = open_database(path)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        command.upgrade(config, "0001")
        for statement in (
            "DROP TABLE alembic_version",
            "INSERT INTO kiosk VALUES ('K', '', '')",
            "INSERT INTO product VALUES ('P', '', '', '', '', '', 1, 'USD', 0, '')",
            "INSERT INTO variant VALUES ('S', 'P', '', '', 0)",
            "INSERT INTO stock VALUES ('K', 'S', '', 3, 1)",
            "INSERT INTO orders VALUES ('O', 'K', '', NULL, '', 5, 'USD', '', NULL, '2026-03-04', '', 0, 5, '', '')",
            "INSERT INTO orderline VALUES ('O', 'S', 1, 5, 5, 0, '', '', '', '', '', 1)",
            "INSERT INTO ledgerentry VALUES (1, 'O', 1, 'reserved', 'cart', 'reserved', 'k', '{}', '2026-03-04')",
        ):
            connection.execute(text(statement))
    engine.dispose()


def test_a_store_of_an_older_version_is_migrated_and_backed_up(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    unversioned(path)
    with pytest.raises(StoreError, match=r"older version.*walkiosk store migrate"):
        open_store(path)
    migrated = migrate_store(path, NOW)
    assert (migrated.migration.before, migrated.migration.after) == ("0001", migrations.HEAD)
    assert migrated.backup == tmp_path / "store-20260304T050607Z.db"
    engine = open_store(path)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
        assert connection.execute(text("SELECT on_hand, reserved FROM stock")).one() == (3, 1)
        assert connection.execute(
            text("SELECT sequence FROM orders JOIN orderline USING (order_id)")
        ).scalars().all() == [1]
        for statement in ("DELETE FROM ledgerentry", "DELETE FROM orders"):  # guards and references are still there
            with pytest.raises(IntegrityError):
                connection.execute(text(statement))
    again = migrate_store(path, NOW)
    assert (again.migration.steps, again.backup) == ((), None)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    unversioned(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE stock SET reserved = 9")
    with pytest.raises(StoreError, match="cannot be migrated"):
        migrate_store(path, NOW)
    with open_database(path).connect() as connection:
        assert revision_of(connection) == "0001"
        assert not inspect(connection).has_table("alembic_version")
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_store_older_than_all_revisions_says_what_to_do(tmp_path: Path) -> None:
    unversioned(tmp_path / "store.db")
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("ALTER TABLE variant DROP COLUMN position")
    with pytest.raises(StoreError, match=r"variant\.position.*--force"):
        migrate_store(tmp_path / "store.db", NOW)


def test_a_store_of_a_newer_version_is_left_alone(databases: Databases) -> None:
    database = databases.new_empty()
    create_store(database, read_store(SMALL_STORE))
    engine = open_store(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (open_store, migrate_store):
        with pytest.raises(StoreError, match="newer version"):
            attempt(database)
    engine.dispose()


def test_migrating_twice_at_once_is_the_same_as_once(databases: Databases) -> None:
    from concurrent.futures import ThreadPoolExecutor

    engine = open_database(databases.new_empty())
    with ThreadPoolExecutor(2) as threads:
        done = [*threads.map(migrate, [engine, engine])]
    assert sorted(len(migration.steps) for migration in done) == [0, 7]
    with Session(engine) as session:
        assert session.exec(select(Kiosk)).all() == []


def test_two_programs_that_migrate_a_file_at_once_migrate_it_once(tmp_path: Path) -> None:
    unversioned(tmp_path / "store.db")
    command = [sys.executable, "-m", "server.cli", "store", "migrate", "--database", str(tmp_path / "store.db")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert sorted("0002: room for large amounts" in text for text in said) == [False, True]
    assert len(list(tmp_path.glob("store-*.db"))) == 1


def test_the_migrate_command_says_what_it_did(tmp_path: Path) -> None:
    unversioned(tmp_path / "store.db")
    run = CliRunner().invoke(app, ["migrate", "--database", str(tmp_path / "store.db")])
    assert run.exit_code == 0
    assert "0002: room for large amounts" in run.output
    assert len(list(tmp_path.glob("store-*.db"))) == 1
    missing = CliRunner().invoke(app, ["migrate", "--database", str(tmp_path / "none.db")])
    assert (missing.exit_code, "walkiosk store init" in missing.output) == (1, True)
