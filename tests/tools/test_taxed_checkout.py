"""A shop whose taxes come on top: they are in what is agreed, set aside, taken, and given back."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from checkout_fixtures import Shop, make_shop, usd
from sqlalchemy import URL

from tools.checkout_table import State
from tools.dispenser import DispenseFault
from tools.errors import CustomerError
from tools.order import CartItem
from tools.taxes import Tax

SALES_TAX = Tax(name="Sales tax", percent=Decimal("8.875"))
GOODS_TAX = Tax(name="Goods tax", percent=Decimal(10), categories=("anything",))


@pytest.fixture
def shop(database: URL) -> Iterator[Shop]:
    shop = make_shop(database)
    shop.set_facts(prices_include_tax=False, taxes=(SALES_TAX,))
    yield shop
    shop.require_conserved()


async def test_tax_on_top_is_agreed_authorised_captured_and_refunded(shop: Shop) -> None:
    order = await shop.open(("A", 2), ("B", 1))
    assert [(tax.label, tax.amount) for tax in order.added_taxes] == [("Sales tax 8.875%", usd(980))]
    assert order.total == usd(11_040 + 980)
    closed = await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert [record.amount for record in shop.terminal.records] == [usd(12_020), usd(12_020)]
    assert closed.captured == usd(12_020)
    await shop.checkout.refund(order.order_id, "Ada", "r")
    assert shop.terminal.records[-1].amount == usd(12_020)


async def test_only_what_came_out_is_taxed(shop: Shop) -> None:
    shop.dispenser.script([None, DispenseFault.JAM])
    order = await shop.open(("A", 2), ("B", 1))
    with pytest.raises(CustomerError, match="dispense-partial") as refused:
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert refused.value.facts["paid"] == usd(9_990 + 887) == shop.checkout.view(order.order_id).captured
    [tax] = shop.checkout.receipt(order.order_id).taxes
    assert (tax.on, tax.amount) == (usd(9_990), usd(887))


async def test_nothing_came_out_nothing_is_taxed(shop: Shop) -> None:
    shop.dispenser.script([DispenseFault.JAM])
    order = await shop.open(("A", 1))
    with pytest.raises(CustomerError, match="dispense-failed"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert shop.checkout.view(order.order_id).dispensed_total == usd(0)


async def test_a_tax_is_on_its_categories_and_those_below(shop: Shop) -> None:
    shop.set_facts(
        prices_include_tax=False,
        taxes=(GOODS_TAX, GOODS_TAX.model_copy(update={"name": "Other tax", "categories": ("other",)})),
    )
    order = await shop.open(("A", 1))
    assert [tax.label for tax in order.added_taxes] == ["Goods tax 10%"]


@pytest.mark.parametrize(
    "changes",
    [
        {"taxes": (SALES_TAX.model_copy(update={"percent": Decimal(9)}),)},
        {"taxes": (SALES_TAX, GOODS_TAX)},
        {"taxes": ()},
        {"prices_include_tax": True, "taxes": (SALES_TAX,)},
    ],
)
async def test_a_tax_that_changes_before_the_yes_is_asked_about_again(shop: Shop, changes: dict[str, object]) -> None:
    order = await shop.open(("A", 1))
    shop.set_facts(**{"prices_include_tax": False, **changes})
    with pytest.raises(CustomerError, match="price-changed") as refused:
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    now = shop.checkout.view(order.order_id)
    assert now.state is State.RESERVED
    assert refused.value.facts["total"] == now.total != order.total
    with pytest.raises(CustomerError, match="consent-void"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "again")
    assert shop.terminal.records == ()
    assert (await shop.checkout.confirm(order.order_id, now.consent_hash, "yes to that")).captured == now.total


async def test_a_tax_within_the_prices_changes_nothing_for_the_customer(shop: Shop) -> None:
    shop.set_facts(prices_include_tax=True, taxes=(SALES_TAX,))
    order = await shop.open(("A", 1))
    assert order.total == usd(4995)
    shop.set_facts(prices_include_tax=True, taxes=(SALES_TAX.model_copy(update={"percent": Decimal(20)}),))
    closed = await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert closed.captured == usd(4995)
    [tax] = shop.checkout.receipt(order.order_id).taxes
    assert (tax.label, tax.amount) == ("Sales tax 20%", usd(833)), "the rate is that of the moment of the sale"


async def test_the_hash_is_of_the_taxes_too(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    changed = await shop.checkout.change(order.order_id, [CartItem(sku="A")], "same")
    assert changed.consent_hash == order.consent_hash
    shop.set_facts(prices_include_tax=False, taxes=(SALES_TAX.model_copy(update={"name": "City tax"}),))
    renamed = await shop.checkout.change(order.order_id, [CartItem(sku="A")], "renamed")
    assert renamed.consent_hash != order.consent_hash
