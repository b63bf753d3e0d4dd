"""The sentences of `evals/names`: each with a name in it, or none, and how many of them a linker finds."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tools.linking import CERTAIN, Mention, NameEntry, NameLinker
from tools.owner_tables import LIST_SEPARATOR

FOLDER = Path(__file__).with_name("names")
NO_NAME = "no name"


class NamedSentence(NamedTuple):
    """A sentence without brackets and where its name stands; `name` is empty where there is none."""

    kind: str
    text: str
    start: int
    end: int
    name: str


class Found(NamedTuple):
    """What a linker found in one sentence: the name, as the first of its candidates, and how many names surely."""

    sentence: NamedSentence
    among: bool
    first: bool
    certain: int
    certain_right: int


def read_sentences() -> Iterator[NamedSentence]:
    """All sentences."""
    for row in _rows(FOLDER / "mentions.tsv"):
        before, opened, rest = row["sentence"].partition("[")
        name, _, after = rest.partition("]")
        end = len(before) + len(name) if opened else 0
        yield NamedSentence(row["kind"], before + name + after, len(before) if opened else 0, end, row["name"])


def read_aliases() -> dict[str, tuple[str, ...]]:
    """The other names of some."""
    return {row["name"]: tuple(row["aliases"].split(LIST_SEPARATOR)) for row in _rows(FOLDER / "aliases.tsv")}


def with_aliases(entries: Iterable[NameEntry]) -> list[NameEntry]:
    """The entries with the other names of those that have some."""
    aliases = read_aliases()
    return [entry.model_copy(update={"aliases": aliases.get(entry.name, ())}) for entry in entries]


def find_name(sentence: NamedSentence, linker: NameLinker) -> Found:
    """What a linker finds in a sentence."""
    mentions = linker.find(sentence.text)
    there = [one for one in mentions if one.start < sentence.end and one.end > sentence.start]
    certain = [one for one in mentions if one.candidates[0].score >= CERTAIN]
    return Found(
        sentence,
        among=any(_means(one, sentence.name) for one in there),
        first=any(one.candidates[0].name == sentence.name for one in there),
        certain=len(certain),
        certain_right=sum(_means(one, sentence.name) for one in certain),
    )


def _means(mention: Mention, name: str) -> bool:
    return any(candidate.name == name for candidate in mention.candidates)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
