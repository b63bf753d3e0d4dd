"""Amounts of money: an utterance comes in; numbers with their currency and the limit that they are go out."""

import re
from decimal import Decimal
from typing import NamedTuple

from agent.spoken.number_patterns import counts_things
from agent.spoken.numbers import Number, numbers_in
from agent.spoken.stretches import is_just_before
from agent.spoken.utterance import Utterance

SMALLEST_BARE_PRICE = 10
"""A limit below this needs its currency: "more than two" is not about money."""
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "", "₹": "INR"}


class Currency(NamedTuple):
    """Whether a currency was said beside a number, and its code; a sign that several share has none."""

    said: bool
    code: str


class Limit(NamedTuple):
    """Words of a price limit and its amount, as they stand in the folded text."""

    is_most: bool
    amount: Decimal
    currency: str
    start: int
    end: int


def limit_said(utterance: Utterance) -> Limit | None:
    """The first amount with the words of a limit beside it."""
    for number in numbers_in(utterance):
        start, end, currency = with_currency(utterance, number)
        if not currency.said and (number.value < SMALLEST_BARE_PRICE or counts_things(utterance, number)):
            continue
        beside = [
            *(
                one
                for one in utterance.of("max_before", "min_before")
                if is_just_before(utterance.text, one.end, start)
            ),
            *(one for one in utterance.of("max_after", "min_after") if is_just_before(utterance.text, end, one.start)),
        ]
        if beside:  # "not less than" is longer than the "less than" in it
            longest = max(beside, key=lambda one: one.end - one.start)
            begin, stop = min(longest.start, start), max(longest.end, end)
            return Limit(longest.entry.role.startswith("max"), number.value, currency.code, begin, stop)
    return None


def with_currency(utterance: Utterance, number: Number) -> tuple[int, int, Currency]:
    """The stretch of a number with the currency beside it."""
    text, start, end = utterance.text, number.start, number.end
    head, tail = text[:start].rstrip(), text[end:].lstrip()
    if head and head[-1] in _SIGNS:
        letters = re.search(r"(?:^|\s)(?:us|ca|au|r)$", head[:-1])
        begin = len(head) - 1 if letters is None else letters.end() - 2
        return begin, end, Currency(True, _SIGNS[head[-1]])
    if tail and tail[0] in _SIGNS:
        return start, len(text) - len(tail) + 1, Currency(True, _SIGNS[tail[0]])
    for match in sorted(utterance.of("currency"), key=lambda match: match.start - match.end):
        if is_just_before(text, end, match.start):
            return start, match.end, Currency(True, match.entry.value)
        if is_just_before(text, match.end, start):
            return match.start, end, Currency(True, match.entry.value)
    return start, end, Currency(False, "")
