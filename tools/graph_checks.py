"""Looks a graph over before a shop answers from it: its files and the graph come in, GraphError says what is wrong.

The tables' own soundness is looked at as they are read (`tools/graph_load.py`); here it is whether the graph fits the
shop, and whether what was built answers as the tables say.
"""

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from tools.errors import GraphError
from tools.graph_answers import GraphReader
from tools.graph_load import GraphContent, GraphSummary, ontology_folder
from tools.graph_paths import GraphStore
from tools.ontology import Ontology
from tools.owner_files import Problems, suggestion
from tools.owner_tables import read_table
from tools.path_query import Direction, Filter, PathQuery, Step

SAMPLES = 3
"""So many edges of each relation are asked for, in both directions."""
LEAST_LEFT = 0.5
"""A version with less than this share of what a type or relation had looks cut off."""


def check_products(folder: Path, ontology: Ontology, catalogue: Collection[str], problems: Problems) -> None:
    """Note every product of the graph's tables that the catalogue does not have."""
    declared = ontology.type(ontology.product_type)
    path = ontology_folder(folder) / declared.file
    for row in read_table(path, [declared.key], problems, others_too=True):
        key = row.cells[declared.key]
        if key not in catalogue:
            mend = suggestion(key, catalogue) or "; take it out, or bring it in with `walkiosk store import`"
            row.refuse(declared.key, f"the store's catalogue has no product {key!r}{mend}")


def check_shrinking(now: GraphSummary, before: GraphSummary) -> None:
    """GraphError when much of what there was is gone, as after a table was cut off."""
    counts = {**now.nodes, **now.edges}
    for name, had in {**before.nodes, **before.edges}.items():
        has = counts.get(name, 0)
        if has < had * LEAST_LEFT:
            raise GraphError(
                f"{name} has {has:,} where the current version has {had:,}: has its table been cut off? "
                "If it is meant, publish with --fewer"
            )


def check_answers(store: GraphStore, content: GraphContent) -> None:
    """GraphError unless the graph holds as much as its tables and answers path queries with their proof."""
    _check_counts(store, content.summary())
    if not content.nodes[content.ontology.product_type]:
        raise GraphError("the graph has no products, so it leads to nothing that is sold; fill its table")
    reader = GraphReader(store, content.ontology)
    for relation, edges in content.edges.items():
        every = max(1, len(edges) // SAMPLES)
        for source, target in islice(edges, 0, every * SAMPLES, every):
            _check_edge(reader, relation, source, target, "out")
            _check_edge(reader, relation, target, source, "in")


def _check_counts(store: GraphStore, wanted: GraphSummary) -> None:
    for name, built in _built(store):
        said = {**wanted.nodes, **wanted.edges}[name]
        if built != said:
            raise GraphError(f"the graph that was built has {built:,} of {said:,} {name}; publish it again")


def _built(store: GraphStore) -> Iterator[tuple[str, int]]:
    for name in store.ontology.types:
        yield name, sum(1 for _ in store.numbered_names(name))
    for name in store.ontology.relations:
        yield name, len(store.numbered_edges(name))


def _check_edge(reader: GraphReader, relation: str, start: str, end: str, direction: Direction) -> None:
    """One edge, asked for as a path: its end is the answer, the edge is the proof, and evidence can be made of it."""
    start_type, end_type = reader.ontology.ends(relation, direction)
    only = Filter(property="id", comparison="=", value=end)
    step = Step(relations=(relation,), direction=direction, node_type=end_type, filters=(only,))
    answers = reader.graph.follow(PathQuery(start_type=start_type, start_ids=(start,), steps=(step,)))
    source, target = (start, end) if direction == "out" else (end, start)
    proofs = [[(edge.source.id, edge.relation, edge.target.id) for edge in answer.proof] for answer in answers]
    if proofs != [[(source, relation, target)]] or not reader.tell(answers[0])[0].facts:
        raise GraphError(f"the graph that was built does not answer {relation} from {start!r} to {end!r}")
