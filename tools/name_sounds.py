"""How names sound: names in any script come in, those of an index that sound alike go out.

Names change as they pass from one script to another: vowels come and go, d turns into t and l into r. So in the code of
a sound a consonant is two letters, its family and itself, and a vowel only one.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import Indel

from tools.name_index import fold, stands_alone

MAX_ALIKE = 24
"""Spellings that are given for one sound, the likest."""
_SPELT = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"tsch|dzh|tch|tsh", "c"), (r"sch|sh", "x"), (r"zh", "j"), (r"ch|cz", "c"), (r"ph", "f"), (r"ck", "k"),
        (r"th", "t"), (r"kh", "h"), (r"gh", "g"), (r"qu", "kv"),
    )
]  # fmt: skip
_LATIN_SPELT = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"x", "ks"), (r"tion", "shon"), (r"ch(?=[rlt])", "k"), (r"c(?=[eiy])", "s"), (r"c(?!h)", "k"),
        (r"\bwr", "r"), (r"\bkn", "n"), (r"ee|ea|ie|ei|ey|ay|ai", "e"), (r"oo|ou|ui|au|aw|ow", "o"),
        (r"(?<=\w\w)e\b", ""),
    )
]  # fmt: skip
_DOUBTFUL = [
    (re.compile(pattern), sound) for pattern, sound in ((r"ch(?![rlt])", "k"), (r"g(?=[eiy])", "j"), (r"\bj", "y"))
]
"""Letters that sound otherwise in another language's names."""
_SAME_SOUND = str.maketrans({"q": "k", "w": "v", "y": "i"})
_CODES = {
    **{
        letter: family + letter
        for family, letters in {"P": "bp", "F": "fv", "T": "td", "K": "kg", "S": "szcjx", "L": "lr", "N": "nm"}.items()
        for letter in letters
    },
    **{"h": "h", "a": "a", "e": "e", "i": "e", "o": "o", "u": "o"},
    " ": "  ",
}
_VOWELS = frozenset("aeo")
_REPEATED = re.compile(r"(.)\1+")
_KANA_ADDED_VOWEL = re.compile(r"(?<=[bcdfghjklmnprstvz])u(?=[bcdfghjklmnprstvz]|$)")  # "Hanks" reads "hankusu"
_KANA_SMALL_VOWEL = re.compile(r"(?<=[bcdfghjkmnprstz])iy(?=[aou])")  # "Joe" reads "jiyo"
_KANA_DOUBLING = "ッ"
_PINYIN = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"q", "c"), (r"x", "s"), (r"ng", "n"), (r"er(?![aeiou])", "r"), (r"ai|ao|ia|ua", "a"), (r"ei|ui", "e"),
        (r"uo|ou|iu", "o"),
    )
]  # fmt: skip
_PARTED = re.compile(r"[\s·・‧•-]+")


class Script(NamedTuple):
    """What a script tells of a name's sound."""

    hears_vowels: bool
    is_kana: bool
    is_han: bool


def script_of(character: str) -> Script:
    """The script of a character that is not Latin; Hebrew and Arabic write no vowels, or as letters that are also
    consonants."""
    return Script(
        hears_vowels=not "\u0590" <= character <= "\u06ff",
        is_kana="\u30a0" <= character <= "\u30ff",
        is_han=stands_alone(character) and not "\u3040" <= character <= "\u30ff",
    )


def heard(text: str) -> str:
    """The code of how a name sounds that is written in another script than the Latin one."""
    script = script_of(text[0])
    words = [_heard_word(word, script) for word in _PARTED.split(text.replace(_KANA_DOUBLING, ""))]
    code = _code(" ".join(words))
    return code if script.hears_vowels else _without_vowels(code)


def _heard_word(word: str, script: Script) -> str:
    if script.is_han:
        syllables = [anyascii(character).lower() for character in word]
        for pattern, sound in _PINYIN:
            syllables = [pattern.sub(sound, syllable) for syllable in syllables]
        return "".join(syllables)
    latin = fold(anyascii(word)).replace(" ", "")
    if not script.hears_vowels:
        return latin[:1] + latin[1:].replace("w", "o").replace("y", "i")  # consonants, too, but more often vowels
    if script.is_kana:
        return _KANA_SMALL_VOWEL.sub("", _KANA_ADDED_VOWEL.sub("", latin))
    return latin


def spelt(name: str) -> list[str]:
    """The codes of how a folded name in Latin letters may sound, the likeliest first."""
    variants = [name]
    for pattern, sound in _DOUBTFUL:
        variants += [pattern.sub(sound, variant) for variant in variants if pattern.search(variant)]
    codes: list[str] = []
    for variant in variants:
        latin = variant
        for pattern, sound in _LATIN_SPELT:
            latin = pattern.sub(sound, latin)
        codes.append(_code(latin))
    return codes


def _code(latin: str) -> str:
    for pattern, sound in _SPELT:
        latin = pattern.sub(sound, latin)
    latin = latin.translate(_SAME_SOUND)
    return _REPEATED.sub(r"\1", "".join(_CODES.get(letter, "") for letter in _REPEATED.sub(r"\1", latin)))


def _without_vowels(code: str) -> str:
    return "".join(letter for letter in code if letter not in _VOWELS)


class SoundIndex:
    """Spellings by the family of their first consonant."""

    def __init__(self, spellings: Iterable[tuple[int, str]]) -> None:
        """`spellings` are folded Latin names with what each is to be known by."""
        self._full: dict[str, tuple[list[str], list[int]]] = {}
        self._bare: dict[str, tuple[list[str], list[int]]] = {}
        for number, spelling in spellings:
            for code in spelt(spelling):
                bare = _without_vowels(code)
                for codes, own in ((self._full, code), (self._bare, bare)):
                    kept, numbers = codes.setdefault(bare[:1], ([], []))
                    kept.append(own)
                    numbers.append(number)

    def alike(self, code: str, least: float) -> Iterator[tuple[int, float]]:
        """Spellings that sound like a code, with their likeness (0..1), the likest first."""
        bare = _without_vowels(code)
        codes, numbers = (self._bare if bare == code else self._full).get(bare[:1], ([], []))
        near = process.extract(code, codes, scorer=Indel.normalized_similarity, score_cutoff=least, limit=MAX_ALIKE)
        for _, likeness, place in near:
            yield numbers[place], likeness
