"""Makes up what customers said: the sentences of `evals/feedback` come in, labelled comments go out."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

SENTENCES = Path(__file__).with_name("feedback") / "comments.yaml"
PLAIN_SHARE = 0.6
MIXED_SHARE = 0.15
NOTHING_SHARE = 0.03
OPENER_SHARE, CLOSER_SHARE = 0.3, 0.25
SLIP_SHARE, LOWER_SHARE, UPPER_SHARE = 0.1, 0.15, 0.03
RATED_SHARE, ORDER_SHARE = 0.6, 0.7
GROWING = "stuck"
"""The subject that comes up more and more often."""

Tone = Literal["complaint", "praise", "wish"]
_RATINGS: dict[Tone, tuple[int, ...]] = {"complaint": (1, 1, 2, 2, 3), "praise": (4, 5, 5), "wish": (3, 4)}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Subject(BaseModel):
    """What a comment can be about: how often, in what tone, and in which words of which language."""

    model_config = ConfigDict(extra="forbid")

    tone: Tone
    weight: int
    plain: dict[str, list[str]]
    particular: dict[str, list[str]]


class Sentences(BaseModel):
    """The sentences, and what may stand around them, by language."""

    model_config = ConfigDict(extra="forbid")

    items: dict[str, list[str]]
    openers: dict[str, list[str]]
    closers: dict[str, list[str]]
    joins: dict[str, list[str]]
    nothing: dict[str, list[str]]
    subjects: dict[str, Subject]

    @property
    def languages(self) -> list[str]:
        """The languages there are sentences in."""
        return list(self.items)


@dataclass(frozen=True)
class LabelledComment:
    """A comment with what it is about: no subject where it says nothing, two where it is of two minds."""

    text: str
    language: str
    subjects: tuple[str, ...]
    tones: tuple[Tone, ...]
    rating: int | None
    kiosk_id: str
    order_id: str | None
    at: datetime
    is_plain: bool


@cache
def load_sentences() -> Sentences:
    """The sentences of the file."""
    return TypeAdapter(Sentences).validate_python(yaml.safe_load(SENTENCES.read_text(encoding="utf-8")))


def make_comments(count: int, until: datetime, days: int, seed: int = 7) -> list[LabelledComment]:
    """So many comments at two kiosks over so many days before a moment, the same for the same seed."""
    writer = _Writer(load_sentences(), random.Random(seed))
    return [writer.comment(number, until, days) for number in range(count)]


class _Writer:
    def __init__(self, sentences: Sentences, chance: random.Random) -> None:
        self._sentences, self._chance = sentences, chance

    def comment(self, number: int, until: datetime, days: int) -> LabelledComment:
        language = self._chance.choice(self._sentences.languages)
        subjects = self._subjects()
        is_plain = self._chance.random() < PLAIN_SHARE
        parts = [self._words(subject, language, is_plain) for subject in subjects]
        text = self._chance.choice(self._sentences.joins[language]).join(parts)
        text = self._roughened(self._framed(text, language)) if parts else self._nothing(language)
        tones: tuple[Tone, ...] = tuple(self._sentences.subjects[subject].tone for subject in subjects)
        # the subject that grows comes up towards the end
        lateness = self._chance.random() ** (0.3 if GROWING in subjects else 1.0)
        return LabelledComment(
            text=text,
            language=language,
            subjects=subjects,
            tones=tones,
            rating=self._rating(tones),
            kiosk_id=self._chance.choice(("K1", "K2")),
            order_id=f"{number:012d}" if self._chance.random() < ORDER_SHARE else None,
            at=until - timedelta(days=days * (1 - lateness)),
            is_plain=is_plain,
        )

    def _subjects(self) -> tuple[str, ...]:
        if self._chance.random() < NOTHING_SHARE:
            return ()
        names = list(self._sentences.subjects)
        weights = [self._sentences.subjects[name].weight for name in names]
        first, second = self._chance.choices(names, weights, k=2)
        is_mixed = first != second and self._chance.random() < MIXED_SHARE
        return (first, second) if is_mixed else (first,)

    def _words(self, subject: str, language: str, is_plain: bool) -> str:
        own = self._sentences.subjects[subject]
        sentence = self._chance.choice((own.plain if is_plain else own.particular)[language])
        return sentence.replace("{item}", self._chance.choice(self._sentences.items[language]))

    def _nothing(self, language: str) -> str:
        return self._chance.choice(self._sentences.nothing[language])

    def _framed(self, text: str, language: str) -> str:
        if self._chance.random() < OPENER_SHARE:
            text = f"{self._chance.choice(self._sentences.openers[language])} {text}"
        if self._chance.random() < CLOSER_SHARE:
            stop = "" if text[-1] in "?!.？！。" else "。" if language == "zh" else "।" if language == "hi" else "."
            text = f"{text}{stop} {self._chance.choice(self._sentences.closers[language])}"
        return text

    def _roughened(self, text: str) -> str:
        if self._chance.random() < SLIP_SHARE:
            text = _with_slip(text, self._chance)
        turn = self._chance.random()
        if turn < LOWER_SHARE:
            return text.lower()
        return text.upper() if turn < LOWER_SHARE + UPPER_SHARE else text

    def _rating(self, tones: Sequence[Tone]) -> int | None:
        if not tones or self._chance.random() >= RATED_SHARE:
            return None
        ratings = [self._chance.choice(_RATINGS[tone]) for tone in tones]
        return round(sum(ratings) / len(ratings))


def _with_slip(text: str, chance: random.Random) -> str:
    """A letter of the Latin alphabet changed, left out or doubled, where there is a word long enough."""
    places = [place for place in range(1, len(text) - 1) if text[place - 1 : place + 2].isalpha() and text.isascii()]
    if not places:
        return text
    place = chance.choice(places)
    return text[:place] + chance.choice((chance.choice(_LETTERS), "", text[place] * 2)) + text[place + 1 :]
