"""Whether a sentence that a model wrote may stand: the sentence and what customers said come in, a reason against it or
the comments that support it go out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tools.embedding import Vectors
from tools.feedback_themes.taxonomy import Tone

MAX_SENTENCE_CHARACTERS = 240
FEW_WORDS, DISTINCT_SHARE = 8, 0.6
"""Of more than a few words most are different ones, unless a model has run in circles."""
LIKENESS = 0.35
"""Cosine (without what both owe to their languages) from which a comment supports a sentence."""
WANTED_VOICES = 2
CAPITALISED_NOUNS = ("de",)

_MARKUP = re.compile(r"[<>{}\[\]|\\`*_#@]|https?:|www\.|://", re.IGNORECASE)
_MONEY = re.compile(r"[%‰$€£¥₹]")


@dataclass(frozen=True)
class Support:
    """The places of the comments that support a sentence, the best first, or why it may not stand."""

    by: tuple[int, ...] = ()
    against: str = ""


def check_words(text: str, language: str, said: Sequence[str], amounts: Iterable[str]) -> str:
    """Why the words of a sentence may not stand: "" when they may.

    It may not count or name amounts, which only rows do, nor hold markup or addresses, nor name anybody or anything
    with a capital letter that no customer named.
    """
    if not text.strip() or len(text) > MAX_SENTENCE_CHARACTERS or not text.isprintable():
        return "empty, too long or not printable"
    words = [_bare(word) for word in text.split()]
    if len(words) > FEW_WORDS and len(set(words)) < DISTINCT_SHARE * len(words):
        return "it repeats itself"
    if _MARKUP.search(text):
        return "markup or an address"
    if any(sign.isdigit() or (sign.isnumeric() and not sign.isalpha()) for sign in text) or _MONEY.search(text):
        return "a number"
    if amount := next((word for word in amounts if has_word(text, word)), None):
        return f"an amount ({amount})"
    if language not in CAPITALISED_NOUNS and (named := _names(text) - {word for each in said for word in _words(each)}):
        return f"a name that nobody said ({sorted(named)[0]})"
    return ""


def check_meaning(
    direction: Vectors, tone: Tone, opinions: Vectors, voices: Sequence[int], theme_tone: Tone
) -> Support:
    """Whether what customers said supports a sentence: two of them, or the only one, must mean much the same, and in
    the same tone. One alone, who may want to have a sentence written, is not enough.

    `direction` of shape (dimensions,) and `opinions` (opinions, dimensions) are of length 1.
    """
    if {tone, theme_tone} == {Tone.PRAISE, Tone.COMPLAINT}:
        return Support(against="the opposite tone")
    likeness = opinions @ direction
    by_voice: dict[int, int] = {}
    for place in np.argsort(-likeness, kind="stable").tolist():
        if likeness[place] >= LIKENESS:
            by_voice.setdefault(voices[place], place)
    if len(by_voice) < min(WANTED_VOICES, len(set(voices))):
        return Support(against="not what customers said")
    return Support(by=tuple(by_voice.values()))


def has_word(text: str, word: str) -> bool:
    """Whether a word stands in a text, whole where the script has spaces between words."""
    folded, word = text.casefold(), word.casefold()
    if not word or word not in folded:
        return False
    if all(ord(sign) > 0x2E00 for sign in word):  # Chinese, Japanese
        return True
    return re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", folded) is not None


def _names(text: str) -> set[str]:
    """Words with a capital inside a sentence, folded."""
    return {
        _bare(word)
        for before, word in pairwise(text.split())
        if word[0].isupper() and before[-1] not in ".!?…:" and _bare(word) not in {"i", "i'm", "i’m"}
    }


def _words(text: str) -> set[str]:
    return {_bare(word) for word in text.split()}


def _bare(word: str) -> str:
    return word.strip("“”\"'«»„().,;:!?¡¿…").casefold()
