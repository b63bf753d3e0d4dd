"""All edges in memory: they answer what the graph database answers, and prove it with edges that are there."""

from collections.abc import Iterator, Sequence

import pytest
from graph_fixtures import write_store
from hypothesis import given
from hypothesis import strategies as st

from tools import graph_adjacency
from tools.errors import GraphError
from tools.graph_adjacency import GraphAdjacency, Walk
from tools.graph_load import build_graph
from tools.graph_paths import GraphStore
from tools.ontology import Ontology, Traversal
from tools.path_query import MAX_ANSWERS, PathQuery, Step


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    folder = tmp_path_factory.mktemp("adjacency")
    build_graph(write_store(folder / "store"), folder / "graph")
    with GraphStore.open(folder / "graph") as opened:
        yield opened


@pytest.fixture(scope="module")
def graph(store: GraphStore) -> GraphAdjacency:
    return GraphAdjacency.read(store)


def as_query(start: tuple[str, str], steps: Sequence[Traversal], ontology: Ontology) -> PathQuery:
    walked = tuple(
        Step(
            relations=(step.relation,),
            direction=step.direction,
            node_type=ontology.ends(step.relation, step.direction)[1],
        )
        for step in steps
    )
    return PathQuery(start_type=start[0], start_ids=(start[1],), steps=walked, limit=MAX_ANSWERS)


def any_walk(data: st.DataObject, graph: GraphAdjacency, ontology: Ontology) -> Walk:
    """A walk of up to four steps from any node, each going on where the one before ended."""
    start = data.draw(st.sampled_from(range(len(graph.nodes))))
    here, steps = graph.nodes[start].type, list[Traversal]()
    for _ in range(data.draw(st.integers(1, 4))):
        leaving = [one for one in graph.traversals if ontology.ends(one.relation, one.direction)[0] == here]
        steps.append(data.draw(st.sampled_from(leaving)))
        here = ontology.ends(steps[-1].relation, steps[-1].direction)[1]
    return graph.walk(start, steps)


@given(st.data())
def test_reaches_what_the_database_reaches(store: GraphStore, graph: GraphAdjacency, data: st.DataObject) -> None:
    walk = any_walk(data, graph, store.ontology)
    start = graph.nodes[int(walk.edges[0].sources[0])] if len(walk.edges[0].sources) else None
    if start is not None:
        found = store.follow(as_query((start.type, start.id), walk.steps, store.ontology))
        assert {graph.nodes[number].id for number in walk.reached} == {answer.node.id for answer in found}


@given(st.data())
def test_proof_is_a_chain_of_stored_edges(store: GraphStore, graph: GraphAdjacency, data: st.DataObject) -> None:
    walk = any_walk(data, graph, store.ontology)
    for answer in walk.reached:
        here = graph.nodes[int(walk.edges[0].sources[0])]
        for step, edge in zip(walk.steps, graph.proof(walk, int(answer)), strict=True):
            source = graph.number(edge.source.type, edge.source.id)
            assert source is not None
            one_step = graph.walk(source, [Traversal(relation=step.relation, direction="out")])
            assert edge.target in [graph.nodes[number] for number in one_step.reached]
            before, after = (edge.source, edge.target) if step.direction == "out" else (edge.target, edge.source)
            assert before == here
            here = after
        assert here == graph.nodes[answer]


def test_orders_by_name_and_finds_by_name(graph: GraphAdjacency) -> None:
    start = graph.number("Person", "cy")
    assert start is not None
    assert graph.called("Cy") == [start]
    assert not graph.called("cy")
    plays = graph.walk(start, [Traversal(relation="acted_in", direction="out")])
    actors = graph.walk(int(plays.reached[0]), [Traversal(relation="acted_in", direction="in")])
    assert [graph.nodes[number].name for number in graph.by_name(actors.reached)] == ["Ann Ash", "Bob Birch", "Cy"]


def test_refuses_unknown_relations_and_endless_walks(graph: GraphAdjacency, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GraphError, match="no relation 'sings'"):
        graph.walk(0, [Traversal(relation="sings", direction="out")])
    monkeypatch.setattr(graph_adjacency, "MAX_EDGES_WALKED", 1)
    ann = graph.number("Person", "ann")
    assert ann is not None
    with pytest.raises(GraphError, match="more than 1 edges"):
        graph.walk(ann, [Traversal(relation="acted_in", direction="out")])
