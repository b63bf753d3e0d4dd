"""The order ledger: an event with its detail comes in, one row is added and the order and stock change with it.

The order's stored state is the fold of its rows by `apply`; `replay` folds them again, so the two can be compared.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlmodel import Session, col, delete, func, select

from tools import stock_holds
from tools.checkout_table import Event, State, StockEffect, advance
from tools.database import LedgerEntry, Order, OrderLine
from tools.errors import OperatorError
from tools.money import Money
from tools.order import OrderLineView, OrderView


class UnknownOrder(OperatorError):
    """No order has this id."""


class KeyReused(OperatorError):
    """An idempotency key came back with another request than it was first used for."""


class LedgerBroken(OperatorError):
    """The rows of an order do not make up an order."""


class EventDetail(BaseModel):
    """What an event adds to what is known of an order; only what is given changes anything.

    `order` is the order as agreed (cart events), `request` a fingerprint of what was asked under a caller's key,
    `seen_sku` what came out in place of `sku` (empty when nobody knows), `by` who on the staff decided.
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
    changes: dict[str, object] = {"state": state}
    if event is Event.CONFIRMED:
        changes |= {"attempt": base.attempt + 1, "trouble": ""}
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


def append(session: Session, order: OrderView, event: Event, key: str, detail: EventDetail, at: datetime) -> OrderView:
    """Add one row and bring the order and the stock along; a key that is already there changes nothing.

    Runs in the caller's write transaction, with `order` read in it. Raises IllegalTransition, KeyReused, and
    CustomerError("out-of-stock") when a hold finds too little.
    """
    if (earlier := find_entry(session, key)) is not None:
        require_same_request(earlier, event, detail.request)
        return load_order(session, earlier.order_id)
    after = apply(order, event, detail)
    _change_stock(session, advance(order.state, event).stock, order, after, detail)
    last = session.exec(select(func.max(LedgerEntry.sequence)).where(LedgerEntry.order_id == order.order_id)).one()
    session.add(
        LedgerEntry(
            order_id=order.order_id,
            sequence=(last or 0) + 1,
            event=event,
            state_before=order.state,
            state_after=after.state,
            idempotency_key=key,
            detail=detail.model_dump_json(exclude_defaults=True),
            at=at,
        )
    )
    _store(session, after)
    session.flush()
    return after


def _change_stock(
    session: Session, effect: StockEffect, before: OrderView, after: OrderView, detail: EventDetail
) -> None:
    if effect in (StockEffect.RELEASE, StockEffect.REHOLD):
        stock_holds.release(session, before.kiosk_id, before.lines)
    if effect in (StockEffect.HOLD, StockEffect.REHOLD):
        stock_holds.hold(session, after.kiosk_id, after.lines)
    if effect is StockEffect.TAKE:
        stock_holds.take(session, after.kiosk_id, detail.sku or "", detail.count or 0)
    if effect is StockEffect.DISCARD:
        stock_holds.discard(session, after.kiosk_id, detail.seen_sku or "", detail.count or 0)


def find_entry(session: Session, key: str) -> LedgerEntry | None:
    """The row written under an idempotency key, if there is one."""
    return session.exec(select(LedgerEntry).where(LedgerEntry.idempotency_key == key)).first()


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
    order = order.model_copy(update={"state": State.CART})
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
    statement = select(Order).where(Order.order_id == order_id)
    row = session.exec(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise UnknownOrder(f"there is no order {order_id}")
    lines = session.exec(
        select(OrderLine).where(OrderLine.order_id == order_id).order_by(col(OrderLine.position))
    ).all()
    return _view(row, lines)


def _view(row: Order, lines: Sequence[OrderLine]) -> OrderView:
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
                sku=line.sku,
                product_id=line.product_id,
                name=line.name,
                colour=line.colour,
                size=line.size,
                quantity=line.quantity,
                unit_price=money(line.unit_price_minor),
                list_price=money(line.list_price_minor),
                slot=line.slot,
                dispensed=line.dispensed,
            )
            for line in lines
        ),
        total=money(row.total_minor),
        consent_hash=row.consent_hash,
        expires_at=_with_zone(row.expires_at) if row.expires_at else None,
        created_at=_with_zone(row.created_at),
        payment_id=row.payment_id,
        attempt=row.attempt,
        captured=money(row.captured_minor) if row.captured_minor else None,
        trouble=row.trouble,
        age_approved_by=row.age_approved_by,
    )


def _with_zone(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is written in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _store(session: Session, order: OrderView) -> None:
    """Bring the order's own rows to what the view says; which process drives it is not the ledger's business."""
    stored = session.get(Order, order.order_id)
    session.merge(
        Order(
            order_id=order.order_id,
            kiosk_id=order.kiosk_id,
            session_id=order.session_id,
            customer_id=order.customer_id,
            state=order.state,
            total_minor=order.total.amount_minor,
            currency=order.total.currency,
            consent_hash=order.consent_hash,
            expires_at=order.expires_at,
            created_at=order.created_at,
            payment_id=order.payment_id,
            attempt=order.attempt,
            captured_minor=order.captured.amount_minor if order.captured else 0,
            trouble=order.trouble,
            age_approved_by=order.age_approved_by,
            driver=stored.driver if stored else "",
        )
    )
    session.flush()
    kept = [line.sku for line in order.lines]
    session.exec(delete(OrderLine).where(col(OrderLine.order_id) == order.order_id, col(OrderLine.sku).not_in(kept)))
    for position, line in enumerate(order.lines):
        session.merge(
            OrderLine(
                order_id=order.order_id,
                position=position,
                sku=line.sku,
                product_id=line.product_id,
                name=line.name,
                colour=line.colour,
                size=line.size,
                quantity=line.quantity,
                unit_price_minor=line.unit_price.amount_minor,
                list_price_minor=line.list_price.amount_minor,
                slot=line.slot,
                dispensed=line.dispensed,
            )
        )
