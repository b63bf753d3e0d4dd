"""What an order is: the lines asked for, the prices agreed, how far it has come, and the hash to consent to."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tools.checkout_table import State
from tools.errors import CustomerError
from tools.money import Money

MAX_QUANTITY = 10
MAX_LINES = 20


class CartItem(BaseModel):
    """A variant and how many of it the customer wants."""

    model_config = ConfigDict(frozen=True)

    sku: Annotated[str, Field(min_length=1, max_length=100)]
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = 1


class OrderLineView(BaseModel):
    """One line of an order as agreed; prices are for one piece, `dispensed` is how many came out."""

    model_config = ConfigDict(frozen=True)

    sku: str
    product_id: str
    name: str
    colour: str
    size: str
    quantity: int
    unit_price: Money
    list_price: Money
    slot: str = ""
    dispensed: int = 0


class OrderView(BaseModel):
    """An order as it stands. `trouble` names the reply message of what went wrong last, if anything did.

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
    sequence: int = 0

    @property
    def dispensed_total(self) -> Money:
        """What the pieces that came out cost."""
        return total_of([line.model_copy(update={"quantity": line.dispensed}) for line in self.lines])


def total_of(lines: Sequence[OrderLineView]) -> Money:
    """What the lines cost together; MoneyError when they mix currencies."""
    total = Money(amount_minor=0, currency=lines[0].unit_price.currency)
    for line in lines:
        total += line.unit_price.times(line.quantity)
    return total


def consent_hash(order_id: str, lines: Sequence[OrderLineView]) -> str:
    """SHA-256 (hex) over what a yes is given to: the order, each line's variant, quantity and price, and the total."""
    total = total_of(lines)
    agreed = [
        order_id,
        sorted([line.sku, line.quantity, line.unit_price.amount_minor, line.unit_price.currency] for line in lines),
        total.amount_minor,
        total.currency,
    ]
    return hashlib.sha256(json.dumps(agreed, separators=(",", ":")).encode()).hexdigest()


def merge_items(items: Sequence[CartItem]) -> tuple[CartItem, ...]:
    """The same items with each variant once; CustomerError when there are none or too many."""
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
