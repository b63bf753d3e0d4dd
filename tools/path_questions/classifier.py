"""Which relation path a question asks for: a masked question comes in, the probability of each path goes out.

A path is scored by its parts: how many steps it has, its first and its last, what kind of thing it leads to, every step
and how often it walks over each relation, and the path itself. What was learned of a part from one path holds for every
path that has it, so a wording that was only seen with one relation is understood with another.
"""

import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from tools.embedding import Vectors
from tools.errors import GraphError
from tools.ontology import Ontology
from tools.path_questions.features import Features, MaskedQuestion, WordFeatures
from tools.path_questions.kinds import Kinds
from tools.path_questions.relation_path import RelationPath, parse_relation_path
from tools.path_questions.wordings import Wordings

MEANING_WEIGHT = 3.0
"""The length of the vector of a question's meaning beside its words, whose features have the length 2.4."""
WHOLE_PATH_WEIGHT = 0.3
"""What the whole path is learned by beside its parts: little, since it holds for no other path."""
_FORMAT = 1

Matrix = NDArray[np.float32]


def path_parts(path: RelationPath, kinds: Kinds) -> dict[str, float]:
    """The parts of a path with their weights; `kinds` are those of what steps lead to."""
    steps = [str(RelationPath(steps=(step,))) for step in path.steps]
    walked = Counter(step.relation for step in path.steps)
    return {
        f"steps {len(steps)}": 1.0,
        f"first {steps[0]}": 1.0,
        f"last {steps[-1]}": 1.0,
        f"answers {kinds[path.steps[-1]]}": 1.0,
        **{f"uses {step}": 1.0 for step in steps},
        **{f"over {relation} {times}": 1.0 for relation, times in walked.items()},
        f"path {path}": WHOLE_PATH_WEIGHT,
    }


def part_matrix(paths: Sequence[RelationPath], kinds: Kinds) -> Matrix:
    """How much of each part each path has, shape (paths, parts), parts in the order of their names."""
    parts = [path_parts(path, kinds) for path in paths]
    places = {name: place for place, name in enumerate(sorted({name for own in parts for name in own}))}
    matrix = np.zeros((len(paths), len(places)), dtype=np.float32)
    for row, own in zip(matrix, parts, strict=True):
        for name, weight in own.items():
            row[places[name]] = weight
    return matrix


@dataclass(frozen=True)
class PathWeights:
    """What was learned: for each feature and each path its score, and each path's score without any."""

    features: Matrix
    bias: Matrix


class PathClassifier:
    """Learned weights for words alone, and for words together with their meaning. Reading is thread safe."""

    def __init__(
        self,
        paths: Sequence[RelationPath],
        words: WordFeatures,
        by_words: PathWeights,
        by_meaning: PathWeights | None = None,
        centre: Vectors | None = None,
        wordings: Wordings | None = None,
    ) -> None:
        """`by_meaning` has rows for the words and then for the dimensions of a meaning less the `centre` of all.

        `wordings` are those of the examples that people wrote.
        """
        self.paths = tuple(paths)
        self.wordings = wordings or Wordings(())
        self.words = words
        self._by_words, self._by_meaning, self._centre = by_words, by_meaning, centre

    @property
    def reads_meaning(self) -> bool:
        """Whether meanings were learned from, too."""
        return self._by_meaning is not None

    def log_probabilities(self, question: MaskedQuestion, meaning: Vectors | None = None) -> Matrix:
        """How likely each path is, shape (paths,), natural logarithms."""
        features = self.words.of(question)
        weights = self._by_words
        scores = np.zeros(len(self.paths), dtype=np.float32)
        if meaning is not None and self._by_meaning is not None and self._centre is not None:
            weights = self._by_meaning
            scores = scores + direction(meaning, self._centre) @ weights.features[len(self.words) :]
        scores = scores + weights.bias + features.values @ weights.features[features.numbers]
        scores = scores - scores.max()
        return scores - np.log(np.exp(scores).sum())

    def nearest(
        self, question: MaskedQuestion, count: int, of_a_path: int
    ) -> list[tuple[MaskedQuestion, RelationPath]]:
        """So many wordings of examples that are nearest to a question, the nearest first; of a path so many at most."""
        return self.wordings.nearest(self.words.of(question), self._wording_features, count, of_a_path)

    @cached_property
    def _wording_features(self) -> dict[MaskedQuestion, Features]:
        """The features of all wordings; computed once, and only where a judge is shown some."""
        return {question: self.words.of(question) for question, _ in self.wordings}

    def save(self, file: Path) -> None:
        """Write everything as one file; GraphError when that is not possible."""
        arrays: dict[str, NDArray[Any]] = {
            "format": np.array(_FORMAT),
            "paths": np.array([str(path) for path in self.paths]),
            "features": np.array(self.words.names),
            "rarity": self.words.rarity,
            **_packed("words", self._by_words),
            "wordings": np.array([[*question, str(path)] for question, path in self.wordings], dtype=str),
        }
        if self._by_meaning is not None and self._centre is not None:
            arrays |= {"centre": self._centre, **_packed("meaning", self._by_meaning)}
        fresh = file.with_suffix(".new.npz")
        try:
            np.savez_compressed(fresh, allow_pickle=False, **arrays)
            fresh.replace(file)
        except OSError as error:
            raise GraphError(f"what was learned cannot be written to {file}: {error.strerror}") from error
        finally:
            fresh.unlink(missing_ok=True)

    @classmethod
    def load(cls, file: Path, ontology: Ontology) -> Self | None:
        """What a file holds; None when there is none, GraphError when it is damaged or is for another graph."""
        try:
            with np.load(file, allow_pickle=False) as content:
                stored = {name: cast(NDArray[Any], content[name]) for name in content.files}
            return cls._unpack(stored, ontology)
        except FileNotFoundError:
            return None
        except GraphError as error:
            raise GraphError(f"what was learned is for another graph, learn again ({error})") from error
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise GraphError(f"what was learned in {file} cannot be read; learn again") from error

    @classmethod
    def _unpack(cls, stored: dict[str, NDArray[Any]], ontology: Ontology) -> Self:
        if int(stored["format"]) != _FORMAT:
            raise ValueError("another format")
        paths = [parse_relation_path(str(path), ontology) for path in stored["paths"]]
        words = WordFeatures([str(name) for name in stored["features"]], stored["rarity"].astype(np.float32))
        by_words = _unpacked("words", stored, (len(words), len(paths)))
        wordings = _wordings(stored, {str(path): path for path in paths})
        if "centre" not in stored:
            return cls(paths, words, by_words, wordings=wordings)
        centre = stored["centre"].astype(np.float32)
        by_meaning = _unpacked("meaning", stored, (len(words) + len(centre), len(paths)))
        return cls(paths, words, by_words, by_meaning, centre, wordings)


def direction(meaning: Vectors, centre: Vectors) -> Vectors:
    """Where meanings lie as seen from their centre, as features; one meaning or several as rows."""
    seen = meaning - centre
    length = np.linalg.norm(seen, axis=-1, keepdims=True)
    return (MEANING_WEIGHT * seen / np.maximum(length, 1e-9)).astype(np.float32)


def _wordings(stored: dict[str, NDArray[Any]], paths: Mapping[str, RelationPath]) -> Wordings:
    """The wordings that were kept: none by earlier versions."""
    rows: list[list[str]] = stored["wordings"].reshape(-1, 3).tolist() if "wordings" in stored else []
    return Wordings((MaskedQuestion(before, after), paths[path]) for before, after, path in rows)


def _packed(name: str, weights: PathWeights) -> dict[str, NDArray[Any]]:
    """Weights as they are stored, with half of the digits: they need no more."""
    return {f"{name}_weights": weights.features.astype(np.float16), f"{name}_bias": weights.bias}


def _unpacked(name: str, stored: dict[str, NDArray[Any]], shape: tuple[int, int]) -> PathWeights:
    weights, bias = stored[f"{name}_weights"], stored[f"{name}_bias"]
    if weights.shape != shape or bias.shape != shape[1:]:
        raise ValueError("weights of another shape")
    return PathWeights(weights.astype(np.float32), bias.astype(np.float32))
