"""The order ledger: an event with its detail comes in, one row is added and the order and stock change with it.

The order's stored state is the fold of its rows by `apply`; `replay` folds them again, so the two can be compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sql
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from tools import stock_holds
from tools.checkout_table import Event, IllegalTransition, State, StockEffect, advance
from tools.database import LedgerEntry, Order, OrderLine
from tools.errors import OperatorError
from tools.money import Money
from tools.order import OrderLineView, OrderView
from tools.sale_terms import SaleTerms

_ORDERS = SQLModel.metadata.tables[str(Order.__tablename__)]
_ENTRIES = SQLModel.metadata.tables[str(LedgerEntry.__tablename__)]
_LINES = SQLModel.metadata.tables[str(OrderLine.__tablename__)]


class UnknownOrder(OperatorError):
    """No order has this id."""


class OrderMoved(OperatorError):
    """The order has gone on since it was read; read it again."""


class KeyReused(OperatorError):
    """An idempotency key came back with another request than it was first used for."""


class LedgerBroken(OperatorError):
    """The rows of an order do not make up an order."""


_ADD_ROWS = {
    dialect: insert(_ENTRIES)
    .on_conflict_do_nothing(index_elements=["idempotency_key"])
    .inline()
    .execution_options(preserve_rowcount=True)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
WRITTEN = "events written to the ledger"
"""Where a database session lists the events it wrote, for whoever tells of them once they are committed."""

_OF_THE_BEGINNING = {"order_id", "kiosk_id", "session_id", "customer_id", "created_at"}
"""What no event changes; and which process drives the order is not the ledger's business."""

_MOVE = (
    _ORDERS.update()
    .where(_ORDERS.c.order_id == sql.bindparam("this"), _ORDERS.c.sequence == sql.bindparam("was"))
    .values({name: sql.bindparam(name) for name in set(_ORDERS.c.keys()) - _OF_THE_BEGINNING - {"driver"}})
)
_ENTRY_OF_KEY = sql.select(*_ENTRIES.c).where(_ENTRIES.c.idempotency_key == sql.bindparam("key"))
_REMOVE_LINES = _LINES.delete().where(_LINES.c.order_id == sql.bindparam("this"))
_COUNT_DISPENSED = (
    _LINES.update()
    .where(_LINES.c.order_id == sql.bindparam("this"), _LINES.c.sku == sql.bindparam("of_sku"))
    .values(dispensed=sql.bindparam("count"))
)


class EventDetail(BaseModel):
    """What an event adds to what is known of an order; only what is given changes anything.

    `order` is the order as agreed (cart events, and a yes after which the shop's terms are others than when it was
    priced), `request` a fingerprint of what was asked under a caller's key, `by` who on the staff decided,
    `seen_sku` what came out in place of `sku` (empty when nobody knows).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: OrderView | None = None
    request: str | None = None
    expires_at: datetime | None = None
    payment_id: str | None = None
    captured: Money | None = None
    sku: str | None = None
    count: int | None = None
    seen_sku: str | None = None
    trouble: str | None = None
    by: str | None = None


def apply(order: OrderView, event: Event, detail: EventDetail) -> OrderView:
    """The order after an event; IllegalTransition when its state does not allow it."""
    state = advance(order.state, event).state
    base = detail.order or order
    changes: dict[str, object] = {"state": state, "sequence": order.sequence + 1}
    if event is Event.CONFIRMED:
        changes |= {"attempt": base.attempt + 1, "trouble": ""}
    if event is Event.REFUND_REFUSED:  # asked again under the old key, the terminal would only repeat its refusal
        changes["attempt"] = base.attempt + 1
    for name in ("expires_at", "payment_id", "captured", "trouble"):
        value = getattr(detail, name)
        if value is not None:
            changes[name] = value
    if order.state is State.CANCELLING:
        changes["trouble"] = order.trouble  # that it was called off outweighs what the terminal then said
    if event is Event.LINE_DISPENSED:
        changes["lines"] = tuple(
            line.model_copy(update={"dispensed": detail.count}) if line.sku == detail.sku else line
            for line in base.lines
        )
    return base.model_copy(update=changes)


@dataclass(frozen=True)
class Entry:
    """An event to be written, under its key."""

    event: Event
    key: str
    detail: EventDetail


@dataclass(frozen=True)
class _Step:
    """An entry, and the order before and after it."""

    before: OrderView
    entry: Entry
    after: OrderView


def append(session: Session, order: OrderView, event: Event, key: str, detail: EventDetail, at: datetime) -> OrderView:
    """Add one row and bring the order and the stock along; a key that is already there changes nothing.

    Runs in the caller's write transaction. Raises IllegalTransition, KeyReused, OrderMoved when the order is no longer
    as it was read (never when it was read locked), and CustomerError("out-of-stock") when a hold finds too little.
    """
    return append_with_sequel(session, order, Entry(event, key, detail), lambda _: None, at)


def append_with_sequel(
    session: Session, order: OrderView, first: Entry, sequel: Callable[[OrderView], Entry | None], at: datetime
) -> OrderView:
    """As `append`, and with it row after row what follows from the order as it is then.

    Where the first key is already there nothing is changed, and the order is as that row's order stands now. Raises
    LedgerBroken where keys of what follows are taken: then nothing of the transaction may be committed.
    """
    try:
        steps = _steps(order, first, sequel)
    except IllegalTransition:
        if (earlier := _order_behind(session, first)) is not None:
            return earlier
        raise
    after = steps[-1].after
    # The order's row comes first, as for those who lock it, and the key comes before the stock: who asks twice at
    # once must not be told that the first took the last piece.
    is_new = order.state is State.CART
    if not is_new and not _move(session, order, after):
        if (earlier := _order_behind(session, first)) is not None:
            return earlier
        raise OrderMoved(f"order {order.order_id} is no longer {order.state} as it was read")
    added = _add_rows(session, steps, at)
    if added < len(steps):
        earlier = None if added else _order_behind(session, first)
        if earlier is None:
            raise LedgerBroken(f"the key {first.key}, or one of what follows, is taken by a row that cannot be seen")
        if not is_new:
            _move(session, after, order)
        return earlier
    for step in steps:
        _change_stock(session, step)
    if is_new:
        session.connection().execute(_ORDERS.insert(), _order_row(after))
    for step in steps:
        _store_lines(session, step)
    session.info.setdefault(WRITTEN, []).extend(step.entry.event for step in steps)
    return after


def _steps(order: OrderView, first: Entry, sequel: Callable[[OrderView], Entry | None]) -> list[_Step]:
    steps: list[_Step] = []
    entry: Entry | None = first
    while entry is not None:
        steps.append(_Step(order, entry, apply(order, entry.event, entry.detail)))
        order = steps[-1].after
        entry = sequel(order)
    return steps


def _order_behind(session: Session, entry: Entry) -> OrderView | None:
    """What the key has led to, if it was used; KeyReused when it was for something else."""
    earlier = find_entry(session, entry.key)
    if earlier is None:
        return None
    require_same_request(earlier, entry.event, entry.detail.request)
    return load_order(session, earlier.order_id)


def _move(session: Session, before: OrderView, after: OrderView) -> bool:
    """Change an order's row if it still is as it was before; whether it was."""
    row = {name: value for name, value in _order_row(after).items() if name not in _OF_THE_BEGINNING}
    row |= {"this": before.order_id, "was": before.sequence}
    return session.connection().execute(_MOVE, row).rowcount == 1


def _add_rows(session: Session, steps: Sequence[_Step], at: datetime) -> int:
    """Add the rows whose keys are not taken, perhaps by a transaction that is waited for; how many were added."""
    connection = session.connection()
    rows = [
        {
            "order_id": step.before.order_id,
            "sequence": step.after.sequence,
            "event": step.entry.event,
            "state_before": step.before.state,
            "state_after": step.after.state,
            "idempotency_key": step.entry.key,
            "detail": step.entry.detail.model_dump_json(exclude_defaults=True),
            "at": at,
        }
        for step in steps
    ]
    return connection.execute(_ADD_ROWS[connection.dialect.name], rows).rowcount


def _change_stock(session: Session, step: _Step) -> None:
    before, after, detail = step.before, step.after, step.entry.detail
    effect = advance(before.state, step.entry.event).stock
    if effect is StockEffect.RELEASE:
        stock_holds.change(session, before.kiosk_id, before.lines, ())
    if effect is StockEffect.HOLD:
        stock_holds.change(session, after.kiosk_id, (), after.lines)
    if effect is StockEffect.REHOLD:
        stock_holds.change(session, after.kiosk_id, before.lines, after.lines)
    if effect is StockEffect.TAKE:
        stock_holds.take(session, after.kiosk_id, detail.sku or "", detail.count or 0)
    if effect is StockEffect.DISCARD:
        stock_holds.discard(session, after.kiosk_id, detail.seen_sku or "", detail.count or 0)


def find_entry(session: Session, key: str) -> LedgerEntry | None:
    """The row written under an idempotency key, if there is one."""
    row = session.connection().execute(_ENTRY_OF_KEY, {"key": key}).mappings().first()
    return LedgerEntry(**row) if row else None


def require_same_request(entry: LedgerEntry, event: Event, request: str | None) -> None:
    """KeyReused unless the row records the same event for the same request."""
    if entry.event != event or read_detail(entry).request != request:
        raise KeyReused(f"the key {entry.idempotency_key} was used for another request")


def read_detail(entry: LedgerEntry) -> EventDetail:
    """A row's detail; LedgerBroken when it cannot be read."""
    try:
        return EventDetail.model_validate_json(entry.detail)
    except ValidationError as error:
        raise LedgerBroken(f"row {entry.sequence} of order {entry.order_id} cannot be read") from error


def entries_of(session: Session, order_id: str) -> Sequence[LedgerEntry]:
    """An order's rows in the order they were written."""
    return session.exec(
        select(LedgerEntry).where(LedgerEntry.order_id == order_id).order_by(col(LedgerEntry.sequence))
    ).all()


def replay(entries: Sequence[LedgerEntry]) -> OrderView:
    """The order that its rows make up; LedgerBroken when a row is missing, unreadable or impossible."""
    order = read_detail(entries[0]).order if entries else None
    if order is None:
        raise LedgerBroken("an order's rows do not begin with what was ordered")
    order = order.model_copy(update={"state": State.CART, "sequence": 0})
    for sequence, entry in enumerate(entries, start=1):
        if entry.sequence != sequence or entry.state_before != order.state:
            raise LedgerBroken(f"row {entry.sequence} of order {entry.order_id} does not follow from the one before")
        try:
            order = apply(order, Event(entry.event), read_detail(entry))
        except ValueError as error:
            raise LedgerBroken(f"row {entry.sequence} of order {entry.order_id} has no known event") from error
        if entry.state_after != order.state:
            raise LedgerBroken(f"row {entry.sequence} of order {entry.order_id} claims a state it does not lead to")
    return order


def differences(session: Session, order_id: str) -> list[str]:
    """What in the stored order is not what its ledger makes of it, in plain words; empty when they agree."""
    stored = load_order(session, order_id)
    try:
        replayed = replay(entries_of(session, order_id))
    except OperatorError as error:
        return [str(error)]
    return [
        f"{name} is {getattr(stored, name)!r}, the ledger says {getattr(replayed, name)!r}"
        for name in OrderView.model_fields
        if getattr(stored, name) != getattr(replayed, name)
    ]


def load_order(session: Session, order_id: str, lock: bool = False) -> OrderView:
    """An order as stored, locked against other writers if asked; UnknownOrder when there is none."""
    connection, key = session.connection(), {"order_id": order_id}
    # What is read with a row that was waited for may be older than the row: the lines come after the lock.
    rows = connection.execute(_LOCK_ORDER if lock else _READ_ORDER, key).all()
    if not rows:
        raise UnknownOrder(f"there is no order {order_id}")
    lines = connection.execute(_READ_LINES, key).all() if lock else [row for row in rows if row.line_sku is not None]
    return _view(rows[0], lines)


_LINE_COLUMNS = [column.label(f"line_{column.name}") for column in _LINES.c]
_THIS_ORDER = _ORDERS.c.order_id == sql.bindparam("order_id")
_LOCK_ORDER = sql.select(*_ORDERS.c).where(_THIS_ORDER).with_for_update()
_READ_LINES = (
    sql.select(*_LINE_COLUMNS).where(_LINES.c.order_id == sql.bindparam("order_id")).order_by(_LINES.c.position)
)
_READ_ORDER = (
    sql.select(*_ORDERS.c, *_LINE_COLUMNS)
    .select_from(_ORDERS.outerjoin(_LINES))
    .where(_THIS_ORDER)
    .order_by(_LINES.c.position)
)
"""In one statement, so that order and lines are of one moment."""


def _view(row: sql.Row[Any], lines: Sequence[sql.Row[Any]]) -> OrderView:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor=amount_minor, currency=row.currency)

    return OrderView(
        order_id=row.order_id,
        kiosk_id=row.kiosk_id,
        session_id=row.session_id,
        customer_id=row.customer_id,
        state=State(row.state),
        lines=tuple(
            OrderLineView(
                sku=line.line_sku,
                product_id=line.line_product_id,
                name=line.line_name,
                colour=line.line_colour,
                size=line.line_size,
                quantity=line.line_quantity,
                unit_price=money(line.line_unit_price_minor),
                list_price=money(line.line_list_price_minor),
                discount=line.line_discount,
                slot=line.line_slot,
                dispensed=line.line_dispensed,
            )
            for line in lines
        ),
        total=money(row.total_minor),
        consent_hash=row.consent_hash,
        expires_at=row.expires_at,
        created_at=row.created_at,
        payment_id=row.payment_id,
        attempt=row.attempt,
        captured=money(row.captured_minor) if row.captured_minor else None,
        trouble=row.trouble,
        age_approved_by=row.age_approved_by,
        terms=SaleTerms.model_validate_json(row.terms),
        sequence=row.sequence,
    )


def _store_lines(session: Session, step: _Step) -> None:
    """Bring the rows of an order's lines to what an event made of them."""
    before, after, detail = step.before, step.after, step.entry.detail
    if before.lines == after.lines and before.state is not State.CART:
        return
    connection, this = session.connection(), {"this": after.order_id}
    if step.entry.event is Event.LINE_DISPENSED:
        connection.execute(_COUNT_DISPENSED, {**this, "of_sku": detail.sku, "count": detail.count})
        return
    if before.state is not State.CART:
        connection.execute(_REMOVE_LINES, this)
    connection.execute(_LINES.insert(), _line_rows(after))


def _order_row(order: OrderView) -> dict[str, object]:
    return {
        "order_id": order.order_id,
        "kiosk_id": order.kiosk_id,
        "session_id": order.session_id,
        "customer_id": order.customer_id,
        "state": order.state,
        "total_minor": order.total.amount_minor,
        "currency": order.total.currency,
        "consent_hash": order.consent_hash,
        "expires_at": order.expires_at,
        "created_at": order.created_at,
        "payment_id": order.payment_id,
        "attempt": order.attempt,
        "captured_minor": order.captured.amount_minor if order.captured else 0,
        "trouble": order.trouble,
        "age_approved_by": order.age_approved_by,
        "terms": order.terms.model_dump_json(exclude_defaults=True),
        "sequence": order.sequence,
    }


def _line_rows(order: OrderView) -> list[dict[str, object]]:
    return [
        {
            "order_id": order.order_id,
            "position": position,
            "sku": line.sku,
            "product_id": line.product_id,
            "name": line.name,
            "colour": line.colour,
            "size": line.size,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price.amount_minor,
            "list_price_minor": line.list_price.amount_minor,
            "discount": line.discount,
            "slot": line.slot,
            "dispensed": line.dispensed,
        }
        for position, line in enumerate(order.lines)
    ]
