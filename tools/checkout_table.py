"""The checkout's transition table: a state and an event come in, the next state and its stock effect go out."""

from dataclasses import dataclass
from enum import StrEnum

from tools.errors import OperatorError


class State(StrEnum):
    """Where an order stands. `voiding`, `cancelling` and `refunding` are intents whose effect is still to come.

    `unpaid` is the end of an order whose goods went out and whose payment could no longer be taken.
    """

    CART = "cart"
    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    AUTHORISED = "authorised"
    DISPENSING = "dispensing"
    DISPENSED = "dispensed"
    CAPTURED = "captured"
    CLOSED = "closed"
    UNPAID = "unpaid"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    VOIDING = "voiding"
    VOIDED = "voided"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class Event(StrEnum):
    """What happened to an order; each is one row of the ledger."""

    RESERVED = "reserved"
    CHANGED = "changed"
    REPRICED = "repriced"
    CONFIRMED = "confirmed"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    DISPENSE_STARTED = "dispense_started"
    LINE_DISPENSED = "line_dispensed"
    WRONG_ITEM = "wrong_item"
    DISPENSED = "dispensed"
    CAPTURED = "captured"
    CAPTURE_REFUSED = "capture_refused"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    CANCEL_REQUESTED = "cancel_requested"
    EXPIRED = "expired"
    VOID_REQUESTED = "void_requested"
    VOIDED = "voided"
    REFUND_REQUESTED = "refund_requested"
    REFUNDED = "refunded"
    REFUND_REFUSED = "refund_refused"


class StockEffect(StrEnum):
    """What a transition does to the stock, in the same database transaction.

    `discard` books out what came out in place of what was asked for.
    """

    NONE = "none"
    HOLD = "hold"
    REHOLD = "rehold"
    TAKE = "take"
    DISCARD = "discard"
    RELEASE = "release"


@dataclass(frozen=True)
class Move:
    """Where a transition leads and what it does to the stock."""

    state: State
    stock: StockEffect = StockEffect.NONE


class IllegalTransition(OperatorError):
    """An event that the order's state does not allow."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"an order that is {state} cannot be {event}")
        self.state, self.event = state, event


TRANSITIONS: dict[tuple[State, Event], Move] = {
    # the way of a sale
    (State.CART, Event.RESERVED): Move(State.RESERVED, StockEffect.HOLD),
    (State.RESERVED, Event.CHANGED): Move(State.RESERVED, StockEffect.REHOLD),
    (State.RESERVED, Event.REPRICED): Move(State.RESERVED),
    (State.RESERVED, Event.CONFIRMED): Move(State.CONFIRMED),
    (State.CONFIRMED, Event.AUTHORISED): Move(State.AUTHORISED),
    (State.AUTHORISED, Event.DISPENSE_STARTED): Move(State.DISPENSING),
    (State.DISPENSING, Event.LINE_DISPENSED): Move(State.DISPENSING, StockEffect.TAKE),
    (State.DISPENSING, Event.DISPENSED): Move(State.DISPENSED, StockEffect.RELEASE),
    (State.DISPENSED, Event.CAPTURED): Move(State.CAPTURED),
    (State.CAPTURED, Event.CLOSED): Move(State.CLOSED),
    # the ways back
    (State.RESERVED, Event.CANCELLED): Move(State.CANCELLED, StockEffect.RELEASE),
    (State.RESERVED, Event.EXPIRED): Move(State.EXPIRED, StockEffect.RELEASE),
    (State.CONFIRMED, Event.DECLINED): Move(State.RESERVED),
    (State.CONFIRMED, Event.CANCEL_REQUESTED): Move(State.CANCELLING),
    (State.CANCELLING, Event.DECLINED): Move(State.CANCELLED, StockEffect.RELEASE),
    (State.CANCELLING, Event.AUTHORISED): Move(State.VOIDING, StockEffect.RELEASE),
    (State.AUTHORISED, Event.VOID_REQUESTED): Move(State.VOIDING, StockEffect.RELEASE),
    (State.DISPENSING, Event.VOID_REQUESTED): Move(State.VOIDING, StockEffect.RELEASE),
    (State.DISPENSING, Event.WRONG_ITEM): Move(State.DISPENSING, StockEffect.DISCARD),
    (State.DISPENSED, Event.CAPTURE_REFUSED): Move(State.UNPAID),
    (State.VOIDING, Event.VOIDED): Move(State.VOIDED),
    (State.CLOSED, Event.REFUND_REQUESTED): Move(State.REFUNDING),
    (State.REFUNDING, Event.REFUNDED): Move(State.REFUNDED),
    (State.REFUNDING, Event.REFUND_REFUSED): Move(State.CLOSED),
}

FINAL_STATES = frozenset({State.CLOSED, State.UNPAID, State.CANCELLED, State.EXPIRED, State.VOIDED, State.REFUNDED})
"""An order in one of these holds no stock and has no payment pending."""

HOLDING_STATES = frozenset({State.RESERVED, State.CONFIRMED, State.AUTHORISED, State.DISPENSING, State.CANCELLING})
"""An order in one of these holds stock for its lines, less what came out."""

CANCEL_EVENTS: dict[State, Event] = {
    State.RESERVED: Event.CANCELLED,
    State.CONFIRMED: Event.CANCEL_REQUESTED,
    State.AUTHORISED: Event.VOID_REQUESTED,
}
"""How a cancellation is recorded while it is not too late."""


def advance(state: State, event: Event) -> Move:
    """The move that an event makes from a state; IllegalTransition when there is none."""
    move = TRANSITIONS.get((state, event))
    if move is None:
        raise IllegalTransition(state, event)
    return move
