"""The audit after a crash: store and device journals come in, what does not add up goes out."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from kiosk_process import Posting
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tools.checkout_table import FINAL_STATES, State
from tools.database import Order, Stock, open_database
from tools.dispenser import Dispensed, SimulatedDispenser
from tools.ledger import differences, load_order
from tools.order import OrderView
from tools.payment import PaymentRecord, SimulatedTerminal

ON_HAND = 100_000


@dataclass
class Books:
    """What one shop has sold over all its crashes.

    An order that was found right is only looked at again when a device did something more for it.
    """

    posting: Posting
    engine: Engine = field(init=False)
    _right: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = open_database(self.posting.database)
        self._terminal = SimulatedTerminal(self.posting.folder / "payments.jsonl")
        self._dispenser = SimulatedDispenser(self.posting.folder / "dispensed.jsonl")

    @property
    def orders(self) -> int:
        """How many orders have been settled."""
        return len(self._right)

    def violations(self) -> list[str]:
        """Everything that does not add up, in plain words."""
        payments, drops = defaultdict[str, list[PaymentRecord]](list), defaultdict[str, list[Dispensed]](list)
        owner = {record.payment_id: order_of(record.key) for record in self._terminal.records if record.payment_id}
        for record in self._terminal.records:
            payments[owner.get(record.payment_id, order_of(record.key))].append(record)
        for record in self._dispenser.records:
            drops[order_of(record.key)].append(record)
        found: list[str] = []
        with Session(self.engine) as session:
            known = set(session.exec(select(Order.order_id)).all())
            opened = set(self.posting.opened_orders.read_text().split())
            for order_id in (opened | set(payments) | set(drops)) - known:
                found.append(f"order {order_id} is lost")
            done = {order_id: len(payments[order_id]) + len(drops[order_id]) for order_id in known}
            for order_id in sorted(known):
                if self._right.get(order_id) == done[order_id]:
                    continue
                order = load_order(session, order_id)
                wrong = [*differences(session, order_id), *_check(order, payments[order_id], drops[order_id])]
                found += [f"order {order_id}: {problem}" for problem in wrong]
                if not wrong:
                    self._right[order_id] = done[order_id]
            came_out: Counter[str] = Counter()
            for record in self._dispenser.records:
                came_out[record.came_out] += record.count
            for stock in session.exec(select(Stock).where(col(Stock.kiosk_id) == "K1")).all():
                if stock.on_hand + came_out[stock.sku] != ON_HAND:
                    found.append(f"stock of {stock.sku}: {stock.on_hand} there, {came_out[stock.sku]} came out")
                if stock.reserved:
                    found.append(f"stock of {stock.sku}: {stock.reserved} still reserved")
        return found


def order_of(key: str) -> str:
    """The order that a device key belongs to."""
    return key.split("/")[0]


def _check(order: OrderView, payments: list[PaymentRecord], drops: list[Dispensed]) -> list[str]:
    found: list[str] = []
    if order.state not in FINAL_STATES:
        found.append(f"still {order.state}")
    done = {(record.operation, record.payment_id): record for record in payments if record.approved}
    taken = sum(record.amount.amount_minor for (operation, _), record in done.items() if operation == "capture")
    prices = {line.sku: line.unit_price.amount_minor for line in order.lines}
    right = [record for record in drops if record.came_out == record.sku]
    due = sum(record.count * prices[record.sku] for record in right)
    if taken != (0 if order.state is State.UNPAID else due):
        found.append(f"{order.state}, {taken} taken, goods worth {due} came out")
    if (order.captured.amount_minor if order.captured else 0) != taken:
        found.append(f"says {order.captured} was paid, {taken} was taken")
    for operation, payment_id in done:
        if operation == "authorise" and not any((end, payment_id) in done for end in ("capture", "void", "expire")):
            found.append(f"payment {payment_id} is still pending")
    return found
