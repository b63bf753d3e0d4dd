"""Learns to read questions to a graph: files of examples come in, a classifier of paths goes out."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tools.embedding import Embedder
from tools.graph_adjacency import GraphAdjacency
from tools.linking import NameLinker
from tools.ontology import Ontology
from tools.owner_files import Problems
from tools.path_questions.classifier import PathClassifier
from tools.path_questions.examples import PathExample
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.generation import generate_examples, ontology_paths
from tools.path_questions.induction import StartedExample, resolve_paths
from tools.path_questions.kinds import kinds_reached
from tools.path_questions.reader import NamedStart, named_starts
from tools.path_questions.recombination import recombine
from tools.path_questions.relation_path import RelationPath, composed_paths
from tools.path_questions.training import train
from tools.path_questions.wordings import Wordings

COUNT_POWER = 0.5
"""A wording that was asked a hundred times is worth more than one that was asked once, but not a hundred times more."""
GENERATED_WEIGHT = 0.5
"""What a generated example is worth beside a written one."""
RECOMBINED_WEIGHT = 1.0
"""The same for one that is put together out of pieces of written ones."""


class Learned(NamedTuple):
    """What was learned, and the examples nothing was learned from: they name nothing from where their path leads."""

    classifier: PathClassifier
    passed_over: tuple[PathExample, ...]


def learn(
    examples: Sequence[PathExample],
    graph: GraphAdjacency,
    ontology: Ontology,
    linker: NameLinker,
    embedder: Embedder | None = None,
) -> Learned:
    """A classifier for the examples, or without any for what the ontology has words for.

    OwnerFilesError when they name relations or names of paths that mean nothing.
    """
    starts = {id(example): named_starts(example.text, graph, linker) for example in examples}
    by_name: dict[str, list[StartedExample]] = {}
    for example in examples:
        likeliest = starts[id(example)][:1]
        nodes = tuple(node for start in likeliest for node, _ in start.nodes)
        by_name.setdefault(example.path, []).append(StartedExample(example, nodes))
    problems = Problems()
    paths = resolve_paths(by_name, graph, ontology, problems)
    problems.raise_if_any()
    counts: Counter[tuple[MaskedQuestion, RelationPath]] = Counter()
    passed_over: list[PathExample] = []
    for example in examples:
        path = paths[example.path]
        start = _start_of(example, path, starts[id(example)], graph)
        if start is None:
            passed_over.append(example)
        else:
            counts[start.question, path] += 1
    weights = {example: count**COUNT_POWER for example, count in counts.items()}
    wordings = Wordings.of_examples(weights)
    single = {RelationPath(steps=(step,)) for step in graph.traversals}
    kinds = kinds_reached(graph)
    known = single | (composed_paths({path for _, path in weights}, kinds) if weights else ontology_paths(ontology))
    for example in recombine(weights, known):
        weights[example] = RECOMBINED_WEIGHT
    for example in generate_examples(sorted(known, key=str), ontology):
        weights[example] = weights.get(example, 0.0) + GENERATED_WEIGHT
    return Learned(train(weights, kinds, embedder, wordings), tuple(passed_over))


def _start_of(
    example: PathExample, path: RelationPath, starts: Sequence[NamedStart], graph: GraphAdjacency
) -> NamedStart | None:
    """The name that the example starts from: one from where the path leads, to the answers if they are known."""
    leading: list[NamedStart] = []
    for start in starts:
        for node, _ in start.nodes:
            reached = graph.walk(node, path.steps).reached
            if len(reached) and example.answers and graph.names(reached) == set(example.answers):
                return start
            if len(reached):
                leading.append(start)
    return leading[0] if leading else None
