"""Which discount applies when, and what can never happen to a price."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.databases import Databases
from tools.database import open_database
from tools.errors import ModelError
from tools.money import Money
from tools.pricing import AppliedDiscount, Pricing, best_price
from tools.store_files import read_store
from tools.store_import import import_store

SMALL_STORE = Path(__file__).parent / "small_store"
ORDINARY_DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)

prices = st.integers(0, 10**12).map(lambda minor: Money(amount_minor=minor, currency="EUR"))
percents = st.decimals(0, 100, places=2)
discounts = st.lists(
    st.builds(AppliedDiscount, name=st.just("any"), kind=st.sampled_from(["tier", "promotion"]), percent=percents),
    max_size=5,
)


@pytest.fixture(scope="module")
def pricing(databases: Databases) -> Pricing:
    engine = open_database(databases.new())
    import_store(engine, read_store(SMALL_STORE))
    return Pricing(engine, lambda: ORDINARY_DAY)


def eur(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="EUR")


def test_an_unknown_customer_pays_the_list_price(pricing: Pricing) -> None:
    quote = pricing.quote("P1", 3)
    assert (quote.list_price, quote.unit_price, quote.loyalty_price) == (eur(12_000),) * 3
    assert (quote.total, quote.applied, quote.valid_until) == (eur(36_000), (), None)
    assert pricing.quote("P1", 3, "nobody") == quote
    assert pricing.quote("P1", 3, "C2") == quote


def test_a_tier_takes_its_discount(pricing: Pricing) -> None:
    quote = pricing.quote("P1", 1, "C1")
    assert (quote.unit_price, quote.loyalty_price) == (eur(10_800), eur(10_800))
    assert [(item.name, item.kind, item.percent) for item in quote.applied] == [("gold", "tier", Decimal(10))]


def test_the_better_of_tier_and_promotion_applies_alone(pricing: Pricing) -> None:
    quote = pricing.quote("P1", 1, "C1", datetime(2026, 3, 2, tzinfo=UTC))
    assert (quote.unit_price, quote.loyalty_price) == (eur(9_600), eur(10_800))
    assert [item.name for item in quote.applied] == ["Footwear week"]
    assert quote.valid_until == date(2026, 3, 7)


def test_a_promotion_for_a_tier_is_for_nobody_else(pricing: Pricing) -> None:
    assert pricing.quote("P3", 1, "C1").unit_price == eur(5_600)
    assert pricing.quote("P3", 1, "C2").unit_price == eur(8_000)


def test_a_promotion_may_ask_for_a_quantity(pricing: Pricing) -> None:
    assert pricing.quote("P4", 1).unit_price == eur(3_000)
    assert pricing.quote("P4", 2).total == eur(5_100)


@pytest.mark.parametrize(
    ("now", "minor"),
    [
        (datetime(2026, 2, 28, 22, 59, tzinfo=UTC), 12_000),
        (datetime(2026, 2, 28, 23, 0, tzinfo=UTC), 9_600),  # already the 1st of March in Oslo
        (datetime(2026, 3, 7, 22, 59, tzinfo=UTC), 9_600),
        (datetime(2026, 3, 7, 23, 0, tzinfo=UTC), 12_000),
    ],
)
def test_the_stores_time_zone_decides_the_day(pricing: Pricing, now: datetime, minor: int) -> None:
    assert pricing.quote("P1", 1, None, now).unit_price == eur(minor)


def test_what_cannot_be_priced_is_the_callers_error(pricing: Pricing) -> None:
    with pytest.raises(ModelError):
        pricing.quote("none", 1)
    with pytest.raises(ModelError):
        pricing.quote("P1", 0)


@given(list_price=prices, offered=discounts)
def test_a_price_lies_between_zero_and_the_list_price(list_price: Money, offered: list[AppliedDiscount]) -> None:
    best = best_price(list_price, offered)
    assert 0 <= best.price.amount_minor <= list_price.amount_minor
    assert (best.discount is None) == all(discount.percent == 0 for discount in offered)


@given(list_price=prices, offered=discounts, more=discounts)
def test_more_discounts_never_cost_more(
    list_price: Money, offered: list[AppliedDiscount], more: list[AppliedDiscount]
) -> None:
    fewer, all_ = best_price(list_price, offered), best_price(list_price, [*offered, *more])
    assert all_.price.amount_minor <= fewer.price.amount_minor


@given(list_price=prices, dearer_by=st.integers(0, 10**6), offered=discounts)
def test_a_dearer_product_never_becomes_the_cheaper(
    list_price: Money, dearer_by: int, offered: list[AppliedDiscount]
) -> None:
    dearer = Money(amount_minor=list_price.amount_minor + dearer_by, currency="EUR")
    assert best_price(list_price, offered).price.amount_minor <= best_price(dearer, offered).price.amount_minor
