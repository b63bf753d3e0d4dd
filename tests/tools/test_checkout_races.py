"""Many kiosks on one database: nothing is sold or charged twice, nothing is lost, and none waits for ever."""

import asyncio
import multiprocessing
from collections import Counter
from dataclasses import replace

import pytest
from checkout_fixtures import Shop, make_shop
from kiosks_at_once import run_kiosks, sell_one_each
from sqlalchemy import URL
from sqlmodel import Session, select

from tools.checkout_table import State
from tools.database import LedgerEntry, Stock
from tools.errors import CustomerError
from tools.order import CartItem, OrderView

KIOSKS, PIECES = 50, 10
ENDINGS = {"sold": PIECES, "out-of-stock": KIOSKS - PIECES}


@pytest.fixture
def shop(database: URL) -> Shop:
    return make_shop(database)


def leave_ten(shop: Shop) -> None:
    with Session(shop.engine) as session:
        session.get_one(Stock, ("K1", "D")).on_hand = PIECES
        session.commit()


def require_ten_sold(shop: Shop, endings: Counter[str]) -> None:
    assert endings == ENDINGS
    assert shop.stock("D") == (0, 0)
    orders = shop.orders()
    assert [order.state for order in orders] == [State.CLOSED] * PIECES
    assert sum(line.dispensed for order in orders for line in order.lines) == PIECES


async def test_fifty_kiosks_after_the_last_ten_pieces(shop: Shop) -> None:
    leave_ten(shop)
    require_ten_sold(shop, await sell_one_each(shop.engine, [f"k{number}" for number in range(KIOSKS)]))


def test_fifty_kiosks_in_four_processes(shop: Shop, database: URL) -> None:
    leave_ten(shop)
    spawn = multiprocessing.get_context("spawn")
    start, endings = spawn.Barrier(4), spawn.Queue()
    address = database.render_as_string(hide_password=False)
    processes = [
        spawn.Process(
            target=run_kiosks, args=(address, [f"k{number}" for number in range(first, KIOSKS, 4)], start, endings)
        )
        for first in range(4)
    ]
    for process in processes:
        process.start()
    counted = sum((endings.get(timeout=60) for _ in processes), Counter[str]())
    for process in processes:
        process.join()
    require_ten_sold(shop, counted)


async def test_the_same_yes_from_twenty_checkouts_charges_once(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    results = await asyncio.gather(
        *(shop.restarted().confirm(order.order_id, order.consent_hash, "yes") for _ in range(20))
    )
    assert {result.state for result in results} == {State.CLOSED}
    assert [record.operation for record in shop.terminal.records] == ["authorise", "capture"]
    shop.require_conserved()


async def test_the_same_wish_for_the_last_piece_sent_at_once_is_one_order(shop: Shop) -> None:
    wish = [CartItem(sku="B", quantity=2)]
    opened = await asyncio.gather(*(shop.restarted().open("K1", "s", None, wish, "1") for _ in range(20)))
    assert opened == [opened[0]] * 20
    assert shop.stock("B") == (2, 2)
    shop.require_conserved()


async def test_carts_that_change_places_do_not_wait_for_each_other(shop: Shop) -> None:
    one, other = await shop.open(("A", 1), session="one"), await shop.open(("D", 1), session="other")
    for turn in range(10):
        wishes = [("D", "A"), ("A", "D")][turn % 2]
        await asyncio.gather(
            shop.restarted().change(one.order_id, [CartItem(sku=wishes[0])], f"one {turn}"),
            shop.restarted().change(other.order_id, [CartItem(sku=wishes[1])], f"other {turn}"),
        )
    shop.require_conserved()


async def test_a_cancellation_and_a_yes_at_once_leave_all_or_nothing(shop: Shop) -> None:
    for number in range(10):
        order = await shop.open(("D", 1), session=f"s{number}")
        kiosk, staff = shop.restarted(), shop.restarted()
        yes, no = await asyncio.gather(
            kiosk.confirm(order.order_id, order.consent_hash, "yes"),
            staff.cancel(order.order_id, "no"),
            return_exceptions=True,
        )
        assert isinstance(yes, OrderView | CustomerError), yes
        assert isinstance(no, OrderView | CustomerError), no
    await replace(shop).checkout.recover()
    shop.require_conserved()
    with Session(shop.engine) as session:
        rows = session.exec(select(LedgerEntry)).all()
    assert len({(row.order_id, row.sequence) for row in rows}) == len(rows)
