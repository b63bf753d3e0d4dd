"""Which process drives which order: an order is claimed before devices are asked for it, and let go afterwards.

The order of a process that died stays claimed by it until another process sees that it is dead.
"""

from collections.abc import Collection

from sqlalchemy import Engine, bindparam, update
from sqlmodel import Session, col, select

from tools.checkout_table import State
from tools.database import Order, read_transaction, write_transaction
from tools.ledger import UnknownOrder
from tools.liveness import Liveness

NOBODY = ""


class OrderDrivers:
    """Claims on orders, for this process."""

    def __init__(self, engine: Engine, liveness: Liveness) -> None:
        self._engine = engine
        self._liveness = liveness
        self._own = NOBODY
        self._driven: set[str] = set()

    def mark(self, session: Session, order_id: str) -> bool:
        """In the caller's transaction, claim an order that nobody drives; whether it was so."""
        is_ours = self._swap(session, order_id, NOBODY, self._hold())
        if is_ours:
            self._driven.add(order_id)
        return is_ours

    def claim(self, order_id: str) -> bool:
        """Make this process the driver; False when another living process is. UnknownOrder when there is none."""
        with read_transaction(self._engine) as session:
            driver = session.exec(select(Order.driver).where(Order.order_id == order_id)).first()
        if driver is None:
            raise UnknownOrder(f"there is no order {order_id}")
        own = self._hold()
        self._driven.add(order_id)
        if driver == own:
            return True
        if driver != NOBODY and self._liveness.is_alive(driver):
            return False
        with write_transaction(self._engine) as session:
            return self._swap(session, order_id, driver, own)

    def release(self, session: Session, order_id: str) -> None:
        """In the caller's transaction, nobody drives the order any more, if it was this process."""
        self._swap(session, order_id, self._own, NOBODY)
        self._driven.discard(order_id)

    def drives(self, order_id: str) -> bool:
        """Whether this process has claimed the order and not released it."""
        return order_id in self._driven

    def let_go(self, order_id: str) -> None:
        """Release the order in a transaction of its own."""
        with write_transaction(self._engine) as session:
            self.release(session, order_id)

    def unattended(self, states: Collection[State], kiosk_id: str | None) -> list[str]:
        """The orders in these states (at one kiosk) that no other living process drives, the oldest first."""
        with read_transaction(self._engine) as session:
            statement = select(Order.order_id, Order.driver).where(
                col(Order.state).in_([str(state) for state in states])
            )
            if kiosk_id is not None:
                statement = statement.where(Order.kiosk_id == kiosk_id)
            found = session.exec(statement.order_by(col(Order.created_at))).all()
        others = {driver for _, driver in found} - {NOBODY, self._hold()}
        attended = {driver for driver in others if self._liveness.is_alive(driver)}
        return [order_id for order_id, driver in found if driver not in attended]

    def _hold(self) -> str:
        self._own = self._liveness.hold()
        return self._own

    @staticmethod
    def _swap(session: Session, order_id: str, before: str, after: str) -> bool:
        swap = {"this": order_id, "before": before, "after": after}
        return session.connection().execute(_SWAP, swap).rowcount == 1


_SWAP = (
    update(Order)
    .where(col(Order.order_id) == bindparam("this"), col(Order.driver) == bindparam("before"))
    .values(driver=bindparam("after"))
)
