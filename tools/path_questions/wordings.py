"""How each path was asked for in the examples: a question comes in, the wordings nearest to it go out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from tools.path_questions.features import Features, MaskedQuestion
from tools.path_questions.relation_path import RelationPath

MAX_OF_A_PATH = 40
"""Wordings that are kept of one path, the commonest first."""


class Wordings:
    """Questions of the examples without their names, by path. Reading is thread safe."""

    def __init__(self, asked: Iterable[tuple[MaskedQuestion, RelationPath]]) -> None:
        """Of a path that has more wordings than are kept, the first are."""
        self._by_path: dict[RelationPath, list[MaskedQuestion]] = defaultdict(list)
        for question, path in asked:
            if len(self._by_path[path]) < MAX_OF_A_PATH:
                self._by_path[path].append(question)

    @classmethod
    def of_examples(cls, weights: Mapping[tuple[MaskedQuestion, RelationPath], float]) -> "Wordings":
        """The wordings of examples, each with how much it counts."""
        return cls(sorted(weights, key=lambda example: (-weights[example], str(example))))

    def __iter__(self) -> Iterator[tuple[MaskedQuestion, RelationPath]]:
        return ((question, path) for path, questions in self._by_path.items() for question in questions)

    def nearest(
        self, asked: Features, own: Mapping[MaskedQuestion, Features], count: int, of_a_path: int
    ) -> list[tuple[MaskedQuestion, RelationPath]]:
        """So many wordings that have most in common with what is asked, the nearest first; of one path so many at most.

        `own` are the features of each wording.
        """
        by_path = [
            sorted(((_in_common(asked, own[one]), one, path) for one in kept), key=_by_likeness)[:of_a_path]
            for path, kept in self._by_path.items()
        ]
        best = sorted((one for some in by_path for one in some), key=_by_likeness)[:count]
        return [(wording, path) for _, wording, path in best]


def _by_likeness(found: tuple[float, MaskedQuestion, RelationPath]) -> tuple[float, MaskedQuestion, str]:
    return (-found[0], found[1], str(found[2]))


def _in_common(one: Features, other: Features) -> float:
    """The dot product of two questions' features."""
    _, here, there = np.intersect1d(one.numbers, other.numbers, assume_unique=True, return_indices=True)
    return float(one.values[here] @ other.values[there])
