"""Names as people write them: each kind of spelling is found among the names of the sentences themselves."""

from collections import defaultdict

import pytest

from evals.mentions import NO_NAME, find_name, read_aliases, read_sentences, with_aliases
from tools.linking import NameEntry, NameLinker

LEAST_FOUND = 0.85


@pytest.fixture(scope="module")
def linker() -> NameLinker:
    names = sorted({sentence.name for sentence in read_sentences() if sentence.name})
    titles = {sentence.name for sentence in read_sentences() if sentence.kind in {"article", "common title"}}
    return NameLinker(
        with_aliases(
            NameEntry(node_id=name, node_type="Film" if name in titles else "Person", name=name) for name in names
        )
    )


def test_there_are_many_and_each_is_marked() -> None:
    sentences = list(read_sentences())
    assert len(sentences) >= 300
    assert all(bool(one.name) == (one.start < one.end) == (one.kind != NO_NAME) for one in sentences)
    assert not any(bracket in one.text for one in sentences for bracket in "[]")
    assert set(read_aliases()) <= {one.name for one in sentences}


def test_every_kind_of_spelling_is_found(linker: NameLinker) -> None:
    found: dict[str, list[bool]] = defaultdict(list)
    for sentence in read_sentences():
        if sentence.name:
            found[sentence.kind].append(find_name(sentence, linker).among)
    missed = {kind: sum(among) / len(among) for kind, among in found.items() if sum(among) / len(among) < LEAST_FOUND}
    assert missed == {}


def test_ordinary_sentences_name_nobody(linker: NameLinker) -> None:
    taken = [one.text for one in read_sentences() if one.kind == NO_NAME and find_name(one, linker).certain]
    assert taken == []
