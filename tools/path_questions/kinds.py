"""What a graph's relations lead to is of the same kind or not: a graph comes in, a kind for each step goes out.

A typed graph tells by its types; one that was loaded from bare triples has none, but what both `directed_by` and
`written_by` start from is a film all the same.
"""

from collections.abc import Mapping

import numpy as np

from tools.graph_adjacency import GraphAdjacency
from tools.ontology import Traversal
from tools.path_questions.scipy_parts import scipy_part

LEAST_SHARED = 0.5
"""Two steps lead to one kind when this share of what the one leads to is what the other leads to as well; of the one
that leads to less."""

Kinds = Mapping[Traversal, int]
"""A number for each step: steps that lead to the same kind of thing have the same."""


def kinds_reached(graph: GraphAdjacency) -> Kinds:
    """The kind of what every step leads to. GraphError when the extra `learn` is missing."""
    steps = sorted(graph.traversals, key=str)
    reached = [graph.reached(step) for step in steps]
    rows, columns = np.repeat(np.arange(len(steps)), [len(nodes) for nodes in reached]), np.concatenate([[], *reached])
    shape = len(steps), len(graph.nodes)
    leads_to = scipy_part("sparse").csr_matrix((np.ones(len(rows)), (rows, columns.astype(np.int64))), shape=shape)
    shared = (leads_to @ leads_to.T).toarray()
    sizes = shared.diagonal()
    alike = (shared > 0) & (shared >= LEAST_SHARED * np.minimum.outer(sizes, sizes))
    _, kinds = scipy_part("sparse.csgraph").connected_components(alike, directed=False)
    return {step: int(kind) for step, kind in zip(steps, kinds, strict=True)}
