"""A small graph of triples for tests of path questions, whose names could be taken for words of a question."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.graph_questions import link_names
from tools.graph_adjacency import GraphAdjacency
from tools.graph_load import build_graph
from tools.graph_paths import GraphStore
from tools.linking import NameLinker

TRIPLES = """\
Oak Street|located_in|Riverton
Elm Square|located_in|Riverton
Pine Road|located_in|Hillside
Hillside|located_in|Riverton
Blue Cup|stands_in|Oak Street
Red Pot|stands_in|Elm Square
The Street|stands_in|Pine Road
Blue Cup|run_by|Mia Moor
Red Pot|run_by|Mia Moor
The Street|run_by|Noa Nile
Blue Cup|serves|mint tea
Red Pot|serves|mint tea
Red Pot|serves|lentil soup
The Street|serves|date cake
"""


@contextmanager
def cafes(folder: Path, triples_text: str = TRIPLES) -> Iterator[tuple[GraphStore, GraphAdjacency, NameLinker]]:
    """The graph of some cafés, or of other triples, its edges in memory and its names."""
    triples = folder / "cafes.txt"
    triples.write_text(triples_text, encoding="utf-8")
    build_graph(triples, folder / "graph")
    with GraphStore.open(folder / "graph") as store:
        yield store, GraphAdjacency.read(store), link_names(store)
