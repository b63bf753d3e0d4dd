"""Receipts: a paid order comes in, its receipt goes out as a typed value and as plain text 40 columns wide."""

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from tools.checkout_table import Event
from tools.database import Kiosk, StoreSetting
from tools.errors import OperatorError
from tools.ledger import entries_of, load_order
from tools.money import Money
from tools.order import OrderView

WIDTH = 40


class ReceiptLine(BaseModel):
    """What came out and was paid for on one line."""

    model_config = ConfigDict(frozen=True)

    sku: str
    description: str
    quantity: int
    unit_price: Money
    total: Money


class Receipt(BaseModel):
    """What a customer paid, where and when (`at` in the store's time zone); the same however often it is printed."""

    model_config = ConfigDict(frozen=True)

    order_id: str
    store: str
    kiosk: str
    at: datetime
    lines: tuple[ReceiptLine, ...]
    total: Money
    payment_id: str
    refunded: bool = False

    @property
    def text(self) -> str:
        """The receipt for a narrow printer."""
        rows = [*_wrap(self.store), *_wrap(self.kiosk), f"{self.at:%Y-%m-%d %H:%M %Z}", "-" * WIDTH]
        for line in self.lines:
            rows += _wrap(line.description)
            rows.append(_spread(f"  {line.quantity} x {_amount(line.unit_price)}", _amount(line.total)))
        rows += ["-" * WIDTH, _spread("TOTAL", f"{_amount(self.total)} {self.total.currency}")]
        rows += [f"Order {self.order_id}", f"Payment {self.payment_id}"]
        if self.refunded:
            rows.append(_spread("REFUNDED", f"{_amount(self.total)} {self.total.currency}"))
        return "\n".join(rows) + "\n"


def write_receipt(session: Session, order_id: str) -> Receipt:
    """The receipt of a paid order; OperatorError when nothing was paid."""
    order = load_order(session, order_id)
    entries = entries_of(session, order_id)
    captured_at = next((entry.at for entry in entries if entry.event == Event.CAPTURED), None)
    if captured_at is None or order.captured is None:
        raise OperatorError(f"order {order_id} is {order.state}: there is no receipt for it")
    kiosk = session.get(Kiosk, order.kiosk_id)
    name = session.get(StoreSetting, "name")
    return Receipt(
        order_id=order_id,
        store=name.value if name else "",
        kiosk=" ".join(part for part in (kiosk.name, kiosk.location) if part) if kiosk else order.kiosk_id,
        at=_local(captured_at, session.get(StoreSetting, "timezone")),
        lines=_lines(order),
        total=order.captured,
        payment_id=order.payment_id,
        refunded=any(entry.event == Event.REFUNDED for entry in entries),
    )


def _lines(order: OrderView) -> tuple[ReceiptLine, ...]:
    return tuple(
        ReceiptLine(
            sku=line.sku,
            description=", ".join(part for part in (line.name, line.colour, line.size) if part),
            quantity=line.dispensed,
            unit_price=line.unit_price,
            total=line.unit_price.times(line.dispensed),
        )
        for line in order.lines
        if line.dispensed
    )


def _local(moment: datetime, setting: StoreSetting | None) -> datetime:
    """A stored moment in the store's time zone."""
    try:
        zone = ZoneInfo(setting.value if setting else "UTC")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise OperatorError(f"the store's time zone {setting.value if setting else ''!r} is not known") from error
    return moment.astimezone(zone)


def _amount(money: Money) -> str:
    return f"{money.to_decimal():,}"


def _columns(text: str) -> int:
    """How many columns a printer with fixed pitch takes for a text; East Asian wide characters take two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def _spread(left: str, right: str) -> str:
    return left + " " * max(1, WIDTH - _columns(left) - _columns(right)) + right


def _wrap(text: str) -> list[str]:
    """The text in rows of at most `WIDTH` columns, broken between words where there are any."""
    rows, row = list[str](), ""
    for word in (piece for long in text.split() for piece in _pieces(long)):
        joined = f"{row} {word}" if row else word
        if _columns(joined) > WIDTH:
            rows.append(row)
            joined = word
        row = joined
    return [*rows, row] if row else rows


def _pieces(word: str) -> list[str]:
    """A word cut so that each piece fits on a row."""
    room = WIDTH if _columns(word) <= len(word) else WIDTH // 2
    return [word[start : start + room] for start in range(0, len(word), room)]
