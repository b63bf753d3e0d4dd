"""When kiosks had nothing left of a variant: the store's records come in, times without a piece go out.

What a kiosk holds now is counted back through what came out, what was brought and what was taken away again since the
last import, which counted all pieces anew; nothing is known from before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tools.checkout_table import Event
from tools.database import Delivery, DeliveryLine, LedgerEntry, Order, Stock, read_transaction
from tools.ledger import read_detail
from tools.store_facts import read_store_facts


@dataclass(frozen=True, order=True)
class StockOut:
    """A time in which a kiosk held no piece of a variant; `until` is None while it lasts."""

    kiosk_id: str
    sku: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, order=True)
class _Change:
    """Pieces that came (or left, if negative) at a moment."""

    at: datetime
    pieces: int


def read_stock_outs(engine: Engine, since: datetime | None = None) -> tuple[StockOut, ...]:
    """All times without a piece that lasted until `since` or later, by kiosk, variant and time.

    StoreError when no shop was imported.
    """
    with read_transaction(engine) as session:
        imported_at = read_store_facts(session).imported_at
        changes: dict[tuple[str, str], list[_Change]] = {}
        for kiosk_id, sku, change in (*_dispensed(session, imported_at), *_delivered(session, imported_at)):
            changes.setdefault((kiosk_id, sku), []).append(change)
        on_hand = {(row.kiosk_id, row.sku): row for row in session.exec(select(Stock))}
    found = [
        out
        for place, row in on_hand.items()
        for out in _times_at_zero(row, sorted(changes.get(place, [])), max(imported_at, row.listed_at or imported_at))
    ]
    return tuple(sorted(out for out in found if since is None or out.until is None or out.until >= since))


def _times_at_zero(row: Stock, changes: list[_Change], known_since: datetime) -> Iterable[StockOut]:
    held, until = row.on_hand, None
    for change in reversed(changes):
        if held <= 0:
            yield StockOut(row.kiosk_id, row.sku, change.at, until)
        held -= change.pieces
        until = change.at
    if held <= 0:
        yield StockOut(row.kiosk_id, row.sku, known_since, until)


def _dispensed(session: Session, since: datetime) -> Iterable[tuple[str, str, _Change]]:
    events = (Event.LINE_DISPENSED, Event.WRONG_ITEM)
    rows = session.exec(
        select(LedgerEntry, Order.kiosk_id)
        .join(Order, col(Order.order_id) == col(LedgerEntry.order_id))
        .where(col(LedgerEntry.event).in_(events), col(LedgerEntry.at) >= since)
    )
    for entry, kiosk_id in rows:
        detail = read_detail(entry)
        sku = detail.seen_sku if entry.event == Event.WRONG_ITEM else detail.sku
        if sku and detail.count:
            yield kiosk_id, sku, _Change(entry.at, -detail.count)


def _delivered(session: Session, since: datetime) -> Iterable[tuple[str, str, _Change]]:
    rows = session.exec(select(DeliveryLine, Delivery).join(Delivery))
    for line, delivery in rows:
        for at, pieces in ((delivery.booked_at, line.pieces), (delivery.undone_at, -line.pieces)):
            if at is not None and at >= since:
                yield line.kiosk_id, line.sku, _Change(at, pieces)
