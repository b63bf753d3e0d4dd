"""Finds a shop's words in sentences: words with what they stand for go in, the terms in a sentence come out."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import ahocorasick
from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import OSA

from tools.name_index import load_common_words

MAX_WORDS = 50_000
MAX_TEXT_CHARACTERS = 2_000
SHORT_WORD_LETTERS = 5
"""Up to this length a word of another language is likely to be a false friend (French "or" in "black or white")."""
ACCENTS_COUNT_LETTERS = 3
"""Up to this length an accent makes another word ("lã" is wool, "la" an article), so it must be there."""
FEW_WORDS = 3
"""Up to this many words a sentence's language is easily mistaken."""
FUZZY_WORD_LETTERS = 5
COMPOUND_LETTERS = 3
COMPOUNDING_LANGUAGES = frozenset({"de", "nl", "da", "sv", "nb", "nn", "no"})
DIMINUTIVES = {
    "es": (("ito", "o"), ("ita", "a"), ("itos", "os"), ("itas", "as"), ("cito", ""), ("cita", "")),
    "it": (("ino", "o"), ("ino", "e"), ("ina", "a"), ("ini", "i"), ("ine", "e"), ("cino", "e"), ("cini", "i")),
    "pt": (("inho", "o"), ("inha", "a"), ("inhos", "os"), ("inhas", "as"), ("zinho", ""), ("zinha", "")),
}
"""Endings that make a small thing of a thing, and what the plain word ends in instead: chinelinho, a chinelo."""
UNSPACED_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")

Kind = Literal["category", "colour", "material", "feature"]
NamedWords = tuple[Kind, str, Mapping[str, Sequence[str]]]
"""A term's kind and key, and its words by language."""


class TermMatch(BaseModel):
    """A term that was recognised: which one, and where in the text (from `start`, up to but without `end`)."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    key: str
    start: int
    end: int
    surface: str
    is_slip: bool = False
    """Whether it is only a slip of the finger away from the term's word."""


@dataclass(frozen=True)
class _Entry:
    """One word of one term in one language; `accented` is how it must be written, where its accents count."""

    kind: Kind
    key: str
    language: str
    accented: str = ""


@dataclass(frozen=True)
class _Span:
    """Entries that share a stretch of the folded text."""

    start: int
    end: int
    entries: tuple[_Entry, ...]
    is_slip: bool = False


_APOSTROPHES = "’‘ʼ＇`´"


def fold(text: str) -> tuple[str, list[int]]:
    """The text without case, Latin accents and width, and for each of its characters the place it came from."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", "'" if character in _APOSTROPHES else character).casefold():
            if not "\u0300" <= part <= "\u036f":
                folded.append(part)
                places.append(place)
    return "".join(folded), places


class TermFinder:
    """Finds terms in sentences of any of their languages, without a model and in well under a millisecond."""

    def __init__(self, terms: Iterable[NamedWords], allows_slips: bool = True) -> None:
        self._entries = _index(terms)
        self._automaton = ahocorasick.Automaton()
        for word, entries in self._entries.items():
            self._automaton.add_word(word, (len(word), entries))
        self._automaton.make_automaton()
        self._near = _deletions(word for word in self._entries if allows_slips and _may_be_fuzzy(word))
        self._tails, self._heads = _compound_parts(self._entries)
        self._non_latin = _written_otherwise(self._entries)

    def find(self, text: str, language: str | None = None) -> list[TermMatch]:
        """The terms in the text in order, over all languages at once.

        The longest of overlapping words wins; words that several terms share give several matches, those of the
        sentence's language alone if it is among them. Short words of other languages do not count. The language is
        `language` or, without one, the one or the few that most of what is found belongs to.
        """
        text = text[:MAX_TEXT_CHARACTERS]
        folded, places = fold(text)
        tokens = _tokens(folded)
        candidates = self._candidates(folded, places, text)
        languages = frozenset({language}) if language else _likely_languages(candidates)
        is_foreign = languages <= self._non_latin
        spans = _longest(candidates, languages, is_foreign)
        if not spans and language and len(tokens) <= FEW_WORDS:
            spans = _longest(candidates, _likely_languages(candidates))
        left = [token for token in tokens if not any(_overlap(token, span) for span in spans)]
        for start, end in left:
            spans += (
                self._compound(folded, start, end, language)
                or self._diminutive(folded, start, end, language)
                or self._fuzzy(folded, start, end, language)
            )
        spans = [part for span in spans for part in self._with_head(folded, span)]
        found: list[TermMatch] = []
        for span in sorted(spans, key=lambda span: (span.start, span.end)):
            start, end = places[span.start], _surface_end(text, places, span.end)
            terms = {(entry.kind, entry.key): entry for entry in span.entries}.values()
            found += [
                TermMatch(
                    kind=term.kind, key=term.key, start=start, end=end, surface=text[start:end], is_slip=span.is_slip
                )
                for term in terms
            ]
        return found

    def _candidates(self, folded: str, places: list[int], text: str) -> list[_Span]:
        """Every word of the vocabulary in the text, whether or not they overlap."""
        candidates: list[_Span] = []
        if not self._entries:
            return candidates  # an automaton without words cannot search
        for last, (length, entries) in self._automaton.iter(folded):
            start, end = last - length + 1, last + 1
            if not _is_bounded(folded, start, end):
                continue
            if length <= ACCENTS_COUNT_LETTERS:
                written = _written(text[places[start] : _surface_end(text, places, end)])
                entries = tuple(entry for entry in entries if entry.accented in ("", written))  # noqa: PLW2901
            if entries:
                candidates.append(_Span(start, end, entries))
        return candidates

    def _with_head(self, folded: str, span: _Span) -> list[_Span]:
        """The span, or two when it is a compound that the vocabulary lists whole and that names its material too."""
        if not any(entry.language in COMPOUNDING_LANGUAGES and entry.kind == "category" for entry in span.entries):
            return [span]
        head, *tail = self._compound(folded, span.start, span.end, None) or [span]
        return [head, _Span(head.end, span.end, span.entries)] if tail else [span]

    def _compound(self, folded: str, start: int, end: int, language: str | None) -> list[_Span]:
        """A kind of goods as the tail of a compound word, and a material as its head (Lederschuhe)."""
        if language is not None and language not in COMPOUNDING_LANGUAGES:
            return []
        token = folded[start:end]
        for cut in range(COMPOUND_LETTERS, len(token) - COMPOUND_LETTERS + 1):
            if tail := self._tails.get(token[cut:]):
                spans = [_Span(start + cut, end, tail)]
                for length in range(cut, COMPOUND_LETTERS - 1, -1):
                    # what may stand between head and tail are the joints -s-, -n-, -en-
                    if (head := self._heads.get(token[:length])) and token[length:cut] in ("", "s", "n", "en"):
                        return [_Span(start, start + length, head), *spans]
                return spans
        return []

    def _diminutive(self, folded: str, start: int, end: int, language: str | None) -> list[_Span]:
        """The plain word of one that is said small."""
        token = folded[start:end]
        for ending, plain in DIMINUTIVES.get(language or "", ()):
            entries = self._entries.get(token.removesuffix(ending) + plain, ()) if token.endswith(ending) else ()
            if kept := tuple(entry for entry in entries if entry.language == language and not entry.accented):
                return [_Span(start, end, kept)]
        return []

    def _fuzzy(self, folded: str, start: int, end: int, language: str | None) -> list[_Span]:
        """A word that is one slip of the finger away."""
        token = folded[start:end]
        if not _may_be_fuzzy(token) or token in load_common_words():
            return []
        near = {word for part in _without_one(token) for word in self._near.get(part, ())}
        entries = [
            entry
            for word in sorted(near)
            if _is_slip(token, word)
            for entry in self._entries[word]
            if language in (None, entry.language)
        ]
        # a slip that could have been meant for two terms of a kind tells nothing
        terms = {(entry.kind, entry.key) for entry in entries}
        return [_Span(start, end, tuple(entries), is_slip=True)] if len(terms) == 1 else []


def _index(terms: Iterable[NamedWords]) -> dict[str, tuple[_Entry, ...]]:
    """Folded words, each with what it may stand for; an umlaut may also be spelt with an e."""
    index: dict[str, dict[_Entry, None]] = defaultdict(dict)
    for kind, key, words_of in terms:
        for language, words in words_of.items():
            for word in words:
                for spelling in {word, _spelt_out(word)} if language in COMPOUNDING_LANGUAGES else {word}:
                    folded = fold(spelling)[0].strip()
                    counts = len(folded) <= ACCENTS_COUNT_LETTERS and folded != _written(spelling)
                    entry = _Entry(kind, key, language, _written(spelling) if counts else "")
                    if folded and len(index) < MAX_WORDS:
                        index[folded][entry] = None
    return {word: tuple(entries) for word, entries in index.items()}


def _spelt_out(word: str) -> str:
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
        word = word.replace(umlaut, letters)
    return word


def _written(word: str) -> str:
    """A word with its accents, without case and width."""
    return unicodedata.normalize("NFKC", word).casefold().strip()


def _surface_end(text: str, places: list[int], end: int) -> int:
    """Where in the text a stretch of the folded text ends, with the accents that stand behind its last letter."""
    place = places[end - 1] + 1
    while place < len(text) and "\u0300" <= text[place] <= "\u036f":
        place += 1
    return place


def _longest(candidates: Iterable[_Span], languages: frozenset[str], has_other_script: bool = False) -> list[_Span]:
    """The longest candidates that do not overlap, each with the entries that count in these languages.

    In languages of another script short words in Latin letters count as well: they are no false friends there.
    """
    spans: list[_Span] = []
    for span in sorted(candidates, key=lambda span: (span.start - span.end, span.start)):
        kept = tuple(entry for entry in span.entries if entry.language in languages)
        if not kept and (has_other_script or span.end - span.start > SHORT_WORD_LETTERS):
            kept = span.entries
        if kept and not any(_overlap((span.start, span.end), other) for other in spans):
            spans.append(_Span(span.start, span.end, kept))
    return spans


def _likely_languages(candidates: Iterable[_Span]) -> frozenset[str]:
    """The languages that what was found may be in: those with more than half of the letters of the best one."""
    letters: Counter[str] = Counter()
    for span in candidates:
        for language in {entry.language for entry in span.entries}:
            letters[language] += span.end - span.start
    most = max(letters.values(), default=0)
    return frozenset(language for language, count in letters.items() if 2 * count > most)


def _written_otherwise(index: Mapping[str, Sequence[_Entry]]) -> frozenset[str]:
    """The languages most of whose words are not in Latin letters."""
    words = Counter(entry.language for entries in index.values() for entry in entries)
    latin = Counter(entry.language for word, entries in index.items() if word.isascii() for entry in entries)
    return frozenset(language for language, count in words.items() if 2 * latin[language] < count)


def _compound_parts(
    index: dict[str, tuple[_Entry, ...]],
) -> tuple[dict[str, tuple[_Entry, ...]], dict[str, tuple[_Entry, ...]]]:
    """Words that may end a compound, and stems of materials that may begin one (Wolle: Woll-)."""
    tails: dict[str, tuple[_Entry, ...]] = {}
    heads: dict[str, tuple[_Entry, ...]] = {}
    for word, entries in index.items():
        joining = [entry for entry in entries if entry.language in COMPOUNDING_LANGUAGES]
        if len(word) < COMPOUND_LETTERS or not word.isalpha() or not joining:
            continue
        if kinds := tuple(entry for entry in joining if entry.kind == "category"):
            tails[word] = kinds
        if materials := tuple(entry for entry in joining if entry.kind == "material"):
            for stem in {word, word.removesuffix("e")}:
                heads.setdefault(stem, materials)
    return tails, heads


def _is_spaced(character: str) -> bool:
    """Whether the character is part of a word in a script that puts spaces between words."""
    if unicodedata.category(character)[0] not in "LMN":
        return False
    return character.isascii() or not unicodedata.name(character, "").startswith(UNSPACED_SCRIPTS)


def _is_bounded(text: str, start: int, end: int) -> bool:
    """Whether no word goes on beyond this stretch of the text."""
    before = start > 0 and _is_spaced(text[start - 1]) and _is_spaced(text[start])
    after = end < len(text) and _is_spaced(text[end]) and _is_spaced(text[end - 1])
    return not before and not after


def _tokens(text: str) -> list[tuple[int, int]]:
    """Where the words of spaced scripts are."""
    edges = [0, *(place for place in range(1, len(text)) if _is_spaced(text[place - 1]) != _is_spaced(text[place]))]
    return [(start, end) for start, end in pairwise([*edges, len(text)]) if start < end and _is_spaced(text[start])]


def _overlap(stretch: tuple[int, int], span: _Span) -> bool:
    return stretch[0] < span.end and span.start < stretch[1]


def _may_be_fuzzy(word: str) -> bool:
    return len(word) >= FUZZY_WORD_LETTERS and all(unicodedata.category(letter)[0] in "LM" for letter in word)


def _without_one(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _deletions(words: Iterable[str]) -> dict[str, list[str]]:
    """Every word under each form of it that lacks one letter: two words one slip apart share such a form."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in words:
        for part in _without_one(word):
            found[part].append(word)
    return dict(found)


def _is_slip(token: str, word: str) -> bool:
    """Whether the token is the word with one slip. In the shortest words a changed or a last letter makes another
    word too often (books, boots; short, shorts), so there only a swap or an inner letter too many or too few counts."""
    if token[0] != word[0] or OSA.distance(token, word, score_cutoff=1) > 1:
        return False
    if min(len(token), len(word)) > FUZZY_WORD_LETTERS:
        return True
    if len(token) == len(word):
        return sorted(token) == sorted(word)
    return not token.startswith(word) and not word.startswith(token)
