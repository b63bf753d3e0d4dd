"""Reads questions to a graph: plain words come in; a start, the path asked for and what it leads to go out.

Name and path are chosen together: a film may be called "The Director", but then "the director of Police" would leave
a word that no question has, and a path is only meant if there is something at its end.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tools.embedding import Embedder
from tools.graph_adjacency import GraphAdjacency, Walk
from tools.linking import Candidate, NameLinker
from tools.path_questions.classifier import Matrix, PathClassifier
from tools.path_questions.features import MaskedQuestion, mask
from tools.path_questions.relation_path import RelationPath

SURE = 0.9
"""A path at least this likely by the words alone is not looked at for their meaning, which takes some 20 ms."""
NAME_WEIGHT = 1.0
NOT_TO_THE_LETTER = 0.8
"""What a name is worth that is written otherwise, "Moulin Rouge" for "Moulin Rouge!", or within a longer one."""
UNKNOWN_WORD_COST = 2.0
FAR_LESS_LIKELY = 4.0
"""Readings that are e to this power less likely than the best are none."""
_MARKED = re.compile(r"\[(.*)\]")


@dataclass(frozen=True)
class PossiblePath:
    """A path that a question may ask for and what it leads to; how likely that is, as a natural logarithm."""

    path: RelationPath
    walk: Walk
    log_probability: float


@dataclass(frozen=True)
class Reading:
    """How a question is read: from the node `start`, which is called `name` there, along the first `possible` path.

    The other paths may be meant from there as well, the likeliest first.
    """

    question: MaskedQuestion
    name: str
    start: int
    possible: tuple[PossiblePath, ...]

    @property
    def path(self) -> RelationPath:
        """The path it is read as."""
        return self.possible[0].path

    @property
    def walk(self) -> Walk:
        """The walk along it."""
        return self.possible[0].walk

    @property
    def confidence(self) -> float:
        """How likely start and path are among all."""
        return float(np.exp(self.possible[0].log_probability))

    @property
    def path_confidence(self) -> float:
        """How likely the path is among those from the same start."""
        return self.confidence / float(np.exp([one.log_probability for one in self.possible]).sum())

    def weighed(self, weights: Sequence[float]) -> "Reading":
        """The same with these weights added to how likely the possible paths are, and the likeliest chosen anew."""
        before = np.array([one.log_probability for one in self.possible])
        after = before + np.array(weights)
        after += np.logaddexp.reduce(before) - np.logaddexp.reduce(after)
        order = np.argsort(-after, kind="stable")
        possible = tuple(replace(self.possible[place], log_probability=float(after[place])) for place in order)
        return replace(self, possible=possible)


@dataclass(frozen=True)
class NamedStart:
    """A stretch of a question read as a name, and the nodes it may mean with how well each fits (0..1)."""

    question: MaskedQuestion
    name: str
    nodes: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class _Option:
    score: float
    start: NamedStart
    node: int
    path: int
    walk: Walk


class QuestionReader:
    """Reads questions with a learned classifier. Thread safe."""

    def __init__(
        self, graph: GraphAdjacency, linker: NameLinker, classifier: PathClassifier, embedder: Embedder | None = None
    ) -> None:
        self._graph, self._linker, self._classifier = graph, linker, classifier
        self._embedder = embedder if classifier.reads_meaning else None

    def read(self, text: str) -> Reading | None:
        """The likeliest reading; None when the question names nothing from where any path leads somewhere."""
        starts = named_starts(text, self._graph, self._linker)
        options = self._options([(start, self._chances(start)) for start in starts])
        if self._embedder is not None and options and _path_confidence(options) < SURE:
            options = self._options([(start, self._chances(start, start is options[0].start)) for start in starts])
        if not options:
            return None
        best = options[0]
        every = float(np.logaddexp.reduce([option.score for option in options]))
        return Reading(
            question=best.start.question,
            name=best.start.name,
            start=best.node,
            possible=tuple(
                PossiblePath(self._classifier.paths[option.path], option.walk, option.score - every)
                for option in options
                if option.start is best.start and option.node == best.node
            ),
        )

    def _chances(self, start: NamedStart, by_meaning: bool = False) -> Matrix:
        question = start.question
        meaning = self._embedder.query(question.text) if by_meaning and self._embedder is not None else None
        return self._classifier.log_probabilities(question, meaning)

    def _options(self, scored: Sequence[tuple[NamedStart, Matrix]]) -> list[_Option]:
        """Readings that lead somewhere, likeliest first, without those that are far less likely than the first."""
        options: list[_Option] = []
        best = -np.inf
        for start, chances in scored:
            unknown = UNKNOWN_WORD_COST * self._classifier.words.count_unknown(start.question)
            order = np.argsort(-chances)
            for node, fit in start.nodes:
                base = NAME_WEIGHT * float(np.log(max(fit, 1e-3))) - unknown
                for path in order:
                    score = base + float(chances[path])
                    if score < best - FAR_LESS_LIKELY:
                        break
                    walk = self._graph.walk(node, self._classifier.paths[path].steps)
                    if len(walk.reached):
                        options.append(_Option(score, start, node, int(path), walk))
                        best = max(best, score)
        options.sort(key=lambda option: -option.score)
        return [option for option in options if option.score >= best - FAR_LESS_LIKELY]


def named_starts(text: str, graph: GraphAdjacency, linker: NameLinker) -> list[NamedStart]:
    """The names in a question that it may start from; the one in [brackets] where there is one."""
    marked = _MARKED.search(text)
    if marked is None:
        return list(_found(text, graph, linker))
    question = mask(text, marked.start(), marked.end())
    for name in (marked[1], marked[0]):
        if nodes := graph.called(name):
            return [NamedStart(question, name, tuple((node, 1.0) for node in nodes))]
    mention = linker.link(marked[1])
    return [NamedStart(question, marked[1], _nodes(mention.candidates, graph))] if mention else []


def _found(text: str, graph: GraphAdjacency, linker: NameLinker) -> Iterator[NamedStart]:
    mentions = linker.readings(text)
    written = {
        one.name: place for mention in mentions for one in mention.candidates if (place := _place(text, one.name))
    }
    letter_perfect = {
        name
        for name, (start, end) in written.items()
        if not any(first <= start and end <= last and last - first > end - start for first, last in written.values())
    }
    for mention in mentions:
        question = mask(text, mention.start, mention.end)
        candidates = [
            one if one.name in letter_perfect else one.model_copy(update={"score": one.score * NOT_TO_THE_LETTER})
            for one in mention.candidates
        ]
        yield NamedStart(question, mention.text, _nodes(candidates, graph))


def _place(text: str, name: str) -> tuple[int, int] | None:
    """Where a name stands in a text to the letter, with its signs and capitals, as words of their own."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not (text[:start][-1:].isalnum() or text[end : end + 1].isalnum()):
            return start, end
        start = text.find(name, start + 1)
    return None


def _nodes(candidates: Sequence[Candidate], graph: GraphAdjacency) -> tuple[tuple[int, float], ...]:
    numbered = ((graph.number(one.node_type, one.node_id), one.score) for one in candidates)
    return tuple((number, score) for number, score in numbered if number is not None)


def _path_confidence(options: Sequence[_Option]) -> float:
    """How likely the path of the first reading is, wherever it starts."""
    chances = np.exp([option.score - options[0].score for option in options])
    same = np.array([option.path == options[0].path for option in options])
    return float(chances[same].sum() / chances.sum())
