"""Taxes: exact, rounded once for each rate, and never more for a part than for the whole."""

from decimal import Decimal
from fractions import Fraction

import pytest
from checkout_fixtures import usd
from hypothesis import given
from hypothesis import strategies as st

from tools.money import Money
from tools.order import OrderLineView, taxes_of, total_of
from tools.sale_terms import SaleTerms
from tools.taxes import AgreedTax, tax_amounts

SKUS = ("A", "B", "C")


def tax(percent: str, *skus: str, name: str = "Tax") -> AgreedTax:
    return AgreedTax(name=name, percent=Decimal(percent), skus=skus or SKUS)


def amounts(goods: dict[str, int], taxes: list[AgreedTax], included: bool) -> list[int]:
    priced = {sku: usd(minor) for sku, minor in goods.items()}
    return [found.amount.amount_minor for found in tax_amounts(priced, taxes, included)]


@pytest.mark.parametrize(
    ("goods", "taxes", "included", "expected"),
    [
        ({"A": 11_900}, [tax("19")], True, [1_900]),
        ({"A": 10_000}, [tax("19")], False, [1_900]),
        ({"A": 10_000}, [tax("8.875")], False, [888]),  # 887.5 rounds up
        ({"A": 5, "B": 5}, [tax("10")], False, [1]),  # once on 10, not twice on 5
        ({"A": 100, "B": 100}, [tax("10", "A"), tax("20", "B")], False, [10, 20]),
        ({"A": 130}, [tax("10"), tax("20")], True, [10, 20]),
        ({"A": 110, "B": 130}, [tax("10"), tax("20", "B")], True, [20, 20]),
        ({"A": 100}, [tax("0")], False, [0]),
        ({"A": 100}, [tax("7", "B")], False, []),
        ({"A": 0}, [tax("7")], False, []),
        ({}, [tax("7")], False, []),
    ],
)
def test_worked_examples(goods: dict[str, int], taxes: list[AgreedTax], included: bool, expected: list[int]) -> None:
    assert amounts(goods, taxes, included) == expected


def test_a_label_has_the_rate_as_written_by_people() -> None:
    assert tax("8.8750", name="Sales tax").label == "Sales tax 8.875%"
    assert tax("20", name="VAT").label == "VAT 20%"


@st.composite
def carts(draw: st.DrawFn) -> tuple[list[OrderLineView], SaleTerms]:
    lines = [
        OrderLineView(
            sku=sku,
            product_id=sku,
            name="",
            colour="",
            size="",
            quantity=quantity,
            unit_price=Money(amount_minor=price, currency="USD"),
            list_price=Money(amount_minor=price, currency="USD"),
            dispensed=draw(st.integers(0, quantity)),
        )
        for sku in SKUS
        for quantity, price in [(draw(st.integers(1, 9)), draw(st.integers(1, 99_999)))]
    ]
    count = draw(st.integers(0, 4))
    percents = st.decimals(0, Decimal(100) / max(count, 1), places=4).map(lambda value: max(value, Decimal(0)))
    taxes = tuple(
        tax(str(draw(percents)), *draw(st.lists(st.sampled_from(SKUS), min_size=1, unique=True)), name=str(number))
        for number in range(count)
    )
    return lines, SaleTerms(prices_include_tax=draw(st.booleans()), taxes=taxes)


def goods_minor(lines: list[OrderLineView]) -> int:
    return sum(line.unit_price.amount_minor * line.quantity for line in lines)


def came_out(lines: list[OrderLineView]) -> list[OrderLineView]:
    return [line.model_copy(update={"quantity": line.dispensed}) for line in lines if line.dispensed]


@given(carts())
def test_the_parts_sum_to_the_total(cart: tuple[list[OrderLineView], SaleTerms]) -> None:
    lines, terms = cart
    goods, taxes = goods_minor(lines), sum(found.amount.amount_minor for found in taxes_of(lines, terms))
    total = total_of(lines, terms, "USD").amount_minor
    if terms.prices_include_tax:
        assert total == goods
        assert 0 <= goods - taxes <= total, "what is left without the taxes is never negative"
    else:
        assert total == goods + taxes


@given(carts())
def test_a_part_never_costs_more_than_the_whole(cart: tuple[list[OrderLineView], SaleTerms]) -> None:
    lines, terms = cart
    part, whole = came_out(lines), {found.name: found.amount.amount_minor for found in taxes_of(lines, terms)}
    assert total_of(part, terms, "USD").amount_minor <= total_of(lines, terms, "USD").amount_minor
    for found in taxes_of(part, terms):
        assert found.amount.amount_minor <= whole[found.name]


@given(carts())
def test_rounding_is_off_by_half_a_cent_at_most(cart: tuple[list[OrderLineView], SaleTerms]) -> None:
    lines, terms = cart
    for found, agreed in zip(taxes_of(lines, terms), terms.taxes, strict=True):
        exact = Fraction(0)
        for line in (line for line in lines if line.sku in agreed.skus):
            contained = sum(Fraction(other.percent) for other in terms.taxes if line.sku in other.skus)
            whole = 100 + contained if terms.prices_include_tax else Fraction(100)
            exact += line.unit_price.amount_minor * line.quantity * Fraction(agreed.percent) / whole
        assert abs(found.amount.amount_minor - exact) <= Fraction(1, 2)
