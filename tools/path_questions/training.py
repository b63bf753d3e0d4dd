"""Learns which path a question asks for: masked questions with their paths come in, a classifier goes out.

A multinomial logistic regression over paths whose weights are shared by the parts that paths have in common, found
with L-BFGS. Needs the extra `learn`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tools.embedding import Embedder, Vectors
from tools.errors import GraphError
from tools.path_questions.classifier import PathClassifier, PathWeights, direction, part_matrix
from tools.path_questions.features import MaskedQuestion, WordFeatures
from tools.path_questions.kinds import Kinds
from tools.path_questions.relation_path import RelationPath, composed_paths
from tools.path_questions.scipy_parts import scipy_part
from tools.path_questions.wordings import Wordings

RIDGE = 0.1
"""How strongly weights are drawn to zero, beside the number of examples."""
MAX_ROUNDS = 150


def train(
    examples: Mapping[tuple[MaskedQuestion, RelationPath], float],
    kinds: Kinds,
    embedder: Embedder | None = None,
    wordings: Wordings | None = None,
) -> PathClassifier:
    """A classifier for the examples' paths and those composed of them; the values say how much each example counts.

    `kinds` are those of what the graph's steps lead to. The classifier keeps the `wordings` to show.
    GraphError when there are no examples or the extra is missing.
    """
    if not examples:
        raise GraphError("there is nothing to learn from: no example names anything that the graph knows")
    questions, targets = zip(*examples, strict=True)
    paths = sorted(composed_paths(set(targets), kinds), key=str)
    places = {path: place for place, path in enumerate(paths)}
    wanted = np.array([places[path] for path in targets])
    weights = np.array(list(examples.values()), dtype=np.float64)
    words, parts = WordFeatures.learn(questions), part_matrix(paths, kinds).astype(np.float64)
    by_words = _fit(_sparse(questions, words, None), wanted, weights, parts)
    if embedder is None:
        return PathClassifier(paths, words, by_words, wordings=wordings)
    meanings = np.vstack([embedder.query(question.text) for question in questions])
    centre = cast(Vectors, meanings.mean(axis=0))
    by_meaning = _fit(_sparse(questions, words, direction(meanings, centre)), wanted, weights, parts)
    return PathClassifier(paths, words, by_words, by_meaning, centre, wordings)


def _sparse(questions: Sequence[MaskedQuestion], words: WordFeatures, meanings: Vectors | None) -> Any:
    """All features as a sparse matrix, shape (questions, features)."""
    sparse = scipy_part("sparse")
    own = [words.of(question) for question in questions]
    rows = np.repeat(np.arange(len(own)), [len(features.numbers) for features in own])
    columns = np.concatenate([features.numbers for features in own])
    values = np.concatenate([features.values for features in own])
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(own), len(words)))
    return matrix if meanings is None else sparse.hstack([matrix, sparse.csr_matrix(meanings)]).tocsr()


def _fit(
    features: Any, wanted: NDArray[np.int64], importance: NDArray[np.float64], parts: NDArray[np.float64]
) -> PathWeights:
    """The weights under which the examples are likeliest, drawn to zero; `parts` are those of each path."""
    count, width = features.shape
    share = importance / importance.sum()
    ridge = RIDGE / count
    transposed, rows = features.T.tocsr(), np.arange(count)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(width + 1, parts.shape[1])
        scores = (features @ weights[:width] + weights[width]) @ parts.T
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        cost = -float(share @ np.log(chances[rows, wanted] + 1e-30)) + ridge / 2 * float(flat @ flat)
        chances[rows, wanted] -= 1
        pull = (chances * share[:, None]) @ parts
        slope = np.vstack([transposed @ pull, pull.sum(axis=0)]).ravel() + ridge * flat
        return cost, slope

    begin = np.zeros((width + 1) * parts.shape[1])
    found = scipy_part("optimize").minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": MAX_ROUNDS})
    learned = found.x.reshape(width + 1, parts.shape[1]) @ parts.T
    return PathWeights(learned[:width].astype(np.float32), learned[width].astype(np.float32))
