"""Makes text comparable as people write and dictate it: text in, folded text that remembers its places out."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import ahocorasick

MAX_CHARACTERS = 2_000
_JOINERS = frozenset("-‐‑‒–—'’‘`´ʼ")
_LATIN_MARKS = range(0x0300, 0x0370)
_NUKTA, _CHANDRABINDU, _ANUSVARA = "\u093c", "\u0901", "\u0902"
_HALFWIDTH_MARKS = frozenset("\uff9e\uff9f")


@dataclass(frozen=True)
class Folded:
    """Folded text; `origin[i]` is where its character i came from, and one more entry for the end."""

    text: str
    origin: list[int] = field(repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original text that a stretch of the folded text came from."""
        return self.origin[start], self.origin[end - 1] + 1 if end > start else self.origin[start]


def fold(text: str) -> Folded:
    """The text without case, Latin accents, width and nukta, in ASCII digits, apostrophes and hyphens as spaces, and
    with one space where there were several. Only the first MAX_CHARACTERS are read."""
    text = text[:MAX_CHARACTERS]
    letters: list[str] = []
    origin: list[int] = []
    position = 0
    while position < len(text):
        end = position + 1
        while end < len(text) and (unicodedata.combining(text[end]) or text[end] in _HALFWIDTH_MARKS):
            end += 1
        for letter in _fold_cluster(text[position:end] if end - position < 8 else text[position]):
            if letter != " " or (letters and letters[-1] != " "):
                letters.append(letter)
                origin.append(position)
        position = end
    origin.append(len(text))
    return Folded("".join(letters), origin)


def fold_phrase(phrase: str) -> str:
    """A phrase of a language pack as it is looked for."""
    return fold(phrase).text.strip()


@lru_cache(maxsize=8_192)
def _fold_cluster(cluster: str) -> str:
    """One letter with its marks, folded; "½" becomes ".5" as in sizes."""
    if cluster == "½":
        return ".5"
    folded: list[str] = []
    for letter in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", cluster).casefold()):
        category = unicodedata.category(letter)
        if ord(letter) in _LATIN_MARKS or letter == _NUKTA or category == "Cf":
            continue
        if letter in _JOINERS or category in ("Zs", "Cc", "Zl", "Zp"):
            folded.append(" ")
        elif category == "Nd":
            folded.append(str(unicodedata.decimal(letter)))
        else:
            folded.append(_ANUSVARA if letter == _CHANDRABINDU else letter)
    return unicodedata.normalize("NFC", "".join(folded))


@lru_cache(maxsize=8_192)
def is_unspaced(letter: str) -> bool:
    """Whether words of this letter's script stand without spaces between them (Han, Kana)."""
    return unicodedata.name(letter, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC ITERATION"))


@lru_cache(maxsize=8_192)
def _is_word_letter(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" and not is_unspaced(letter)


def is_boundary(text: str, position: int) -> bool:
    """Whether a word may begin or end between two characters of a folded text."""
    if position <= 0 or position >= len(text):
        return True
    return not (_is_word_letter(text[position - 1]) and _is_word_letter(text[position]))


@dataclass(frozen=True)
class Entry:
    """What a phrase is: its role, the language it is of, and a value where the role has one."""

    role: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class Found:
    """A phrase that stands in a folded text."""

    start: int
    end: int
    entry: Entry


class PhraseFinder:
    """Finds all phrases of all languages in one pass."""

    def __init__(self, phrases: Iterable[tuple[str, Entry]]) -> None:
        entries: dict[str, dict[Entry, None]] = {}
        for phrase, entry in phrases:
            if folded := fold_phrase(phrase):
                entries.setdefault(folded, {})[entry] = None
        self._automaton = ahocorasick.Automaton()
        for folded, known in entries.items():
            self._automaton.add_word(folded, (len(folded), tuple(known)))
        self._automaton.make_automaton()

    def find(self, text: str) -> list[Found]:
        """All phrases in a folded text that are whole words there; they may overlap."""
        found: list[Found] = []
        for last, (length, entries) in self._automaton.iter(text):
            start, end = last + 1 - length, last + 1
            if is_boundary(text, start) and is_boundary(text, end):
                found.extend(Found(start, end, entry) for entry in entries)
        return found
