"""Path queries as data: which nodes to start from, which relations to walk, what to keep and in which order."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Direction = Literal["out", "in"]
MAX_STEPS = 4
MAX_ANSWERS = 50


class Filter(BaseModel):
    """Keep a node only if one of its properties (or its `id` or `name`) compares so with a value.

    Text compares without case, ids exactly; a node that lacks the property is never kept.
    """

    model_config = ConfigDict(frozen=True)

    property: str
    comparison: Literal["=", "<>", "<", "<=", ">", ">=", "in"]
    value: str | int | tuple[str, ...] | tuple[int, ...]


class Link(BaseModel):
    """ "Also linked to X": the node must have this relation to one of these nodes."""

    model_config = ConfigDict(frozen=True)

    relations: tuple[str, ...] = Field(min_length=1)
    direction: Direction
    node_ids: tuple[str, ...] = Field(min_length=1)


class Step(BaseModel):
    """One hop along any of `relations`, all leading to nodes of `node_type`.

    Filters and `also` choose among all distinct nodes that the step reaches, then the ordinal among those that are
    left. `ordinal` keeps the nodes at one place (1 first, 2 second, -1 last) in the order of `order_by` (a property or
    `name`; without it, the type's own order). Nodes with the same value share a place; those without one come last
    in either direction, and are the -1st only if no node has a value. `order_by` of the last step also orders the
    answers; whatever ties goes by name.
    """

    model_config = ConfigDict(frozen=True)

    relations: tuple[str, ...] = Field(min_length=1)
    direction: Direction
    node_type: str
    filters: tuple[Filter, ...] = ()
    also: tuple[Link, ...] = ()
    order_by: str | None = None
    descending: bool = False
    ordinal: int | None = None


class PathQuery(BaseModel):
    """Walk from the start nodes over up to four steps; the nodes after the last step are the answers."""

    model_config = ConfigDict(frozen=True)

    start_type: str
    start_ids: tuple[str, ...] = Field(min_length=1, max_length=20)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MAX_STEPS)
    limit: int = Field(default=10, ge=1, le=MAX_ANSWERS)


class Node(BaseModel):
    """A node of the graph with its properties as strings and whole numbers."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    name: str
    properties: dict[str, str | int] = {}


class ProofStep(BaseModel):
    """One edge that was walked: `relation` leads from `source` to `target` in the direction the graph stores it."""

    model_config = ConfigDict(frozen=True)

    source: Node
    relation: str
    target: Node


class PathAnswer(BaseModel):
    """An answer and the walk that leads to it, start node first; `also` holds the edges that met the extra links."""

    model_config = ConfigDict(frozen=True)

    node: Node
    proof: tuple[ProofStep, ...]
    also: tuple[ProofStep, ...] = ()
