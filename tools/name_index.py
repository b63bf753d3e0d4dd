"""Takes the names of a graph's nodes and gives those that have this spelling, a similar one or a similar sound."""

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml
from anyascii import anyascii
from pydantic import BaseModel
from rapidfuzz import process
from rapidfuzz.distance import OSA

DATA = Path(__file__).with_name("data")
MAX_NAME_TOKENS = 24
MAX_SHARED_FIRST_NAME = 8
MAX_SIMILAR_WORDS = 12
MIN_FUZZY_LETTERS = 5
MIN_BARE_LETTERS = 3
_CONTRACTED = frozenset(("t", "ll", "re", "ve", "m", "d"))
_ENDINGS = ("es", "ies", "ed", "ied", "ing", "er", "ers", "est", "ly", "ness", "d", "r")
_APOSTROPHES = frozenset("'’ʼ‘`´＇")


class NameEntry(BaseModel, frozen=True):
    """A node that people can name, with the other names it goes by."""

    node_id: str
    node_type: str
    name: str
    aliases: tuple[str, ...] = ()


class Kind(IntEnum):
    """How a spelling relates to its node: its name or alias, its title without the article, or part of its name."""

    FULL = 0
    BARE = 1
    PART = 2


class Token(NamedTuple):
    """A folded word (or one character where a script has no spaces) with its place in the original text."""

    text: str
    start: int
    end: int
    capital: bool


class NameWords(BaseModel, frozen=True):
    """The words around and inside names that decide how a spelling is read; all folded."""

    articles: frozenset[str]
    cues: frozenset[str]
    function_words: frozenset[str]
    suffixes: frozenset[str]


@cache
def load_name_words() -> NameWords:
    """The shipped words of all languages together, as sentences mix them."""
    raw = cast(dict[str, Any], yaml.safe_load((DATA / "name_words.yaml").read_text("utf-8")))

    def folded(section: str) -> frozenset[str]:
        value = raw[section]
        lists = cast(list[list[str]], list(value.values()) if isinstance(value, dict) else [value])
        return frozenset(fold(word) for words in lists for word in words)

    return NameWords(
        articles=folded("articles"),
        cues=folded("cues"),
        function_words=folded("function_words"),
        suffixes=folded("suffixes"),
    )


@cache
def load_common_words() -> frozenset[str]:
    """The shipped ordinary words of all languages, folded."""
    lines = (DATA / "common_words.txt").read_text("utf-8").splitlines()
    return frozenset(fold(word) for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    """Lower case without accents; a space for what separates words; nothing for what only decorates them."""
    if character == "&":
        return " and "
    category = unicodedata.category(character)
    if category == "Cf" or "\u0300" <= character <= "\u036f" or "\u064b" <= character <= "\u065f":
        return ""
    if category[0] not in "LNM":
        return " "
    plain = unicodedata.normalize("NFKC", character).casefold()
    if character < "\u0250" or "\u1e00" <= character <= "\u1eff":
        return anyascii(plain).lower()
    if "\u0370" <= character <= "\u04ff":
        return "".join(c for c in unicodedata.normalize("NFD", plain) if not "\u0300" <= c <= "\u036f")
    return plain


def fold(text: str) -> str:
    """Text as names are compared: lower case, no accents, no punctuation, single spaces."""
    return " ".join("".join(map(_fold_character, text)).split())


def stands_alone(character: str) -> bool:
    """Whether a character is of a script written without spaces (Han, Kana, Thai, Lao, Khmer)."""
    return (
        "\u3040" <= character <= "\u30ff"
        or "\u3400" <= character <= "\u9fff"
        or "\u0e00" <= character <= "\u0eff"
        or "\u1780" <= character <= "\u17ff"
        or "\uf900" <= character <= "\ufaff"
        or "\U00020000" <= character <= "\U0003ffff"
        or character in "々〆〇"
    )


def tokenise(text: str) -> list[Token]:
    """The words of a text; "don't" stays one word, "Nolan's" and "l'Uma" become two."""
    tokens: list[Token] = []
    word, start, capital = "", 0, False

    def flush(end: int) -> None:
        nonlocal word
        if word:
            tokens.append(Token(_one_script(word), start, end, capital))
        word = ""

    for position, character in enumerate(text):
        folded = _fold_character(character)
        if folded and (folded.isspace() or folded[0] == " " or stands_alone(character)):
            flush(position)
            if folded.strip():
                tokens.append(Token(folded.strip(), position, position + 1, False))
        elif folded:
            if not word:
                start, capital = position, character.isupper()
            word += folded
    flush(len(text))
    return _join_contractions(tokens, text)


_LOOK_ALIKE = str.maketrans("аеорсхуіјѕһкмтвонαεορτυνικχ", "aeopcxyijshkmtbohaeoptuvikx")
"""Cyrillic and Greek letters in lower case that look like Latin ones."""


def _one_script(word: str) -> str:
    """A word whose letters are Latin but for some that only look so, in Latin letters."""
    if word.isascii() or not any("a" <= letter <= "z" for letter in word):
        return word
    latin = word.translate(_LOOK_ALIKE)
    return latin if latin.isascii() else word


def _join_contractions(tokens: list[Token], text: str) -> list[Token]:
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1] if joined else None
        glued = last is not None and token.start == last.end + 1 and text[last.end] in _APOSTROPHES
        if last is not None and glued and token.text in _CONTRACTED:
            joined[-1] = Token(last.text + token.text, last.start, token.end, last.capital)
        else:
            joined.append(token)
    return joined


_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"), (r"ck", "k"), (r"sch", "s"), (r"ch", "k"), (r"qu?", "k"), (r"x", "ks"), (r"c(?=[eiy])", "s"),
        (r"c", "k"), (r"w", "v"), (r"y", "i"), (r"z", "s"), (r"(?<=.)h", ""), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """A rough spelling by sound of a folded Latin word, the same for "Kristofer" and "Christopher"."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


def similarity(left: str, right: str) -> float:
    """How alike two folded spellings are (0..1), by letters or by sound."""
    return max(OSA.normalized_similarity(left, right), 0.97 * OSA.normalized_similarity(sound(left), sound(right)))


@dataclass
class _Bucket:
    """Keys with a common first letter, and what each stands for."""

    keys: list[str] = field(default_factory=list[str])
    values: list[Any] = field(default_factory=list[Any])


class NameIndex:
    """Spellings of names and their nodes. `part_types` are the node types known by a part of their name (people)."""

    def __init__(
        self, entries: Iterable[NameEntry], common: Container[str], words: NameWords, part_types: Container[str]
    ) -> None:
        self.node_ids: list[str] = []
        self.node_types: list[str] = []
        self.names: list[str] = []
        self.form_entry: list[int] = []
        self.form_kind: list[Kind] = []
        self.form_spelling: list[str] = []
        self.form_compact: list[str] = []
        self.max_tokens = 1
        self._by_compact: dict[str, list[int]] = {}
        self._by_word: dict[str, list[int]] = {}
        self._words = words
        self._common = common
        first_names: dict[str, list[int]] = {}
        for entry in entries:
            self._add_entry(entry, entry.node_type in part_types, first_names)
        for first, owners in first_names.items():
            for number in owners if len(owners) <= MAX_SHARED_FIRST_NAME else ():
                self._add_form(number, Kind.PART, [first])
        self._similar = self._bucket_words()

    def _add_entry(self, entry: NameEntry, shortens: bool, first_names: dict[str, list[int]]) -> None:
        number = len(self.node_ids)
        self.node_ids.append(entry.node_id)
        self.node_types.append(entry.node_type)
        self.names.append(entry.name)
        for spelling in dict.fromkeys((entry.name, *entry.aliases)):
            tokens = [token.text for token in tokenise(spelling)][:MAX_NAME_TOKENS]
            if not tokens:
                continue
            self._add_form(number, Kind.FULL, tokens)
            if shortens:
                self._add_parts(number, tokens, first_names)
            else:
                self._add_bare_titles(number, spelling, tokens)

    def _add_bare_titles(self, number: int, spelling: str, tokens: list[str]) -> None:
        """A title without its article, without its subtitle, and without either."""
        main = [token.text for token in tokenise(spelling.partition(":")[0])]
        for title in (tokens, main) if 0 < len(main) < len(tokens) else (tokens,):
            if title is main and len("".join(main)) >= MIN_BARE_LETTERS:
                self._add_form(number, Kind.BARE, main)
            if title[0] in self._words.articles and len("".join(title[1:])) >= MIN_BARE_LETTERS:
                self._add_form(number, Kind.BARE, title[1:])

    def _add_parts(self, number: int, tokens: list[str], first_names: dict[str, list[int]]) -> None:
        """Last names of one or more words ("Carter", "Bonham Carter") and, where few share it, the first name."""
        while len(tokens) > 1 and tokens[-1] in self._words.suffixes:
            tokens = tokens[:-1]
        if any(stands_alone(token[0]) for token in tokens):
            return
        for first in range(1, len(tokens)):
            if len(tokens[first]) > 1 or first < len(tokens) - 1:
                self._add_form(number, Kind.PART, tokens[first:])
        if len(tokens) > 1 and len(tokens[0]) > 2:
            owners = first_names.setdefault(tokens[0], [])
            if number not in owners and len(owners) <= MAX_SHARED_FIRST_NAME:
                owners.append(number)

    def _add_form(self, number: int, kind: Kind, tokens: list[str]) -> None:
        form, compact = len(self.form_entry), "".join(tokens)
        self.form_entry.append(number)
        self.form_kind.append(kind)
        self.form_spelling.append(" ".join(tokens))
        self.form_compact.append(compact)
        self.max_tokens = max(self.max_tokens, len(tokens))
        self._by_compact.setdefault(compact, []).append(form)
        for word in set(tokens):
            self._by_word.setdefault(word, []).append(form)

    def _bucket_words(self) -> dict[str, _Bucket]:
        buckets: dict[str, _Bucket] = {}
        for word in self._by_word:
            if len(word) >= MIN_FUZZY_LETTERS and word.isascii() and not word.isdigit():
                key = sound(word)
                bucket = buckets.setdefault(key[:1], _Bucket())
                bucket.keys.append(key)
                bucket.values.append(word)
        return buckets

    def is_common(self, word: str) -> bool:
        """Whether a folded word, or its plain singular, is an ordinary word; numbers and single letters are too."""
        if word in self._common or word.isdigit():
            return True
        if word.isascii():
            return len(word) == 1 or (word.endswith("s") and word[:-1] in self._common)
        return False

    def is_derived(self, word: str) -> bool:
        """Whether a folded word is ordinary, or an English derivation of an ordinary word ("slower", "painted")."""
        if self.is_common(word):
            return True
        for ending in _ENDINGS:
            stem = word.removesuffix(ending)
            if stem != word and len(stem) >= 3:
                doubled = stem[-1] == stem[-2]
                if any(form in self._common for form in (stem, stem + "e", stem + "y", stem[:-1] if doubled else stem)):
                    return True
        return False

    def is_ordinary(self, form: int) -> bool:
        """Whether a form is made of ordinary words only."""
        return all(map(self.is_common, self.form_spelling[form].split()))

    def spelt(self, compact: str) -> Sequence[int]:
        """The forms spelt exactly so, spaces aside."""
        return self._by_compact.get(compact, ())

    def with_word(self, word: str) -> Sequence[int]:
        """The forms that have this word in them."""
        return self._by_word.get(word, ())

    def similar_words(self, word: str) -> list[str]:
        """Words of names that differ from a folded Latin word by a slip or two, best first."""
        key = sound(word)
        cutoff = 0.72 if len(key) >= 8 else 0.78
        found: list[tuple[float, str]] = []
        for letter in {key[:1], key[1:2]}:
            bucket = self._similar.get(letter)
            if bucket is None:
                continue
            near = process.extract(
                key, bucket.keys, scorer=OSA.normalized_similarity, score_cutoff=cutoff, limit=MAX_SIMILAR_WORDS
            )
            found += [(score, cast(str, bucket.values[place])) for _, score, place in near]
        found.sort(key=lambda pair: -pair[0])
        return [near for _, near in found[:MAX_SIMILAR_WORDS]]
