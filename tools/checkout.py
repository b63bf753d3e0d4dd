"""The checkout: a cart comes in, and what was paid for comes out, once, whatever is retried, lost or interrupted.

Every step writes its intent into the ledger before the device acts and its outcome after; no database transaction
is open while a device is asked. The keys given to the devices derive from the order, so asking again is harmless.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import uuid4

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tools.checkout_table import CANCEL_EVENTS, FINAL_STATES, Event, IllegalTransition, State
from tools.database import Order, Product, Stock, Variant, read_transaction, write_transaction
from tools.dispenser import Dispensed, Dispenser
from tools.errors import CustomerError, HardwareError, ModelError, OperatorError, StoreError
from tools.ledger import EventDetail, KeyReused, append, find_entry, load_order, read_detail, require_same_request
from tools.money import Money
from tools.order import CartItem, OrderLineView, OrderView, consent_hash, merge_items, total_of
from tools.payment import PaymentRecord, PaymentTerminal
from tools.receipt import Receipt, write_receipt

log = logging.getLogger(__name__)

ATTEMPTS = 2
"""How often a device that gives no answer is asked, with the same key, before the order waits for recovery."""

Answer = TypeVar("Answer")
Finished = TypeVar("Finished")


class PriceQuote(Protocol):
    """What one piece costs this customer now, and what it costs everyone."""

    @property
    def unit_price(self) -> Money: ...
    @property
    def list_price(self) -> Money: ...


class PriceQuoter(Protocol):
    """Whoever knows today's prices."""

    def quote(self, product_id: str, quantity: int, customer_id: str | None, /) -> PriceQuote:
        """The price of one piece when `quantity` are bought together."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What a step found out, to be written down; `about` tells lines apart in the ledger's key."""

    event: Event
    detail: EventDetail = field(default_factory=EventDetail)
    about: str = ""


@dataclass(frozen=True)
class Acceptance:
    """Whether a yes was taken: the event it led to (None when the order was under way already) and the order then."""

    event: Event | None
    order: OrderView


Step = Callable[[OrderView], Awaitable[Outcome]]


class Checkout:
    """Sells what kiosks hold. One instance serves all sessions of a process.

    Customers' refusals are CustomerError with the reply message's name: buy-what, too-many, out-of-stock,
    age-restricted, consent-void, price-changed, payment-declined, payment-unclear, dispense-failed,
    dispense-partial, dispense-unclear, order-cancelled, order-expired, too-late-to-cancel. `hold_s` is how long a
    reservation lasts, `device_timeout_s` how long one request to a device may take.
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
    ) -> None:
        self._engine = engine
        self._prices = prices
        self._terminal = terminal
        self._dispenser = dispenser
        self._clock = clock
        self._hold = timedelta(seconds=hold_s)
        self._device_timeout_s = device_timeout_s
        self._unfinished: set[asyncio.Task[object]] = set()
        self._drives: dict[str, asyncio.Task[OrderView]] = {}
        self._on_the_way_back: Mapping[State, Step] = {
            State.CONFIRMED: self._settle_authorisation,
            State.CANCELLING: self._settle_authorisation,
            State.AUTHORISED: self._give_up,
            State.DISPENSING: self._count_next_line,
            State.DISPENSED: self._capture,
            State.CAPTURED: self._close,
            State.VOIDING: self._void,
            State.REFUNDING: self._refund,
        }
        self._on_the_way: Mapping[State, Step] = {
            **self._on_the_way_back,
            State.CONFIRMED: self._authorise,
            State.AUTHORISED: self._start_dispensing,
            State.DISPENSING: self._dispense_next_line,
        }

    # -- what a session asks for

    async def open(
        self,
        kiosk_id: str,
        session_id: str,
        customer_id: str | None,
        items: Sequence[CartItem],
        idempotency_key: str,
        age_approved_by: str | None = None,
    ) -> OrderView:
        """Reserve the items for a while; the same key in the same session gives the same order again.

        Raises CustomerError (out-of-stock, too-many, age-restricted, buy-what) and ModelError for an unknown SKU.
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
            age_approved_by=age_approved_by or "",
        )
        key = f"{session_id}/open/{idempotency_key}"
        return await self._finish(asyncio.to_thread(self._write_cart, draft, basket, Event.RESERVED, key))

    async def change(
        self, order_id: str, items: Sequence[CartItem], idempotency_key: str, age_approved_by: str | None = None
    ) -> OrderView:
        """Reserve other items instead, all or nothing; the yes given to the old ones no longer holds."""
        basket = merge_items(items)
        order = await asyncio.to_thread(self.view, order_id)
        if age_approved_by:
            order = order.model_copy(update={"age_approved_by": age_approved_by})
        key = f"{order_id}/change/{idempotency_key}"
        return await self._finish(asyncio.to_thread(self._write_cart, order, basket, Event.CHANGED, key))

    async def confirm(self, order_id: str, consent_hash: str, idempotency_key: str) -> OrderView:
        """Charge and dispense after a yes to exactly the order with this hash; any repetition gives the same result.

        Once begun it runs to its end even when the caller is cancelled; `view` then shows the result. Raises
        CustomerError as the class lists them.
        """
        return await self._finish(self._confirm(order_id, consent_hash, idempotency_key))

    async def cancel(self, order_id: str, idempotency_key: str) -> OrderView:
        """Give the order up while nothing is being dispensed; CustomerError("too-late-to-cancel") afterwards."""
        return await self._finish(self._cancel(order_id, idempotency_key))

    async def refund(self, order_id: str, by: str, idempotency_key: str) -> OrderView:
        """Give back what a closed order paid, on the word of a member of staff; the goods are not booked back."""
        return await self._finish(self._pay_back(order_id, by, idempotency_key))

    def view(self, order_id: str) -> OrderView:
        """The order as it stands; UnknownOrder when there is none."""
        with read_transaction(self._engine) as session:
            return load_order(session, order_id)

    def receipt(self, order_id: str) -> Receipt:
        """The receipt of an order that was paid; OperatorError for any other."""
        with read_transaction(self._engine) as session:
            return write_receipt(session, order_id)

    # -- what the shop's own clockwork asks for

    async def expire_overdue(self, now: datetime) -> list[str]:
        """Release the reservations that have run out; the ids of their orders."""
        return await self._finish(asyncio.to_thread(self._expire_overdue, now))

    async def recover(self, kiosk_id: str | None = None) -> list[OrderView]:
        """At start-up, finish or undo what a crash left under way (at one kiosk); the orders as they stand now.

        Nothing is dispensed and no card is asked for: the customer may be gone. What came out is captured, what did
        not is released, and a payment for nothing is voided. Reservations that still hold are left to their expiry.
        An order whose device gives no answer stays as it is for the next time.
        """
        orders: list[OrderView] = []
        for order_id in await asyncio.to_thread(self._orders_under_way, kiosk_id):
            try:
                orders.append(await self._run(order_id, self._on_the_way_back))
            except OperatorError as error:  # one order that cannot be mended must not keep the others waiting
                log.error("order %s could not be recovered: %s", order_id, error)
                orders.append(await asyncio.to_thread(self.view, order_id))
        await self.expire_overdue(self._clock())
        return orders

    async def wait_until_idle(self) -> None:
        """Return when everything that was begun has ended; for an orderly shutdown."""
        while self._unfinished:
            await asyncio.wait(set(self._unfinished))

    # -- carts

    def _write_cart(self, order: OrderView, basket: Sequence[CartItem], event: Event, key: str) -> OrderView:
        """Price and reserve a cart in one transaction, or return what the key already led to."""
        request = _fingerprint(order.kiosk_id, order.customer_id, [(item.sku, item.quantity) for item in basket])
        with read_transaction(self._engine) as session:
            if (entry := find_entry(session, key)) is not None:
                require_same_request(entry, event, request)
                return load_order(session, entry.order_id)
        lines = self._priced_lines(order, basket)
        now = self._clock()
        with write_transaction(self._engine) as session:
            stored = load_order(session, order.order_id, lock=True) if event is Event.CHANGED else order
            if stored.state is not State.EXPIRED and not _is_overdue(stored, now):
                cart = stored.model_copy(
                    update={
                        "lines": lines,
                        "total": total_of(lines),
                        "consent_hash": consent_hash(order.order_id, lines),
                        "expires_at": now + self._hold,
                        "age_approved_by": order.age_approved_by,
                        "trouble": "",
                    }
                )
                return append(session, stored, event, key, EventDetail(order=cart, request=request), now)
            if stored.state is State.RESERVED:
                _expire(session, stored, now)
        raise CustomerError("order-expired", order_id=order.order_id)

    def _priced_lines(self, order: OrderView, basket: Sequence[CartItem]) -> tuple[OrderLineView, ...]:
        """The basket's lines with today's prices; refuses what the shop does not know or may not sell unasked."""
        with read_transaction(self._engine) as session:
            found = [(item, *_find_goods(session, order.kiosk_id, item)) for item in basket]
        for _, product, _, _ in found:
            if product.min_age > 0 and not order.age_approved_by:
                raise CustomerError("age-restricted", min_age=product.min_age, name=product.name)
        lines: list[OrderLineView] = []
        for item, product, variant, slot in found:
            quote = self._prices.quote(product.product_id, item.quantity, order.customer_id)
            if quote.unit_price.amount_minor <= 0:
                raise StoreError(f"{item.sku} has no price above zero; it cannot be sold")
            lines.append(
                OrderLineView(
                    sku=item.sku,
                    product_id=product.product_id,
                    name=product.name,
                    colour=variant.colour,
                    size=variant.size,
                    quantity=item.quantity,
                    unit_price=quote.unit_price,
                    list_price=quote.list_price,
                    slot=slot,
                )
            )
        return tuple(lines)

    # -- confirmation

    async def _confirm(self, order_id: str, agreed: str, idempotency_key: str) -> OrderView:
        accepted = await asyncio.to_thread(self._accept, order_id, agreed, f"{order_id}/confirm/{idempotency_key}")
        if accepted.event is Event.EXPIRED:
            raise CustomerError("order-expired", order_id=order_id)
        if accepted.event is Event.REPRICED:
            raise CustomerError("price-changed", order_id=order_id, total=accepted.order.total)
        order = accepted.order
        if order.state in self._on_the_way:
            order = await self._run(order_id, self._on_the_way)
        _raise_trouble(order)
        return order

    def _accept(self, order_id: str, agreed: str, key: str) -> Acceptance:
        """Take the yes if it is for this order as it is and costs today; everything about that in one transaction."""
        seen = self.view(order_id)
        today = self._repriced(seen) if seen.state is State.RESERVED else seen.lines
        now = self._clock()
        with write_transaction(self._engine) as session:
            order = load_order(session, order_id, lock=True)
            entry = find_entry(session, key)
            if entry is not None:
                if read_detail(entry).request != agreed:
                    raise KeyReused(f"the key {key} was used for another yes")
                if order.state is State.RESERVED and entry.event == Event.CONFIRMED and agreed != order.consent_hash:
                    raise CustomerError("consent-void", order_id=order_id)  # declined, then changed
                return Acceptance(Event(entry.event), order)
            if _is_overdue(order, now):
                return Acceptance(Event.EXPIRED, _expire(session, order, now))
            if agreed != order.consent_hash or (order.state is State.RESERVED and order.lines != seen.lines):
                raise CustomerError("consent-void", order_id=order_id)
            if order.state is not State.RESERVED:
                return Acceptance(None, order)
            if today != order.lines:
                repriced = order.model_copy(
                    update={
                        "lines": today,
                        "total": total_of(today),
                        "consent_hash": consent_hash(order_id, today),
                        "expires_at": now + self._hold,
                    }
                )
                detail = EventDetail(order=repriced, request=agreed)
                detail = EventDetail(order=repriced, request=agreed)
                return Acceptance(Event.REPRICED, append(session, order, Event.REPRICED, key, detail, now))
            detail = EventDetail(request=agreed)
            return Acceptance(Event.CONFIRMED, append(session, order, Event.CONFIRMED, key, detail, now))

    def _repriced(self, order: OrderView) -> tuple[OrderLineView, ...]:
        """The order's lines at what they cost now."""
        lines: list[OrderLineView] = []
        for line in order.lines:
            quote = self._prices.quote(line.product_id, line.quantity, order.customer_id)
            prices = {"unit_price": quote.unit_price, "list_price": quote.list_price}
            lines.append(line.model_copy(update=prices))
        return tuple(lines)

    # -- ways back

    async def _cancel(self, order_id: str, idempotency_key: str) -> OrderView:
        order = await asyncio.to_thread(self._request_cancel, order_id, f"{order_id}/cancel/{idempotency_key}")
        if order.state in (State.CANCELLING, State.VOIDING):
            order = await self._run(order_id, self._on_the_way_back)
        return order

    def _request_cancel(self, order_id: str, key: str) -> OrderView:
        with write_transaction(self._engine) as session:
            order = load_order(session, order_id, lock=True)
            event = CANCEL_EVENTS.get(order.state)
            if event is not None:
                detail = EventDetail(trouble="order-cancelled")
                return append(session, order, event, key, detail, self._clock())
            called_off = FINAL_STATES - {State.CLOSED, State.REFUNDED} | {State.CANCELLING, State.VOIDING}
            if order.state in called_off or find_entry(session, key) is not None:
                return order
            raise CustomerError("too-late-to-cancel", order_id=order_id)

    async def _pay_back(self, order_id: str, by: str, idempotency_key: str) -> OrderView:
        def request() -> OrderView:
            with write_transaction(self._engine) as session:
                order = load_order(session, order_id, lock=True)
                if order.state in (State.REFUNDING, State.REFUNDED):
                    return order
                detail, key = EventDetail(by=by), f"{order_id}/refund/{idempotency_key}"
                return append(session, order, Event.REFUND_REQUESTED, key, detail, self._clock())

        await asyncio.to_thread(request)
        return await self._run(order_id, self._on_the_way_back)

    def _expire_overdue(self, now: datetime) -> list[str]:
        with read_transaction(self._engine) as session:
            overdue = session.exec(
                select(Order.order_id).where(
                    Order.state == State.RESERVED, col(Order.expires_at).is_not(None), col(Order.expires_at) <= now
                )
            ).all()
        expired: list[str] = []
        for order_id in overdue:
            with write_transaction(self._engine) as session:
                order = load_order(session, order_id, lock=True)
                if _is_overdue(order, now):  # it may have moved on since it was listed
                    _expire(session, order, now)
                    expired.append(order_id)
        return expired

    def _orders_under_way(self, kiosk_id: str | None) -> list[str]:
        with read_transaction(self._engine) as session:
            statement = select(Order.order_id).where(col(Order.state).in_([str(state) for state in self._on_the_way]))
            if kiosk_id is not None:
                statement = statement.where(Order.kiosk_id == kiosk_id)
            return list(session.exec(statement.order_by(col(Order.created_at))).all())

    # -- the steps between two rows of the ledger

    async def _authorise(self, order: OrderView) -> Outcome:
        key = _device_key(order, "authorise")
        record = await self._ask(lambda: self._terminal.authorise(order.total, key), lambda: self._terminal.lookup(key))
        return self._authorisation_outcome(order, record)

    async def _settle_authorisation(self, order: OrderView) -> Outcome:
        """What became of the authorisation, without asking the customer for a card again."""
        record = await self._recall(lambda: self._terminal.lookup(_device_key(order, "authorise")))
        return self._authorisation_outcome(order, record)

    def _authorisation_outcome(self, order: OrderView, record: PaymentRecord | None) -> Outcome:
        if record is not None and record.approved:
            if record.amount != order.total or not record.payment_id:
                raise HardwareError(f"the terminal authorised {record.amount} for order {order.order_id}")
            return Outcome(Event.AUTHORISED, EventDetail(payment_id=record.payment_id))
        return Outcome(Event.DECLINED, EventDetail(trouble="payment-declined"))

    async def _start_dispensing(self, _order: OrderView) -> Outcome:
        return Outcome(Event.DISPENSE_STARTED)

    async def _give_up(self, order: OrderView) -> Outcome:
        return Outcome(Event.VOID_REQUESTED, EventDetail(trouble=order.trouble or "dispense-failed"))

    async def _dispense_next_line(self, order: OrderView) -> Outcome:
        if (line := _line_to_dispense(order)) is None:
            return _end_of_dispensing(order)
        key = _device_key(order, f"dispense/{line.sku}")
        record = await self._ask(
            lambda: self._dispenser.dispense(order.kiosk_id, line.slot, line.sku, line.quantity, key),
            lambda: self._dispenser.lookup(key),
        )
        return _line_outcome(line, record)

    async def _count_next_line(self, order: OrderView) -> Outcome:
        """What came out of a line, without moving the machine; a line it never heard of did not come out."""
        if (line := _line_to_dispense(order)) is None:
            return _end_of_dispensing(order)
        record = await self._recall(lambda: self._dispenser.lookup(_device_key(order, f"dispense/{line.sku}")))
        return _line_outcome(line, record)

    async def _capture(self, order: OrderView) -> Outcome:
        amount, key = order.dispensed_total, _device_key(order, "capture")
        record = await self._ask(
            lambda: self._terminal.capture(order.payment_id, amount, key), lambda: self._terminal.lookup(key)
        )
        _require_approved(record, order)
        return Outcome(Event.CAPTURED, EventDetail(captured=amount))

    async def _close(self, _order: OrderView) -> Outcome:
        return Outcome(Event.CLOSED)

    async def _void(self, order: OrderView) -> Outcome:
        key = _device_key(order, "void")
        record = await self._ask(lambda: self._terminal.void(order.payment_id, key), lambda: self._terminal.lookup(key))
        _require_approved(record, order)
        return Outcome(Event.VOIDED)

    async def _refund(self, order: OrderView) -> Outcome:
        key = _device_key(order, "refund")
        record = await self._ask(
            lambda: self._terminal.refund(order.payment_id, key), lambda: self._terminal.lookup(key)
        )
        _require_approved(record, order)
        return Outcome(Event.REFUNDED)

    # -- running them

    async def _run(self, order_id: str, steps: Mapping[State, Step]) -> OrderView:
        """Drive an order to rest, or join whoever in this process already drives it."""
        drive = self._drives.get(order_id)
        if drive is None:
            drive = asyncio.create_task(self._drive(order_id, steps), name=f"checkout {order_id}")
            self._drives[order_id] = drive
            drive.add_done_callback(lambda _: self._drives.pop(order_id, None))
        return await asyncio.shield(drive)

    async def _drive(self, order_id: str, steps: Mapping[State, Step]) -> OrderView:
        """Take step after step until none is due; a device without an answer leaves the order where it is."""
        order = await asyncio.to_thread(self.view, order_id)
        while (step := steps.get(order.state)) is not None:
            try:
                outcome = await step(order)
            except HardwareError as error:
                log.error("order %s waits while %s: %s", order_id, order.state, error)
                break
            order = await self._write_down(order, outcome)
        return order

    async def _write_down(self, order: OrderView, outcome: Outcome) -> OrderView:
        """Append a step's outcome, unless the order went another way meanwhile (a cancellation): then how it stands."""

        def write() -> OrderView:
            key = f"{order.order_id}/{outcome.event}/{order.attempt}/{outcome.about}".rstrip("/")
            with write_transaction(self._engine) as session:
                stored = load_order(session, order.order_id, lock=True)
                return append(session, stored, outcome.event, key, outcome.detail, self._clock())

        try:
            return await asyncio.to_thread(write)
        except IllegalTransition:
            stored = await asyncio.to_thread(self.view, order.order_id)
            if stored.state is order.state:
                raise
            if outcome.event is Event.AUTHORISED and stored.payment_id != outcome.detail.payment_id:
                await self._let_go(order, outcome.detail.payment_id or "")
            return stored

    async def _let_go(self, order: OrderView, payment_id: str) -> None:
        """Void an authorisation that came too late for an order someone else already gave up."""
        log.error("order %s was given up before its authorisation came; voiding it", order.order_id)
        key = _device_key(order, "void")
        await self._ask(lambda: self._terminal.void(payment_id, key), lambda: self._terminal.lookup(key))

    async def _ask(
        self, act: Callable[[], Awaitable[Answer]], recall: Callable[[], Awaitable[Answer | None]]
    ) -> Answer:
        """A device's answer; when none comes, what it remembers, and then the same request with the same key again."""
        for _ in range(ATTEMPTS):
            try:
                async with asyncio.timeout(self._device_timeout_s):
                    return await act()
            except (HardwareError, OSError) as error:  # TimeoutError is an OSError
                log.warning("a device gave no answer: %s", error)
            if (remembered := await self._recall(recall)) is not None:
                return remembered
        raise HardwareError("a device gave no answer and remembers nothing")

    async def _recall(self, recall: Callable[[], Awaitable[Answer | None]]) -> Answer | None:
        """What a device remembers of a key; HardwareError when it cannot be asked."""
        try:
            async with asyncio.timeout(self._device_timeout_s):
                return await recall()
        except OSError as error:
            raise HardwareError(f"a device cannot be asked what it did: {error}") from error

    async def _finish(self, work: Coroutine[object, object, Finished]) -> Finished:
        """Await work that goes on even when the one who waits is cancelled."""
        task = asyncio.create_task(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        return await asyncio.shield(task)


def _find_goods(session: Session, kiosk_id: str, item: CartItem) -> tuple[Product, Variant, str]:
    variant = session.get(Variant, item.sku)
    product = session.get(Product, variant.product_id) if variant else None
    if variant is None or product is None:
        raise ModelError(f"there is no SKU {item.sku!r}; use one that a search returned")
    stock = session.get(Stock, (kiosk_id, item.sku))
    return product, variant, stock.slot if stock else ""


def _fingerprint(*request: object) -> str:
    """What tells one request from another under the same key."""
    return hashlib.sha256(repr(request).encode()).hexdigest()


def _device_key(order: OrderView, effect: str) -> str:
    return f"{order.order_id}/{order.attempt}/{effect}"


def _is_overdue(order: OrderView, now: datetime) -> bool:
    return order.state is State.RESERVED and order.expires_at is not None and order.expires_at <= now


def _expire(session: Session, order: OrderView, now: datetime) -> OrderView:
    detail = EventDetail(trouble="order-expired")
    return append(session, order, Event.EXPIRED, f"{order.order_id}/expired", detail, now)


def _line_to_dispense(order: OrderView) -> OrderLineView | None:
    """The next line the machine has not been asked for; none after a line came short."""
    if order.trouble:
        return None
    return next((line for line in order.lines if line.dispensed < line.quantity), None)


def _line_outcome(line: OrderLineView, record: Dispensed | None) -> Outcome:
    count = record.count if record else 0
    if record is not None and (record.sku != line.sku or not 0 <= count <= line.quantity):
        raise HardwareError(f"the dispenser says {count} of {record.sku} came out, {line.quantity} of {line.sku} asked")
    trouble = None if count == line.quantity else "dispense-failed"
    return Outcome(Event.LINE_DISPENSED, EventDetail(sku=line.sku, count=count, trouble=trouble), about=line.sku)


def _end_of_dispensing(order: OrderView) -> Outcome:
    """Charge for what came out; nothing did: nothing to charge."""
    if not order.trouble:
        return Outcome(Event.DISPENSED)
    if any(line.dispensed for line in order.lines):
        return Outcome(Event.DISPENSED, EventDetail(trouble="dispense-partial"))
    return Outcome(Event.VOID_REQUESTED)


def _require_approved(record: PaymentRecord, order: OrderView) -> None:
    if not record.approved:
        raise HardwareError(f"the terminal refused to {record.operation} for order {order.order_id}")


def _raise_trouble(order: OrderView) -> None:
    """The CustomerError that tells how a confirmation ended, if it did not end well."""
    waiting = {State.CONFIRMED: "payment-unclear", State.DISPENSING: "dispense-unclear"}
    trouble = waiting.get(order.state) or order.trouble
    if trouble:
        dispensed = sum(line.dispensed for line in order.lines)
        missing = sum(line.quantity for line in order.lines) - dispensed
        paid = order.dispensed_total
        raise CustomerError(trouble, order_id=order.order_id, dispensed=dispensed, missing=missing, paid=paid)
