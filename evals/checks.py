"""Scores a dialogue: what was expected, what was said and the store before and after come in, failures go out."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from agent.state import CartLine, TurnReport
from evals.scenario import ExpectedEnd, ExpectedEvidence, ExpectedFeedback, ExpectedLine, ExpectedOrder, ExpectedTurn
from evals.store_state import FeedbackState, OrderLineState, OrderState, StoreState
from tools.checkout_table import FINAL_STATES, State
from tools.evidence import Evidence, Fact
from tools.money import Money

MAX_QUOTED = 160
Expected = TypeVar("Expected")
Found = TypeVar("Found")


class Failure(BaseModel):
    """One expectation that was not met: in the store, in what was said over all, or in one turn (from 1)."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["store", "said", "turn"]
    problem: str
    turn: int | None = None


class MoneyTaken(Protocol):
    """What a terminal knows of a payment."""

    def taken_minor(self, payment_id: str) -> int:
        """What was captured less what was given back."""
        ...

    def is_pending(self, payment_id: str) -> bool:
        """Whether money is still set aside."""
        ...


def check_end(
    expected: ExpectedEnd, reports: Sequence[TurnReport], before: StoreState, after: StoreState, money: MoneyTaken
) -> list[Failure]:
    """The store first, then what was said and which tools ran."""
    known = {order.order_id for order in before.orders}
    orders = [order for order in after.orders if order.order_id not in known]
    feedback = after.feedback[len(before.feedback) :]
    store = [
        *_settled(orders, money),
        *_stock_adds_up(orders, before, after),
        *_orders(expected, orders),
        *_stock(expected.stock, before, after),
        *_feedback(expected.feedback, feedback),
    ]
    return [
        *(Failure(kind="store", problem=problem) for problem in store),
        *(Failure(kind="said", problem=problem) for problem in _said(expected, reports)),
    ]


# what must hold whatever was expected


def _settled(orders: Sequence[OrderState], money: MoneyTaken) -> Iterator[str]:
    """Nobody has left with an order open, and the terminal took what the orders say and no more."""
    for order in orders:
        if order.state not in FINAL_STATES:
            yield f"order {order.order_id} was left {order.state}"
        if not order.payment_id:
            continue
        due = order.captured_minor if order.state == State.CLOSED else 0
        if (taken := money.taken_minor(order.payment_id)) != due:
            yield f"order {order.order_id} is {order.state}: {due} should have been taken, {taken} was"
        if order.state in FINAL_STATES and money.is_pending(order.payment_id):
            yield f"order {order.order_id} is {order.state} and money is still set aside"


def _stock_adds_up(orders: Sequence[OrderState], before: StoreState, after: StoreState) -> Iterator[str]:
    """What left the shelves is what came out for an order, and nothing stays reserved."""
    came_out: Counter[str] = Counter()
    for order in orders:
        for line in order.lines:
            came_out[f"{order.kiosk_id}/{line.sku}"] += line.dispensed
    for key in sorted(before.stock.keys() | after.stock.keys()):
        old, new = before.stock.get(key), after.stock.get(key)
        if old is None or new is None:
            yield f"the stock of {key} came or went"
            continue
        if (change := new.on_hand - old.on_hand) != -came_out[key]:
            yield f"the stock of {key} changed by {change}, but {came_out[key]} came out"
        if new.reserved != old.reserved:
            yield f"{key} is left with {new.reserved} reserved, before it was {old.reserved}"


# what this scenario expects of the store


def _orders(expected: ExpectedEnd, orders: Sequence[OrderState]) -> Iterator[str]:
    if expected.orders is not None and not matches_exactly(expected.orders, orders, order_matches):
        yield f"expected orders {_shown(expected.orders)}, found {[_order_text(order) for order in orders] or 'none'}"
    if expected.sold is not None:
        sold = [line for order in orders if order.state == State.CLOSED for line in order.lines]
        if not matches_exactly(expected.sold, sold, line_matches):
            found = [f"{line.quantity} {line.sku}" for line in sold]
            yield f"expected to be sold {_shown(expected.sold)}, found {found or 'nothing'}"


def order_matches(expected: ExpectedOrder, order: OrderState) -> bool:
    """Whether the order is the expected one in everything that was written down."""
    return (
        expected.state == order.state
        and expected.total_minor in (None, order.total_minor)
        and expected.currency in (None, order.currency)
        and expected.customer in (None, order.customer_id)
        and (expected.lines is None or matches_exactly(expected.lines, order.lines, line_matches))
    )


def line_matches(expected: ExpectedLine, line: OrderLineState) -> bool:
    """Whether the line is the expected one in everything that was written down."""
    return (
        expected.sku in ("", line.sku)
        and expected.product in ("", line.product_id)
        and expected.colour.casefold() in ("", line.colour.casefold())
        and expected.size.casefold() in ("", line.size.casefold())
        and expected.quantity == line.quantity
    )


def matches_exactly(
    expected: Sequence[Expected], found: Sequence[Found], matches: Callable[[Expected, Found], bool]
) -> bool:
    """Whether each expected thing can be paired with one that was found, with none of either left over."""
    if len(expected) != len(found):
        return False
    if not expected:
        return True
    first, *others = expected
    return any(
        matches(first, item) and matches_exactly(others, [*found[:place], *found[place + 1 :]], matches)
        for place, item in enumerate(found)
    )


def _stock(expected: dict[str, int], before: StoreState, after: StoreState) -> Iterator[str]:
    for goods, change in expected.items():
        keys = [key for key in after.stock if goods in (key, key.partition("/")[2])]
        found = sum(after.stock[key].on_hand - before.stock[key].on_hand for key in keys if key in before.stock)
        if not keys:
            yield f"no kiosk has {goods}"
        elif found != change:
            yield f"the stock of {goods} should have changed by {change}, it changed by {found}"


def _feedback(expected: list[ExpectedFeedback] | int | None, feedback: Sequence[FeedbackState]) -> Iterator[str]:
    if isinstance(expected, int) and len(feedback) != expected:
        yield f"expected {expected} pieces of feedback, found {[item.text for item in feedback] or 'none'}"
    if isinstance(expected, list) and not matches_exactly(expected, feedback, feedback_matches):
        yield f"expected feedback {_shown(expected)}, found {[item.text for item in feedback] or 'none'}"


def feedback_matches(expected: ExpectedFeedback, feedback: FeedbackState) -> bool:
    """Whether the feedback is the expected one in everything that was written down."""
    return (
        plain(expected.has) in plain(feedback.text)
        and expected.rating in (None, feedback.rating)
        and expected.about_order in (None, feedback.order_id is not None)
    )


# what was said


def _said(expected: ExpectedEnd, reports: Sequence[TurnReport]) -> Iterator[str]:
    replies = plain(" \n ".join(report.reply for report in reports))
    ran = {call.name for report in reports for call in report.tool_calls}
    yield from (f"{text!r} was never said" for text in expected.said if plain(text) not in replies)
    yield from (f"{text!r} was said" for text in expected.never_said if plain(text) in replies)
    yield from (f"the tool {name} never ran" for name in expected.tools_ran if name not in ran)
    yield from (f"the tool {name} ran" for name in expected.tools_never if name in ran)


def check_turn(expected: ExpectedTurn, report: TurnReport, number: int) -> list[Failure]:
    """One turn against what it must be; that it has a reply at all is always expected."""
    problems = [
        *_words(expected, report),
        *_shown_products(expected, report),
        *_done(expected, report),
    ]
    return [Failure(kind="turn", turn=number, problem=problem) for problem in problems]


def _words(expected: ExpectedTurn, report: TurnReport) -> Iterator[str]:
    reply = plain(report.reply)
    quoted = f", it was {_shortened(report.reply)!r}"
    if not reply:
        yield "there was no reply"
    if expected.intent and report.intent not in expected.intent:
        yield f"the intent should be {' or '.join(expected.intent)}, it was {report.intent}"
    if expected.language and report.language != expected.language:
        yield f"the language should be {expected.language}, it was {report.language}"
    yield from (f"the reply should have {text!r}{quoted}" for text in expected.reply_has if plain(text) not in reply)
    if expected.reply_has_any and not any(plain(text) in reply for text in expected.reply_has_any):
        yield f"the reply should have one of {[*expected.reply_has_any]}{quoted}"
    yield from (f"the reply should not have {text!r}{quoted}" for text in expected.reply_lacks if plain(text) in reply)
    if expected.reply_matches and not re.search(expected.reply_matches, report.reply, re.IGNORECASE):
        yield f"the reply should match {expected.reply_matches!r}{quoted}"


def _shown_products(expected: ExpectedTurn, report: TurnReport) -> Iterator[str]:
    cards = [{card.sku, card.product_id} for card in report.products]
    names = [card.sku for card in report.products] or "nothing"
    for goods in expected.products:
        if not any(goods in card for card in cards):
            yield f"{goods} should be shown, shown was {names}"
    for goods in expected.products_lack:
        if any(goods in card for card in cards):
            yield f"{goods} should not be shown"
    if expected.first_product and not (cards and expected.first_product in cards[0]):
        yield f"{expected.first_product} should be shown first, shown was {names}"
    if expected.no_products and cards:
        yield f"nothing should be shown, shown was {names}"
    first = report.products[0] if report.products else None
    if expected.in_stock is not None and (first is None or first.in_stock != expected.in_stock):
        yield f"the first product should be {'' if expected.in_stock else 'not '}in stock"
    if expected.price_minor is not None and (first is None or first.price_minor != expected.price_minor):
        yield f"the first price should be {expected.price_minor}, it was {first.price_minor if first else 'none'}"


def _done(expected: ExpectedTurn, report: TurnReport) -> Iterator[str]:
    ran = {call.name for call in report.tool_calls}
    yield from (f"the tool {name} should run" for name in expected.tools if name not in ran)
    yield from (f"the tool {name} should not run" for name in expected.tools_not if name in ran)
    if expected.checkout_stage and expected.checkout_stage != (report.checkout_stage or "none"):
        yield f"the checkout should be {expected.checkout_stage}, it was {report.checkout_stage or 'none'}"
    if expected.cart is not None and not matches_exactly(expected.cart, report.cart, _cart_line_matches):
        yield f"the cart should be {_shown(expected.cart)}, it was {[line.sku for line in report.cart] or 'empty'}"
    for wanted in expected.evidence_has:
        if not any(evidence_matches(wanted, item) for item in report.evidence):
            yield f"no evidence is {_shown([wanted])}"


def _cart_line_matches(expected: ExpectedLine, line: CartLine) -> bool:
    return (
        expected.sku in ("", line.sku)
        and (not expected.product or line.sku.casefold().startswith(f"{expected.product.casefold()}-"))
        and expected.colour.casefold() in ("", line.colour.casefold())
        and expected.size.casefold() in ("", line.size.casefold())
        and expected.quantity == line.quantity
    )


def evidence_matches(expected: ExpectedEvidence, item: Evidence) -> bool:
    """Whether the item is the expected one; a fact of several words has the expected word among them."""
    return (
        expected.kind in ("", item.kind)
        and expected.subject in ("", item.subject)
        and all(name in item.facts and _fact_is(item.facts[name], text) for name, text in expected.facts.items())
    )


def _fact_is(fact: Fact, text: str) -> bool:
    if isinstance(fact, Money):
        return text in (f"{fact.to_decimal()} {fact.currency}", str(fact.amount_minor))
    if isinstance(fact, bool):
        return text.casefold() == str(fact).casefold()
    if isinstance(fact, tuple):
        return plain(text) in {plain(part) for part in fact}
    return plain(text) == plain(str(fact))


def plain(text: str) -> str:
    """The text without regard to case and kinds of space, for comparing."""
    return " ".join(text.casefold().split())


def _shown(expected: Sequence[BaseModel]) -> str:
    return str([item.model_dump(exclude_defaults=True) for item in expected] or "none")


def _order_text(order: OrderState) -> str:
    lines = ", ".join(f"{line.quantity} {line.sku}" for line in order.lines)
    return f"{order.state}: {lines} for {order.total_minor} {order.currency}"


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
