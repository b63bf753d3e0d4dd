"""What it may cost: an utterance comes in; the limit that was said, or a wish for cheaper or dearer, goes out."""

from decimal import Decimal
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.spoken.amounts import SMALLEST_BARE_PRICE, Limit, limit_said, with_currency
from agent.spoken.negation import is_before_cue, negations
from agent.spoken.numbers import numbers_in
from agent.spoken.stretches import clause_around, is_inside, is_just_before
from agent.spoken.utterance import Utterance

MAX_RANGE_GAP = 8
"""Letters that may stand between the two amounts of a range."""


class PriceLimit(BaseModel):
    """The most or least that something may cost, in major units; `currency` is empty when none was said.

    With `least` it is a range: the amount is then the most.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["max", "min"]
    amount: Decimal
    currency: str = ""
    least: Decimal | None = None


def price_limit(utterance: Utterance) -> PriceLimit | None:
    """The most or least that it may cost: "under 100 dollars", "bis 100 Euro", "100元以下"."""
    if (between := _price_range(utterance)) is not None:
        return between
    said = limit_said(utterance)
    if said is None:
        return None
    is_most = said.is_most or _is_refused(utterance, said)
    return PriceLimit(kind="max" if is_most else "min", amount=said.amount, currency=said.currency)


def comparative(utterance: Utterance) -> Literal["cheaper", "dearer"] | None:
    """Whether something cheaper or dearer is wanted; a limit with an amount is none."""
    limits = utterance.of("max_before", "max_after", "min_before", "min_after")
    has_limit = price_limit(utterance) is not None
    matches = [
        match
        for match in utterance.of("cheaper", "dearer")
        if not (has_limit and any(is_inside(match, limit) for limit in limits))
    ]
    longest = max(matches, key=lambda match: (match.end - match.start, match.entry.role), default=None)
    if longest is None:
        return None
    return "cheaper" if longest.entry.role == "cheaper" else "dearer"


def _is_refused(utterance: Utterance, limit: Limit) -> bool:
    """Whether "more than 80" is what they do not want: "I won't pay more than 80", "mehr als 80 will ich nicht"."""
    text, cues, breaks = utterance.text, negations(utterance), utterance.of("clause_breaks")
    begin, stop = clause_around(text, limit.start)[0], clause_around(text, limit.end)[1]
    for cue in cues:
        if cue.entry.role.endswith("before") and begin <= cue.start and cue.end <= limit.start:
            if not any(cue.end <= one.start < limit.start for one in breaks):
                return True
        elif cue.entry.role.endswith("after") and limit.end <= cue.start < stop:
            is_other_clause = any(limit.end <= one.start and text[one.end : cue.start].strip() for one in breaks)
            is_last = len(text[cue.end : stop].split()) <= 1 or not is_before_cue(cue, cues)
            if is_last and not is_other_clause:
                return True
    return False


def _price_range(utterance: Utterance) -> PriceLimit | None:
    """Two amounts that something may cost between: "between 50 and 100", "50 到 100 之间"."""
    for first, second in pairwise(numbers_in(utterance)):
        start, end, currency = with_currency(utterance, first)
        next_start, next_end, next_currency = with_currency(utterance, second)
        is_between = any(is_just_before(utterance.text, one.end, start) for one in utterance.of("between_before"))
        is_between |= any(is_just_before(utterance.text, next_end, one.start) for one in utterance.of("between_after"))
        if utterance.of("size_cues", "size_cues_after") and not (currency.said or next_currency.said):
            continue
        if is_between and next_start - end <= MAX_RANGE_GAP and first.value < second.value >= SMALLEST_BARE_PRICE:
            code = currency.code or next_currency.code
            return PriceLimit(kind="max", amount=second.value, currency=code, least=first.value)
    return None
