"""Sessions that go on at another server of the same PostgreSQL store: nothing is lost, nothing is done twice."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select
from websockets.exceptions import ConnectionClosed

from agent.bootstrap import Kiosk, open_kiosk
from agent.scripted_model import ScriptedModel
from agent.session import Session
from agent.settings import Settings
from server.server_settings import ServerSettings
from tests.agent.talk import UMBRELLA_FORMS
from tests.databases import PostgresqlDatabases
from tests.server.realtime_server import Client, Served, served
from tools.database import KeptSession, Order
from tools.money import Money
from tools.payment import PaymentRecord
from tools.store_files import read_store
from tools.store_import import create_store

pytestmark = pytest.mark.asyncio(loop_scope="module")

CARD = "4111 1111 1111 1111"


class Pausable:
    """A model that answers when it may."""

    def __init__(self, script: Mapping[str, Mapping[str, Any]]) -> None:
        self._model = ScriptedModel(script)
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.may_answer.set()

    async def answer(self, *asked: Any) -> Any:
        self.is_asked.set()
        await self.may_answer.wait()
        return await self._model.answer(*asked)


@dataclass
class Chain:
    """Two servers of one shop."""

    kiosk: Kiosk
    model: Pausable
    first: Served
    second: Served

    def orders(self, session: Mapping[str, Any]) -> list[Order]:
        """The orders made in a session."""
        own = col(Order.session_id) == session["session_id"].removeprefix("sess_")
        with DatabaseSession(self.kiosk.engine) as database:
            return list(database.exec(select(Order).where(own)).all())

    def kept(self) -> list[KeptSession]:
        """The sessions that are kept."""
        with DatabaseSession(self.kiosk.engine) as database:
            return list(database.exec(select(KeptSession)).all())

    def take_unnoticed(self, served: Served) -> None:
        """A server takes the session that is kept, and does not learn of it: the database's answer is lost."""
        [kept] = self.kept()
        assert served.talks._kept is not None  # pyright: ignore[reportPrivateUsage]
        served.talks._kept.take(kept.resume_key, None)  # pyright: ignore[reportPrivateUsage]

    def leases_run_out(self) -> None:
        """Nobody has renewed what is kept."""
        with self.kiosk.engine.begin() as connection:
            connection.execute(text("UPDATE keptsession SET expires_at = now() - interval '1 second'"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(make_home: Callable[[], Path], postgresql: PostgresqlDatabases) -> AsyncIterator[tuple[Kiosk, Pausable]]:
    database = postgresql.new_empty()
    settings = Settings().in_home(make_home())
    create_store(database, read_store(settings.store_dir))
    url = SecretStr(database.render_as_string(hide_password=False))
    model = Pausable({**UMBRELLA_FORMS, f"my card is {CARD}": {"intent": "chat", "reply": "Hello!"}})
    async with open_kiosk(settings.model_copy(update={"database_url": url, "kiosk_id": "K1"}), model=model) as kiosk:
        with kiosk.engine.begin() as connection:
            connection.execute(text("UPDATE stock SET on_hand = 100"))
        yield kiosk, model
    postgresql.drop_all()


@pytest_asyncio.fixture(loop_scope="module")
async def chain(shop: tuple[Kiosk, Pausable]) -> AsyncIterator[Chain]:
    kiosk, model = shop
    settings = ServerSettings(drain_s=5)
    async with served(kiosk, settings=settings) as first, served(kiosk, settings=settings) as second:
        yield Chain(kiosk, model, first, second)
    with kiosk.engine.begin() as connection:
        connection.execute(text("DELETE FROM keptsession"))


@asynccontextmanager
async def coming_back(
    server: Served, session: Mapping[str, Any], after: str | None
) -> AsyncIterator[tuple[Client, dict[str, Any]]]:
    """A client that resumes at a server, and what it is told."""
    query = f"after={after}" if after else ""
    async with server.client(query, protocols=[f"walkiosk-resume.{session['resume_token']}"]) as client:
        yield client, await client.until("kiosk.resumed")


async def hold_umbrella(client: Client) -> dict[str, Any]:
    """Come as far as the question whether to charge; the session."""
    session = await client.until("kiosk.session")
    for words in ("show me umbrellas", "the first one", "I'll take it"):
        await client.say(words)
    await client.until("kiosk.latency")
    return session


def last_of(client: Client) -> str:
    return client.events[-1]["event_id"]


def told(client: Client) -> str:
    """What the kiosk has said to a client."""
    return " ".join(event["text"] for event in client.of("kiosk.caption") if event["role"] == "kiosk")


async def test_a_purchase_goes_on_at_another_server_and_back_at_the_first(chain: Chain) -> None:
    async with chain.first.client("customer=C001&language=en") as client:
        session = await client.until("kiosk.session")
        for words in ("show me umbrellas", "the first one"):
            await client.say(words)
        await client.until("kiosk.latency")
        after = last_of(client)
    async with coming_back(chain.second, session, after) as (client, resumed):
        assert (resumed["is_complete"], resumed["is_moved"], resumed["is_answered_anew"]) == (True, True, False)
        assert [event["type"] for event in client.events] == ["kiosk.resumed"]
        await client.say("I'll take it")
        await client.until("kiosk.latency")
        total = client.of("kiosk.cart")[-1]["total"]
        after = last_of(client)
    async with coming_back(chain.first, session, after) as (client, _):
        await client.say("yes")
        assert client.of("kiosk.checkout")[-1]["stage"] == "closed"
    [order] = chain.orders(session)
    assert (order.state, order.captured_minor, order.customer_id) == ("closed", total["amount_minor"], "C001")
    await chain.second.talks.renew()
    await chain.second.talks.settle()
    assert (len(chain.first.talks), len(chain.second.talks)) == (1, 0)


async def test_what_a_lost_server_had_sent_last_is_sent_by_the_next(chain: Chain) -> None:
    async with chain.first.client() as client:
        session = await hold_umbrella(client)
        missed = client.events[-6:]
    async with coming_back(chain.second, session, missed[0]["event_id"]) as (client, resumed):
        assert resumed["is_complete"]
        assert client.events[:-1] == missed[1:]
    async with coming_back(chain.first, session, None) as (client, resumed):
        assert not resumed["is_complete"]
        assert client.of("kiosk.cart")[-1]["lines"]
        assert client.of("kiosk.checkout")[-1]["stage"] == "reserved"
        assert told(client)


async def test_a_yes_to_a_total_that_may_not_have_arrived_is_asked_for_anew(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.realtime.talk.KEPT_FRAME_BYTES", 1_000)
    async with chain.first.client() as client:
        session = await hold_umbrella(client)
        after = client.events[-20]["event_id"]
    async with coming_back(chain.second, session, after) as (client, resumed):
        assert not resumed["is_complete"]
        await client.say("yes")
        assert "Shall I charge" in told(client)
        assert [order.state for order in chain.orders(session)] == ["reserved"]
        await client.say("yes")
    assert [order.state for order in chain.orders(session)] == ["closed"]


async def test_a_server_that_was_only_slow_can_do_nothing_for_a_session_that_moved(chain: Chain) -> None:
    async with chain.first.client() as slow:
        session = await hold_umbrella(slow)
        async with coming_back(chain.second, session, last_of(slow)) as (client, _):
            with suppress(ConnectionClosed):
                await slow.say("yes")
            assert await slow.closed() == 4001
            assert [done["response"]["status"] for done in slow.of("response.done")[3:]] in ([], ["failed"])
            assert [order.state for order in chain.orders(session)] == ["reserved"]
            await client.say("yes")
            assert client.of("kiosk.checkout")[-1]["stage"] == "closed"
    assert [order.state for order in chain.orders(session)] == ["closed"]


async def test_a_turn_that_its_server_did_not_end_is_taken_by_the_next_once(chain: Chain) -> None:
    chain.model.may_answer.clear()
    chain.model.is_asked.clear()
    async with chain.first.client() as client:
        session = await client.until("kiosk.session")
        item = {"id": "typed_1", "type": "message", "role": "user"}
        item["content"] = [{"type": "input_text", "text": "show me umbrellas"}]  # type: ignore[assignment]
        await client.send("conversation.item.create", item=item)
        await client.send("response.create")
        await client.until("response.created")
        await chain.model.is_asked.wait()
        after = last_of(client)
        chain.model.may_answer.set()
        async with coming_back(chain.second, session, after) as (other, resumed):
            assert resumed["is_answered_anew"]
            await other.send("conversation.item.create", item=item)
            assert (await other.error())["code"] == "item_exists"
            if not other.of("response.done"):
                await other.until("response.done")
            assert len(other.of("response.created")) == 1
            assert other.of("kiosk.products")
            await other.send("response.create")
            assert (await other.error())["code"] == "nothing_to_answer"
            await other.say("the first one")


async def test_a_yes_whose_server_died_while_it_paid_is_paid_once_and_told(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_paying, may_pay, authorise = asyncio.Event(), asyncio.Event(), chain.kiosk.terminal.authorise

    async def slowly(amount: Money, key: str) -> PaymentRecord:
        is_paying.set()
        await may_pay.wait()
        return await authorise(amount, key)

    async with chain.first.client() as client:
        session = await hold_umbrella(client)
        monkeypatch.setattr(chain.kiosk.terminal, "authorise", slowly)
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "yes"}]}
        await client.send("conversation.item.create", item=item)
        await client.send("response.create")
        await is_paying.wait()
        after = client.events[-1]["event_id"]
    async with coming_back(chain.second, session, after) as (client, resumed):
        assert resumed["is_answered_anew"]
        may_pay.set()
        if not client.of("response.done"):
            await client.until("response.done")
        assert "Paid: $" in told(client)
    [order] = chain.orders(session)
    assert order.state == "closed"
    assert chain.kiosk.terminal.taken_minor(order.payment_id) == order.total_minor


async def test_a_server_that_stops_ends_its_turns_and_sends_its_clients_on(chain: Chain) -> None:
    chain.model.may_answer.clear()
    chain.model.is_asked.clear()
    async with chain.first.client() as busy, chain.first.client() as quiet:
        waiting = await hold_umbrella_quickly(chain, quiet)
        session = await busy.until("kiosk.session")
        asked = asyncio.create_task(busy.say("show me umbrellas"))
        await chain.model.is_asked.wait()
        stopping = asyncio.create_task(chain.first.talks.drain())
        assert (await quiet.until("kiosk.reconnect"))["session_id"] == waiting["session_id"]
        assert await quiet.closed() == 1012
        chain.model.may_answer.set()
        assert (await asked)["response"]["status"] == "completed"
        await busy.until("kiosk.reconnect")
        assert await busy.closed() == 1012
        await stopping
    for client, its in ((busy, session), (quiet, waiting)):
        async with coming_back(chain.second, its, last_of(client)) as (other, resumed):
            assert resumed["is_complete"]
            assert not other.of("response.created")
            await other.say("the first one" if client is busy else "yes")
    assert [order.state for order in chain.orders(waiting)] == ["closed"]


async def hold_umbrella_quickly(chain: Chain, client: Client) -> dict[str, Any]:
    """The same, while the model would not answer others."""
    chain.model.may_answer.set()
    session = await hold_umbrella(client)
    chain.model.may_answer.clear()
    chain.model.is_asked.clear()
    return session


@pytest.mark.parametrize("way", ["left", "lost with its server"])
async def test_nothing_of_a_talk_is_kept_when_it_is_over(chain: Chain, way: str) -> None:
    async with chain.first.client() as client:
        session = await hold_umbrella(client)
        await client.say(f"my card is {CARD}")
        [kept] = chain.kept()
        assert "umbrella" in kept.state.lower()
        assert "4111" not in kept.state
        assert session["resume_token"] not in kept.state + kept.resume_key
        if way == "left":
            await client.send("kiosk.session.end")
            await client.closed()
            await chain.first.talks.settle()
    if way != "left":
        chain.first.talks._kept._server = "dead"  # type: ignore  # pyright: ignore  # it renews nothing any more
        chain.leases_run_out()
        await chain.second.talks.renew()
        await chain.second.talks.settle()
    assert chain.kept() == []
    [order] = chain.orders(session)
    assert order.state == "cancelled"
    async with chain.second.client(protocols=[f"walkiosk-resume.{session['resume_token']}"]) as client:
        assert (await client.error())["code"] == "cannot_resume"


async def test_a_session_that_a_server_took_without_learning_of_it_goes_on(chain: Chain) -> None:
    async with chain.first.client() as client:
        session = await hold_umbrella(client)
        after = last_of(client)
    chain.take_unnoticed(chain.second)
    async with coming_back(chain.second, session, after) as (client, resumed):
        assert (resumed["is_complete"], resumed["is_moved"]) == (True, True)
        await client.say("yes")
    assert [order.state for order in chain.orders(session)] == ["closed"]


async def test_a_session_that_a_server_has_without_knowing_is_ended_when_nobody_comes(chain: Chain) -> None:
    async with chain.first.client() as client:
        session = await hold_umbrella(client)
    chain.take_unnoticed(chain.second)
    await chain.second.talks.renew()
    assert chain.kept() != []
    chain.leases_run_out()
    await chain.second.talks.renew()
    await chain.second.talks.settle()
    assert chain.kept() == []
    assert [order.state for order in chain.orders(session)] == ["cancelled"]


async def test_nobody_comes_back_to_a_session_that_is_being_ended(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with chain.first.client() as client:
        session = await hold_umbrella(client)
        after = last_of(client)
    chain.first.talks._kept._server = "dead"  # type: ignore  # pyright: ignore  # it renews nothing any more
    chain.leases_run_out()
    is_closing, may_close, close = asyncio.Event(), asyncio.Event(), Session.close

    async def slowly(self: Session) -> tuple[str, ...]:
        is_closing.set()
        await may_close.wait()
        return await close(self)

    with monkeypatch.context() as patched:
        patched.setattr(Session, "close", slowly)
        await chain.second.talks.renew()
        await is_closing.wait()
        resume = [f"walkiosk-resume.{session['resume_token']}"]
        async with chain.second.client(f"after={after}", protocols=resume) as client:
            assert (await client.error())["code"] == "cannot_resume"
        may_close.set()
        await chain.second.talks.settle()
    assert chain.kept() == []
    assert [order.state for order in chain.orders(session)] == ["cancelled"]


async def test_a_session_that_came_back_without_its_server_learning_of_it_goes_on_from_what_was_kept(
    chain: Chain,
) -> None:
    """At the first server, the second, and the first again, which still has the talk as it was at first."""
    async with chain.first.client() as client:
        session = await client.until("kiosk.session")
        await client.say("show me umbrellas")
        await client.until("kiosk.latency")
        after = last_of(client)
    async with coming_back(chain.second, session, after) as (client, _):
        for words in ("the first one", "I'll take it"):
            await client.say(words)
            await client.until("kiosk.latency")
        after = last_of(client)
    chain.take_unnoticed(chain.first)
    async with coming_back(chain.first, session, after) as (client, resumed):
        assert (resumed["is_complete"], resumed["is_moved"]) == (True, True)
        await client.say("yes")
    assert [order.state for order in chain.orders(session)] == ["closed"]
