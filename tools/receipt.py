"""Receipts: a paid order comes in, its receipt (or that of its refund) goes out as a typed value.

Everything on a receipt was written down with the sale, so it can be printed again, the same to the byte, whatever has
changed in the shop since. How it looks is in `receipt_formats`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from tools.checkout_table import Event
from tools.database import LedgerEntry
from tools.errors import OperatorError
from tools.ledger import entries_of, load_order, read_detail
from tools.money import Money
from tools.order import OrderLineView, OrderView, taxes_of
from tools.taxes import TaxAmount


class ReceiptLine(BaseModel):
    """What came out and was paid for on one line; `discount` says why less than the list price was paid."""

    model_config = ConfigDict(frozen=True)

    sku: str
    description: str
    quantity: int
    list_price: Money
    unit_price: Money
    discount: str
    total: Money


class Receipt(BaseModel):
    """What a customer paid, or was paid back, where and when (`at` in the store's time zone).

    `subtotal` is the sum of the lines. Where prices include tax it is the total, and `taxes` are contained in it;
    elsewhere they come on top. A refund is of the whole order; its number is the order's with a suffix, and `by` is
    who decided it.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["sale", "refund"]
    number: str
    order_id: str
    store: str
    address: str
    tax_number: str
    kiosk: str
    at: datetime
    lines: tuple[ReceiptLine, ...]
    subtotal: Money
    prices_include_tax: bool
    taxes: tuple[TaxAmount, ...]
    total: Money
    payment_id: str
    by: str = ""


def write_receipt(session: Session, order_id: str) -> Receipt:
    """The receipt of a paid order, also when it was refunded later; OperatorError when nothing was paid."""
    order, entries = load_order(session, order_id), entries_of(session, order_id)
    captured = _entry(entries, Event.CAPTURED)
    if captured is None or order.captured is None:
        raise OperatorError(f"order {order_id} is {order.state}: there is no receipt for it")
    return _receipt(order, order.captured, captured.at)


def write_refund_receipt(session: Session, order_id: str) -> Receipt:
    """The receipt of a refund that was made; OperatorError when there was none."""
    order, entries = load_order(session, order_id), entries_of(session, order_id)
    requested, refunded = _entry(entries, Event.REFUND_REQUESTED), _entry(entries, Event.REFUNDED)
    if requested is None or refunded is None or order.captured is None:
        raise OperatorError(f"order {order_id} is {order.state}: there is no refund of it")
    refund = {"kind": "refund", "number": f"{order_id}-R1", "by": read_detail(requested).by or ""}
    return _receipt(order, order.captured, refunded.at).model_copy(update=refund)


def _entry(entries: Sequence[LedgerEntry], event: Event) -> LedgerEntry | None:
    return next((entry for entry in entries if entry.event == event), None)


def _receipt(order: OrderView, total: Money, at: datetime) -> Receipt:
    terms, lines = order.terms, order.dispensed_lines
    subtotal = Money(amount_minor=0, currency=total.currency)
    for line in lines:
        subtotal += line.unit_price.times(line.quantity)
    return Receipt(
        kind="sale",
        number=order.order_id,
        order_id=order.order_id,
        store=terms.store,
        address=terms.address,
        tax_number=terms.tax_number,
        kiosk=terms.kiosk or order.kiosk_id,
        at=_local(at, terms.timezone),
        lines=tuple(_line(line) for line in lines),
        subtotal=subtotal,
        prices_include_tax=terms.prices_include_tax,
        taxes=taxes_of(lines, terms),
        total=total,
        payment_id=order.payment_id,
    )


def _line(line: OrderLineView) -> ReceiptLine:
    return ReceiptLine(
        sku=line.sku,
        description=", ".join(part for part in (line.name, line.colour, line.size) if part),
        quantity=line.quantity,
        list_price=line.list_price,
        unit_price=line.unit_price,
        discount=line.discount,
        total=line.unit_price.times(line.quantity),
    )


def _local(moment: datetime, timezone: str) -> datetime:
    """A stored moment in the store's time zone."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise OperatorError(f"the store's time zone {timezone!r} is not known") from error
    return moment.astimezone(zone)
