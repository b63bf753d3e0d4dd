"""What a question looks like with its name left out: a masked question comes in, numbered features go out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.name_index import tokenise

PLACEHOLDER = "X"
"""Stands for the name where a model of meaning reads the question."""
_MASK, _START, _END = "\ufffc", "\u2402", "\u2403"
_WORDS_IN_A_ROW = (1, 2, 3)
_LETTERS_IN_A_ROW = (3, 4, 5)
_SEPARATOR = " "
_IN_WORD, _IN_ORDER = "~", ">"
_WEIGHTS = {"": 1.0, _IN_WORD: 1.0, _IN_ORDER: 2.0}
"""How long the features of a kind are together, by what their names begin with: runs of words have no mark."""
_STEM = 4
"""Letters of a word that tell it from others whatever its ending, where the order of words is what matters."""


class MaskedQuestion(NamedTuple):
    """What a question says before and after the name that it starts from."""

    before: str
    after: str

    @property
    def text(self) -> str:
        """The question with a placeholder for the name."""
        return f"{self.before}{PLACEHOLDER}{self.after}"


def mask(question: str, start: int, end: int) -> MaskedQuestion:
    """The question without what stands at `start:end`."""
    return MaskedQuestion(question[:start], question[end:])


class Features(NamedTuple):
    """The features of one question: their numbers and values."""

    numbers: NDArray[np.int32]
    values: NDArray[np.float32]


class WordFeatures:
    """Runs of words, runs of letters within words, and pairs of words in their order, each weighed by how rare it is.

    The order tells "actors in films directed by" from "directors of films acted in by".
    """

    def __init__(self, names: Sequence[str], rarity: NDArray[np.float32]) -> None:
        self.names, self.rarity = tuple(names), rarity
        self._number = {name: number for number, name in enumerate(self.names)}
        kinds = list(_WEIGHTS)
        self._kinds = np.array([kinds.index(name[0] if name[0] in kinds else "") for name in self.names])

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def learn(cls, questions: Sequence[MaskedQuestion]) -> "WordFeatures":
        """All features of these questions."""
        found = Counter(name for question in questions for name in set(_names(question)))
        names = sorted(found)
        counts = np.array([found[name] for name in names], dtype=np.float32)
        return cls(names, np.log((1 + len(questions)) / (1 + counts)) + 1)

    def count_unknown(self, question: MaskedQuestion) -> int:
        """How many words of a question no example had."""
        return sum(token.text not in self._number for part in question for token in tokenise(part))

    def of(self, question: MaskedQuestion) -> Features:
        """Those features of a question that are known."""
        counts = Counter(self._number[name] for name in _names(question) if name in self._number)
        numbers = np.array(list(counts), dtype=np.int32)
        values = (1 + np.log(np.array(list(counts.values()), dtype=np.float32))) * self.rarity[numbers]
        for kind, weight in enumerate(_WEIGHTS.values()):
            own = self._kinds[numbers] == kind
            values[own] *= weight / max(float(np.linalg.norm(values[own])), 1e-9)
        return Features(numbers, values)


def _names(question: MaskedQuestion) -> Iterator[str]:
    before = [token.text for token in tokenise(question.before)]
    after = [token.text for token in tokenise(question.after)]
    yield from _runs([_START, *before, _MASK, *after, _END])
    for words in (before, after):
        for word in words:
            yield from _letters(word)
        yield from _pairs(words)


def _runs(words: Sequence[str]) -> Iterator[str]:
    """All runs of up to three words."""
    for length in _WORDS_IN_A_ROW:
        for first in range(len(words) - length + 1):
            yield _SEPARATOR.join(words[first : first + length])


def _letters(word: str) -> Iterator[str]:
    """All runs of three to five letters of a word with its ends marked; a word of one letter has none."""
    if len(word) > 1:
        marked = f"{_START}{word}{_END}"
        for length in _LETTERS_IN_A_ROW:
            for first in range(len(marked) - length + 1):
                yield _IN_WORD + marked[first : first + length]


def _pairs(words: Sequence[str]) -> Iterator[str]:
    """Every longer word with every longer one after it, by their stems."""
    stems = [word[:_STEM] for word in words if len(word) >= _STEM]
    for first, second in combinations(stems, 2):
        if first != second:
            yield f"{_IN_ORDER}{first}{_SEPARATOR}{second}"
