"""All edges of a graph in memory: a start and relations to walk come in, what they reach and a proof of it go out.

What a walk means is said in `tools/graph_paths.py`, which also has filters and orders; this one has neither, and is so
fast that many walks can be tried.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.errors import GraphError
from tools.graph_paths import GraphStore, NodeName
from tools.ontology import Traversal

MAX_EDGES_WALKED = 3_000_000

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class _Neighbours:
    """For each node its neighbours over one relation in one direction: `nodes[starts[n]:starts[n + 1]]`."""

    starts: Numbers
    nodes: Numbers

    def leaving(self, sources: Numbers) -> "_Edges":
        """The edges that leave the sources."""
        counts = self.starts[sources + 1] - self.starts[sources]
        total = int(counts.sum())
        if total > MAX_EDGES_WALKED:
            raise GraphError(f"the question walks more than {MAX_EDGES_WALKED} edges")
        first = np.repeat(self.starts[sources] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        return _Edges(np.repeat(sources, counts), self.nodes[first + np.arange(total)])


@dataclass(frozen=True)
class _Edges:
    """Edges by the numbers of their ends, as they were walked."""

    sources: Numbers
    targets: Numbers

    def only(self, kept: NDArray[np.bool_]) -> "_Edges":
        return _Edges(self.sources[kept], self.targets[kept])


@dataclass(frozen=True)
class Walk:
    """A walk from one node: the edges of each step, and the nodes after the last."""

    steps: tuple[Traversal, ...]
    edges: tuple[_Edges, ...]
    reached: Numbers


@dataclass(frozen=True)
class WalkedEdge:
    """An edge of a proof as the graph stores it."""

    source: NodeName
    relation: str
    target: NodeName


class GraphAdjacency:
    """The nodes of a graph, numbered from 0, and its edges. Nothing changes after construction; reading is thread safe.

    Takes about 40 bytes an edge.
    """

    def __init__(self, nodes: Sequence[NodeName], edges: Iterable[tuple[str, Numbers, Numbers]]) -> None:
        """`edges` are relations with the numbers of all sources and all targets."""
        self.nodes = nodes
        self._numbers = {(node.type, node.id): number for number, node in enumerate(nodes)}
        self._called: dict[str, list[int]] = {}
        for number, node in enumerate(nodes):
            self._called.setdefault(node.name, []).append(number)
        self._neighbours: dict[Traversal, _Neighbours] = {}
        for relation, sources, targets in edges:
            forwards, backwards = (
                Traversal(relation=relation, direction="out"),
                Traversal(relation=relation, direction="in"),
            )
            self._neighbours[forwards] = _neighbours(len(nodes), sources, targets)
            self._neighbours[backwards] = _neighbours(len(nodes), targets, sources)
        self._place_by_name = np.empty(len(nodes), dtype=np.int64)
        by_name = sorted(range(len(nodes)), key=lambda number: (nodes[number].name.casefold(), nodes[number].id))
        self._place_by_name[by_name] = np.arange(len(nodes))

    @classmethod
    def read(cls, store: GraphStore) -> "GraphAdjacency":
        """All nodes and edges of a graph."""
        nodes: list[NodeName] = []
        numbers: dict[str, Numbers] = {}
        for node_type in store.ontology.types:
            named = list(store.numbered_names(node_type))
            places = np.zeros(max((number for number, _ in named), default=-1) + 1, dtype=np.int64)
            for place, (number, name) in enumerate(named, start=len(nodes)):
                places[number] = place
                nodes.append(name)
            numbers[node_type] = places
        return cls(nodes, _all_edges(store, numbers))

    @property
    def traversals(self) -> Iterable[Traversal]:
        """Every relation in each direction."""
        return self._neighbours.keys()

    def number(self, node_type: str, node_id: str) -> int | None:
        """The number of a node, or None."""
        return self._numbers.get((node_type, node_id))

    def called(self, name: str) -> Sequence[int]:
        """The nodes that have just this name."""
        return self._called.get(name, ())

    def reached(self, step: Traversal) -> Numbers:
        """Every node that a step leads to from anywhere, in order."""
        return np.unique(self._neighbours[step].nodes)

    def walk(self, start: int, steps: Sequence[Traversal]) -> Walk:
        """Everything that the steps reach from a node; GraphError when a relation is unknown or it is far too much."""
        frontier = np.array([start], dtype=np.int64)
        edges: list[_Edges] = []
        for position, step in enumerate(steps):
            if step not in self._neighbours:
                raise GraphError(f"the graph has no relation {step.relation!r}")
            found = self._neighbours[step].leaving(frontier)
            if position:
                found = found.only(found.targets != start)
                if _turns_back(steps[position - 1], step):
                    found = _without_returns(edges[-1], found)
            edges.append(found)
            frontier = np.unique(found.targets)
        return Walk(tuple(steps), tuple(edges), frontier)

    def names(self, numbers: Numbers) -> set[str]:
        """What nodes are called."""
        return {self.nodes[number].name for number in numbers}

    def by_name(self, numbers: Numbers) -> list[int]:
        """Nodes in the order of their names, upper and lower case alike."""
        return [int(number) for number in numbers[np.argsort(self._place_by_name[numbers])]]

    def proof(self, walk: Walk, answer: int) -> tuple[WalkedEdge, ...]:
        """One way to an answer of a walk, from the start on."""
        ways: list[WalkedEdge] = []
        target, barred = answer, -1
        for position in range(len(walk.steps) - 1, -1, -1):
            sources = walk.edges[position].sources[walk.edges[position].targets == target]
            source = int(next(number for number in sources if number != barred))
            step, here, there = walk.steps[position], self.nodes[source], self.nodes[target]
            forwards = step.direction == "out"
            ways.append(WalkedEdge(here if forwards else there, step.relation, there if forwards else here))
            turns = position > 0 and _turns_back(walk.steps[position - 1], step)
            target, barred = source, target if turns else -1
        return tuple(reversed(ways))


def _all_edges(store: GraphStore, numbers: dict[str, Numbers]) -> Iterable[tuple[str, Numbers, Numbers]]:
    for name, relation in store.ontology.relations.items():
        ends = np.array(store.numbered_edges(name), dtype=np.int64).reshape(-1, 2)
        yield name, numbers[relation.from_type][ends[:, 0]], numbers[relation.to_type][ends[:, 1]]


def _neighbours(count: int, sources: Numbers, targets: Numbers) -> _Neighbours:
    order = np.argsort(sources, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(sources, minlength=count))))
    return _Neighbours(starts.astype(np.int64), targets[order])


def _turns_back(before: Traversal, step: Traversal) -> bool:
    return before.relation == step.relation and before.direction != step.direction


def _without_returns(before: _Edges, edges: _Edges) -> _Edges:
    """The edges without those that only go back where the walk came from."""
    arrived, first, counts = np.unique(before.targets, return_index=True, return_counts=True)
    only_from = np.where(counts == 1, before.sources[first], -1)
    return edges.only(only_from[np.searchsorted(arrived, edges.sources)] != edges.targets)
