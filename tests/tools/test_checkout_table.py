"""The transition table holds together: every state has a way to an end, and stock is held exactly where it should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checkout_table import (
    CANCEL_EVENTS,
    FINAL_STATES,
    HOLDING_STATES,
    TRANSITIONS,
    Event,
    IllegalTransition,
    State,
    StockEffect,
    advance,
)


@pytest.mark.parametrize("state", State)
def test_every_state_reaches_an_end(state: State) -> None:
    reached = {state}
    while more := {move.state for (before, _), move in TRANSITIONS.items() if before in reached} - reached:
        reached |= more
    assert reached & FINAL_STATES


def test_every_state_and_event_is_used() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event)
    assert {move.state for move in TRANSITIONS.values()} | {State.CART} == set(State)


@pytest.mark.parametrize(("state", "event"), TRANSITIONS)
def test_stock_is_held_and_let_go_once(state: State, event: Event) -> None:
    move = TRANSITIONS[state, event]
    entering, leaving = move.state in HOLDING_STATES, state in HOLDING_STATES
    expected = {
        (False, True): {StockEffect.HOLD},
        (True, False): {StockEffect.RELEASE},
        (False, False): {StockEffect.NONE},
        (True, True): {StockEffect.NONE, StockEffect.REHOLD, StockEffect.TAKE, StockEffect.DISCARD},
    }
    assert move.stock in expected[leaving, entering]


@given(st.sampled_from(list(State)), st.sampled_from(list(Event)))
def test_what_is_not_in_the_table_raises(state: State, event: Event) -> None:
    if (state, event) in TRANSITIONS:
        assert advance(state, event) == TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalTransition):
            advance(state, event)


def test_a_sale_goes_the_long_way() -> None:
    state = State.CART
    for event in (
        Event.RESERVED,
        Event.CONFIRMED,
        Event.AUTHORISED,
        Event.DISPENSE_STARTED,
        Event.DISPENSED,
        Event.CAPTURED,
        Event.CLOSED,
    ):
        state = advance(state, event).state
    assert state is State.CLOSED


def test_cancelling_ends_with_dispensing() -> None:
    assert all((state, event) in TRANSITIONS for state, event in CANCEL_EVENTS.items())
    assert not CANCEL_EVENTS.keys() & {State.DISPENSING, State.DISPENSED, State.CAPTURED, State.CLOSED}
