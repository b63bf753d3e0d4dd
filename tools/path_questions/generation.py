"""Examples that nobody had to write: the words an ontology has for its types and relations come in, questions go out.

The questions are telegrams ("director films actor X"): which words stand for which relation is all they teach, in every
language the ontology has words for, and from the relations' own names where it has none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from tools.ontology import Ontology
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.relation_path import RelationPath

_WORDLESS = frozenset(("has", "have", "is", "was", "in", "by", "of", "to", "at", "on", "with", "for", "from"))
_PART = re.compile(r"[A-Za-z][a-z]*|[0-9]+")


def generate_examples(
    paths: Iterable[RelationPath], ontology: Ontology
) -> Iterator[tuple[MaskedQuestion, RelationPath]]:
    """Questions for each path, the last step's words first as in "the director of the film of X"."""
    languages = sorted({language for relation in ontology.relations.values() for language in relation.words}) or [""]
    for path in paths:
        for language in languages:
            said = [_words(step.relation, ontology, language) for step in reversed(path.steps)]
            for variant in range(max(map(len, said))):
                words = [choices[variant % len(choices)] for choices in said]
                yield MaskedQuestion(" ".join(words) + " ", ""), path


def _words(relation: str, ontology: Ontology, language: str) -> Sequence[str]:
    """How a relation is said in a language; its own name without small words where the ontology does not tell."""
    own = ontology.relations[relation].words.get(language)
    if own:
        return own
    parts = [part.lower() for part in _PART.findall(relation)]
    return [" ".join(part for part in parts if part not in _WORDLESS) or relation]
