"""A whole session on PostgreSQL: the sale is in the database, and so are the checkpoints, as long as it lasts."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import Session as DatabaseSession
from sqlmodel import select

from agent.bootstrap import Kiosk, open_kiosk
from agent.checkpoints import open_checkpoints
from agent.scripted_model import ScriptedModel
from agent.session import Session
from agent.settings import Settings
from tests.agent.talk import UMBRELLA_FORMS, Talk
from tests.databases import PostgresqlDatabases
from tools.database import Order
from tools.store_files import read_store
from tools.store_import import create_store


def checkpoints(kiosk: Kiosk, session: Session) -> int:
    with kiosk.engine.connect() as connection:
        counted = text("SELECT count(*) FROM checkpoints WHERE thread_id = :session")
        return connection.execute(counted, {"session": session.session_id}).scalar_one()


async def test_kiosks_that_start_at_once_make_the_tables_once(postgresql: PostgresqlDatabases) -> None:
    database = postgresql.new_empty()

    async def start() -> None:
        async with open_checkpoints(database) as saver:
            assert await saver.aget({"configurable": {"thread_id": "none"}}) is None

    await asyncio.gather(*(start() for _ in range(5)))
    postgresql.drop_all()


async def test_a_sale_on_postgresql_leaves_an_order_and_no_checkpoints(
    make_home: Callable[[], Path], postgresql: PostgresqlDatabases
) -> None:
    database = postgresql.new_empty()
    settings = Settings().in_home(make_home())
    create_store(database, read_store(settings.store_dir))
    url = SecretStr(database.render_as_string(hide_password=False))
    settings = settings.model_copy(update={"database_url": url, "kiosk_id": "K1"})
    async with open_kiosk(settings, model=ScriptedModel(UMBRELLA_FORMS)) as kiosk:
        session, waiting = kiosk.new_session(customer_id="C001"), kiosk.new_session()
        talk = Talk(session)
        await Talk(waiting)("show me umbrellas")
        await talk("show me umbrellas\x00")
        for words in ("the first one", "I'll take it"):
            await talk(words)
            assert checkpoints(kiosk, session) == 1
        assert (await talk("yes")).checkout_stage == "closed"
        await session.close()
        assert (checkpoints(kiosk, session), checkpoints(kiosk, waiting)) == (0, 1)
        await waiting.close()
        with DatabaseSession(kiosk.engine) as store:
            assert [order.state for order in store.exec(select(Order))] == ["closed"]
        with kiosk.engine.connect() as connection:
            for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
                assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    assert not (settings.home / "checkpoints.db").exists()
    assert not (settings.home / "store.db").exists()
    postgresql.drop_all()
