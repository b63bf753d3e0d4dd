"""What went wrong with orders: the store's orders come in; those left open, unpaid or not handed out go out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from tools.checkout_table import FINAL_STATES, Event, State
from tools.database import LedgerEntry, Order, OrderLine, read_transaction
from tools.money import Money
from tools.morning_report.scope import Scope

SETTLED_WITHIN = timedelta(minutes=15)
"""A kiosk that runs settles what is left open every minute; an order that is older than this waits for somebody."""
DISPENSE_TROUBLES = ("dispense-failed", "dispense-partial")
MOST_ORDERS = 20
MOST_SLOTS = 10


@dataclass(frozen=True)
class TroubledOrder:
    """An order that somebody has to look at: its state, what it is for and what it comes to."""

    order_id: str
    kiosk: str
    state: State
    goods: str
    total: Money
    at: datetime


@dataclass(frozen=True)
class JammedSlot:
    """A slot that did not give out what was asked for, since when in the period and how often; its goods by name."""

    kiosk: str
    slot: str
    name: str
    failures: int
    first_at: datetime


@dataclass(frozen=True)
class Troubles:
    """Orders left open and orders unpaid (the oldest first, with how many there are), failed dispenses, declined cards.

    Open orders are told however old they are, all else is of the period and until now.
    """

    open: tuple[TroubledOrder, ...]
    open_in_all: int
    unpaid: tuple[TroubledOrder, ...]
    unpaid_in_all: int
    failed: int
    failed_before: int
    jammed: tuple[JammedSlot, ...]
    declined: int
    paid_orders: int


def read_troubles(scope: Scope) -> Troubles:
    """The troubles; StoreError when the store cannot be read."""
    left_open = _orders(scope, open_only=True)
    recent = _orders(scope, since=scope.recent.since)
    before = _orders(scope, since=scope.recent.before.since, until=scope.recent.since)
    unpaid = [order for order in recent if order.state == State.UNPAID]
    failed = [order for order in recent if order.trouble in DISPENSE_TROUBLES]
    lines = _lines(scope, [*left_open[:MOST_ORDERS], *unpaid[:MOST_ORDERS], *failed])
    return Troubles(
        open=tuple(_told(scope, order, lines) for order in left_open[:MOST_ORDERS]),
        open_in_all=len(left_open),
        unpaid=tuple(_told(scope, order, lines) for order in unpaid[:MOST_ORDERS]),
        unpaid_in_all=len(unpaid),
        failed=len(failed),
        failed_before=sum(order.trouble in DISPENSE_TROUBLES for order in before),
        jammed=tuple(_jammed(scope, failed, lines))[:MOST_SLOTS],
        declined=_declined(scope),
        paid_orders=sum(order.captured_minor > 0 for order in recent),
    )


def _orders(
    scope: Scope, *, open_only: bool = False, since: datetime | None = None, until: datetime | None = None
) -> list[Order]:
    """Orders of the scope's kiosks, the oldest first. Open ones only if nobody will settle them any more."""
    statement = select(Order).order_by(col(Order.created_at), col(Order.order_id))
    if open_only:
        statement = statement.where(col(Order.state).not_in(list(FINAL_STATES)))
        statement = statement.where(col(Order.created_at) < scope.now - SETTLED_WITHIN)
    if since is not None:
        statement = statement.where(col(Order.created_at) >= since)
    statement = statement.where(col(Order.created_at) < (until or scope.now))
    with read_transaction(scope.engine) as session:
        found = [order for order in session.exec(statement) if scope.is_about(order.kiosk_id)]
    return [order for order in found if not open_only or _is_overdue(scope, order)]


def _is_overdue(scope: Scope, order: Order) -> bool:
    """Whether a reservation has run out; in other states an order is open for seconds."""
    return order.state != State.RESERVED or order.expires_at is None or order.expires_at < scope.now - SETTLED_WITHIN


def _lines(scope: Scope, orders: Sequence[Order]) -> dict[str, list[OrderLine]]:
    found: dict[str, list[OrderLine]] = {}
    ids = [order.order_id for order in orders]
    with read_transaction(scope.engine) as session:
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            for line in session.exec(select(OrderLine).where(col(OrderLine.order_id).in_(some))):
                found.setdefault(line.order_id, []).append(line)
    return found


def _told(scope: Scope, order: Order, lines: dict[str, list[OrderLine]]) -> TroubledOrder:
    return TroubledOrder(
        order_id=order.order_id,
        kiosk=scope.kiosk_name(order.kiosk_id),
        state=State(order.state),
        goods=", ".join(f"{line.quantity} × {_name(scope, line)}" for line in lines.get(order.order_id, ())),
        total=Money(amount_minor=order.total_minor, currency=order.currency),
        at=order.created_at,
    )


def _name(scope: Scope, line: OrderLine) -> str:
    goods = scope.goods.get(line.sku)
    return goods.name if goods else line.name or line.sku


def _jammed(scope: Scope, failed: Sequence[Order], lines: dict[str, list[OrderLine]]) -> Iterator[JammedSlot]:
    """The slots whose pieces did not come out, the most often first."""
    count, first, names = Counter[tuple[str, str]](), dict[tuple[str, str], datetime](), dict[tuple[str, str], str]()
    for order in failed:
        for line in lines.get(order.order_id, ()):
            if line.dispensed < line.quantity:
                place = (scope.kiosk_name(order.kiosk_id), line.slot)
                count[place] += 1
                first[place] = min(order.created_at, first.get(place, order.created_at))
                names[place] = _name(scope, line)
    for place, failures in sorted(count.items(), key=lambda one: (-one[1], one[0])):
        yield JammedSlot(*place, names[place], failures, first[place])


def _declined(scope: Scope) -> int:
    """How often a terminal declined a payment."""
    statement = (
        select(Order.kiosk_id)
        .join(LedgerEntry, col(LedgerEntry.order_id) == col(Order.order_id))
        .where(LedgerEntry.event == Event.DECLINED, col(LedgerEntry.at) >= scope.recent.since)
        .where(col(LedgerEntry.at) < scope.now)
    )
    with read_transaction(scope.engine) as session:
        return sum(scope.is_about(kiosk_id) for kiosk_id in session.exec(statement))
