"""Addresses of databases keep their secrets, and a database that fails says so in a sentence."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import URL, Engine, text
from sqlmodel import Session

from agent.settings import Settings
from tests.databases import PostgresqlDatabases
from tools.database import Kiosk, open_database, read_transaction, write_transaction
from tools.database_address import is_postgresql, name_of, read_address
from tools.errors import StoreError
from tools.schema import migrate
from tools.store_import import open_store


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("store.db", "store.db"),
        ("/data/store.db", "/data/store.db"),
        ("sqlite:////data/store.db", "/data/store.db"),
        ("postgresql://user:secret@host:5433/shop", "postgresql://user@host:5433/shop"),
        ("postgres://user:secret@host/shop?password=secret&sslmode=require", "postgresql://user@host/shop"),
        ("postgresql+psycopg:///shop?host=/run/secret", "postgresql:///shop"),
    ],
)
def test_an_address_is_named_without_secrets(given: str, named: str) -> None:
    assert name_of(read_address(given)) == named
    assert name_of(read_address(read_address(given))) == named


@pytest.mark.parametrize(
    "given",
    [
        "mysql://user:secret@host/shop",
        "postgresql://user:p@secret@host/shop",
        "postgresql://user:secret@host:port/shop",
        "postgresql+asyncpg://user:secret@host/shop",
        "://secret",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(StoreError) as refused:
        read_address(given)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StoreError, match="gone or cannot be reached") as refused:
        open_store("postgresql://user:secret@127.0.0.1:1/shop")
    assert "secret" not in f"{refused.value} {refused.value.__cause__}"


def test_settings_prefer_the_url_and_hide_its_password(tmp_path: Path) -> None:
    settings = Settings().model_copy(
        update={"home": tmp_path, "database_url": SecretStr("postgresql://user:secret@host/shop")}
    )
    assert is_postgresql(settings.database)
    assert "secret" not in f"{settings} {settings!r} {settings.database}"
    assert name_of(settings.in_home(tmp_path).database) == str(tmp_path / "store.db")


def test_without_its_driver_postgresql_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"walkiosk\[production\]"):
        open_database("postgresql://host/shop")


def add_kiosk(engine: Engine, first: Callable[[Session], object] = lambda _: None) -> None:
    with write_transaction(engine) as session:
        first(session)
        session.add(Kiosk(kiosk_id="K", name=""))
        session.flush()


def test_a_server_that_ends_a_connection_is_said_to_be_gone_and_the_next_try_succeeds(
    postgresql: PostgresqlDatabases,
) -> None:
    engine = open_database(postgresql.new())

    def end_connection(session: Session) -> None:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    with pytest.raises(StoreError, match="gone or cannot be reached"):
        add_kiosk(engine, end_connection)
    add_kiosk(engine)
    postgresql.drop_all()


def test_a_lock_that_is_not_let_go_is_said_to_be_locked(database: URL) -> None:
    engine = open_database(database)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        with engine.connect() as impatient:
            wait = "SET lock_timeout = '50ms'" if is_postgresql(database) else "PRAGMA busy_timeout = 50"
            impatient.exec_driver_sql(wait)
            impatient.commit()
        connection.exec_driver_sql("INSERT INTO kiosk VALUES ('K', '', '')")
        with pytest.raises(StoreError, match="is locked by another program"):
            add_kiosk(engine)
    add_kiosk(engine)


def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "store.db")
    migrate(engine)
    with pytest.raises(StoreError, match="has no room left"):
        add_kiosk(engine, fill_up)
    add_kiosk(engine)


def fill_up(session: Session) -> None:
    pages = session.scalar(text("PRAGMA page_count"))
    session.execute(text(f"PRAGMA max_page_count = {pages}"))
    try:
        for number in range(100):
            session.add(Kiosk(kiosk_id=f"K{number}", name="x" * 1_000))
            session.flush()
    finally:
        session.rollback()
        session.execute(text("PRAGMA max_page_count = 1000000"))


async def test_more_wishes_than_connections_wait_for_their_turn(database: URL) -> None:
    engine = open_database(database)

    def read() -> int:
        with read_transaction(engine) as session:
            return session.scalar(text("SELECT 1")) or 0

    assert sum(await asyncio.gather(*(asyncio.to_thread(read) for _ in range(200)))) == 200


def test_a_server_keeps_time_in_utc_and_waits_only_so_long(postgresql: PostgresqlDatabases) -> None:
    address = postgresql.new().update_query_dict({"options": "-c lock_timeout=3s"})
    with open_database(address).connect() as connection:
        shown = [connection.scalar(text(f"SHOW {name}")) for name in ("timezone", "lock_timeout", "statement_timeout")]
        assert shown == ["UTC", "3s", "30s"]
        assert connection.scalar(text("SHOW transaction_isolation")) == "read committed"
    postgresql.drop_all()
