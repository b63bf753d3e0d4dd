"""How stretches of a folded text lie: places in it come in; neighbours, overlaps and the clause around go out."""

import re

from agent.spoken.text import Found

BACKWARD_WORDS = 3
SEPARATORS = ' .,!;:。、，！；：…·・"“”«»¡「」『』~'
CLAUSE_ENDS = ".,!?;:。、，！？；：…¿¡।"


def clause_around(text: str, position: int) -> tuple[int, int]:
    """The clause around a place: from punctuation to punctuation, but not the points within numbers."""
    start, end = position, position
    while start > 0 and not _ends_clause(text, start - 1):
        start -= 1
    while end < len(text) and not _ends_clause(text, end):
        end += 1
    return start, end


def skip(text: str, position: int, what: str = SEPARATORS) -> int:
    """The next place that holds none of these characters."""
    while position < len(text) and text[position] in what:
        position += 1
    return position


def last_words(text: str, begin: int, end: int) -> int:
    """Where the last few words before a place begin; in scripts without spaces all of the stretch."""
    words = list(re.finditer(r"\S+", text[begin:end]))
    if not words:
        return end
    return begin + words[max(len(words) - BACKWARD_WORDS, 0)].start()


def is_just_before(text: str, first_end: int, second_start: int) -> bool:
    """Whether nothing but a space or colon stands between two stretches."""
    return first_end <= second_start and second_start - first_end <= 3 and not text[first_end:second_start].strip(" :")


def is_inside(inner: Found, outer: Found) -> bool:
    """Whether one lies in the other, or just where the other lies."""
    return outer.start <= inner.start and inner.end <= outer.end


def is_strictly_inside(inner: Found, outer: Found) -> bool:
    """Whether one lies in a longer one."""
    return is_inside(inner, outer) and inner.end - inner.start < outer.end - outer.start


def overlap(one: Found, other: Found) -> bool:
    """Whether two share a character."""
    return one.start < other.end and other.start < one.end


def _ends_clause(text: str, position: int) -> bool:
    if text[position] not in CLAUSE_ENDS:
        return False
    is_decimal = text[position] in ".," and text[position + 1 : position + 2].isdigit()
    return not (is_decimal and position > 0 and text[position - 1].isdigit())
