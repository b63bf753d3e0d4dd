"""Age-restricted goods at the checkout: only under an approval that is for them and still holds."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from checkout_fixtures import Shop, make_shop
from sqlalchemy import URL
from sqlmodel import Session

from tools.age_approval import AgeApproval
from tools.checkout_table import State
from tools.database import Product
from tools.errors import CustomerError
from tools.ledger import entries_of, read_detail
from tools.order import CartItem


@pytest.fixture
def shop(database: URL) -> Iterator[Shop]:
    shop = make_shop(database)
    with Session(shop.engine) as session:
        session.get_one(Product, "P4").min_age = 21
        session.commit()
    yield shop
    shop.require_conserved()


def approval(shop: Shop, *product_ids: str, minutes: float = 10) -> AgeApproval:
    return AgeApproval(by="Ada", product_ids=product_ids, until=shop.clock() + timedelta(minutes=minutes))


def cart(*skus: str) -> list[CartItem]:
    return [CartItem(sku=sku) for sku in skus]


async def test_the_refusal_says_what_staff_must_look_at(shop: Shop) -> None:
    with pytest.raises(CustomerError, match="age-restricted") as refused:
        await shop.open(("A", 1), ("C", 1), ("D", 1))
    assert refused.value.facts == {
        "min_age": 21,
        "name": "Brand Model 3",
        "product_ids": ("P3", "P4"),
        "names": ("Brand Model 3", "Brand Model 4"),
    }


async def test_an_approval_is_recorded_with_the_order(shop: Shop) -> None:
    order = await shop.checkout.open("K1", "s", None, cart("A", "C"), "1", approval(shop, "P3"))
    closed = await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert (closed.state, closed.age_approved_by) == (State.CLOSED, "Ada")
    with Session(shop.engine) as session:
        first = read_detail(entries_of(session, order.order_id)[0]).order
    assert first is not None
    assert first.age_approved_by == "Ada"


async def test_an_approval_that_was_not_needed_is_not_recorded(shop: Shop) -> None:
    order = await shop.checkout.open("K1", "s", None, cart("A"), "1", approval(shop, "P3"))
    assert order.age_approved_by == ""


@pytest.mark.parametrize(("product_ids", "minutes"), [(("P4",), 10), ((), 10), (("P3",), 0), (("P3",), -1)])
async def test_an_approval_of_other_goods_or_of_earlier_is_none(
    shop: Shop, product_ids: tuple[str, ...], minutes: float
) -> None:
    given = approval(shop, *product_ids, minutes=minutes)
    with pytest.raises(CustomerError, match="age-restricted"):
        await shop.checkout.open("K1", "s", None, cart("C"), "1", given)


async def test_a_change_to_other_restricted_goods_needs_another_approval(shop: Shop) -> None:
    order = await shop.checkout.open("K1", "s", None, cart("C"), "1", approval(shop, "P3"))
    with pytest.raises(CustomerError, match="age-restricted"):
        await shop.checkout.change(order.order_id, cart("D"), "c1")
    with pytest.raises(CustomerError, match="age-restricted"):
        await shop.checkout.change(order.order_id, cart("C", "D"), "c2")
    changed = await shop.checkout.change(order.order_id, cart("C", "A"), "c3")
    assert changed.age_approved_by == "Ada"
    both = await shop.checkout.change(order.order_id, cart("C", "D"), "c4", approval(shop, "P3", "P4"))
    assert both.age_approved_by == "Ada"


async def test_goods_that_left_the_order_need_a_new_approval_to_come_back(shop: Shop) -> None:
    order = await shop.checkout.open("K1", "s", None, cart("C"), "1", approval(shop, "P3"))
    without = await shop.checkout.change(order.order_id, cart("A"), "c1")
    assert without.age_approved_by == ""
    with pytest.raises(CustomerError, match="age-restricted"):
        await shop.checkout.change(order.order_id, cart("C"), "c2")


async def test_the_reservation_ends_with_the_approval_whatever_is_changed(shop: Shop) -> None:
    order = await shop.checkout.open("K1", "s", None, cart("C"), "1", approval(shop, "P3", minutes=3))
    assert order.expires_at == shop.clock() + timedelta(minutes=3)
    shop.clock.pass_time(120)
    changed = await shop.checkout.change(order.order_id, cart("C", "A"), "c1")
    assert changed.expires_at == order.expires_at
    shop.prices.minor["P1"] = 1
    with pytest.raises(CustomerError, match="price-changed"):
        await shop.checkout.confirm(order.order_id, changed.consent_hash, "yes")
    repriced = shop.checkout.view(order.order_id)
    assert repriced.expires_at == order.expires_at
    shop.clock.pass_time(60)
    with pytest.raises(CustomerError, match="order-expired"):
        await shop.checkout.confirm(order.order_id, repriced.consent_hash, "yes again")


async def test_goods_that_become_restricted_before_the_yes_are_not_sold(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    with Session(shop.engine) as session:
        session.get_one(Product, "P1").min_age = 18
        session.commit()
    with pytest.raises(CustomerError, match="age-restricted"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert shop.terminal.records == ()
