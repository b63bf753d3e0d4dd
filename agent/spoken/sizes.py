"""Sizes: an utterance comes in, the size that was said as the store writes it goes out."""

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from agent.spoken.amounts import with_currency
from agent.spoken.covering import NEUTRAL, covers, is_clause, shifted
from agent.spoken.number_patterns import counts_things
from agent.spoken.numbers import numbers_in
from agent.spoken.ordinals import ordinals_in
from agent.spoken.price_limits import price_limit
from agent.spoken.quantities import MAX_QUANTITY
from agent.spoken.stretches import SEPARATORS, clause_around, is_just_before
from agent.spoken.text import is_boundary
from agent.spoken.utterance import Utterance

SIZES = (Decimal(15), Decimal(60))
"""Bare numbers in this range can be sizes; with a cue any number up to the upper end can."""

_LETTER_SIZE = re.compile(r"(?:[2-6]?x{0,4}[sl]|m)(?:/[sml])?")
_SYSTEMS = ("eu", "us", "uk")


class SizeMatch(BaseModel):
    """A size as the store writes it ("43", "43.5", "XL"); `cue` when the customer said that it is one."""

    model_config = ConfigDict(frozen=True)

    value: str
    cue: bool
    system: str = ""
    start: int
    end: int


def size(utterance: Utterance, heard: str, made: Collection[str] = ()) -> SizeMatch | None:
    """The size that was said; the one with a cue before one without.

    `heard` is the text before it was folded: capitals tell a letter that is a size from a word.
    `made` are the sizes of the product that the talk is about: one of those needs no other sign of a size.
    """
    matches = [*_figure_sizes(utterance, made), *_letter_sizes(utterance, heard, made)]
    best = min(matches, key=lambda match: (match.value not in made, not match.cue, match.start), default=None)
    if best is not None:
        best = _corrected(utterance, best, [match for match in matches if match.cue == best.cue])
    if best is None:
        return None
    start, end = utterance.folded.span(best.start, best.end)
    return best.model_copy(update={"start": start, "end": end})


def size_step(utterance: Utterance) -> int:
    """Whether a size larger (1) or smaller (-1) than the one being talked about is wanted; 0 if neither."""
    larger, smaller = bool(utterance.of("size_up")), bool(utterance.of("size_down"))
    return larger - smaller


def _figure_sizes(utterance: Utterance, made: Collection[str]) -> Iterator[SizeMatch]:
    text = utterance.text
    ordinals = ordinals_in(utterance)
    limited = price_limit(utterance)
    for number in numbers_in(utterance):
        is_made = _plain(number.value) in made
        too_large = number.value > SIZES[1] and not is_made
        if too_large or number.is_article or number.value * 2 != int(number.value * 2) or number.value <= 0:
            continue
        if any(one.start < number.end and number.start < one.end for one in ordinals):
            continue
        start, end, currency = with_currency(utterance, number)
        if currency.said:
            continue
        start, end, system = _with_system(text, number.start, number.end)
        cue = bool(system) or _has_size_cue(utterance, start, end, number.value)
        counts = number.value <= MAX_QUANTITY and counts_things(utterance, number)
        cue = cue or (is_made and number.value >= SIZES[0] and not counts)
        if not cue and (number.code or number.value < SIZES[0] or counts_things(utterance, number)):
            continue
        if not cue and limited is not None and limited.amount == number.value:
            continue
        if not is_boundary(text, start) or not is_boundary(text, end):
            continue
        yield SizeMatch(value=_plain(number.value), cue=cue, system=system, start=number.start, end=number.end)


def _corrected(utterance: Utterance, said: SizeMatch, others: Sequence[SizeMatch]) -> SizeMatch:
    """The size that was said last, where a no stands between the two: "44, ah no, 43"."""
    last = max(others, key=lambda match: match.start)
    is_corrected = any(said.end <= no.start and no.end <= last.start for no in utterance.of("no"))
    return last if is_corrected else said


def _letter_sizes(utterance: Utterance, said: str, made: Collection[str]) -> Iterator[SizeMatch]:
    text = utterance.text
    found = [(match.start, match.end, match.entry.value) for match in utterance.of("letter_size")]
    for match in re.finditer(r"[2-6]?[xsml]{1,5}(?:/[sml])?", text):
        if (
            is_boundary(text, match.start())
            and is_boundary(text, match.end())
            and _LETTER_SIZE.fullmatch(match.group())
        ):
            found.append((match.start(), match.end(), _letters(match.group())))
    longest = [one for one in found if not any(_wider(other, one) for other in found)]
    for start, end, value in longest:
        cue = _has_size_cue(utterance, start, end, None)
        is_single = end - start == 1
        if is_single and said[utterance.folded.origin[start]].isupper():
            # "do you have it in S there?", and "troca pra M" of something that is made in M
            is_led_to = any(is_just_before(text, word.end, start) for word in utterance.of("size_prepositions"))
            cue = cue or is_led_to or value in made
        if is_single and not cue and not _is_clause_alone(utterance, start, end):
            continue
        yield SizeMatch(value=value, cue=cue, start=start, end=end)


def _is_clause_alone(utterance: Utterance, start: int, end: int) -> bool:
    return clause_around(utterance.text, start)[0] == 0 and is_clause(utterance, start, end)


def _has_size_cue(utterance: Utterance, start: int, end: int, value: Decimal | None) -> bool:
    """Whether a cue stands before it (with at most linking words between) or right behind it, or a preposition
    with nothing more in the clause."""
    text = utterance.text
    links = utterance.of("size_links", "articles")
    for cue in utterance.of("size_cues"):
        between = text[cue.end : start]
        if cue.end <= start and len(between) <= 24:
            inner = shifted(links, cue.end, start)
            if not between.strip(SEPARATORS) or covers(between, inner, set()):
                return True
    is_small = value is not None and value < SIZES[0]
    for cue in utterance.of("size_cues_after"):
        if start < cue.start and cue.end <= end:
            return True  # 42号半
        if is_just_before(text, end, cue.start) and not (is_small and len(text[cue.start : cue.end]) == 1):
            return True
    if is_small:
        return False
    weak = any(is_just_before(text, cue.end, start) for cue in utterance.of("size_prepositions"))
    weak = weak and _ends_here(utterance, end)
    behind = [cue for cue in utterance.of("size_prepositions_after") if is_just_before(text, end, cue.start)]
    return weak or bool(behind)


def _ends_here(utterance: Utterance, end: int) -> bool:
    """Whether the clause ends here, but for fillers, or goes on with another preposition or break."""
    stop = clause_around(utterance.text, end)[1]
    rest = utterance.text[end:stop]
    neutral = utterance.of(*NEUTRAL)
    if covers(rest, shifted(neutral, end, stop), set()):
        return True
    going_on = ("clause_breaks", "size_prepositions", "for_others", "for_oneself", "max_before")
    return any(is_just_before(utterance.text, end, cue.start) for cue in utterance.of(*going_on))


def _with_system(text: str, start: int, end: int) -> tuple[int, int, str]:
    """A size with the system of sizes beside it: "EU 42", "9 US"."""
    head, tail = text[:start].rstrip(), text[end:].lstrip()
    if tail.startswith("cm") and is_boundary(tail, 2):
        return start, len(text) - len(tail) + 2, "CM"
    for system in _SYSTEMS:
        if head.endswith(system) and is_boundary(head, len(head) - len(system)):
            return len(head) - len(system), end, system.upper()
        if tail.startswith(system) and is_boundary(tail, len(system)):
            return start, len(text) - len(tail) + len(system), system.upper()
    return start, end, ""


def _letters(written: str) -> str:
    """Letter sizes as stores write them: 2xl → XXL."""
    if written[0].isdigit():
        return "X" * int(written[0]) + written[1:].replace("x", "", 1).upper()
    return written.upper()


def _wider(other: tuple[int, int, str], one: tuple[int, int, str]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1] and other[1] - other[0] > one[1] - one[0]


def _plain(value: Decimal) -> str:
    return str(int(value)) if value == int(value) else str(value.normalize())
