"""A whole session on PostgreSQL: the sale is in the database, and nothing of what was said."""

from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import Session as DatabaseSession
from sqlmodel import select

from agent.bootstrap import open_kiosk
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from tests.agent.talk import UMBRELLA_FORMS, Talk
from tests.databases import PostgresqlDatabases
from tools.database import KeptSession, Order
from tools.store_files import read_store
from tools.store_import import create_store


async def test_a_sale_on_postgresql_leaves_an_order_and_nothing_of_the_talk(
    make_home: Callable[[], Path], postgresql: PostgresqlDatabases
) -> None:
    database = postgresql.new_empty()
    settings = Settings().in_home(make_home())
    create_store(database, read_store(settings.store_dir))
    url = SecretStr(database.render_as_string(hide_password=False))
    settings = settings.model_copy(update={"database_url": url, "kiosk_id": "K1"})
    async with open_kiosk(settings, model=ScriptedModel(UMBRELLA_FORMS)) as kiosk:
        session = kiosk.new_session(customer_id="C001")
        talk = Talk(session)
        await talk("show me umbrellas\x00")
        for words in ("the first one", "I'll take it"):
            await talk(words)
        assert (await talk("yes")).checkout_stage == "closed"
        await session.close()
        with DatabaseSession(kiosk.engine) as store:
            assert [order.state for order in store.exec(select(Order))] == ["closed"]
            assert store.exec(select(KeptSession)).all() == []
    assert not (settings.home / "store.db").exists()
    postgresql.drop_all()
