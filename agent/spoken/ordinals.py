"""Places in an order: an utterance comes in; the ordinals and places that were said go out."""

from typing import NamedTuple

from agent.spoken.number_patterns import fits
from agent.spoken.numbers import numbers_in
from agent.spoken.stretches import is_inside, overlap
from agent.spoken.text import Entry, Found
from agent.spoken.utterance import Utterance

MAX_ORDINAL = 50


class OrdinalMatch(NamedTuple):
    """A place in an order: 1 is the first, -1 the last; where it stands in the text (up to but without `end`)."""

    value: int
    start: int
    end: int


def said_ordinals(utterance: Utterance) -> list[OrdinalMatch]:
    """All places in an order that were said, from left to right, with where they stand in the text."""
    return [
        OrdinalMatch(int(match.entry.value), *utterance.folded.span(match.start, match.end))
        for match in ordinals_in(utterance)
    ]


def said_places(utterance: Utterance) -> list[OrdinalMatch]:
    """All whole numbers up to MAX_ORDINAL, in figures or words, that could be the place of something ("scene two")."""
    return [
        OrdinalMatch(int(number.value), *utterance.folded.span(number.start, number.end))
        for number in numbers_in(utterance)
        if not number.is_article and number.value == int(number.value) and 1 <= number.value <= MAX_ORDINAL
    ]


def ordinals_in(utterance: Utterance) -> list[Found]:
    """Ordinals in the folded text; where they overlap the longest."""
    found = utterance.of("ordinal")
    for number in numbers_in(utterance):
        if number.value != int(number.value) or not 1 <= number.value <= MAX_ORDINAL:
            continue
        if span := fits(utterance, number, "ordinal_patterns"):
            found.append(Found(*span, Entry("ordinal", number.code, str(int(number.value)))))
    decoys = utterance.of("not_ordinals")
    kept: list[Found] = []
    for match in sorted(found, key=lambda match: (match.start - match.end, match.start)):
        if any(is_inside(match, decoy) for decoy in decoys) or any(overlap(match, other) for other in kept):
            continue
        kept.append(match)
    return sorted(kept, key=lambda match: match.start)
