"""A reply comes in, the pieces to be spoken one after the other go out: a short one first, for the sound to begin soon.

The pieces put together are the reply, letter by letter, so that what was heard of it can be told.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from tools.speaking.spoken_forms import spoken_forms

_FIRST_LENGTH = 45
"""A first sentence that is longer is begun with its first clause."""
_LEAST_FIRST = 12
_LONGEST = 200
"""A sentence that is longer is spoken in several pieces."""
_WIDE_LENGTH = 3
"""A syllable of Chinese or Japanese takes as long as so many Latin letters."""
_CLOSING = "\"'”’»」』)）】〉》"
_SENTENCE_END = re.compile(rf"[.!?…]+[{_CLOSING}]*(?=\s)\s+|[。！？｡]+[{_CLOSING}]*\s*|[।॥]+[{_CLOSING}]*\s*|\s*\n\s*")
_CLAUSE_END = re.compile(rf"[,;:—–][{_CLOSING}]*\s+|[、，；：]+[{_CLOSING}]*\s*|\s+[—–]\s+")
_ITEM = re.compile(r"(?:^|[.!?:;।。]\s|\n)\s*\d+\.$")
_DAY = re.compile(r"(?<![\d.,])\d{1,2}\.$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class SpokenClause:
    """A piece of a reply with the spaces after it, and where in the reply it stands."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next piece begins."""
        return self.start + len(self.text)


def split_clauses(reply: str, language: str) -> list[SpokenClause]:
    """Sentences, long ones in parts; none is empty, each but those of a reply without words has a word."""
    ends: list[int] = []
    start = 0
    for end in [*_sentence_ends(reply, language), len(reply)]:
        room = _LONGEST if ends else _FIRST_LENGTH
        ends += _split_long(reply, start, end, room)
        ends.append(end)
        start = end
    return _joined(reply, ends)


def _sentence_ends(reply: str, language: str) -> list[int]:
    return [found.end() for found in _SENTENCE_END.finditer(reply) if not _goes_on(reply, found, language)]


def _goes_on(reply: str, mark: re.Match[str], language: str) -> bool:
    """Whether a full stop belongs to an abbreviation, an initial or the number of an item."""
    if mark.group()[0] != "." or "\n" in mark.group():
        return False
    if mark.end() < len(reply) and reply[mark.end()].islower():
        return True
    before = reply[: mark.start() + 1]
    if re.search(_abbreviations(language), before):
        return True
    # "1. Corvane": nothing but the number since the last sentence. "3. November": a date.
    forms = spoken_forms(language)
    numbered = _DAY if forms and forms.ordinal_dot else _ITEM
    return numbered.search(before) is not None


@cache
def _abbreviations(language: str) -> re.Pattern[str]:
    """What may stand before a full stop that ends no sentence."""
    forms = spoken_forms(language)
    known = [*forms.abbreviations, *forms.units] if forms else []
    dotted = [re.escape(word.rstrip("#")) for word in known if word.rstrip("#").endswith(".")]
    any_of_them = "|".join([*dotted, r"[^\W\d_]\."])
    return re.compile(rf"(?<!\w)(?:{any_of_them})$")


def _split_long(reply: str, start: int, end: int, room: int) -> list[int]:
    """Places to cut a sentence at: a first clause soon where it is the reply's first, then where clauses end."""
    cuts: list[int] = []
    marks = [found.end() for found in _CLAUSE_END.finditer(reply, start, end) if found.end() < end]
    while _length(reply[start:end]) > room:
        least = _LEAST_FIRST if room == _FIRST_LENGTH else room // 2
        if (cut := _place(reply, marks, start, least, _LONGEST)) is None:
            if _length(reply[start:end]) <= _LONGEST:
                break
            spaces = [found.end() for found in _SPACE.finditer(reply, start, end) if found.end() < end]
            cut = _place(reply, spaces, start, _LONGEST // 2, _LONGEST)
        cut = cut or _reached(reply, start, _LONGEST)
        cuts.append(cut)
        start, room = cut, _LONGEST
    return cuts


def _place(reply: str, places: list[int], start: int, least: int, most: int) -> int | None:
    """The first place that leaves a piece of a length between."""
    return next((place for place in places if place > start and least <= _length(reply[start:place]) <= most), None)


def _reached(reply: str, start: int, length: int) -> int:
    """Where so much is said."""
    place = start + 1
    while _length(reply[start:place]) < length:
        place += 1
    return place


def _length(text: str) -> int:
    """About how long a text takes to say, in Latin letters."""
    return sum(_WIDE_LENGTH if unicodedata.east_asian_width(letter) == "W" else 1 for letter in text)


def _joined(reply: str, ends: list[int]) -> list[SpokenClause]:
    """The pieces between the ends; what has no word joins what comes after it, at the end what comes before."""
    pieces: list[SpokenClause] = []
    start = 0
    for end in ends:
        if any(letter.isalnum() for letter in reply[start:end]):
            pieces.append(SpokenClause(reply[start:end], start))
            start = end
    if start < len(reply):
        last = pieces.pop() if pieces else SpokenClause("", 0)
        pieces.append(SpokenClause(last.text + reply[start:], last.start))
    return pieces
