"""Relation paths and their text, written like property paths in SPARQL: `^directed_by/written_by` walks a directed_by
edge backwards and then a written_by edge forwards."""

from itertools import islice, pairwise

from pydantic import BaseModel, Field

from tools.errors import GraphError
from tools.ontology import Ontology, Traversal
from tools.path_query import MAX_STEPS
from tools.path_questions.kinds import Kinds

BACKWARDS = "^"
THEN = "/"
MAX_COMPOSED = 1_000
"""Paths at which composing stops: a graph of many relations has too many to be told apart, and to be learned at all."""
MAX_BEGUN = 20_000
"""The same of beginnings of paths."""


class RelationPath(BaseModel, frozen=True):
    """Relations to walk one after the other from wherever a question starts."""

    steps: tuple[Traversal, ...] = Field(min_length=1, max_length=MAX_STEPS)

    def __str__(self) -> str:
        return THEN.join(f"{BACKWARDS if step.direction == 'in' else ''}{step.relation}" for step in self.steps)


def parse_relation_path(text: str, ontology: Ontology) -> RelationPath:
    """The path of a text; GraphError when a relation is unknown or does not go on where the one before it ends."""
    parts = [part.strip() for part in text.split(THEN)]
    if len(parts) > MAX_STEPS:
        raise GraphError(f"a path of more than {MAX_STEPS} relations: {text!r}")
    path = RelationPath(
        steps=tuple(
            Traversal(
                relation=part.removeprefix(BACKWARDS).strip(), direction="in" if part.startswith(BACKWARDS) else "out"
            )
            for part in parts
        )
    )
    ends = [ontology.ends(step.relation, step.direction) for step in path.steps]
    for step, (_, here), (there, _) in zip(path.steps[1:], ends[:-1], ends[1:], strict=True):
        if here != there:
            raise GraphError(f"the relation {step.relation!r} does not go on from {here} in the path {text!r}")
    return path


def composed_paths(paths: set[RelationPath], kinds: Kinds) -> set[RelationPath]:
    """The paths, and those that can be put together out of their steps; `kinds` are those of what steps lead to.

    A composed path begins as one of them begins, ends as one ends and turns (forwards, backwards) as one turns. What
    follows a step in one of them may follow every step that leads to the same kind of thing: from "the languages of
    films by the writer" and "the films by the director of" comes "the languages of films by the director of". Where
    one of them goes back over its relation ("who acted with"), others may as well ("who wrote together with"). Where
    there would be more than MAX_COMPOSED the longer ones are left out, of those that were not given.
    """
    first = {path.steps[0] for path in paths}
    last = {path.steps[-1] for path in paths}
    following = _following(paths, kinds)
    turns = {tuple(step.direction for step in path.steps) for path in paths}
    longest = max((len(path.steps) for path in paths), default=0)
    composed = set(paths)
    begun = [(step,) for step in sorted(first, key=str)]
    for _ in range(longest):
        ended = (steps for steps in begun if steps[-1] in last and tuple(step.direction for step in steps) in turns)
        fresh = (path for steps in ended if (path := RelationPath(steps=steps)) not in paths)
        composed.update(islice(fresh, max(MAX_COMPOSED - len(composed), 0)))
        further = ((*steps, step) for steps in begun for step in sorted(following.get(steps[-1], ()), key=str))
        begun = list(islice(further, MAX_BEGUN + 1))
        if len(begun) > MAX_BEGUN or len(composed) >= MAX_COMPOSED:
            break
    return composed


def _following(paths: set[RelationPath], kinds: Kinds) -> dict[Traversal, set[Traversal]]:
    """What may follow each step."""
    seen = {pair for path in paths for pair in pairwise(path.steps)}
    walked = {step for path in paths for step in path.steps}
    by_kind: dict[int, set[Traversal]] = {}
    for step, next_step in seen:
        by_kind.setdefault(kinds[step], set()).add(next_step)
    following = {step: set(by_kind.get(kinds[step], ())) for step in walked}
    returned = {step.direction for step, next_step in seen if next_step == step.reverse}
    for step in walked:
        if step.direction in returned and step.reverse in walked:
            following[step].add(step.reverse)
    return following
