"""Examples that nobody had to write: the words an ontology has for its types and relations come in, questions go out.

The questions are telegrams ("director films actor X"): which words stand for which relation is all they teach, in every
language the ontology has words for, and from the relations' own names where it has none.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from tools.ontology import Ontology, Traversal
from tools.path_query import MAX_STEPS, Direction
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.relation_path import RelationPath

_WORDLESS = frozenset(("has", "have", "is", "was", "in", "by", "of", "to", "at", "on", "with", "for", "from"))
MAX_HOPS = 2
MAX_PATHS = 1_000
MAX_VARIANTS = 6
"""Wordings of a path in one language; a relation may have more words than that, the commonest first."""
_PART = re.compile(r"[A-Za-z][a-z]*|[0-9]+")


def ontology_paths(ontology: Ontology) -> set[RelationPath]:
    """All paths that join two types which are answers, over one or two that are, whatever lies hidden between them."""
    leaving: dict[str, list[tuple[Traversal, str]]] = {}
    for relation in ontology.relations:
        for direction in get_args(Direction):
            here, there = ontology.ends(relation, direction)
            leaving.setdefault(here, []).append((Traversal(relation=relation, direction=direction), there))
    paths: set[RelationPath] = set()
    begun: deque[tuple[tuple[Traversal, ...], str, int]] = deque(
        ((), name, 0) for name, node_type in ontology.types.items() if not node_type.hidden
    )
    while begun and len(paths) < MAX_PATHS:
        steps, here, hops = begun.popleft()
        for step, there in leaving.get(here, ()):
            is_answer = not ontology.types[there].hidden
            walked, reached = (*steps, step), hops + is_answer
            if is_answer:
                paths.add(RelationPath(steps=walked))
            if reached < MAX_HOPS and len(walked) < MAX_STEPS:
                begun.append((walked, there, reached))
    return paths


def generate_examples(
    paths: Iterable[RelationPath], ontology: Ontology
) -> Iterator[tuple[MaskedQuestion, RelationPath]]:
    """Questions for each path, the last step's words first as in "the director of the film of X"."""
    languages = sorted({language for relation in ontology.relations.values() for language in relation.words}) or [""]
    for path in paths:
        for language in languages:
            said = [words for step in reversed(path.steps) if (words := _words(step.relation, ontology, language))]
            for variant in range(min(max(map(len, said), default=0), MAX_VARIANTS)):
                words = " ".join(choices[variant % len(choices)] for choices in said)
                yield MaskedQuestion(f"{words} ", ""), path
                kind = _kind(path, ontology, language)
                if kind:
                    yield MaskedQuestion(f"{kind[variant % len(kind)]} {words} ", ""), path


def _kind(path: RelationPath, ontology: Ontology, language: str) -> Sequence[str]:
    """How the type of a path's answers is called."""
    last = path.steps[-1]
    return ontology.type(ontology.ends(last.relation, last.direction)[1]).words.get(language, ())


def _words(relation: str, ontology: Ontology, language: str) -> Sequence[str]:
    """How a relation is said in a language; its own name without small words where the ontology does not tell."""
    words = ontology.relation(relation).words
    if words:
        return words.get(language, ())
    parts = [part.lower() for part in _PART.findall(relation)]
    return [" ".join(part for part in parts if part not in _WORDLESS) or relation]
