"""Holds on a kiosk's stock: lines come in with an open transaction, and the rows change or CustomerError goes out."""

import logging
from collections.abc import Sequence

from sqlalchemy import Integer, bindparam
from sqlmodel import Session, SQLModel

from tools.database import Stock
from tools.errors import CustomerError, StoreError
from tools.order import OrderLineView

log = logging.getLogger(__name__)


def change(session: Session, kiosk_id: str, held: Sequence[OrderLineView], wanted: Sequence[OrderLineView]) -> None:
    """Hold what is wanted in place of what is still held, or raise CustomerError("out-of-stock").

    Of what is held, only what has not come out is given back. The caller's transaction makes it all or nothing.
    """
    back = {line.sku: line.quantity - line.dispensed for line in held}
    want = {line.sku: line for line in wanted}
    for sku in sorted(back.keys() | want.keys()):  # each row once and in one order for everyone: no deadlock
        line = want.get(sku)
        more = (line.quantity if line else 0) - back.get(sku, 0)
        if more == 0 or _change(session, kiosk_id, sku, reserve=more):
            continue
        stock = session.get(Stock, (kiosk_id, sku), populate_existing=True)
        if line is not None:
            available = stock.on_hand - stock.reserved + back.get(sku, 0) if stock else 0
            raise CustomerError("out-of-stock", sku=sku, name=line.name, available=available)
        if stock is not None:  # else the owner no longer stocks it here: nothing is left to give back to
            raise StoreError(f"the stock row of {sku} at {kiosk_id} does not hold what an order reserved")


def take(session: Session, kiosk_id: str, sku: str, count: int) -> None:
    """Book out `count` reserved pieces that came out of the machine."""
    if count and not _change(session, kiosk_id, sku, reserve=-count, on_hand=-count):
        raise StoreError(f"the stock row of {sku} at {kiosk_id} does not hold what came out")


def bring(session: Session, kiosk_id: str, sku: str, count: int) -> bool:
    """Book in pieces that were brought, or out again if negative; whether the row is there and has them to spare."""
    return _change(session, kiosk_id, sku, reserve=0, on_hand=count)


def discard(session: Session, kiosk_id: str, sku: str, count: int) -> None:
    """Book out pieces that came out though nobody had asked for them; what other orders hold stays theirs."""
    for _ in range(count):
        if not _change(session, kiosk_id, sku, reserve=0, on_hand=-1):
            log.error("staff wanted at kiosk %s: count %r by hand, a piece came out that is not booked", kiosk_id, sku)
            return


def _change(session: Session, kiosk_id: str, sku: str, reserve: int, on_hand: int = 0) -> bool:
    """Change one row if both numbers stay in their bounds; whether it was changed."""
    row = {"of_kiosk": kiosk_id, "of_sku": sku, "reserve": reserve, "more": on_hand}
    return session.connection().execute(_CHANGE, row).rowcount == 1


_STOCK = SQLModel.metadata.tables[str(Stock.__tablename__)]
_held = _STOCK.c.reserved + bindparam("reserve", type_=Integer)
_present = _STOCK.c.on_hand + bindparam("more", type_=Integer)
_CHANGE = (
    _STOCK.update()
    .where(_STOCK.c.kiosk_id == bindparam("of_kiosk"), _STOCK.c.sku == bindparam("of_sku"))
    .where(_held >= 0, _held <= _present)
    .values(reserved=_held, on_hand=_present)
)
