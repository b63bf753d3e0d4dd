"""What a question looks like with its name left out: a masked question comes in, numbered features go out."""

from collections import Counter
from collections.abc import Iterator, Sequence
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
_IN_WORD = "~"


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
    """The features of one question: their numbers and values, the squares of the values summing to 2."""

    numbers: NDArray[np.int32]
    values: NDArray[np.float32]


class WordFeatures:
    """Runs of words, and of letters within words, each weighed by how rare it is among the examples."""

    def __init__(self, names: Sequence[str], rarity: NDArray[np.float32]) -> None:
        self.names, self.rarity = tuple(names), rarity
        self._number = {name: number for number, name in enumerate(self.names)}

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
        """Those features of a question that are known; words and letters weigh the same."""
        numbers: list[int] = []
        values: list[float] = []
        for is_letters in (False, True):
            counts = Counter(
                self._number[name]
                for name in _names(question)
                if name.startswith(_IN_WORD) == is_letters and name in self._number
            )
            weights = np.array([(1 + np.log(count)) * self.rarity[number] for number, count in counts.items()])
            numbers += counts
            values += (weights / max(float(np.linalg.norm(weights)), 1e-9)).tolist()
        return Features(np.array(numbers, dtype=np.int32), np.array(values, dtype=np.float32))


def _names(question: MaskedQuestion) -> Iterator[str]:
    before = [token.text for token in tokenise(question.before)]
    after = [token.text for token in tokenise(question.after)]
    yield from _runs([_START, *before, _MASK, *after, _END])
    for word in (*before, *after):
        yield from _letters(word)


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
