"""When it was made: an utterance comes in, the years that were said go out."""

from collections.abc import Iterator
from typing import NamedTuple

from agent.spoken.amounts import with_currency
from agent.spoken.number_patterns import fits
from agent.spoken.numbers import numbers_in
from agent.spoken.stretches import is_just_before
from agent.spoken.utterance import Utterance

FIRST_YEAR, LAST_YEAR = 1880, 2099
OLDEST_DECADE = 30


class YearSpan(NamedTuple):
    """Years that were said, both of them included: "the nineties", "in 1994", "before 2000"."""

    first: int
    last: int


def years(utterance: Utterance) -> YearSpan | None:
    """The years that were said: a year, a decade, or what lies before or after one of them."""
    # "quatre-vingt-dix" has "quatre-vingt" in it
    for span, start, end in sorted(_year_spans(utterance), key=lambda said: said[1] - said[2]):
        before = {match.entry.role for match in utterance.found if is_just_before(utterance.text, match.end, start)}
        after = {match.entry.role for match in utterance.found if is_just_before(utterance.text, end, match.start)}
        if "year_before" in before | after:
            return YearSpan(FIRST_YEAR, span.first - 1)
        if "year_after" in before | after:
            return YearSpan(span.last if span.first == span.last else span.first, LAST_YEAR)
        return span
    return None


def _year_spans(utterance: Utterance) -> Iterator[tuple[YearSpan, int, int]]:
    """Decades, then single years, with where they stand in the folded text."""
    for match in utterance.of("decade"):
        yield _decade(int(match.entry.value)), match.start, match.end
    numbers = [number for number in numbers_in(utterance) if number.value == int(number.value)]
    for number in numbers:
        fitted = fits(utterance, number, "decade_patterns")
        if fitted and number.value % 10 == 0 and (number.value < 100 or FIRST_YEAR <= number.value <= LAST_YEAR):
            yield _decade(int(number.value)), *fitted
    for number in numbers:
        is_year = FIRST_YEAR <= number.value <= LAST_YEAR and number.end - number.start == 4
        if is_year and not with_currency(utterance, number)[2].said:
            yield YearSpan(int(number.value), int(number.value)), number.start, number.end


def _decade(said: int) -> YearSpan:
    """The ten years of a decade, which may be said without its century: nobody means the 1920s by "the 20s" today."""
    first = said if said >= FIRST_YEAR else said + (1900 if said >= OLDEST_DECADE else 2000)
    return YearSpan(first, first + 9)
