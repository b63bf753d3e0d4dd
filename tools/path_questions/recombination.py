"""Questions that nobody asked, put together out of pieces of those that were: examples come in, further ones go out.

Two examples that differ in a few words tell what these words do to the path: of "films directed by X" and "films
written by X", that "written" in place of "directed" walks another relation. The same exchange is then made in every
other example with that word and that relation (after Andreas, "Good-Enough Compositional Data Augmentation", 2020).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from tools.ontology import Traversal
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.relation_path import RelationPath

MAX_EXCHANGED = 4
"""Words that are exchanged for others at a time."""
MAX_EXCHANGED_WITH_NAME = 9
"""The same where the name is among them: "X" becomes "the films whose director also directed X"."""
LEAST_SHARED = 2
"""Words besides the name without which two questions have too little in common to say anything of each other."""
ROUNDS = 2
LEAST_SUPPORT = 2
"""Pairs of examples that must speak for a question before it counts as an example itself, in the next round."""
LEAST_AGREEMENT = 0.7
"""The share of these pairs that must give it the same path."""
MAX_COMPARED = 2_500
"""Examples of which there are more have wordings enough, and are too many to compare each with each."""
MAX_OF_A_PATH = 12
"""Questions that are put together for one path: more would drown the paths of which fewer can be."""
_NAME = "\ufffc"

_Words = tuple[str, ...]
_Steps = tuple[Traversal, ...]


class _PathEdit(NamedTuple):
    """Steps put in place of others, so many after the first of a path and before its last."""

    removed: _Steps
    added: _Steps
    before: int
    after: int

    def of(self, steps: _Steps) -> _Steps | None:
        """The edited path; None for one that has other steps in that place."""
        end = len(steps) - self.after
        if steps[self.before : end] != self.removed or self.before + len(self.removed) != end:
            return None
        return (*steps[: self.before], *self.added, *steps[end:])


class _Exchange(NamedTuple):
    """Words that can be said in place of others, what they do to the path, and how many pairs of examples show it."""

    words: _Words
    edit: _PathEdit
    support: int


class _Made(NamedTuple):
    """The path of a question that was put together, and how many pairs of examples speak for it."""

    steps: _Steps
    support: int


def recombine(
    examples: Collection[tuple[MaskedQuestion, RelationPath]], known: Collection[RelationPath]
) -> list[tuple[MaskedQuestion, RelationPath]]:
    """Further questions with paths among the known ones, those that most pairs of examples speak for first."""
    if len(examples) > MAX_COMPARED:
        return []
    paths = {path.steps: path for path in known}
    asked = {_words(question): path.steps for question, path in sorted(examples, key=str)}
    exchanges = _exchanges(asked)
    made: dict[_Words, _Made] = {}
    for _ in range(ROUNDS):
        trusted = {words: one.steps for words, one in made.items() if one.support >= LEAST_SUPPORT}
        made = _put_together(asked | trusted, exchanges, paths) | made
    kept: Counter[_Steps] = Counter()
    further: list[tuple[MaskedQuestion, RelationPath]] = []
    for words, one in sorted(made.items(), key=lambda item: (-item[1].support, item[0])):
        kept[one.steps] += 1
        if kept[one.steps] <= MAX_OF_A_PATH:
            further.append((_question(words), paths[one.steps]))
    return further


def _put_together(
    asked: Mapping[_Words, _Steps], exchanges: Mapping[_Words, Sequence[_Exchange]], paths: Collection[_Steps]
) -> dict[_Words, _Made]:
    """What the exchanges make of these questions, where it is a known path and they agree on it."""
    votes: dict[_Words, Counter[_Steps]] = defaultdict(Counter)
    for words, steps in asked.items():
        for said, before, after in _pieces(words):
            for exchange in exchanges.get(said, ()):
                edited, fresh = exchange.edit.of(steps), (*before, *exchange.words, *after)
                if edited is not None and edited in paths and fresh not in asked:
                    votes[fresh][edited] += exchange.support
    return {
        fresh: _Made(steps, support)
        for fresh, counted in votes.items()
        for steps, support in counted.most_common(1)
        if support >= LEAST_AGREEMENT * counted.total()
    }


def _exchanges(asked: Mapping[_Words, _Steps]) -> dict[_Words, list[_Exchange]]:
    """By the words that can be exchanged, all exchanges that two questions show which are the same but for them."""
    alike: dict[tuple[_Words, _Words], list[tuple[_Words, _Steps]]] = defaultdict(list)
    for words, steps in asked.items():
        for said, before, after in _pieces(words):
            alike[before, after].append((said, steps))
    shown: Counter[tuple[_Words, _Words, _PathEdit]] = Counter(
        (said, instead, _edit(steps, other))
        for pieces in alike.values()
        for said, steps in pieces
        for instead, other in pieces
        if said != instead and _is_sound(said, instead, steps, other)
    )
    exchanges: dict[_Words, list[_Exchange]] = defaultdict(list)
    for (said, instead, edit), support in shown.items():
        exchanges[said].append(_Exchange(instead, edit, support))
    return exchanges


def _is_sound(said: _Words, instead: _Words, old: _Steps, new: _Steps) -> bool:
    """Whether words may stand for what they change: those with the name for how the path begins, others for one step
    or more, but not for how many there are."""
    if _NAME in said or _NAME in instead:
        return _edit(old, new).before == 0 and _NAME in said and _NAME in instead
    return len(old) == len(new)


def _pieces(words: _Words) -> Iterator[tuple[_Words, _Words, _Words]]:
    """Every run of a few words, with what stands before and after it."""
    for first in range(len(words)):
        for end in range(first + 1, min(first + MAX_EXCHANGED_WITH_NAME, len(words)) + 1):
            has_name = _NAME in words[first:end]
            left = len(words) - (end - first) - (not has_name)
            if left >= LEAST_SHARED and (has_name or end - first <= MAX_EXCHANGED):
                yield words[first:end], words[:first], words[end:]


def _edit(old: _Steps, new: _Steps) -> _PathEdit:
    """How one path becomes the other."""
    shorter = min(len(old), len(new))
    before = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    left = shorter - before
    after = next((place for place in range(left) if old[-1 - place] != new[-1 - place]), left)
    return _PathEdit(old[before : len(old) - after], new[before : len(new) - after], before, after)


def _words(question: MaskedQuestion) -> _Words:
    return (*question.before.split(), _NAME, *question.after.split())


def _question(words: _Words) -> MaskedQuestion:
    name = words.index(_NAME)
    before, after = " ".join(words[:name]), " ".join(words[name + 1 :])
    return MaskedQuestion(before and f"{before} ", after and f" {after}")
