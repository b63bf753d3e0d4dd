"""Holds on a kiosk's stock: lines come in with an open transaction, and the rows change or CustomerError goes out."""

import logging
from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import Session, col

from tools.database import Stock
from tools.errors import CustomerError, StoreError
from tools.order import OrderLineView

log = logging.getLogger(__name__)


def hold(session: Session, kiosk_id: str, lines: Sequence[OrderLineView]) -> None:
    """Reserve every line or raise CustomerError("out-of-stock"); the caller's transaction makes it all or nothing."""
    for line in sorted(lines, key=lambda line: line.sku):  # one order of locking for everyone: no deadlock
        changed = _change(session, kiosk_id, line.sku, reserve=line.quantity)
        if not changed:
            stock = session.get(Stock, (kiosk_id, line.sku), populate_existing=True)
            available = stock.on_hand - stock.reserved if stock else 0
            raise CustomerError("out-of-stock", sku=line.sku, name=line.name, available=available)


def release(session: Session, kiosk_id: str, lines: Sequence[OrderLineView]) -> None:
    """Give back what the lines still hold, which is what has not come out."""
    for line in sorted(lines, key=lambda line: line.sku):
        left = line.quantity - line.dispensed
        if left and not _change(session, kiosk_id, line.sku, reserve=-left):
            if session.get(Stock, (kiosk_id, line.sku), populate_existing=True) is None:
                continue  # the owner no longer stocks it here: nothing is left to give back to
            raise StoreError(f"the stock row of {line.sku} at {kiosk_id} does not hold what an order reserved")


def take(session: Session, kiosk_id: str, sku: str, count: int) -> None:
    """Book out `count` reserved pieces that came out of the machine."""
    if count and not _change(session, kiosk_id, sku, reserve=-count, on_hand=-count):
        raise StoreError(f"the stock row of {sku} at {kiosk_id} does not hold what came out")


def discard(session: Session, kiosk_id: str, sku: str, count: int) -> None:
    """Book out pieces that came out though nobody had asked for them; what other orders hold stays theirs."""
    for _ in range(count):
        if not _change(session, kiosk_id, sku, reserve=0, on_hand=-1):
            log.error("staff wanted at kiosk %s: count %r by hand, a piece came out that is not booked", kiosk_id, sku)
            return


def _change(session: Session, kiosk_id: str, sku: str, reserve: int, on_hand: int = 0) -> bool:
    """Change one row if both numbers stay in their bounds; whether it was changed."""
    held, present = col(Stock.reserved) + reserve, col(Stock.on_hand) + on_hand
    result = session.exec(
        update(Stock)
        .where(col(Stock.kiosk_id) == kiosk_id, col(Stock.sku) == sku, held >= 0, held <= present)
        .values(reserved=held, on_hand=present)
        .execution_options(synchronize_session=False)
    )
    return result.rowcount == 1
