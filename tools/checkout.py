"""The checkout: a cart comes in, and what was paid for comes out, once, whatever is retried, lost or interrupted.

Every step writes its intent into the ledger before the device acts and its outcome after; no database transaction
is open while a device is asked.
"""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tools.age_approval import AgeApproval, require_approval
from tools.cart_pricing import CartPricer, PriceQuoter
from tools.checkout_steps import CheckoutSteps, Outcome, Way
from tools.checkout_table import CANCEL_EVENTS, FINAL_STATES, Event, IllegalTransition, State
from tools.database import Order, read_transaction, write_transaction
from tools.dispenser import Dispenser
from tools.errors import CustomerError, HardwareError, OperatorError
from tools.ledger import (
    WRITTEN,
    Entry,
    EventDetail,
    KeyReused,
    OrderMoved,
    UnknownOrder,
    append,
    append_with_sequel,
    find_entry,
    load_order,
    read_detail,
    require_same_request,
)
from tools.liveness import Liveness, open_liveness
from tools.money import Money
from tools.order import CartItem, OrderView, merge_items, with_prices
from tools.order_drivers import OrderDrivers
from tools.payment import PaymentTerminal
from tools.purchase_limits import require_within_limits
from tools.receipt import Receipt, write_receipt, write_refund_receipt
from tools.session_claim import SessionClaim, require_held

JOIN_POLL_S = 0.1
"""How often a process looks whether another one is done with an order that both were asked to drive."""

log = logging.getLogger(__name__)

Finished = TypeVar("Finished")


@dataclass(frozen=True)
class Confirmation:
    """A yes to the order with the hash `agreed`, under a key of its own."""

    order_id: str
    agreed: str
    key: str
    claim: SessionClaim | None
    session_id: str | None


@dataclass(frozen=True)
class Acceptance:
    """Whether a yes was taken: the event it led to (None when the order was under way already) and the order then.

    `is_ours` when this process has claimed the order with it.
    """

    event: Event | None
    order: OrderView
    is_ours: bool = False


def _told_to_nobody(_: Event) -> None:
    """Nobody wants to know what orders come to."""


class RefundRefused(OperatorError):
    """The terminal would not pay back."""


class Checkout:
    """Sells what kiosks hold. One instance serves all sessions of a process.

    Customers' refusals are CustomerError with the reply message's name: buy-what, too-many, limit-reached,
    out-of-stock, age-restricted, consent-void, price-changed, payment-declined, payment-unclear, dispense-failed,
    dispense-partial, dispense-unclear, goods-unpaid, order-cancelled, order-expired, too-late-to-cancel. `hold_s` is
    how long a reservation lasts, `device_timeout_s` how long one request to a device may take, `liveness` how
    processes on the same database tell who of them is alive. `on_event` hears, in any thread, what was committed.
    A `claim` is the session's that asks: SessionTakenOver, and nothing is done, once another server has the session.
    Where a `session_id` is given, an order of another session does not exist: UnknownOrder.
    """

    def __init__(
        self,
        engine: Engine,
        prices: PriceQuoter,
        terminal: PaymentTerminal,
        dispenser: Dispenser,
        clock: Callable[[], datetime],
        hold_s: int = 600,
        device_timeout_s: float = 90.0,
        liveness: Liveness | None = None,
        on_event: Callable[[Event], None] = _told_to_nobody,
    ) -> None:
        self._engine = engine
        self._on_event = on_event
        self._pricer = CartPricer(prices)
        self._clock = clock
        self._hold = timedelta(seconds=hold_s)
        self._steps = CheckoutSteps(terminal, dispenser, device_timeout_s)
        self._drivers = OrderDrivers(engine, liveness or open_liveness(engine))
        self._unfinished: set[asyncio.Task[object]] = set()
        self._drives: dict[str, asyncio.Task[OrderView]] = {}
        self._attended: Counter[str] = Counter()

    # -- what a session asks for

    async def open(
        self,
        kiosk_id: str,
        session_id: str,
        customer_id: str | None,
        items: Sequence[CartItem],
        idempotency_key: str,
        age_approval: AgeApproval | None = None,
        claim: SessionClaim | None = None,
    ) -> OrderView:
        """Reserve the items for a while; the same key in the same session gives the same order again.

        Goods that are sold under the staff's approval are reserved no longer than it holds. Raises CustomerError
        (out-of-stock, too-many, limit-reached, age-restricted, buy-what) and ModelError for an unknown SKU.
        """
        basket = merge_items(items)
        draft = OrderView(
            order_id=uuid4().hex[:12].upper(),
            kiosk_id=kiosk_id,
            session_id=session_id,
            customer_id=customer_id,
            state=State.CART,
            lines=(),
            total=Money(amount_minor=0, currency="XXX"),
            consent_hash="",
            expires_at=None,
            created_at=self._clock(),
        )
        key = f"{session_id}/open/{idempotency_key}"
        return await self._finish(
            asyncio.to_thread(self._write_cart, draft, basket, Event.RESERVED, key, age_approval, claim)
        )

    async def change(
        self,
        order_id: str,
        items: Sequence[CartItem],
        idempotency_key: str,
        age_approval: AgeApproval | None = None,
        claim: SessionClaim | None = None,
        session_id: str | None = None,
    ) -> OrderView:
        """Reserve other items instead, all or nothing; the yes given to the old ones no longer holds."""
        order = await asyncio.to_thread(self.view, order_id, session_id)
        basket = merge_items(items)
        key = f"{order_id}/change/{idempotency_key}"
        return await self._finish(
            asyncio.to_thread(self._write_cart, order, basket, Event.CHANGED, key, age_approval, claim)
        )

    async def confirm(
        self,
        order_id: str,
        consent_hash: str,
        idempotency_key: str,
        claim: SessionClaim | None = None,
        session_id: str | None = None,
    ) -> OrderView:
        """Charge and dispense after a yes to exactly the order with this hash; any repetition gives the same result.

        Once begun it runs to its end even when the caller is cancelled; `view` then shows the result. Raises
        CustomerError as the class lists them.
        """
        asked = Confirmation(order_id, consent_hash, f"{order_id}/confirm/{idempotency_key}", claim, session_id)
        return await self._finish(self._attend(order_id, self._confirm(asked)))

    async def cancel(
        self,
        order_id: str,
        idempotency_key: str,
        claim: SessionClaim | None = None,
        session_id: str | None = None,
    ) -> OrderView:
        """Give the order up while nothing is being dispensed; CustomerError("too-late-to-cancel") afterwards."""
        key = f"{order_id}/cancel/{idempotency_key}"
        return await self._finish(self._attend(order_id, self._cancel(order_id, key, claim, session_id)))

    async def refund(self, order_id: str, by: str, idempotency_key: str) -> OrderView:
        """Give back what a closed order paid, on the word of a member of staff; the goods are not booked back.

        RefundRefused when the terminal does; the order is then closed as before, and it may be tried again.
        """
        return await self._finish(self._attend(order_id, self._pay_back(order_id, by, idempotency_key)))

    def view(self, order_id: str, session_id: str | None = None) -> OrderView:
        """The order as it stands; UnknownOrder when there is none."""
        with read_transaction(self._engine) as session:
            order = load_order(session, order_id)
        _require_own(order, session_id)
        return order

    def receipt(self, order_id: str) -> Receipt:
        """The receipt of an order that was paid; OperatorError for any other."""
        with read_transaction(self._engine) as session:
            return write_receipt(session, order_id)

    def refund_receipt(self, order_id: str) -> Receipt:
        """The receipt of a refund; OperatorError for an order that was not refunded."""
        with read_transaction(self._engine) as session:
            return write_refund_receipt(session, order_id)

    # -- what the shop's own clockwork asks for

    async def expire_overdue(self, now: datetime) -> list[str]:
        """Release the reservations that have run out; the ids of their orders."""
        return await self._finish(asyncio.to_thread(self._expire_overdue, now))

    async def recover(self, kiosk_id: str | None = None) -> list[OrderView]:
        """Finish or undo what was left under way (at one kiosk); the orders as they stand now.

        That is what a dead process was driving and what waits for a device; an order that a living process drives is
        left to it, so this may be called at any time. Nothing is dispensed and no card is asked for: the customer may
        be gone. What came out is captured, what did not is released, and a payment for nothing is voided.
        Reservations that still hold are left to their expiry. An order whose device gives no answer stays as it is.
        """
        looked_at: list[str] = []
        for order_id in await asyncio.to_thread(self._drivers.unattended, self._steps.on_the_way.states, kiosk_id):
            if order_id in self._attended:
                continue
            try:
                await self._run(order_id, self._steps.on_the_way_back)
            except OperatorError as error:  # one order that cannot be mended must not keep the others waiting
                log.error("order %s could not be recovered: %s", order_id, error)
            looked_at.append(order_id)
        await self.expire_overdue(self._clock())
        return [await asyncio.to_thread(self.view, order_id) for order_id in looked_at]

    async def wait_until_idle(self) -> None:
        """Return when everything that was begun has ended; for an orderly shutdown."""
        while self._unfinished:
            await asyncio.wait(set(self._unfinished))

    @contextmanager
    def _writing(self) -> Generator[Session, None, None]:
        """A write transaction; what it wrote to the ledger is told once it is committed."""
        with write_transaction(self._engine) as session:
            yield session
        for event in session.info.get(WRITTEN, ()):
            self._on_event(event)

    # -- carts

    def _write_cart(
        self,
        order: OrderView,
        basket: Sequence[CartItem],
        event: Event,
        key: str,
        approval: AgeApproval | None,
        claim: SessionClaim | None,
    ) -> OrderView:
        """Price and reserve a cart in one transaction, or return what the key already led to."""
        request = _fingerprint(order.kiosk_id, order.customer_id, [(item.sku, item.quantity) for item in basket])
        now = self._clock()
        with self._writing() as session:
            require_held(session, claim)
            if (entry := find_entry(session, key)) is not None:
                require_same_request(entry, event, request)
                return load_order(session, entry.order_id)
            stored = load_order(session, order.order_id, lock=True) if event is Event.CHANGED else order
            if stored.state is not State.EXPIRED and not _is_overdue(stored, now):
                priced = self._pricer.price(session, stored, basket)
                approved = require_approval(priced.restricted, stored, approval, now)
                cart = with_prices(stored, priced).model_copy(
                    update={
                        "expires_at": self._held_until(now, approved),
                        "age_approved_by": approved.by if approved else "",
                        "trouble": "",
                    }
                )
                require_within_limits(session, cart, priced.categories)
                return append(session, stored, event, key, EventDetail(order=cart, request=request), now)
            if stored.state is State.RESERVED:
                _expire(session, stored, now)
        raise CustomerError("order-expired", order_id=order.order_id)

    def _held_until(self, now: datetime, approved: AgeApproval | None) -> datetime:
        return min(now + self._hold, approved.until) if approved else now + self._hold

    # -- confirmation

    async def _confirm(self, asked: Confirmation) -> OrderView:
        accepted = await asyncio.to_thread(self._accept, asked)
        if accepted.event is Event.EXPIRED:
            raise CustomerError("order-expired", order_id=asked.order_id)
        if accepted.event is Event.REPRICED:
            raise CustomerError("price-changed", order_id=asked.order_id, total=accepted.order.total)
        order = accepted.order
        if order.state in self._steps.on_the_way.states:
            order = await self._run(asked.order_id, self._steps.on_the_way, order if accepted.is_ours else None)
        _raise_trouble(order)
        return order

    def _accept(self, asked: Confirmation) -> Acceptance:
        """Take the yes if it is for this order as it is and costs today; everything about that in one transaction."""
        now, order_id, agreed, key = self._clock(), asked.order_id, asked.agreed, asked.key
        with self._writing() as session:
            require_held(session, asked.claim)
            order = load_order(session, order_id, lock=True)
            _require_own(order, asked.session_id)
            entry = find_entry(session, key)
            if entry is not None:
                if read_detail(entry).request != agreed:
                    raise KeyReused(f"the key {key} was used for another yes")
                if order.state is State.RESERVED and entry.event == Event.CONFIRMED and agreed != order.consent_hash:
                    raise CustomerError("consent-void", order_id=order_id)  # declined, then changed
                return Acceptance(Event(entry.event), order)
            if _is_overdue(order, now):
                return Acceptance(Event.EXPIRED, _expire(session, order, now))
            if agreed != order.consent_hash:
                raise CustomerError("consent-void", order_id=order_id)
            if order.state is not State.RESERVED:
                return Acceptance(None, order)
            today = self._pricer.repriced(session, order)
            approved = require_approval(today.restricted, order, None, now)
            require_within_limits(session, order, today.categories)
            repriced = with_prices(order, today)
            if repriced.consent_hash != order.consent_hash:
                repriced = repriced.model_copy(update={"expires_at": self._held_until(now, approved)})
                detail = EventDetail(order=repriced, request=agreed)
                return Acceptance(Event.REPRICED, append(session, order, Event.REPRICED, key, detail, now))
            detail = EventDetail(request=agreed, order=repriced if repriced != order else None)
            confirmed = append(session, order, Event.CONFIRMED, key, detail, now)
            return Acceptance(Event.CONFIRMED, confirmed, self._drivers.mark(session, order_id))

    # -- ways back

    async def _cancel(self, order_id: str, key: str, claim: SessionClaim | None, session_id: str | None) -> OrderView:
        order = await asyncio.to_thread(self._request_cancel, order_id, key, claim, session_id)
        if order.state in (State.CANCELLING, State.VOIDING):
            order = await self._run(order_id, self._steps.on_the_way_back)
        return order

    def _request_cancel(self, order_id: str, key: str, claim: SessionClaim | None, session_id: str | None) -> OrderView:
        with self._writing() as session:
            require_held(session, claim)
            order = load_order(session, order_id, lock=True)
            _require_own(order, session_id)
            event = CANCEL_EVENTS.get(order.state)
            if event is not None:
                detail = EventDetail(trouble="order-cancelled")
                after = append(session, order, event, key, detail, self._clock())
                if after.state in self._steps.on_the_way_back.states:
                    self._drivers.mark(session, order_id)
                return after
            called_off = FINAL_STATES - {State.CLOSED, State.UNPAID, State.REFUNDED} | {State.CANCELLING, State.VOIDING}
            if order.state in called_off or find_entry(session, key) is not None:
                return order
            raise CustomerError("too-late-to-cancel", order_id=order_id)

    async def _pay_back(self, order_id: str, by: str, idempotency_key: str) -> OrderView:
        def request() -> OrderView:
            with self._writing() as session:
                order = load_order(session, order_id, lock=True)
                if order.state in (State.REFUNDING, State.REFUNDED):
                    return order
                detail, key = EventDetail(by=by), f"{order_id}/refund/{idempotency_key}"
                after = append(session, order, Event.REFUND_REQUESTED, key, detail, self._clock())
                self._drivers.mark(session, order_id)
                return after

        await asyncio.to_thread(request)
        order = await self._run(order_id, self._steps.on_the_way_back)
        if order.state is State.CLOSED:
            raise RefundRefused(f"the terminal refused to pay back order {order_id}; nothing was refunded")
        return order

    def _expire_overdue(self, now: datetime) -> list[str]:
        with read_transaction(self._engine) as session:
            overdue = session.exec(
                select(Order.order_id).where(
                    Order.state == State.RESERVED, col(Order.expires_at).is_not(None), col(Order.expires_at) <= now
                )
            ).all()
        expired: list[str] = []
        for order_id in overdue:
            with self._writing() as session:
                order = load_order(session, order_id, lock=True)
                if _is_overdue(order, now):  # it may have moved on since it was listed
                    _expire(session, order, now)
                    expired.append(order_id)
        return expired

    # -- running them

    async def _run(self, order_id: str, way: Way, ours: OrderView | None = None) -> OrderView:
        """Drive an order to rest, or join whoever in this process already drives it.

        `ours` is the order when this process has just claimed it: then no other drive of it is still under way.
        """
        drive = self._drives.get(order_id)
        if drive is None or ours is not None:
            drive = asyncio.create_task(self._drive(order_id, way, ours), name=f"checkout {order_id}")
            self._drives[order_id] = drive
            drive.add_done_callback(lambda done: self._drives.get(order_id) is done and self._drives.pop(order_id))
        return await asyncio.shield(drive)

    async def _drive(self, order_id: str, way: Way, ours: OrderView | None) -> OrderView:
        """Drive an order to rest, or wait until the process that does so has."""
        if ours is None:
            while not await asyncio.to_thread(self._drivers.claim, order_id):  # noqa: ASYNC110  another process decides
                await asyncio.sleep(JOIN_POLL_S)
        order = await self._step_by_step(ours or await asyncio.to_thread(self.view, order_id), way)
        if self._drivers.drives(order_id):
            await asyncio.to_thread(self._drivers.let_go, order_id)
        return order

    async def _step_by_step(self, order: OrderView, way: Way) -> OrderView:
        """Take step after step until none is due; a device without an answer leaves the order where it is."""
        while order.state in way.states:
            try:
                outcome = way.next_of(order) or await way.asks[order.state](order)
            except HardwareError as error:
                stored = await asyncio.to_thread(self.view, order.order_id)
                if stored.state is order.state:
                    log.error("order %s waits while %s: %s", order.order_id, order.state, error)
                    break
                order = stored  # called off meanwhile
            else:
                order = await self._write_down(order, outcome, way)
        return order

    async def _write_down(self, order: OrderView, outcome: Outcome, way: Way) -> OrderView:
        """Append a step's outcome, unless the order went another way meanwhile (a cancellation): then how it stands."""

        def write() -> OrderView:
            with suppress(OrderMoved), self._writing() as session:
                return self._append(session, order, outcome, way, order.attempt)
            with self._writing() as session:
                stored = load_order(session, order.order_id, lock=True)
                return self._append(session, stored, outcome, way, order.attempt)

        try:
            return await asyncio.to_thread(write)
        except IllegalTransition:
            stored = await asyncio.to_thread(self.view, order.order_id)
            if stored.state is order.state:
                raise
            if outcome.event is Event.AUTHORISED and stored.payment_id != outcome.detail.payment_id:
                await self._steps.let_go(order, outcome.detail.payment_id or "")
            return stored

    def _append(self, session: Session, order: OrderView, outcome: Outcome | None, way: Way, attempt: int) -> OrderView:
        """Append an outcome and all that follows from it, and let go of an order that came to rest."""
        now = self._clock()

        def entry(outcome: Outcome) -> Entry:
            key = f"{order.order_id}/{outcome.event}/{attempt}/{outcome.about}".rstrip("/")
            return Entry(outcome.event, key, outcome.detail)

        def sequel(order: OrderView) -> Entry | None:
            following = way.next_of(order)
            return None if following is None else entry(following)

        while outcome is not None:
            order = append_with_sequel(session, order, entry(outcome), sequel, now)
            outcome = way.next_of(order)  # where the row was there already, what followed from it may not be
        if order.state not in way.states:
            self._drivers.release(session, order.order_id)
        return order

    async def _attend(self, order_id: str, work: Coroutine[object, object, Finished]) -> Finished:
        """Keep this process's own recovery away from an order that someone here asked for, from the first row on."""
        self._attended[order_id] += 1
        try:
            return await work
        finally:
            self._attended[order_id] -= 1
            if not self._attended[order_id]:
                del self._attended[order_id]

    async def _finish(self, work: Coroutine[object, object, Finished]) -> Finished:
        """Await work that goes on even when the one who waits is cancelled."""
        task = asyncio.create_task(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_report_unheard)
            raise


def _report_unheard(task: asyncio.Task[Finished]) -> None:
    """Log how work ended that nobody waits for any more; the order itself says the rest."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        level = logging.INFO if isinstance(error, CustomerError) else logging.ERROR
        log.log(level, "a checkout whose caller had gone ended with: %s", error, exc_info=error)


def _fingerprint(*request: object) -> str:
    """What tells one request from another under the same key."""
    return hashlib.sha256(repr(request).encode()).hexdigest()


def _require_own(order: OrderView, session_id: str | None) -> None:
    """Raise UnknownOrder for an order of another session than the one that asks, if one does."""
    if session_id not in (None, order.session_id):
        raise UnknownOrder(f"there is no order {order.order_id} in this session")


def _is_overdue(order: OrderView, now: datetime) -> bool:
    return order.state is State.RESERVED and order.expires_at is not None and order.expires_at <= now


def _expire(session: Session, order: OrderView, now: datetime) -> OrderView:
    detail = EventDetail(trouble="order-expired")
    return append(session, order, Event.EXPIRED, f"{order.order_id}/expired", detail, now)


def _raise_trouble(order: OrderView) -> None:
    """The CustomerError that tells how a confirmation ended, if it did not end well."""
    if trouble := order.problem:
        dispensed = sum(line.dispensed for line in order.lines)
        missing = sum(line.quantity for line in order.lines) - dispensed
        paid = order.dispensed_total
        raise CustomerError(trouble, order_id=order.order_id, dispensed=dispensed, missing=missing, paid=paid)
