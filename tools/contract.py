"""What a typed tool is: a name, typed arguments, an effect, and a result that carries evidence."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from tools.age_approval import AgeApproval
from tools.evidence import Evidence
from tools.graph_answers import GraphReader
from tools.path_query import Node, ProofStep
from tools.session_claim import SessionClaim


class Effect(StrEnum):
    """READ tools may run in parallel and again; WRITE tools need consent and an idempotency key."""

    READ = "read"
    WRITE = "write"


class ToolContext(BaseModel):
    """Who is asking, set by the session and never by the model: the kiosk, its customer and the session's id.

    `age_approval` is what staff have approved for this customer, `graph` the knowledge graph as the turn began with it,
    `claim` this server's on the session; None where no other server could have one.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    kiosk_id: str
    session_id: str
    customer_id: str | None = None
    age_approval: AgeApproval | None = None
    graph: GraphReader | None = None
    claim: SessionClaim | None = None
    uses_sizes_on_file: bool = True
    """Whether a size that was not said is the customer's own; it is not where they shop for somebody else."""


class ToolCall(BaseModel):
    """A request to run one tool."""

    model_config = ConfigDict(frozen=True)

    name: str
    arguments: dict[str, Any]
    idempotency_key: str | None = None


class ToolResult(BaseModel):
    """What a tool gives back: evidence for replies, or a refusal the customer hears (a reply message's name).

    `nodes` are the graph's nodes the talk is about from now on; `proof` the edges that led to the answers.
    """

    evidence: list[Evidence] = []
    nodes: tuple[Node, ...] = ()
    proof: tuple[ProofStep, ...] = ()
    refusal: str | None = None


Arguments = TypeVar("Arguments", bound=BaseModel)


@dataclass(frozen=True)
class Tool(Generic[Arguments]):
    """A typed tool. `run` gets validated arguments and the caller's context and never sees raw model output."""

    name: str
    description: str
    arguments: type[Arguments]
    effect: Effect
    run: Callable[[Arguments, ToolContext], Awaitable[ToolResult]]
