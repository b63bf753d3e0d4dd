"""The wake phrase: a text as a recogniser heard it comes in, what was said after the phrase goes out."""

import re
from collections.abc import Sequence

from anyascii import anyascii
from rapidfuzz import fuzz

from agent.spoken.stretches import CLAUSE_ENDS

WAKE_SIMILARITY = 85.0


def strip_wake_phrase(text: str, phrases: Sequence[str]) -> str:
    """The text without a wake phrase at its start, however a recogniser spelt it."""
    words = list(re.finditer(r"[^\W_]+", text[:80]))[:6]
    best, cut = WAKE_SIMILARITY, 0
    for phrase in phrases:
        wanted = _sound(phrase)
        length = len(phrase.split())
        for count in range(1, min(length + 2, len(words)) + 1):
            similarity = fuzz.ratio(_sound(text[: words[count - 1].end()]), wanted)
            if similarity > best or (cut == 0 and similarity == best):
                best, cut = similarity, words[count - 1].end()
    return text[cut:].lstrip(CLAUSE_ENDS + " -–—~") if cut else text


def _sound(text: str) -> str:
    """Letters only, in Latin script, one spelling for OK."""
    letters = "".join(letter for letter in anyascii(text).casefold() if letter.isalnum())
    return "ok" + letters[4:] if letters.startswith("okay") else letters
