"""What an order is: the lines asked for, the prices agreed, how far it has come, and the hash to consent to."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from tools.checkout_table import State
from tools.errors import CustomerError
from tools.money import Money
from tools.sale_terms import SaleTerms
from tools.taxes import TaxAmount, tax_amounts

MAX_QUANTITY = 100
MAX_LINES = 100
"""What no shop may go beyond; the shop's own limits are settings (tools/purchase_limits.py)."""


class CartItem(BaseModel):
    """A variant and how many of it the customer wants."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sku: Annotated[str, Field(min_length=1, max_length=100)]
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = 1


class ProductQuantity(NamedTuple):
    """How many of a product are bought together, which may decide what each costs."""

    product_id: str
    quantity: int


class OrderLineView(BaseModel):
    """One line of an order as agreed; prices are for one piece, `dispensed` is how many came out.

    `discount` says in the owner's words why less than the list price is paid.
    """

    model_config = ConfigDict(frozen=True)

    sku: str
    product_id: str
    name: str
    colour: str
    size: str
    quantity: int
    unit_price: Money
    list_price: Money
    discount: str = ""
    slot: str = ""
    dispensed: int = 0


class OrderView(BaseModel):
    """An order as it stands; `total` is what is charged, with the taxes that come on top.

    `trouble` names the reply message of what went wrong last, if anything did.

    `sequence` is the number of its ledger's last row: with it, the next row is only added to the order as it was read.
    """

    model_config = ConfigDict(frozen=True)

    order_id: str
    kiosk_id: str
    session_id: str
    customer_id: str | None
    state: State
    lines: tuple[OrderLineView, ...]
    total: Money
    consent_hash: str
    expires_at: datetime | None
    created_at: datetime
    payment_id: str = ""
    attempt: int = 0
    captured: Money | None = None
    trouble: str = ""
    age_approved_by: str = ""
    terms: SaleTerms = SaleTerms()
    sequence: int = 0

    @property
    def problem(self) -> str:
        """The reply message that says what went wrong or is still unclear; empty if nothing is."""
        unclear = {
            State.CONFIRMED: "payment-unclear",
            State.DISPENSING: "dispense-unclear",
            State.UNPAID: "goods-unpaid",
        }
        return unclear.get(self.state) or self.trouble

    @property
    def dispensed_lines(self) -> tuple[OrderLineView, ...]:
        """The lines of what came out, each with that quantity."""
        return tuple(line.model_copy(update={"quantity": line.dispensed}) for line in self.lines if line.dispensed)

    @property
    def dispensed_total(self) -> Money:
        """What the pieces that came out cost, with the taxes on them that come on top."""
        return total_of(self.dispensed_lines, self.terms, self.total.currency)

    @property
    def added_taxes(self) -> tuple[TaxAmount, ...]:
        """The taxes that come on top of the prices; none where prices include them."""
        return () if self.terms.prices_include_tax else taxes_of(self.lines, self.terms)


@dataclass(frozen=True)
class Priced:
    """Lines as they would be agreed at a moment, and the terms of the shop at that moment."""

    lines: tuple[OrderLineView, ...]
    terms: SaleTerms


def with_prices(order: OrderView, priced: Priced) -> OrderView:
    """The order with these lines and terms, and with the total and the consent hash that they lead to."""
    return order.model_copy(
        update={
            "lines": priced.lines,
            "terms": priced.terms,
            "total": total_of(priced.lines, priced.terms, priced.lines[0].unit_price.currency),
            "consent_hash": consent_hash(order.order_id, priced.lines, priced.terms),
        }
    )


def taxes_of(lines: Sequence[OrderLineView], terms: SaleTerms) -> tuple[TaxAmount, ...]:
    """The taxes in or on the lines' prices."""
    goods = {line.sku: line.unit_price.times(line.quantity) for line in lines}
    return tax_amounts(goods, terms.taxes, terms.prices_include_tax)


def total_of(lines: Sequence[OrderLineView], terms: SaleTerms, currency: str) -> Money:
    """What is charged for the lines: their prices and the taxes on top; MoneyError when they mix currencies."""
    added = () if terms.prices_include_tax else taxes_of(lines, terms)
    total = Money(amount_minor=0, currency=currency)
    for amount in (*(line.unit_price.times(line.quantity) for line in lines), *(tax.amount for tax in added)):
        total += amount
    return total


def consent_hash(order_id: str, lines: Sequence[OrderLineView], terms: SaleTerms | None = None) -> str:
    """SHA-256 (hex) over what a yes is given to.

    That is the order, each line's variant, quantity and price, each tax that comes on top, and the total. A tax within
    the prices is not part of it: it changes nothing for who pays.
    """
    terms = terms or SaleTerms()
    total = total_of(lines, terms, lines[0].unit_price.currency)
    added = () if terms.prices_include_tax else taxes_of(lines, terms)
    agreed = [
        order_id,
        sorted([line.sku, line.quantity, line.unit_price.amount_minor, line.unit_price.currency] for line in lines),
        [[tax.label, tax.amount.amount_minor] for tax in added],
        total.amount_minor,
        total.currency,
    ]
    return hashlib.sha256(json.dumps(agreed, separators=(",", ":")).encode()).hexdigest()


def merge_items(items: Sequence[CartItem]) -> tuple[CartItem, ...]:
    """The same items with each variant once; CustomerError when there are none or more than any shop sells."""
    quantities: dict[str, int] = {}
    for item in items:
        quantities[item.sku] = quantities.get(item.sku, 0) + item.quantity
    if not quantities:
        raise CustomerError("buy-what")
    if len(quantities) > MAX_LINES:
        raise CustomerError("too-many", limit=MAX_LINES)
    if max(quantities.values()) > MAX_QUANTITY:
        raise CustomerError("too-many", limit=MAX_QUANTITY)
    return tuple(CartItem(sku=sku, quantity=quantity) for sku, quantity in quantities.items())
