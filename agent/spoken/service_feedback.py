"""What an answer about the service says: an utterance comes in; a mark, or praise or complaint, goes out."""

from typing import Literal

from agent.spoken.covering import covered_in_one_language, with_neutral
from agent.spoken.negation import negated_in
from agent.spoken.number_patterns import fits
from agent.spoken.numbers import numbers_in
from agent.spoken.stretches import is_inside
from agent.spoken.text import Entry, Found
from agent.spoken.utterance import Utterance

MAX_MARK = 160
"""Letters of an answer that is a mark and nothing else."""


def rating(utterance: Utterance) -> int | None:
    """A mark from 1 to 5: "five stars", "4/5", or a number and nothing else."""
    numbers = [one for one in numbers_in(utterance) if 1 <= one.value <= 5 and one.value == int(one.value)]
    for number in numbers:
        if fits(utterance, number, "rating_patterns"):
            return int(number.value)
    numbers = [number for number in numbers if not number.is_article] or numbers  # "un cuatro"
    values = {number.value for number in numbers}
    if len(values) != 1 or len(utterance.text) > MAX_MARK or "?" in utterance.text:
        return None
    marks = [Found(one.start, one.end, Entry("mark", code)) for one in numbers for code in utterance.codes]
    spans = [*with_neutral(utterance, "rating_words", "articles"), *marks]
    return int(values.pop()) if covered_in_one_language(utterance.text, spans, {"mark"}) else None


def tone(utterance: Utterance) -> Literal["praise", "complaint"] | None:
    """Whether an answer about the service praises or complains; None if neither or both."""
    negated = [utterance.folded.span(start, end) for start, end in negated_in(utterance)]
    bad = bool(utterance.of("complaint"))
    good = False
    for match in utterance.of("praise"):
        start = utterance.folded.origin[match.start]
        if any(is_inside(match, worse) for worse in utterance.of("complaint")):
            continue
        if any(first <= start < last for first, last in negated):
            bad = True
        else:
            good = True
    return None if good == bad else "praise" if good else "complaint"
