"""Prices between reserving and the yes: the promotions of the moment of the yes count, and are asked about."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from checkout_fixtures import Shop, make_shop, usd
from sqlalchemy import URL
from sqlmodel import Session

from tools.checkout_table import State
from tools.database import LoyaltyTier, Product, Promotion
from tools.errors import CustomerError, StoreError
from tools.pricing import Pricing

EVENING = datetime(2026, 3, 2, 4, 55, tzinfo=UTC)  # five to midnight on 1 March in New York


@pytest.fixture
def shop(database: URL) -> Iterator[Shop]:
    """A shop with its real price book, five minutes before the day ends."""
    shop = make_shop(database)
    shop.clock.now = EVENING
    shop.quoter = Pricing(shop.engine, shop.clock)
    shop.checkout = shop.restarted()
    yield shop
    shop.require_conserved()


def promote(shop: Shop, starts_on: date, ends_on: date, **conditions: object) -> None:
    with Session(shop.engine) as session:
        session.add(
            Promotion.model_validate(
                {
                    "promotion_id": "S",
                    "name": "Sale",
                    "percent_off": "20",
                    "starts_on": starts_on,
                    "ends_on": ends_on,
                    **conditions,
                }
            )
        )
        session.commit()


async def test_a_promotion_that_ends_before_the_yes_is_asked_about_again(shop: Shop) -> None:
    promote(shop, date(2026, 2, 1), date(2026, 3, 1))
    order = await shop.open(("A", 1))
    assert (order.total, order.lines[0].discount) == (usd(3996), "Sale −20%")
    shop.clock.pass_time(301)
    with pytest.raises(CustomerError, match="price-changed") as refused:
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert refused.value.facts["total"] == usd(4995)
    now = shop.checkout.view(order.order_id)
    assert (now.state, now.lines[0].discount) == (State.RESERVED, "")
    with pytest.raises(CustomerError, match="consent-void"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "the old yes")
    assert shop.terminal.records == ()
    assert (await shop.checkout.confirm(order.order_id, now.consent_hash, "yes again")).captured == usd(4995)


async def test_a_promotion_that_starts_before_the_yes_is_given_and_asked_about(shop: Shop) -> None:
    promote(shop, date(2026, 3, 2), date(2026, 3, 9))
    order = await shop.open(("A", 1))
    assert order.total == usd(4995)
    shop.clock.pass_time(301)
    with pytest.raises(CustomerError, match="price-changed"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    now = shop.checkout.view(order.order_id)
    assert (now.total, now.lines[0].discount) == (usd(3996), "Sale −20%")
    closed = await shop.checkout.confirm(order.order_id, now.consent_hash, "yes to less")
    assert closed.captured == usd(3996)
    [line] = shop.checkout.receipt(order.order_id).lines
    assert (line.list_price, line.unit_price, line.discount) == (usd(4995), usd(3996), "Sale −20%")


async def test_a_promotion_for_other_goods_disturbs_nobody(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    promote(shop, date(2026, 3, 1), date(2026, 3, 9), product_id="P2")
    assert (await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")).captured == usd(4995)


async def test_a_reason_that_changes_at_the_same_price_is_on_the_receipt_as_of_the_yes(shop: Shop) -> None:
    promote(shop, date(2026, 3, 1), date(2026, 3, 9))
    order = await shop.open(("A", 1))
    with Session(shop.engine) as session:
        session.get_one(Promotion, "S").name = "Spring sale"
        session.commit()
    await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert shop.checkout.receipt(order.order_id).lines[0].discount == "Spring sale −20%"


async def test_a_quantity_that_meets_a_promotion_is_priced_anew(shop: Shop) -> None:
    promote(shop, date(2026, 3, 1), date(2026, 3, 9), min_quantity=2)
    assert (await shop.open(("A", 1))).total == usd(4995)
    assert (await shop.open(("A", 2), key="2")).total == usd(2 * 3996)


async def test_a_tier_that_changes_before_the_yes_needs_no_new_yes_from_those_without(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    with Session(shop.engine) as session:
        session.add(LoyaltyTier(tier="gold", discount_percent="50"))
        session.commit()
    assert (await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")).captured == usd(4995)


async def test_goods_that_have_no_price_any_more_are_not_given_away(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    with Session(shop.engine) as session:
        session.get_one(Product, "P1").list_price_minor = 0
        session.commit()
    with pytest.raises(StoreError, match="no price above zero"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert shop.terminal.records == ()
