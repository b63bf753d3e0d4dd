"""Takes a comment apart: the text of one comment comes in, its opinions go out, as a customer may hold several."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

MAX_OPINIONS = 8
"""Of one comment; who writes a novel is not heard more often than others."""
MAX_OPINION_CHARACTERS = 300
MIN_LETTERS = 6
"""A shorter stretch belongs to the one before it."""
MIN_DENSE_LETTERS = 3
"""The same in scripts that write a word in one or two signs."""

_ENDS = r"(?<=[.!?…])\s+|(?<=[。！？।॥;；])|\n"
_DENSE = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


class OpinionSplitter:
    """Splits where a sentence ends and where one of the words stands with which a comment turns to something else."""

    def __init__(self, turns: Iterable[str]) -> None:
        words = sorted(dict.fromkeys(turns), key=len, reverse=True)
        spaced = "|".join(re.escape(word) for word in words if not _is_dense(word))
        dense = "|".join(re.escape(word) for word in words if _is_dense(word))
        patterns = [_ENDS]
        if spaced:
            patterns.append(rf"[,;:–-]?\s+(?=(?:{spaced})(?!\S))")
        if dense:
            patterns.append(rf"[，、,]?(?={dense})")
        self._split = re.compile("|".join(patterns), re.IGNORECASE)
        self._lead = re.compile(rf"(?:(?:{spaced})(?!\S)|{dense})[\s,，、:]*" if words else "(?!)", re.IGNORECASE)

    def split(self, text: str) -> list[str]:
        """The opinions in the order of the text, each without the word that turned to it; none for a text without
        letters."""
        parts: list[str] = []
        for stretch in self._split.split(text):
            part = (
                self._lead.sub("", stretch.strip(), count=1) if self._lead.match(stretch.strip()) else stretch.strip()
            )
            if not any(character.isalpha() for character in part):
                continue
            if (parts and _is_short(part)) or (parts and _is_short(parts[-1])):
                parts[-1] = f"{parts[-1]} {part}"
            else:
                parts.append(part)
        return [part[:MAX_OPINION_CHARACTERS] for part in parts[:MAX_OPINIONS]]


def _is_short(part: str) -> bool:
    letters = [character for character in part if character.isalpha() or unicodedata.category(character) == "Mc"]
    return len(letters) < (MIN_DENSE_LETTERS if _is_dense(part) else MIN_LETTERS)


def _is_dense(text: str) -> bool:
    """Whether most letters are of a script without spaces between words."""
    letters = [character for character in text if character.isalpha()]
    dense = sum(unicodedata.name(letter, "").startswith(_DENSE) for letter in letters)
    return 2 * dense > len(letters)


def distinct(opinions: Sequence[str]) -> list[str]:
    """The opinions, each once."""
    return list(dict.fromkeys(opinions))
