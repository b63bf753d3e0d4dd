"""Sessions kept for other servers: one server at a time has one, whoever is slow, and none is kept for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from checkout_fixtures import Shop, make_shop
from sqlalchemy import text

from tests.databases import PostgresqlDatabases
from tools.database import utc_now
from tools.feedback import FeedbackBook
from tools.kept_sessions import KeptSessions
from tools.order import CartItem
from tools.session_claim import SessionClaim, SessionTakenOver
from tools.unmet_wishes import Lack, VainWish, WishBook, read_vain_wishes


@pytest.fixture
def shop(postgresql: PostgresqlDatabases) -> Iterator[Shop]:
    shop = make_shop(postgresql.new())
    yield shop
    shop.engine.dispose()
    postgresql.drop_all()


def servers(shop: Shop, count: int = 2) -> list[KeptSessions]:
    return [KeptSessions(shop.engine, lease_s=60) for _ in range(count)]


def time_passes(shop: Shop) -> None:
    """What the database's clock would say after the lease."""
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE keptsession SET expires_at = expires_at - interval '61 seconds'"))


def test_whoever_has_the_key_takes_the_session_as_it_was_kept_last(shop: Shop) -> None:
    ours, theirs = servers(shop)
    claim = ours.begin("S1", "key", "K1", "begun")
    ours.keep(claim, "talked")
    assert theirs.take("another key", None) is None
    assert theirs.take("key", "K2") is None
    taken = theirs.take("key", "K1")
    assert taken is not None
    assert (taken.state, taken.claim) == ("talked", SessionClaim("S1", 2))
    again = theirs.take("key", None)
    assert again is not None
    assert again.claim == taken.claim
    assert (ours.renew([claim]), theirs.renew([taken.claim])) == (set(), {taken.claim})


def test_a_server_that_was_only_slow_writes_nothing_any_more(shop: Shop) -> None:
    ours, theirs = servers(shop)
    claim = ours.begin("S1", "key", "K1", "begun")
    taken = theirs.take("key", None)
    assert taken is not None
    for late in (ours.keep, ours.release):
        with pytest.raises(SessionTakenOver):
            late(claim, "late")
    ours.end(claim)
    back = ours.take("key", None)
    assert back is not None
    assert back.state == "begun"


async def test_a_server_that_was_only_slow_sells_nothing_any_more(shop: Shop) -> None:
    ours, theirs = servers(shop)
    claim = ours.begin("S1", "key", "K1", "")
    items = [CartItem(sku="A")]
    order = await shop.checkout.open("K1", "S1", None, items, "1", claim=claim)
    taken = theirs.take("key", None)
    assert taken is not None
    for act in (
        shop.checkout.open("K1", "S1", None, items, "2", claim=claim),
        shop.checkout.change(order.order_id, [CartItem(sku="B")], "3", claim=claim),
        shop.checkout.confirm(order.order_id, order.consent_hash, "4", claim=claim),
        shop.checkout.cancel(order.order_id, "5", claim=claim),
    ):
        with pytest.raises(SessionTakenOver):
            await act
    assert shop.checkout.view(order.order_id).state == "reserved"
    confirmed = await shop.checkout.confirm(order.order_id, order.consent_hash, "4", claim=taken.claim)
    assert confirmed.state == "closed"


def test_a_wish_of_a_turn_that_is_run_again_elsewhere_counts_once(shop: Shop) -> None:
    ours, theirs = servers(shop)
    claim, book = ours.begin("S1", "key", "K1", ""), WishBook(shop.engine)
    wish = VainWish(lack=Lack.SOLD_OUT, product_id="P1")
    book.note("K1", [wish], claim, "S1:3:wishes")
    taken = theirs.take("key", None)
    assert taken is not None
    with pytest.raises(SessionTakenOver):
        book.note("K1", [wish], claim, "S1:4:wishes")
    book.note("K1", [wish], taken.claim, "S1:3:wishes")
    now = utc_now()
    assert len(read_vain_wishes(shop.engine, now - timedelta(hours=1), now + timedelta(hours=1))) == 1
    book.note("K1", [wish], taken.claim, "S1:5:wishes")
    assert len(read_vain_wishes(shop.engine, now - timedelta(hours=1), now + timedelta(hours=1))) == 2


def test_of_many_servers_that_take_a_session_one_has_it(shop: Shop) -> None:
    first, *others = servers(shop, 9)
    first.begin("S1", "key", "K1", "")
    with ThreadPoolExecutor(len(others)) as threads:
        taken = [*threads.map(lambda server: server.take("key", None), others)]
    assert sorted(each.claim.number for each in taken if each) == [*range(2, 10)]
    claims = [each.claim for each in taken if each]
    assert sum(len(server.renew(claims)) for server in (first, *others)) == 1


def test_a_session_that_nobody_holds_is_taken_once_to_be_ended(shop: Shop) -> None:
    ours, *others = servers(shop, 5)
    for number in range(30):
        ours.begin(f"S{number}", f"key{number}", "K1", "left")
    assert others[0].take_left() == []
    time_passes(shop)
    assert others[0].take("key1", None) is None
    with ThreadPoolExecutor(len(others)) as threads:
        left = [each for some in threads.map(lambda server: server.take_left(), others) for each in some]
    assert sorted(each.claim.session_id for each in left) == sorted(f"S{number}" for number in range(30))
    for each in left:
        ours.end(each.claim)
    with shop.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM keptsession")).scalar_one() == 0


def test_who_renews_in_time_keeps_its_sessions(shop: Shop) -> None:
    ours, theirs = servers(shop)
    claim = ours.begin("S1", "key", "K1", "")
    time_passes(shop)
    assert ours.renew([claim]) == {claim}
    assert theirs.take_left() == []


def test_what_a_server_has_without_knowing_runs_out_and_is_ended(shop: Shop) -> None:
    ours = KeptSessions(shop.engine, lease_s=60)
    known, _ = ours.begin("S1", "key1", "K1", ""), ours.begin("S2", "key2", "K1", "the answer was lost")
    time_passes(shop)
    assert ours.renew([known]) == {known}
    [left] = ours.take_left()
    assert (left.claim, left.state) == (SessionClaim("S2", 2), "the answer was lost")


def test_where_no_server_runs_what_was_left_can_be_forgotten(shop: Shop) -> None:
    ours, theirs = servers(shop)
    ours.begin("S1", "key1", "K1", "left")
    time_passes(shop)
    theirs.begin("S2", "key2", "K1", "held")
    assert (theirs.forget_left(), theirs.forget_left()) == (1, 0)
    assert theirs.take("key2", None) is not None


def test_what_was_released_waits_for_its_client_and_not_for_ever(shop: Shop) -> None:
    ours, theirs = servers(shop)
    ours.release(ours.begin("S1", "key", "K1", ""), "released")
    assert ours.renew([]) == set()
    taken = theirs.take("key", None)
    assert taken is not None
    theirs.release(taken.claim, "released again")
    time_passes(shop)
    assert [each.state for each in ours.take_left()] == ["released again"]


def test_feedback_of_a_turn_that_is_run_again_is_kept_once(shop: Shop) -> None:
    ours, theirs = servers(shop)
    book, claim = FeedbackBook(shop.engine), ours.begin("S1", "key", "K1", "")
    book.add("K1", None, "en", "nice", claim=claim, idempotency_key="S1:4:give_feedback")
    taken = theirs.take("key", None)
    assert taken is not None
    with pytest.raises(SessionTakenOver):
        book.add("K1", None, "en", "late", claim=claim, idempotency_key="S1:5:give_feedback")
    for turn in (4, 4, 5):
        book.add("K1", None, "en", f"turn {turn}", claim=taken.claim, idempotency_key=f"S1:{turn}:give_feedback")
    assert [entry.text for entry in book.recent()] == ["turn 5", "nice"]
