"""Takes a sentence or a name and gives the nodes of the graph that it may mean, spelt right or not, in any script."""

from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from tools.name_index import (
    MIN_FUZZY_LETTERS,
    Kind,
    NameEntry,
    NameIndex,
    Token,
    load_common_words,
    load_name_words,
    similarity,
    sound,
    stands_alone,
    tokenise,
)
from tools.name_slips import SlipIndex
from tools.name_sounds import Script, SoundIndex, heard, script_of, spelt

__all__ = ["Candidate", "Mention", "NameEntry", "NameLinker"]

MAX_TEXT = 2_000
MAX_CANDIDATES = 8
CERTAIN = 0.5
"""A mention whose best candidate scores below this is probably ordinary words that happen to spell a name."""

_KIND_SCORE = {Kind.FULL: 1.0, Kind.BARE: 0.9, Kind.PART: 0.75}
_RESPACED = 0.97
_INFLECTED = 0.95
_DOUBTFUL = 0.4
_IMPROBABLE_RUN = 5  # a title's words, counting twice those with a meaning of their own: rarely said by chance
_SPAN_COST = 1.5
# A single lower-case word is a name with a slip in it only if it is long and the slip is small.
_SURE_LETTERS, _SURE_LIKENESS, _GUESS = 8, 0.85, 0.6
_MAX_FUZZY_FORMS = 1_500
_EDGE_LIKENESS = 0.8
_MAX_FORMS_BESIDE = 500
_MAX_FUZZY_ANCHORS = 12
_MAX_FUZZY_WORDS = 5
_MAX_READINGS, _MAX_SLIPPED_WORDS = 16, 12
_MAX_HEARD_WORDS, _LEAST_HEARD_LETTERS, _MOST_LIKE = 40, 3, 8
_HEARD_LIKENESS = 0.55
_GUESSED_LIKENESS = 0.65
_OPENING_QUOTES = "\"“„«‹「『《〈'‘‚"
_CLOSING_QUOTES = "\"”“»›」』》〉'’‘"
_SENTENCE_ENDS = ".!?…。！？:¿¡\n"
_MAX_FOREIGN_WORDS, _MAX_HAN = 4, 5
_LEAST_SOUNDS, _LENGTH_POWER = 5, 0.35
_MAX_MISHEARD, _LEAST_MISHEARD, _MISHEARD_LIKENESS = 4, 10, 0.86
_MIDDLE_DOTS = ("·", "・", "‧", "•")


class Candidate(BaseModel, frozen=True):
    """A node that a mention may mean; `score` is 0..1."""

    node_id: str
    node_type: str
    name: str
    score: float


class Mention(BaseModel, frozen=True):
    """A stretch `start:end` of the original text and what it may mean, best first, at most eight."""

    text: str
    start: int
    end: int
    candidates: tuple[Candidate, ...]


class _Span(NamedTuple):
    """Tokens `first` to `last` read as forms of the index, each with its score."""

    first: int
    last: int
    score: float
    forms: dict[int, float]


class NameLinker:
    """Finds the names of a fixed set of nodes. Reading is thread safe; nothing changes after construction."""

    def __init__(
        self,
        entries: Iterable[NameEntry],
        common_words: Container[str] | None = None,
        part_types: Container[str] = frozenset({"Person"}),
    ) -> None:
        """`part_types` are the node types whose names people shorten to a first or last name."""
        self._words = load_name_words()
        common = load_common_words() if common_words is None else common_words
        self._index = NameIndex(entries, common, self._words, part_types)

    def find(self, text: str) -> list[Mention]:
        """All names in a sentence, not overlapping, in text order. Only the first 2,000 characters are read."""
        text = text[:MAX_TEXT]
        tokens = tokenise(text)
        exact = list(self._exact_spans(text, tokens))
        spans = exact + self._fuzzy_spans(text, tokens, exact) + self._foreign_spans(text, tokens, exact)
        spans += self._misheard_spans(tokens, spans)
        return [self._mention(text, tokens, span) for span in _best_cover(spans, tokens)]

    def readings(self, text: str) -> list[Mention]:
        """Every stretch of a sentence that may be a name, also where stretches overlap, likeliest first, at most 16.

        For whoever can tell by the rest of the sentence which is meant: ordinary words that spell a name are among
        them, and every name with one slip of the finger in it.
        """
        text = text[:MAX_TEXT]
        tokens = tokenise(text)
        exact = list(self._exact_spans(text, tokens))
        spans = exact + self._foreign_spans(text, tokens, exact) + list(self._slipped_spans(tokens))
        if not spans:
            spans = self._fuzzy_spans(text, tokens, exact)
        merged: dict[tuple[int, int], dict[int, float]] = {}
        for span in spans:
            forms = merged.setdefault((span.first, span.last), {})
            forms.update({form: max(score, forms.get(form, 0.0)) for form, score in span.forms.items()})
        found = [_Span(first, last, max(forms.values()), forms) for (first, last), forms in merged.items()]
        found.sort(key=lambda span: -span.score * sum(len(token.text) for token in tokens[span.first : span.last + 1]))
        return [self._mention(text, tokens, span) for span in found[:_MAX_READINGS]]

    def _slipped_spans(self, tokens: list[Token]) -> Iterator[_Span]:
        """Stretches that are one slip away from a name."""
        words = self._words.function_words
        for first in range(len(tokens)):
            compact = ""
            for last in range(first, min(first + min(self._index.max_tokens, _MAX_SLIPPED_WORDS), len(tokens))):
                compact += tokens[last].text
                said = [token.text for token in tokens[first : last + 1]]
                if all(word in words for word in said) or (first == last and self._index.is_common(said[0])):
                    continue
                trust = _DOUBTFUL if all(map(self._index.is_common, said)) else _RESPACED
                forms: dict[int, float] = {}
                for form in self._slips.near(compact):
                    respaced = _RESPACED if self._index.form_spelling[form].count(" ") != last - first else 1.0
                    forms[form] = _KIND_SCORE[self._index.form_kind[form]] * trust * (1 - 1 / len(compact)) * respaced
                if forms:
                    yield _Span(first, last, max(forms.values()), forms)

    @cached_property
    def _slips(self) -> SlipIndex:
        return SlipIndex(self._index.form_compact)

    def link(self, name: str, types: Container[str] | None = None) -> Mention | None:
        """What a string that is known to be a name may mean, among nodes of `types`; None if nothing is like it."""
        name = name[:MAX_TEXT]
        tokens = tokenise(name)
        if not tokens:
            return None
        whole = "".join(token.text for token in tokens)
        for forms in self._readings(name, whole, tokens):
            if candidates := self._candidates(forms, types):
                return Mention(text=name, start=0, end=len(name), candidates=candidates)
        inner = [
            mention.model_copy(update={"candidates": kept})
            for mention in self.find(name)
            if (kept := tuple(c for c in mention.candidates if types is None or c.node_type in types))
        ]
        return max(inner, key=lambda mention: mention.candidates[0].score, default=None)

    def names_like(self, text: str, limit: int = 20) -> list[str]:
        """Names that may have been said where a recogniser wrote these words in Latin letters, likeliest first."""
        tokens = [token for token in tokenise(text[:MAX_TEXT]) if token.text.isascii()][:_MAX_HEARD_WORDS]
        windows = [tokens[first : first + length] for first in range(len(tokens)) for length in range(1, 4)]
        heard = {
            sound("".join(token.text for token in window))
            for window in windows
            if not all(self._index.is_common(token.text) for token in window)
        }
        heard = sorted(spelling for spelling in heard if len(spelling) >= _LEAST_HEARD_LETTERS)
        if not heard:
            return []
        likeness = self._likeness_to(heard)
        best: dict[str, float] = {}
        for row in likeness:
            for form in np.argsort(-row, kind="stable")[:_MOST_LIKE]:
                name = self._index.names[self._index.form_entry[form]]
                best[name] = max(best.get(name, 0.0), float(row[form]))
        likely = [name for name in best if best[name] >= _HEARD_LIKENESS]
        return sorted(likely, key=lambda name: (-best[name], name))[:limit]

    def sounding_like(self, name: str, types: Container[str]) -> Mention | None:
        """What a name may be that nobody has, if it was only heard and written so: nodes of `types`, none surer than
        another; None if nothing sounds like it."""
        tokens = tokenise(name[:MAX_TEXT])
        heard = sound("".join(token.text for token in tokens if token.text.isascii()))
        if len(heard) < _LEAST_HEARD_LETTERS:
            return None
        [row] = self._likeness_to([heard])
        forms = [int(form) for form in np.flatnonzero(row >= _GUESSED_LIKENESS)]
        guessed = self._candidates({form: float(row[form]) for form in forms}, types)
        if not guessed:
            return None
        equally = tuple(candidate.model_copy(update={"score": CERTAIN}) for candidate in guessed)
        return Mention(text=name[:MAX_TEXT], start=0, end=len(name[:MAX_TEXT]), candidates=equally)

    def _likeness_to(self, heard: Sequence[str]) -> NDArray[np.float32]:
        """How alike each of these sounds is to each form's."""
        return process.cdist(heard, self._sounds, scorer=Indel.normalized_similarity, dtype=np.float32)

    @cached_property
    def _sounds(self) -> list[str]:
        """The sound of each form."""
        return [sound(spelling) if spelling.isascii() else "" for spelling in self._index.form_compact]

    def is_common(self, word: str) -> bool:
        """Whether an ordinary word, or a number, that says nothing about a name."""
        return all(self._index.is_common(token.text) for token in tokenise(word))

    # Exact spellings

    def _exact_spans(self, text: str, tokens: list[Token]) -> Iterator[_Span]:
        for first in range(len(tokens)):
            compact = ""
            for last in range(first, min(first + self._index.max_tokens, len(tokens))):
                word = tokens[last].text
                compact += word
                span = self._exact_span(text, tokens, first, last, compact, 1.0)
                if span is None and len(word) >= 5 and word.endswith("s") and not self._index.is_derived(word):
                    span = self._exact_span(text, tokens, first, last, compact[:-1], _INFLECTED)
                if span is not None:
                    yield span

    def _exact_span(
        self, text: str, tokens: list[Token], first: int, last: int, compact: str, factor: float
    ) -> _Span | None:
        forms = self._index.spelt(compact)
        if not forms:
            return None
        spelling = " ".join(token.text for token in tokens[first : last + 1])
        ordinary = all(self._index.is_common(token.text) for token in tokens[first : last + 1])
        factor *= self._trust(text, tokens, first, last) if ordinary else 1.0
        scores: dict[int, float] = {}
        for form in forms:
            respaced = self._index.form_spelling[form] != spelling
            if respaced and ordinary:
                continue
            scores[form] = _KIND_SCORE[self._index.form_kind[form]] * factor * (_RESPACED if respaced else 1.0)
        return _Span(first, last, max(scores.values()), scores) if scores else None

    def _trust(self, text: str, tokens: list[Token], first: int, last: int) -> float:
        """How far a run of ordinary words is to be taken for a name, from quotes, cues, capitals and its length."""
        if _is_quoted(text, tokens[first].start, tokens[last].end):
            return 1.0
        cued = first > 0 and tokens[first - 1].text in self._words.cues
        if cued and not all(token.text in self._words.function_words for token in tokens[first : last + 1]):
            return 0.9
        if self._capitals_tell(text, tokens, first, last):
            return 0.9
        words = [token.text for token in tokens[first : last + 1] if len(token.text) > 1]
        telling = sum(word not in self._words.function_words for word in words)
        improbable = len(words) >= 3 and telling >= 1 and len(words) + telling >= _IMPROBABLE_RUN
        return 0.9 if improbable else _DOUBTFUL

    def _capitals_tell(self, text: str, tokens: list[Token], first: int, last: int) -> bool:
        """Whether the span is set off by capitals, in a text that does not capitalise other ordinary words."""
        if _starts_sentence(text, tokens[first].start):
            return last > first and all(token.capital or len(token.text) < 4 for token in tokens[first : last + 1])
        if not tokens[first].capital or not tokens[last].capital:
            return False
        others = [token for place, token in enumerate(tokens) if not first <= place <= last and len(token.text) > 1]
        if not any(not token.capital for token in others):
            return False
        return not any(
            token.capital and self._index.is_common(token.text) and not _starts_sentence(text, token.start)
            for token in others
        )

    # Misspelt names in Latin letters

    def _fuzzy_spans(self, text: str, tokens: list[Token], exact: list[_Span]) -> list[_Span]:
        """Misspelt names around each unknown word, and around known words that no full name of several words has."""
        certain = [span for span in exact if span.score >= CERTAIN]
        known = _positions(certain)
        settled = _positions(span for span in certain if span.last > span.first)
        spans: list[_Span] = []
        anchors = 0
        for place, token in enumerate(tokens):
            if place in settled or not token.text.isascii() or self._index.is_derived(token.text):
                continue
            anchors += 1
            if anchors > _MAX_FUZZY_ANCHORS:
                break
            forms = self._forms_near(tokens, place, known=place in known)
            spans += self._windows(text, tokens, place, forms, known) if forms else ()
        return spans

    def _forms_near(self, tokens: list[Token], place: int, *, known: bool) -> list[int]:
        """Forms that share the word, a similar one or, if no name has such a word, one of the words beside it."""
        word = tokens[place].text
        forms = list(self._index.with_word(word))
        if not forms and len(word) > 1:
            for beside in tokens[max(0, place - 1) : place] + tokens[place + 1 : place + 2]:
                near = self._index.with_word(beside.text)
                forms += near if len(near) <= _MAX_FORMS_BESIDE else ()
        if len(word) >= MIN_FUZZY_LETTERS and not known:
            for near in self._index.similar_words(word):
                forms += self._index.with_word(near)
        return list(dict.fromkeys(forms))[:_MAX_FUZZY_FORMS]

    def _windows(
        self, text: str, tokens: list[Token], anchor: int, forms: list[int], known: set[int]
    ) -> Iterator[_Span]:
        compacts = [self._index.form_compact[form] for form in forms]
        for first in range(max(0, anchor - _MAX_FUZZY_WORDS + 1), anchor + 1):
            for last in range(anchor, min(first + _MAX_FUZZY_WORDS, len(tokens))):
                if first == last and anchor in known:
                    continue
                span = self._window(text, tokens, first, last, forms, compacts)
                if span is not None:
                    yield span

    def _window(
        self, text: str, tokens: list[Token], first: int, last: int, forms: list[int], compacts: list[str]
    ) -> _Span | None:
        words = [token.text for token in tokens[first : last + 1]]
        compact = "".join(words)
        if len(compact) < MIN_FUZZY_LETTERS:
            return None
        # By letters the cut-off is low, since a spelling by sound ("Kristofer") may be far from the letters.
        near = process.extract(compact, compacts, scorer=OSA.normalized_similarity, score_cutoff=0.55, limit=8)
        scores: dict[int, float] = {}
        for spelling, _, place in near:
            form = forms[place]
            like = similarity(compact, spelling)
            if like < _least_likeness(len(spelling)) or not self._edges_agree(words, form):
                continue
            if self._index.is_ordinary(form):
                # One ordinary word with a slip in it is that word, not the title it may also be.
                like *= self._trust(text, tokens, first, last) if last > first else 0.0
            elif (
                first == last and not tokens[first].capital and (len(compact) < _SURE_LETTERS or like < _SURE_LIKENESS)
            ):
                like *= _GUESS
            scores[form] = _KIND_SCORE[self._index.form_kind[form]] * like * _RESPACED
        best = max(scores.values(), default=0.0)
        return _Span(first, last, best, scores) if best > 0 else None

    def _edges_agree(self, words: Sequence[str], form: int) -> bool:
        """An ordinary word at either end belongs to the window only if the name has that word there, or nearly."""
        own = self._index.form_spelling[form].split()
        return all(self._edge_agrees(word, own_word) for word, own_word in ((words[0], own[0]), (words[-1], own[-1])))

    def _edge_agrees(self, word: str, own: str) -> bool:
        if word == own or not self._index.is_common(word):
            return True
        return len(word) >= MIN_FUZZY_LETTERS and OSA.normalized_similarity(word, own) >= _EDGE_LIKENESS

    # Names in other scripts

    def _foreign_spans(self, text: str, tokens: list[Token], exact: list[_Span]) -> list[_Span]:
        taken = _positions(span for span in exact if span.score >= CERTAIN)
        spans: list[tuple[_Span, str]] = []
        for first, last in _foreign_stretches(text, tokens):
            if not taken.isdisjoint(range(first, last + 1)) or self._is_edged_by_common(tokens, first, last):
                continue
            code = heard(text[tokens[first].start : tokens[last].end])
            scores = self._sounding(code, script_of(text[tokens[first].start]))
            if scores:
                spans.append((_Span(first, last, max(scores.values()), scores), code))
        return _apart(spans)

    def _is_edged_by_common(self, tokens: list[Token], first: int, last: int) -> bool:
        """Whether a stretch begins or ends with an ordinary word."""
        return self._index.is_common(tokens[first].text) or self._index.is_common(tokens[last].text)

    def _sounding(self, code: str, script: Script) -> dict[int, float]:
        """Forms that sound like a name in another script; the less is heard of it, the more alike they must be."""
        sounds = len(code.replace(" ", ""))
        if sounds < _LEAST_SOUNDS:
            return {}
        least = _least_sounding(sounds, script)
        return {
            form: _KIND_SCORE[self._index.form_kind[form]] * likeness * _RESPACED
            for form, likeness in reversed(list(self._sound_index.alike(code, least)))
        }

    @cached_property
    def _sound_index(self) -> SoundIndex:
        index = self._index
        return SoundIndex(
            (form, spelling)
            for form, spelling in enumerate(index.form_spelling)
            if spelling.isascii() and index.form_kind[form] is not Kind.BARE
        )

    # Names in Latin letters that were written as they were heard

    def _misheard_spans(self, tokens: list[Token], spans: list[_Span]) -> list[_Span]:
        """Full names that sound like two or three words, one of them unknown and not yet part of a name."""
        explained = _positions(span for span in spans if span.score >= CERTAIN)
        found: dict[tuple[int, int], tuple[_Span, str]] = {}
        unknown = [place for place, token in enumerate(tokens) if place not in explained and self._is_unknown(token)]
        for place in unknown[:_MAX_MISHEARD]:
            for first in range(max(0, place - 2), place + 1):
                for last in range(max(place, first + 1), min(first + 3, len(tokens))):
                    words = [token.text for token in tokens[first : last + 1]]
                    if all(map(str.isascii, words)) and not any(word in self._words.function_words for word in words):
                        scores = self._misheard(" ".join(words))
                        if scores:
                            found[first, last] = _Span(first, last, max(scores.values()), scores), " ".join(words)
        return _apart(found.values())

    def _is_unknown(self, token: Token) -> bool:
        word = token.text
        return word.isascii() and len(word) >= _LEAST_HEARD_LETTERS and not self._index.is_derived(word)

    def _misheard(self, spelling: str) -> dict[int, float]:
        scores: dict[int, float] = {}
        for code in spelt(spelling):
            if len(code.replace(" ", "")) >= _LEAST_MISHEARD:
                for form, likeness in self._sound_index.alike(code, _MISHEARD_LIKENESS):
                    if self._index.form_kind[form] is Kind.FULL:
                        scores[form] = max(likeness * _RESPACED, scores.get(form, 0.0))
        return scores

    # A string known to be a name

    def _readings(self, name: str, whole: str, tokens: list[Token]) -> Iterator[dict[int, float]]:
        """Ways to read a whole string as a name, the surest first."""
        index = self._index
        yield {form: _KIND_SCORE[index.form_kind[form]] for form in index.spelt(whole)}
        if len(tokens) > 1 and tokens[0].text in self._words.articles:
            rest = whole[len(tokens[0].text) :]
            yield {form: 0.95 * _KIND_SCORE[index.form_kind[form]] for form in index.spelt(rest)}
        if whole.endswith("s"):
            yield {form: _INFLECTED * _KIND_SCORE[index.form_kind[form]] for form in index.spelt(whole[:-1])}
        if not whole.isascii():
            yield self._sounding(heard(name), script_of(name[0]))
        elif len(whole) >= 4:
            yield self._most_alike(whole)

    def _most_alike(self, whole: str) -> dict[int, float]:
        """The likest of all forms: every one is compared, which one name can afford and a sentence cannot."""
        compacts = self._index.form_compact
        near = process.extract(whole, compacts, scorer=OSA.normalized_similarity, score_cutoff=0.5, limit=40)
        scores: dict[int, float] = {}
        for spelling, _, form in near:
            like = similarity(whole, spelling)
            if like >= 0.72:
                scores[form] = _KIND_SCORE[self._index.form_kind[form]] * like * _RESPACED
        return scores

    # Results

    def _mention(self, text: str, tokens: list[Token], span: _Span) -> Mention:
        start, end = tokens[span.first].start, tokens[span.last].end
        return Mention(text=text[start:end], start=start, end=end, candidates=self._candidates(span.forms, None))

    def _candidates(self, forms: dict[int, float], types: Container[str] | None) -> tuple[Candidate, ...]:
        index = self._index
        best: dict[int, float] = {}
        for form, score in forms.items():
            entry = index.form_entry[form]
            if types is None or index.node_types[entry] in types:
                best[entry] = max(score, best.get(entry, 0.0))
        order = sorted(best, key=lambda entry: (-best[entry], index.names[entry], index.node_ids[entry]))
        return tuple(
            Candidate(
                node_id=index.node_ids[entry],
                node_type=index.node_types[entry],
                name=index.names[entry],
                score=round(best[entry], 4),
            )
            for entry in order[:MAX_CANDIDATES]
        )


def _least_likeness(letters: int) -> float:
    """The least likeness at which a spelling of so many letters is a slip and not another word."""
    if letters < 5:
        return 1.0
    return 0.8 if letters < 12 else 0.78


def _positions(spans: Iterable[_Span]) -> set[int]:
    return {place for span in spans for place in range(span.first, span.last + 1)}


def _is_quoted(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return bool(before and after) and before in _OPENING_QUOTES and after in _CLOSING_QUOTES


def _starts_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'“„«¿¡(")
    return not before or before[-1] in _SENTENCE_ENDS


def _least_sounding(sounds: int, script: Script) -> float:
    """The least likeness at which a code of so many sounds is the same name."""
    if script.is_han:
        return 0.7
    if not script.hears_vowels:
        return 0.95 if sounds < 8 else 0.88 if sounds < 12 else 0.8
    return 0.9 if sounds < 8 else 0.82 if sounds < 12 else 0.76


def _apart(spans: Iterable[tuple[_Span, str]]) -> list[_Span]:
    """The best spans of those that overlap: a longer one, by its sound, only if it is nearly as alike."""
    kept: list[_Span] = []
    for span, _ in sorted(spans, key=lambda heard: -heard[0].score * len(heard[1]) ** _LENGTH_POWER):
        if all(span.last < other.first or other.last < span.first for other in kept):
            kept.append(span)
    return kept


def _foreign_stretches(text: str, tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Where a name in another script may stand, as first and last token."""
    units = list(_foreign_units(tokens))
    for start, (first, _) in enumerate(units):
        for end in range(start, min(start + _MAX_FOREIGN_WORDS, len(units))):
            if end > start and units[end][0] != units[end - 1][1] + 1:
                break
            yield first, units[end][1]
    yield from _dotted_han(text, tokens)


def _foreign_units(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Words of other scripts as first and last token; a run of Katakana is one word, and Han is none by itself."""
    place = 0
    while place < len(tokens):
        last = place
        if stands_alone(tokens[place].text[0]):
            while last + 1 < len(tokens) and _continues_katakana(tokens, last):
                last += 1
        if not tokens[place].text.isascii() and (last > place or not stands_alone(tokens[place].text[0])):
            yield place, last
        place = last + 1


def _dotted_han(text: str, tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Stretches of Han around the middle dot that parts a foreign name."""
    for place in range(len(tokens) - 1):
        if text[tokens[place].end : tokens[place + 1].start] in _MIDDLE_DOTS and _is_han(tokens[place]):
            firsts = [first for first in range(max(0, place - _MAX_HAN), place + 1) if _is_han(tokens[first])]
            lasts = range(place + 1, min(place + 2 + _MAX_HAN, len(tokens)))
            for first in firsts:
                yield from ((first, last) for last in lasts if _is_han(tokens[last]))


def _is_han(token: Token) -> bool:
    return stands_alone(token.text[0]) and script_of(token.text[0]).is_han


def _continues_katakana(tokens: list[Token], place: int) -> bool:
    here, following = tokens[place], tokens[place + 1]
    return "\u30a0" <= here.text <= "\u30ff" and "\u30a0" <= following.text <= "\u30ff" and here.end == following.start


def _best_cover(spans: list[_Span], tokens: list[Token]) -> list[_Span]:
    """The spans without overlap that explain most of the text, weighed by score and length."""
    by_last: dict[int, list[_Span]] = {}
    for span in spans:
        by_last.setdefault(span.last, []).append(span)
    # best[n] is the best cover of the first n tokens: its weight and its last span.
    weights, chosen = [0.0], list[_Span | None]([None])
    for last in range(len(tokens)):
        weight, pick = weights[-1], None
        for span in by_last.get(last, ()):
            letters = sum(len(token.text) for token in tokens[span.first : last + 1])
            worth = span.score * letters * 0.2
            if span.score >= CERTAIN:  # one long name explains more than two short ones beside each other
                worth = max(span.score * letters - _SPAN_COST, worth)
            if weights[span.first] + worth > weight:
                weight, pick = weights[span.first] + worth, span
        weights.append(weight)
        chosen.append(pick)
    cover: list[_Span] = []
    place = len(tokens)
    while place > 0:
        span = chosen[place]
        if span is None:
            place -= 1
        else:
            cover.append(span)
            place = span.first
    return cover[::-1]
