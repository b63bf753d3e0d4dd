"""The ledger: rows are only added, a key counts once, and the rows alone make up the order."""

import pytest
from checkout_fixtures import START, Shop, make_shop, usd
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, text
from sqlmodel import Session, select

from tools.checkout_table import Event, IllegalTransition, State
from tools.database import LedgerEntry, Order, write_transaction
from tools.errors import StoreError
from tools.ledger import (
    Entry,
    EventDetail,
    KeyReused,
    LedgerBroken,
    append,
    append_with_sequel,
    differences,
    entries_of,
    load_order,
    replay,
)
from tools.order import OrderLineView, OrderView, consent_hash


@pytest.fixture
def shop(database: URL) -> Shop:
    return make_shop(database)


async def test_rows_can_be_neither_changed_nor_removed(shop: Shop) -> None:
    await shop.open(("A", 1))
    for statement in ("UPDATE ledgerentry SET event = 'closed'", "DELETE FROM ledgerentry"):
        with pytest.raises(StoreError, match="append-only"), write_transaction(shop.engine) as session:
            session.execute(text(statement))


async def test_a_second_row_under_a_key_changes_nothing(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    with write_transaction(shop.engine) as session:
        first = append(session, order, Event.CANCELLED, "k", EventDetail(), START)
        second = append(session, order, Event.CANCELLED, "k", EventDetail(), START)
        assert first == second
        assert len(entries_of(session, order.order_id)) == 2
        with pytest.raises(KeyReused):
            append(session, order, Event.EXPIRED, "k", EventDetail(), START)
    assert shop.stock("A") == (5, 0)


def given_up(order: OrderView) -> Entry | None:
    """What follows on a yes here: the order is called off, and so is its payment."""
    event = {State.CONFIRMED: Event.CANCEL_REQUESTED, State.CANCELLING: Event.DECLINED}.get(order.state)
    return Entry(event, f"then {event}", EventDetail()) if event else None


async def test_what_follows_is_written_with_the_first_row_or_not_at_all(shop: Shop) -> None:
    order, yes = await shop.open(("A", 1)), Entry(Event.CONFIRMED, "yes", EventDetail())
    with write_transaction(shop.engine) as session:
        after = append_with_sequel(session, order, yes, given_up, START)
    assert after == shop.checkout.view(order.order_id)
    assert shop.stock("A") == (5, 0)
    with write_transaction(shop.engine) as session:
        assert [row.event for row in entries_of(session, order.order_id)][1:] == [
            Event.CONFIRMED,
            Event.CANCEL_REQUESTED,
            Event.DECLINED,
        ]
        assert append_with_sequel(session, order, yes, given_up, START) == after
    other = await shop.open(("A", 1), key="2")
    taken = Entry(Event.CONFIRMED, "another yes", EventDetail())
    with pytest.raises(LedgerBroken), write_transaction(shop.engine) as session:
        append_with_sequel(session, other, taken, given_up, START)
    assert shop.checkout.view(other.order_id) == other
    assert shop.stock("A") == (5, 1)


async def test_an_illegal_event_leaves_no_trace(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    with pytest.raises(IllegalTransition), write_transaction(shop.engine) as session:
        append(session, order, Event.CAPTURED, "k", EventDetail(captured=usd(1)), START)
    assert shop.checkout.view(order.order_id) == order


async def test_a_failure_after_the_row_takes_the_row_back(shop: Shop) -> None:
    order = await shop.open(("A", 1))

    def cancel_and_fail() -> None:
        with write_transaction(shop.engine) as session:
            append(session, order, Event.CANCELLED, "k", EventDetail(), START)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cancel_and_fail()
    assert shop.checkout.view(order.order_id) == order
    assert shop.stock("A") == (5, 1)


async def test_replay_gives_the_stored_order_and_finds_tampering(shop: Shop) -> None:
    order = await shop.open(("A", 2), ("B", 1))
    closed = await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    with Session(shop.engine) as session:
        entries = entries_of(session, order.order_id)
        assert replay(entries) == closed == load_order(session, order.order_id)
        for broken in ([], entries[1:], [*entries[:2], *entries[3:]], [entries[0], entries[0]]):
            with pytest.raises(LedgerBroken):
                replay(broken)
        session.get_one(Order, order.order_id).state = State.RESERVED
        session.commit()
        assert differences(session, order.order_id) == [
            f"state is {State.RESERVED!r}, the ledger says {State.CLOSED!r}"
        ]


@pytest.mark.parametrize(
    "change", [{"detail": "{"}, {"event": "sold"}, {"state_after": "closed"}, {"detail": '{"order": null}'}]
)
async def test_a_row_that_makes_no_sense_is_named(shop: Shop, change: dict[str, str]) -> None:
    order = await shop.open(("A", 1))
    with Session(shop.engine) as session:
        entry = session.exec(select(LedgerEntry)).one()
        damaged = LedgerEntry.model_validate(entry.model_dump() | change)
        with pytest.raises(LedgerBroken):
            replay([damaged])
    assert order.state is State.RESERVED


LINES = st.lists(
    st.builds(
        OrderLineView,
        sku=st.sampled_from(["A", "B", "C", "D"]),
        product_id=st.just("P"),
        name=st.text(max_size=3),
        colour=st.just(""),
        size=st.just(""),
        quantity=st.integers(1, 3),
        unit_price=st.integers(1, 3).map(usd),
        list_price=st.just(usd(3)),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line.sku,
)


def agreed(lines: list[OrderLineView]) -> list[tuple[str, int, int]]:
    return sorted((line.sku, line.quantity, line.unit_price.amount_minor) for line in lines)


@given(LINES, LINES)
def test_two_carts_share_a_consent_hash_only_when_they_agree(
    one: list[OrderLineView], other: list[OrderLineView]
) -> None:
    assert (consent_hash("O", one) == consent_hash("O", other)) == (agreed(one) == agreed(other))
    assert consent_hash("O", one) != consent_hash("Q", one)
    assert consent_hash("O", one) == consent_hash("O", list(reversed(one)))
