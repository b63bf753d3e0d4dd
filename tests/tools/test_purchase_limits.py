"""What one order and one customer may take: the shop's own limits, checked when reserving and again at the yes."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from checkout_fixtures import Shop, make_shop
from sqlalchemy import URL
from sqlmodel import Session

from tools.checkout_table import State
from tools.database import Customer
from tools.dispenser import DispenseFault
from tools.errors import CustomerError
from tools.order import MAX_QUANTITY, CartItem, OrderView
from tools.store_facts import PurchaseLimit

THINGS = PurchaseLimit(category="anything", per_customer_per_day=2)
PRODUCT_1 = PurchaseLimit(product_id="P1", per_customer_per_day=1)


@pytest.fixture
def shop(database: URL) -> Iterator[Shop]:
    shop = make_shop(database)
    with Session(shop.engine) as session:
        session.add_all([Customer(customer_id=f"C{number}", name="Name") for number in (1, 2)])
        session.commit()
    yield shop
    shop.require_conserved()


async def open_for(
    shop: Shop, customer: str | None, *items: tuple[str, int], key: str = "1", kiosk: str = "K1", session: str = "s"
) -> OrderView:
    cart = [CartItem(sku=sku, quantity=quantity) for sku, quantity in items]
    return await shop.checkout.open(kiosk, session, customer, cart, key)


async def buy_for(shop: Shop, customer: str | None, *items: tuple[str, int], **where: str) -> OrderView:
    order = await open_for(shop, customer, *items, **where)
    return await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")


@pytest.mark.parametrize(
    ("settings", "items"),
    [
        ({}, [("D", 11)]),
        ({"max_quantity": 2}, [("D", 3)]),
        ({"max_quantity": MAX_QUANTITY}, [("D", MAX_QUANTITY), ("D", 1)]),
        ({"max_lines": 1}, [("A", 1), ("B", 1)]),
    ],
)
async def test_more_than_the_shop_sells_at_once(
    shop: Shop, settings: dict[str, int], items: list[tuple[str, int]]
) -> None:
    shop.set_facts(**settings)
    with pytest.raises(CustomerError, match="too-many"):
        await shop.open(*items)
    assert shop.stock("D") == (60, 0)


async def test_a_shop_may_sell_more_at_once(shop: Shop) -> None:
    shop.set_facts(max_quantity=50)
    assert (await shop.open(("D", 50))).lines[0].quantity == 50


@pytest.mark.parametrize(("limit", "sku"), [(THINGS, "D"), (PRODUCT_1, "A")])
async def test_a_days_limit_counts_over_orders_and_kiosks(shop: Shop, limit: PurchaseLimit, sku: str) -> None:
    shop.set_facts(limits=(limit,))
    for number in range(limit.per_customer_per_day):
        await buy_for(shop, "C1", (sku, 1), key=str(number), session=f"s{number}")
    with pytest.raises(CustomerError, match="limit-reached") as refused:
        await open_for(shop, "C1", (sku, 1), kiosk="K2", session="other")
    assert refused.value.facts["limit"] == limit.per_customer_per_day
    assert (await open_for(shop, "C2", (sku, 1), session="theirs")).state is State.RESERVED


async def test_a_limit_is_for_its_goods_only(shop: Shop) -> None:
    shop.set_facts(limits=(PRODUCT_1, PurchaseLimit(category="other", per_customer_per_day=1)))
    assert (await open_for(shop, "C1", ("A", 1), ("B", 2), ("D", 5))).state is State.RESERVED
    with pytest.raises(CustomerError, match="limit-reached"):
        await open_for(shop, "C2", ("A", 2), session="theirs")


async def test_what_is_held_counts_and_what_is_given_up_does_not(shop: Shop) -> None:
    shop.set_facts(limits=(THINGS,))
    held = await open_for(shop, "C1", ("D", 2))
    with pytest.raises(CustomerError, match="limit-reached"):
        await open_for(shop, "C1", ("D", 1), key="2")
    await shop.checkout.cancel(held.order_id, "no")
    again = await open_for(shop, "C1", ("D", 1), key="3")
    assert (await shop.checkout.change(again.order_id, [CartItem(sku="D", quantity=2)], "c")).state is State.RESERVED
    with pytest.raises(CustomerError, match="limit-reached"):
        await shop.checkout.change(again.order_id, [CartItem(sku="D", quantity=3)], "c2")
    assert shop.stock("D") == (60, 2)


async def test_what_did_not_come_out_does_not_count_and_what_was_refunded_does(shop: Shop) -> None:
    shop.set_facts(limits=(THINGS,))
    shop.dispenser.script([DispenseFault.JAM])
    with pytest.raises(CustomerError, match="dispense-failed"):
        await buy_for(shop, "C1", ("D", 2))
    sold = await buy_for(shop, "C1", ("D", 2), key="2")
    await shop.checkout.refund(sold.order_id, "Ada", "r")
    with pytest.raises(CustomerError, match="limit-reached"):
        await open_for(shop, "C1", ("D", 1), key="3")


async def test_strangers_count_by_session(shop: Shop) -> None:
    shop.set_facts(limits=(THINGS,))
    await buy_for(shop, None, ("D", 2), session="one")
    with pytest.raises(CustomerError, match="limit-reached"):
        await open_for(shop, None, ("D", 1), key="2", session="one")
    assert (await open_for(shop, None, ("D", 2), session="two")).state is State.RESERVED
    assert (await open_for(shop, "C1", ("D", 2), session="one", key="3")).state is State.RESERVED


async def test_the_day_is_the_stores(shop: Shop) -> None:
    shop.set_facts(limits=(THINGS,))
    shop.clock.now = datetime(2026, 3, 2, 4, 59, tzinfo=UTC)  # one minute to midnight in New York
    await buy_for(shop, "C1", ("D", 2))
    with pytest.raises(CustomerError, match="limit-reached"):
        await open_for(shop, "C1", ("D", 1), key="2")
    shop.clock.pass_time(60)
    assert (await open_for(shop, "C1", ("D", 2), key="3")).state is State.RESERVED


async def test_two_kiosks_at_once_do_not_sell_more_than_the_limit(shop: Shop) -> None:
    shop.set_facts(limits=(THINGS,))
    opened = await asyncio.gather(
        *(open_for(shop, "C1", ("D", 1), session=f"s{n}", kiosk=f"K{n % 2 + 1}") for n in range(8)),
        return_exceptions=True,
    )
    refusals = [result.message for result in opened if isinstance(result, CustomerError)]
    assert refusals == ["limit-reached"] * 6


@pytest.mark.parametrize(
    ("settings", "message"), [({"limits": (THINGS,)}, "limit-reached"), ({"max_quantity": 2}, "too-many")]
)
async def test_a_limit_that_came_after_the_reservation_holds_at_the_yes(
    shop: Shop, settings: dict[str, object], message: str
) -> None:
    order = await open_for(shop, "C1", ("D", 3))
    shop.set_facts(**settings)
    with pytest.raises(CustomerError, match=message):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert shop.terminal.records == ()
    assert shop.checkout.view(order.order_id) == order
    fewer = await shop.checkout.change(order.order_id, [CartItem(sku="D", quantity=2)], "fewer")
    assert (await shop.checkout.confirm(order.order_id, fewer.consent_hash, "yes to fewer")).state is State.CLOSED
