"""What names of paths in example files mean: names with answered questions come in, relation paths go out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import GraphError
from tools.graph_adjacency import GraphAdjacency, Numbers
from tools.ontology import Ontology, Traversal
from tools.owner_files import Problems
from tools.path_questions.examples import PathExample
from tools.path_questions.relation_path import RelationPath, parse_relation_path

MAX_INDUCED_STEPS = 3
MAX_FRONTIER = 20_000
"""A search goes no further from more nodes than this: what leads on from there is hardly what a question means."""
MAX_NAMESAKES = 20
MAX_TRIED = 12
"""Examples of a name that a path is tried on."""
MAX_SEARCHED = 3
"""Examples of a name from whose starts paths are searched for."""
LEAST_AGREEMENT = 0.5
"""How far a path's answers must be those of the examples: what several nodes are called may have the answers of all."""


STEM = 4
"""Letters by which words of names are told apart: "writer" and "written" are the same."""
_WORD = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+")


@dataclass(frozen=True)
class StartedExample:
    """An example with the nodes that it may start from."""

    example: PathExample
    starts: tuple[int, ...]


def resolve_paths(
    examples: Mapping[str, Sequence[StartedExample]], graph: GraphAdjacency, ontology: Ontology, problems: Problems
) -> dict[str, RelationPath]:
    """What each name of a path means: the relations it is made of, or what leads from its questions to their answers.

    A name that is neither is noted as a problem at its first example.
    """
    found: dict[str, RelationPath] = {}
    for name, named in examples.items():
        try:
            found[name] = parse_relation_path(name, ontology)
        except GraphError as error:
            answered = [one for one in named if one.example.answers and one.starts]
            induced = _induce(name, answered, graph)
            if induced is not None:
                found[name] = induced
                continue
            problem = f"no {MAX_INDUCED_STEPS} relations or fewer lead from the questions of {name!r} to their answers"
            first = named[0].example
            problems.add(problem if answered else str(error), first.file, first.line, "path")
    return found


def _induce(name: str, examples: Sequence[StartedExample], graph: GraphAdjacency) -> RelationPath | None:
    """The path that gives the answers of the examples best, if one does for most of them; of equals the one that the
    name speaks of, or the shorter.

    Paths are searched for where the answers are few, but tried on examples with few and with many: whoever wrote a
    single film may have directed it as well.
    """
    by_size = sorted(examples, key=lambda one: len(one.example.answers))
    if not by_size:
        return None
    tried = [by_size[place] for place in sorted(set(np.linspace(0, len(by_size) - 1, MAX_TRIED).astype(int)))]
    possible = {
        steps
        for one in by_size[:MAX_SEARCHED]
        for start in one.starts
        for steps in _paths_to(graph, start, set(one.example.answers))
    }
    agreement = {steps: round(sum(_agreement(graph, one, steps) for one in tried), 6) for steps in possible}
    best = max(possible, key=lambda one: (agreement[one], _spoken_of(name, one), -len(one), str(one)), default=())
    return RelationPath(steps=best) if best and agreement[best] >= LEAST_AGREEMENT * len(tried) else None


def _spoken_of(name: str, steps: Sequence[Traversal]) -> int:
    """How many words of a name are those of relations that are walked, less the relations that it has no word for:
    `films_by_writer` is written_by rather than directed_by."""
    said = _stems(name)
    walked = [_stems(step.relation) & said for step in steps]
    return len(set[str]().union(*walked)) - sum(not words for words in walked)


def _stems(name: str) -> set[str]:
    """The beginnings of the longer words in a name of a path or a relation."""
    return {word[:STEM].casefold() for word in _WORD.findall(name) if len(word) >= STEM}


def _paths_to(
    graph: GraphAdjacency, start: int, answers: set[str], begun: tuple[Traversal, ...] = ()
) -> Iterator[tuple[Traversal, ...]]:
    """Every way to walk from a node to these answers, more or less."""
    for step in graph.traversals:
        steps = (*begun, step)
        reached = graph.walk(start, steps).reached
        if _overlap(graph, reached, answers) >= LEAST_AGREEMENT:
            yield steps
        if len(steps) < MAX_INDUCED_STEPS and 0 < len(reached) <= MAX_FRONTIER:
            yield from _paths_to(graph, start, answers, steps)


def _agreement(graph: GraphAdjacency, one: StartedExample, steps: Sequence[Traversal]) -> float:
    """How far the steps lead to an example's answers; not at all where they lead to far too much."""
    answers = set(one.example.answers)
    try:
        return max(_overlap(graph, graph.walk(start, steps).reached, answers) for start in one.starts)
    except GraphError:
        return 0.0


def _overlap(graph: GraphAdjacency, reached: Numbers, answers: set[str]) -> float:
    """How far the names of what is reached are the answers: 1 if they are the same, 0 if none is."""
    if not 0 < len(reached) <= MAX_NAMESAKES * len(answers):
        return 0.0
    names = graph.names(reached)
    return len(names & answers) / len(names | answers)
