"""How many are wanted: an utterance comes in, a number of pieces goes out."""

from agent.spoken.covering import is_clause
from agent.spoken.number_patterns import fits
from agent.spoken.numbers import numbers_in
from agent.spoken.ordinals import ordinals_in
from agent.spoken.utterance import Utterance

MAX_QUANTITY = 20


def quantity(utterance: Utterance) -> int | None:
    """How many are wanted, if it was said as a number of pieces: "two pairs", "make it two", "x2"."""
    ordinals = ordinals_in(utterance)
    for number in numbers_in(utterance):
        if number.value != int(number.value) or not 1 <= number.value <= MAX_QUANTITY:
            continue
        if any(one.start < number.end and number.start < one.end for one in ordinals):
            continue
        if not number.is_article and fits(utterance, number, "quantity_patterns"):
            return int(number.value)
        match = fits(utterance, number, "quantity_endings")
        if match and is_clause(utterance, *match, "no", "clause_breaks") and number.value <= 10:
            return int(number.value)
    return None
