"""What is done between two rows of the ledger: an order comes in, devices are asked, what to write down goes out.

Nothing here touches the database. A step raises HardwareError when a device gives no clear answer. The keys given
to the devices derive from the order, so asking again is harmless.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import TypeVar

from tools.checkout_table import Event, State
from tools.dispenser import Dispensed, Dispenser
from tools.errors import HardwareError
from tools.ledger import EventDetail
from tools.order import OrderLineView, OrderView
from tools.payment import PaymentRecord, PaymentTerminal

log = logging.getLogger(__name__)

ATTEMPTS = 2
"""How often a device that gives no answer is asked, with the same key, before the order waits for recovery."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Outcome:
    """What a step found out, to be written down; `about` tells lines apart in the ledger's key."""

    event: Event
    detail: EventDetail = field(default_factory=EventDetail)
    about: str = ""


Step = Callable[[OrderView], Awaitable[Outcome]]
Conclusion = Callable[[OrderView], Outcome | None]


@dataclass(frozen=True)
class Way:
    """The step that is due in each state: what a device must be asked for, and what follows from the order alone.

    What follows is written down together with what it follows from.
    """

    asks: Mapping[State, Step]
    follows: Mapping[State, Conclusion]

    @property
    def states(self) -> Set[State]:
        """Those in which an order is still to be driven."""
        return self.asks.keys() | self.follows.keys()

    def next_of(self, order: OrderView) -> Outcome | None:
        """What is to be written down next without asking anyone; None when nothing is."""
        conclude = self.follows.get(order.state)
        return conclude(order) if conclude else None


class CheckoutSteps:
    """The steps on the way to a sale and on the way back out of one."""

    def __init__(self, terminal: PaymentTerminal, dispenser: Dispenser, device_timeout_s: float) -> None:
        self._terminal = terminal
        self._dispenser = dispenser
        self._device_timeout_s = device_timeout_s
        asks: Mapping[State, Step] = {
            State.CONFIRMED: self._settle_authorisation,
            State.CANCELLING: self._settle_authorisation,
            State.DISPENSING: self._count_next_line,
            State.DISPENSED: self._capture,
            State.VOIDING: self._void,
            State.REFUNDING: self._refund,
        }
        follows: Mapping[State, Conclusion] = {
            State.AUTHORISED: _give_up,
            State.DISPENSING: _end_of_dispensing,
            State.CAPTURED: lambda _: Outcome(Event.CLOSED),
        }
        self.on_the_way_back = Way(asks, follows)
        self.on_the_way = Way(
            {**asks, State.CONFIRMED: self._authorise, State.DISPENSING: self._dispense_next_line},
            {**follows, State.AUTHORISED: lambda _: Outcome(Event.DISPENSE_STARTED)},
        )

    async def _authorise(self, order: OrderView) -> Outcome:
        key = _device_key(order, "authorise")
        record = await self._ask(lambda: self._terminal.authorise(order.total, key), lambda: self._terminal.lookup(key))
        return self._authorisation_outcome(order, record)

    async def _settle_authorisation(self, order: OrderView) -> Outcome:
        """What became of the authorisation, so that none can follow if there is none yet."""
        record = await self._recall(lambda: self._terminal.abandon(_device_key(order, "authorise")))
        return self._authorisation_outcome(order, record)

    def _authorisation_outcome(self, order: OrderView, record: PaymentRecord | None) -> Outcome:
        if record is not None and record.approved:
            if record.amount != order.total or not record.payment_id:
                raise HardwareError(f"the terminal authorised {record.amount} for order {order.order_id}")
            return Outcome(Event.AUTHORISED, EventDetail(payment_id=record.payment_id))
        return Outcome(Event.DECLINED, EventDetail(trouble="payment-declined"))

    async def _dispense_next_line(self, order: OrderView) -> Outcome:
        line = _line_to_dispense(order)
        key = _device_key(order, f"dispense/{line.sku}")
        record = await self._ask(
            lambda: self._dispenser.dispense(order.kiosk_id, line.slot, line.sku, line.quantity, key),
            lambda: self._dispenser.lookup(key),
        )
        return _line_outcome(order, line, record)

    async def _count_next_line(self, order: OrderView) -> Outcome:
        """What came out of a line; if the machine never heard of it, nothing does and nothing will."""
        line = _line_to_dispense(order)
        record = await self._recall(lambda: self._dispenser.abandon(_device_key(order, f"dispense/{line.sku}")))
        return _line_outcome(order, line, record)

    async def _capture(self, order: OrderView) -> Outcome:
        amount, key = order.dispensed_total, _device_key(order, "capture")
        record = await self._ask(lambda: self._terminal.capture(order.payment_id, amount, key))
        if not record.approved:
            log.error("staff wanted at kiosk %s: the goods of order %s are unpaid", order.kiosk_id, order.order_id)
            return Outcome(Event.CAPTURE_REFUSED)
        if record.amount != amount:
            raise HardwareError(f"the terminal captured {record.amount} for order {order.order_id}, {amount} asked")
        return Outcome(Event.CAPTURED, EventDetail(captured=amount))

    async def _void(self, order: OrderView) -> Outcome:
        record = await self._ask(lambda: self._terminal.void(order.payment_id, _device_key(order, "void")))
        if not record.approved:  # nothing is set aside any more, and nothing was captured by us
            log.error("the terminal refused to let go of payment %s of order %s", order.payment_id, order.order_id)
        return Outcome(Event.VOIDED)

    async def _refund(self, order: OrderView) -> Outcome:
        record = await self._ask(lambda: self._terminal.refund(order.payment_id, _device_key(order, "refund")))
        if not record.approved:
            log.error("the terminal refused to pay back payment %s of order %s", order.payment_id, order.order_id)
            return Outcome(Event.REFUND_REFUSED)
        return Outcome(Event.REFUNDED)

    async def let_go(self, order: OrderView, payment_id: str) -> None:
        """Void an authorisation that came too late for an order someone else already gave up."""
        log.error("order %s was given up before its authorisation came; voiding it", order.order_id)
        await self._ask(lambda: self._terminal.void(payment_id, _device_key(order, "void")))

    async def _ask(
        self, act: Callable[[], Awaitable[Answer]], recall: Callable[[], Awaitable[Answer | None]] | None = None
    ) -> Answer:
        """A device's answer; when none comes, what it remembers, and then the same request with the same key again."""
        for _ in range(ATTEMPTS):
            try:
                async with asyncio.timeout(self._device_timeout_s):
                    return await act()
            except (HardwareError, OSError) as error:  # TimeoutError is an OSError
                log.warning("a device gave no answer: %s", error)
            if recall is not None and (remembered := await self._recall(recall)) is not None:
                return remembered
        raise HardwareError("a device gave no answer, also when asked again")

    async def _recall(self, recall: Callable[[], Awaitable[Answer | None]]) -> Answer | None:
        """What a device remembers of a key; HardwareError when it cannot be asked."""
        try:
            async with asyncio.timeout(self._device_timeout_s):
                return await recall()
        except OSError as error:
            raise HardwareError(f"a device cannot be asked what it did: {error}") from error


def _device_key(order: OrderView, effect: str) -> str:
    return f"{order.order_id}/{order.attempt}/{effect}"


def _give_up(order: OrderView) -> Outcome:
    return Outcome(Event.VOID_REQUESTED, EventDetail(trouble=order.trouble or "dispense-failed"))


def _is_missing(line: OrderLineView) -> bool:
    return line.dispensed < line.quantity


def _line_to_dispense(order: OrderView) -> OrderLineView:
    """The next line that the machine has not been asked for; there is one while dispensing has not ended."""
    return next(line for line in order.lines if _is_missing(line))


def _line_outcome(order: OrderView, line: OrderLineView, record: Dispensed | None) -> Outcome:
    count = record.count if record else 0
    if not 0 <= count <= line.quantity:
        raise HardwareError(f"the dispenser says {count} of {line.sku} came out, {line.quantity} were asked for")
    if record is not None and count and record.came_out != line.sku:
        wrong = record.came_out or "something unknown"
        log.error("staff wanted at kiosk %s: %s came out in place of %s", order.kiosk_id, wrong, line.sku)
        detail = EventDetail(sku=line.sku, count=count, seen_sku=record.came_out, trouble="dispense-failed")
        return Outcome(Event.WRONG_ITEM, detail, about=line.sku)
    trouble = None if count == line.quantity else "dispense-failed"
    return Outcome(Event.LINE_DISPENSED, EventDetail(sku=line.sku, count=count, trouble=trouble), about=line.sku)


def _end_of_dispensing(order: OrderView) -> Outcome | None:
    """All came out, or a line came short: charge for what came out, if anything did. None before that."""
    if not order.trouble:
        return None if any(_is_missing(line) for line in order.lines) else Outcome(Event.DISPENSED)
    if any(line.dispensed for line in order.lines):
        return Outcome(Event.DISPENSED, EventDetail(trouble="dispense-partial"))
    return Outcome(Event.VOID_REQUESTED)
