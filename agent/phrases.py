"""Finds phrases in utterances: words of any script in, the places of known phrases among them out."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

MAX_TEXT = 2_000
DROPPED = "'’‘`´ʼ"
SYMBOLS = "#$€£¥₹"
NUMBER = "\ue000"
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA")


class Token(NamedTuple):
    """A word (or one character of a script without spaces), folded, and where it stands in the text.

    `breaks` says that punctuation which ends a clause stands in front of it.
    """

    text: str
    start: int
    end: int
    breaks: bool


def tokenise(text: str) -> list[Token]:
    """The words of a text without case, accents, apostrophes, hyphens and punctuation; digits of any script as 0-9."""
    tokens: list[Token] = []
    word, start, breaks = "", 0, False
    text = text[:MAX_TEXT]

    def flush(end: int) -> None:
        nonlocal word, breaks
        if word:
            tokens.append(Token(word, start, end, breaks))
            word, breaks = "", False

    for place, original in enumerate(text):
        for character in _folded(original):
            if character in DROPPED:
                continue
            if character in ".," and word and word[-1].isdigit() and text[place + 1 : place + 2].isdigit():
                word += "."
            elif unicodedata.category(character)[0] in "LMN" or character in SYMBOLS + NUMBER:
                alone = _stands_alone(character)
                if alone or character in SYMBOLS or (word and word[-1] in SYMBOLS):
                    flush(place)
                if not word:
                    start = place
                word += character
                if alone:
                    flush(place + 1)
            else:
                flush(place)
                breaks = breaks or character in ",;:.!?。，、；！？…("
    flush(len(text))
    return tokens


def _folded(character: str) -> str:
    """The character without case and Latin accents, as one or more plain ones."""
    digit = unicodedata.digit(character, None)
    if digit is not None and character.isdecimal():
        return str(digit)
    parts = unicodedata.normalize("NFKD", character).casefold()
    return "".join(part for part in parts if not "\u0300" <= part <= "\u036f")


def _stands_alone(character: str) -> bool:
    return not character.isascii() and unicodedata.name(character, "").startswith(UNSPACED)


def words(text: str) -> tuple[str, ...]:
    """The folded words of a phrase."""
    return tuple(token.text for token in tokenise(text))


class Match(NamedTuple):
    """A phrase among tokens: from `first` up to but without `end`, and what it stands for."""

    first: int
    end: int
    value: str


class PhraseSet:
    """Phrases, each standing for a value, found among tokens; the longest at a place wins.

    A phrase may hold `{n}`: a number in digits or in one of the `numbers` words, which becomes the match's value.
    """

    def __init__(self, phrases: Mapping[str, str] | Iterable[str], numbers: Mapping[str, int] | None = None) -> None:
        pairs = phrases.items() if isinstance(phrases, Mapping) else ((phrase, phrase) for phrase in phrases)
        self._numbers = numbers or {}
        self._plain: dict[tuple[str, ...], str] = {}
        self._patterns: list[tuple[str, ...]] = []
        for phrase, value in pairs:
            parts = words(phrase.replace("{n}", NUMBER))
            if NUMBER in "".join(parts):
                if parts != (NUMBER,):
                    self._patterns.append(parts)
            elif parts:
                self._plain[parts] = value
        self._longest = max(map(len, self._plain), default=0)

    def at(self, tokens: Sequence[Token], first: int) -> Iterator[Match]:
        """All matches that begin at a token, the longest first."""
        found: list[Match] = []
        spelt = tuple(token.text for token in tokens[first : first + self._longest])
        for length in range(len(spelt), 0, -1):
            value = self._plain.get(spelt[:length])
            if value is not None:
                found.append(Match(first, first + length, value))
        for pattern in self._patterns:
            number = self._number_in(pattern, tokens[first : first + len(pattern)])
            if number is not None:
                found.append(Match(first, first + len(pattern), number))
        return iter(sorted(found, key=lambda match: -match.end))

    def find(self, tokens: Sequence[Token]) -> list[Match]:
        """The matches that do not overlap, in order."""
        found: list[Match] = []
        first = 0
        while first < len(tokens):
            match = next(self.at(tokens, first), None)
            if match:
                found.append(match)
            first = match.end if match else first + 1
        return found

    def _number_in(self, pattern: tuple[str, ...], tokens: Sequence[Token]) -> str | None:
        if len(tokens) != len(pattern):
            return None
        number: str | None = None
        for part, token in zip(pattern, tokens, strict=True):
            if NUMBER not in part:
                if part != token.text:
                    return None
                continue
            before, after = part.split(NUMBER, 1)
            inner = token.text.removeprefix(before).removesuffix(after)
            if len(inner) + len(before) + len(after) != len(token.text):
                return None
            number = inner if inner.isdigit() else _word_number(inner, self._numbers)
            if number is None or len(number) > 6:
                return None
        return number


def _word_number(word: str, numbers: Mapping[str, int]) -> str | None:
    return str(numbers[word]) if word in numbers else None


def covers(tokens: Sequence[Token], sets: Sequence[PhraseSet], needed: Sequence[PhraseSet]) -> bool:
    """Whether the tokens are nothing but phrases of these sets, at least one of them out of a needed set."""
    if not tokens or len(tokens) > 40:
        return False
    reached: dict[int, bool] = {0: False}
    for first in range(len(tokens)):
        if first not in reached:
            continue
        for phrases in (*needed, *sets):
            for match in phrases.at(tokens, first):
                reached[match.end] = reached.get(match.end, False) or reached[first] or phrases in needed
    return reached.get(len(tokens), False)
