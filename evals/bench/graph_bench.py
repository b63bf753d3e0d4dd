"""Measures the knowledge graph on the MetaQA questions: load time, and answer time and correctness for 1 to 3 hops."""

import gzip
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tools.graph_load import build_graph
from tools.graph_paths import GraphStore
from tools.ontology import ENTITY
from tools.path_query import PathQuery, Step

METAQA_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "metaqa"
RELATION_OF = {
    "director": "directed_by",
    "actor": "starred_actors",
    "writer": "written_by",
    "genre": "has_genre",
    "year": "release_year",
    "language": "in_language",
    "tag": "has_tags",
    "tags": "has_tags",
    "imdbrating": "has_imdb_rating",
    "imdbvotes": "has_imdb_votes",
}
QUESTIONS_PER_HOPS = 400


@dataclass(frozen=True)
class GoldQuestion:
    """A question of the data set with its answers' names and the query that its path type stands for."""

    text: str
    answers: frozenset[str]
    query: PathQuery


def gold_questions(folder: Path, hops: int, count: int) -> Iterator[GoldQuestion]:
    """About `count` questions, spread evenly over the file."""
    with gzip.open(folder / f"dev_{hops}hop.tsv.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    for text, answers, path in rows[:: max(1, len(rows) // count)]:
        start = text[text.index("[") + 1 : text.index("]")]
        yield GoldQuestion(text, frozenset(answers.split("|")), path_query(start, path))


def path_query(start: str, path: str) -> PathQuery:
    """The query of a path type such as `actor_to_movie_to_year`."""
    kinds = path.split("_to_")
    steps: list[Step] = []
    for here, there in pairwise(kinds):
        forward = here == "movie"
        relation = RELATION_OF[there if forward else here]
        steps.append(Step(relations=(relation,), direction="out" if forward else "in", node_type=ENTITY))
    return PathQuery(start_type=ENTITY, start_ids=(start,), steps=tuple(steps), limit=10)


def measure(folder: Path) -> Iterator[str]:
    """Lines of a report, as they are found."""
    with tempfile.TemporaryDirectory() as target:
        began = time.perf_counter()
        summary = build_graph(folder / "kb.tsv.gz", Path(target))
        loaded_s = time.perf_counter() - began
        yield f"load: {sum(summary.edges.values())} edges, {sum(summary.nodes.values())} nodes in {loaded_s:.2f} s"
        with GraphStore.open(Path(target)) as store:
            for hops in (1, 2, 3):
                yield _measure_hops(store, folder, hops)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"memory: {peak_mib:.0f} MiB at most, loading included"


def _measure_hops(store: GraphStore, folder: Path, hops: int) -> str:
    times_ms: list[float] = []
    right = 0
    for question in gold_questions(folder, hops, QUESTIONS_PER_HOPS):
        began = time.perf_counter()
        result = store.find(question.query)
        times_ms.append((time.perf_counter() - began) * 1000)
        shown = {answer.node.name for answer in result.answers}
        right += result.total == len(question.answers) and shown <= question.answers
    middle, p95 = statistics.median(times_ms), statistics.quantiles(times_ms, n=20)[-1]
    return (
        f"{hops} hops: {len(times_ms)} questions, median {middle:.1f} ms, p95 {p95:.1f} ms, "
        f"max {max(times_ms):.1f} ms, {right} answered as in the data"
    )


def main() -> int:
    """Print the report, or say that there is nothing to measure with."""
    if not METAQA_FOLDER.is_dir():
        print(f"skipped: {METAQA_FOLDER} is not there")
        return 0
    for line in measure(METAQA_FOLDER):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
