"""Relation paths and their text, written like property paths in SPARQL: `^directed_by/written_by` walks a directed_by
edge backwards and then a written_by edge forwards."""

from itertools import pairwise

from pydantic import BaseModel, Field

from tools.errors import GraphError
from tools.ontology import Ontology, Traversal
from tools.path_query import MAX_STEPS

BACKWARDS = "^"
THEN = "/"
MAX_COMPOSED = 20_000
"""Beginnings of paths at which composing stops; a graph of many relations has too many to be told apart anyway."""


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


def composed_paths(paths: set[RelationPath]) -> set[RelationPath]:
    """The paths, and those that can be put together out of their steps.

    A composed path begins as one of them begins and ends as one ends, each two steps in a row are in a row in one of
    them, and it turns (forwards, backwards) as one of them turns. So from "the films by the director of" and "the
    languages of films by" comes "the languages of the films by the director of".
    """
    first = {path.steps[0] for path in paths}
    last = {path.steps[-1] for path in paths}
    following: dict[Traversal, set[Traversal]] = {}
    for path in paths:
        for step, next_step in pairwise(path.steps):
            following.setdefault(step, set()).add(next_step)
    turns = {tuple(step.direction for step in path.steps) for path in paths}
    longest = max((len(path.steps) for path in paths), default=0)
    composed = set(paths)
    begun = [(step,) for step in first]
    for _ in range(longest):
        composed |= {
            RelationPath(steps=steps)
            for steps in begun
            if steps[-1] in last and tuple(step.direction for step in steps) in turns
        }
        begun = [(*steps, step) for steps in begun for step in following.get(steps[-1], ())]
        if len(begun) > MAX_COMPOSED:
            break
    return composed
