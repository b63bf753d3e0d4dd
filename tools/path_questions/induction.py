"""What names of paths in example files mean: names with answered questions come in, relation paths go out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
            induced = _induce(answered, graph)
            if induced is not None:
                found[name] = induced
                continue
            problem = f"no {MAX_INDUCED_STEPS} relations or fewer lead from the questions of {name!r} to their answers"
            first = named[0].example
            problems.add(problem if answered else str(error), first.file, first.line, "path")
    return found


def _induce(examples: Sequence[StartedExample], graph: GraphAdjacency) -> RelationPath | None:
    """The path that gives the answers of the examples best, the shorter of equals, if one does for most of them."""
    tried = sorted(examples, key=lambda one: len(one.example.answers))[:MAX_TRIED]
    for one in tried[:MAX_SEARCHED]:
        scored = [
            (sum(_agreement(graph, other, steps) for other in tried), -len(steps), steps)
            for start in one.starts
            for steps in _paths_to(graph, start, set(one.example.answers))
        ]
        best = max(scored, key=lambda candidate: candidate[:2], default=None)
        if best is not None and best[0] >= LEAST_AGREEMENT * len(tried):
            return RelationPath(steps=best[2])
    return None


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
    answers = set(one.example.answers)
    return max(_overlap(graph, graph.walk(start, steps).reached, answers) for start in one.starts)


def _overlap(graph: GraphAdjacency, reached: Numbers, answers: set[str]) -> float:
    """How far the names of what is reached are the answers: 1 if they are the same, 0 if none is."""
    if not 0 < len(reached) <= MAX_NAMESAKES * len(answers):
        return 0.0
    names = graph.names(reached)
    return len(names & answers) / len(names | answers)
