"""Reads MetaQA's names and questions where they are present and prints how well and how fast names are found."""

import csv
import gzip
import random
import statistics
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from tools.linking import CERTAIN, Mention, NameEntry, NameLinker

METAQA = Path(__file__).resolve().parents[3] / "shared" / "data" / "metaqa"
QUESTIONS_PER_FILE = 1_000
SEED = 7
_PERSON_RELATIONS = {"directed_by", "written_by", "starred_actors"}


def read_entries(folder: Path) -> list[NameEntry]:
    """Every entity that a question can start from; one that is a film and a person is two entries."""
    found: dict[tuple[str, str], None] = {}
    for row in _rows(folder / "kb.tsv.gz"):
        found[row["subject"], "Film"] = None
        if row["relation"] in _PERSON_RELATIONS:
            found[row["object"], "Person"] = None
        elif row["relation"] in {"has_tags", "has_genre", "in_language"}:
            found[row["object"], "Tag"] = None
    return [NameEntry(node_id=f"{kind}:{name}", node_type=kind, name=name) for name, kind in found]


def read_questions(folder: Path, random_source: random.Random) -> list[tuple[str, int, int]]:
    """A sample of questions without brackets, with the place of the marked entity."""
    questions: list[tuple[str, int, int]] = []
    for name in ("dev_1hop", "dev_2hop", "dev_3hop"):
        rows = [row["question"] for row in _rows(folder / f"{name}.tsv.gz")]
        for text in random_source.sample(rows, min(QUESTIONS_PER_FILE, len(rows))):
            before, _, rest = text.partition("[")
            entity, _, after = rest.partition("]")
            questions.append((before + entity + after, len(before), len(before) + len(entity)))
    return questions


def misspell(text: str, start: int, end: int, random_source: random.Random) -> tuple[str, int, int]:
    """One slip in the entity: a letter left out, doubled, swapped with the next or replaced."""
    places = [place for place in range(start + 1, end - 1) if text[place].isalpha() and text[place + 1].isalpha()]
    if not places:
        return text, start, end
    place = random_source.choice(places)
    slip = random_source.choice(("leave out", "double", "swap", "replace"))
    letters = {
        "leave out": "",
        "double": text[place] * 2,
        "swap": text[place + 1] + text[place],
        "replace": random_source.choice("aeiorstn"),
    }[slip]
    after = place + (2 if slip == "swap" else 1)
    changed = text[:place] + letters + text[after:]
    return changed, start, end + len(changed) - len(text)


def measure(linker: NameLinker, questions: list[tuple[str, int, int]], entities: list[str]) -> str:
    """One line: recall, recall among certain mentions, precision of certain mentions, time per sentence
    (on a busy machine, the processor's time tells more than the clock)."""
    found = certain_found = certain = right = 0
    times_ms: list[float] = []
    cpu_ms: list[float] = []
    for (text, start, end), entity in zip(questions, entities, strict=True):
        began, cpu_began = time.perf_counter(), time.thread_time()
        mentions = linker.find(text)
        times_ms.append((time.perf_counter() - began) * 1_000)
        cpu_ms.append((time.thread_time() - cpu_began) * 1_000)
        found += any(_names(mention, entity) for mention in mentions)
        sure = [mention for mention in mentions if mention.candidates[0].score >= CERTAIN]
        certain_found += any(_names(mention, entity) for mention in sure)
        certain += len(sure)
        right += sum(mention.start < end and mention.end > start for mention in sure)
    total = len(questions)
    times_ms.sort()
    cpu_ms.sort()
    return (
        f"recall {found / total:.3f}  recall, certain {certain_found / total:.3f}  "
        f"precision, certain {right / max(certain, 1):.3f}  "
        f"p50 {statistics.median(times_ms):.2f} ms  p95 {times_ms[int(total * 0.95)]:.2f} ms  "
        f"p95 of processor time {cpu_ms[int(total * 0.95)]:.2f} ms"
    )


def main() -> None:
    """Print the figures, or that the data is not here."""
    if not (METAQA / "kb.tsv.gz").is_file():
        print("skipped: the MetaQA data is not beside the repository")
        return
    entries = read_entries(METAQA)
    random_source = random.Random(SEED)
    cased = read_questions(METAQA, random_source)
    entities = [text[start:end] for text, start, end in cased]
    began = time.perf_counter()
    linker = NameLinker(entries)
    print(f"{len(entries)} entries: built in {time.perf_counter() - began:.2f} s, {_memory_mb(entries):.0f} MB")
    variants = {
        "cased": cased,
        "lower": [(text.lower(), start, end) for text, start, end in cased],
        "typo": [misspell(*question, random_source) for question in cased],
        "lower typo": [misspell(text.lower(), start, end, random_source) for text, start, end in cased],
    }
    for name, questions in variants.items():
        print(f"{name:>10}: {measure(linker, questions, entities)}")


def _memory_mb(entries: list[NameEntry]) -> float:
    """What a linker over these entries holds, measured on one of its own since tracing slows it."""
    tracemalloc.start()
    linker = NameLinker(entries)
    held = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    del linker
    return held


def _names(mention: Mention, entity: str) -> bool:
    return any(candidate.name == entity for candidate in mention.candidates)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


if __name__ == "__main__":
    main()
