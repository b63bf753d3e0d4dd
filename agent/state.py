"""What a session remembers and what a turn reports; only plain, serialisable values."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.age_approval import AgeApproval
from tools.contract import ToolCall
from tools.evidence import Evidence
from tools.path_query import Node, ProofStep
from tools.unmet_wishes import VainWish

Awaiting = Literal["purchase", "size", "choice", "name", "confirmation", "feedback"]


class ProductCard(BaseModel):
    """A product as it is shown beside a reply. Prices are what this customer pays now."""

    model_config = ConfigDict(frozen=True)

    sku: str
    name: str
    price_minor: int
    currency: str
    in_stock: bool
    product_id: str = ""
    colour: str = ""
    size: str = ""
    list_price_minor: int = 0


class CartLine(BaseModel):
    """One line of the cart as the customer sees it."""

    model_config = ConfigDict(frozen=True)

    sku: str
    name: str
    quantity: int
    unit_price_minor: int
    currency: str
    colour: str = ""
    size: str = ""


class ToolCallRecord(BaseModel):
    """A tool call that ran in this turn and how it ended."""

    name: str
    arguments: dict[str, Any]
    outcome: Literal["ok", "refused", "failed"]
    ms: float


class TurnReport(BaseModel):
    """All of a turn that is shown to someone: to the customer, in `/trace`, or as one line of JSON for scripts."""

    utterance: str
    language: str
    intent: str
    reply: str
    tool_calls: list[ToolCallRecord] = []
    evidence: list[Evidence] = []
    products: list[ProductCard] = []
    proof: list[ProofStep] = []
    cart: list[CartLine] = []
    total_minor: int | None = Field(default=None, exclude=True)
    """What the cart comes to, with the taxes that come on top; for the screen, no part of the JSON for scripts."""
    checkout_stage: str | None = None
    order_id: str | None = None
    timings_ms: dict[str, float] = {}
    model_calls: int = Field(default=0, exclude=True)
    """How often the dialogue model was asked; for evaluations, no part of the JSON for scripts."""


class SentenceReady(BaseModel):
    """A grounded sentence of the reply, ready to be shown or spoken."""

    text: str


class TurnFinished(BaseModel):
    """The turn is over; nothing more will be said in it. `is_farewell`: the customer leaves, the session should end."""

    report: TurnReport
    is_farewell: bool = False


TurnEvent = ToolCallRecord | SentenceReady | TurnFinished
"""A tool has run, a sentence is ready, the turn is over."""


class Focus(BaseModel):
    """The one product the talk is about; empty strings are what is still open."""

    model_config = ConfigDict(frozen=True)

    product_id: str
    name: str = ""
    category: str = ""
    colour: str = ""
    size: str = ""
    quantity: int = 1
    sizes: tuple[str, ...] = ()
    """All sizes it is made in."""
    colours: tuple[str, ...] = ()
    """All colours it is made in."""


class OpenOrder(BaseModel):
    """The order being made, as last offered to the customer; a yes is to exactly this hash."""

    model_config = ConfigDict(frozen=True)

    order_id: str
    state: str
    consent_hash: str
    lines: tuple[CartLine, ...]
    total_minor: int | None = None


class AgeCheck(BaseModel):
    """Goods that the customer wants and that staff must approve first."""

    model_config = ConfigDict(frozen=True)

    product_ids: tuple[str, ...]
    names: tuple[str, ...]
    min_age: int


class Dialogue(BaseModel):
    """A session's memory between turns; a new one is made by each turn."""

    session_id: str
    kiosk_id: str
    customer_id: str | None = None
    language: str = "en"
    language_is_chosen: bool = False
    turn: int = 0
    awaiting: Awaiting | None = None
    focus: Focus | None = None
    shown: tuple[Focus, ...] = ()
    is_gift: bool = False
    """Whether the goods are for somebody else, whose sizes are not on the customer's file."""
    search: ToolCall | None = None
    """What was looked for last, to show more of it."""
    known_nodes: tuple[Node, ...] = ()
    """Nodes of the graph that the talk is about: the last answer's path, newest last."""
    pending: dict[str, Any] | None = None
    """The question that an answer to "which one do you mean?" completes: an Understanding's fields."""
    order: OpenOrder | None = None
    sold_order_id: str | None = None
    age_check: AgeCheck | None = None
    """What waits for staff. It approves nothing: only a PIN does, and the session keeps that to itself."""
    vain_wishes: tuple[VainWish, ...] = ()
    """What this customer was told is not to be had here; each is kept for the owner once."""
    evidence: tuple[Evidence, ...] = ()
    evidence_count: int = 0


class SessionMemory(BaseModel):
    """All that a session remembers between two turns, for another server to go on with."""

    dialogue: Dialogue
    missed: tuple[str, ...] = ()
    """What the last turn changed and nobody has heard of yet, in its own sentences."""
    age_approval: AgeApproval | None = None


MAX_EVIDENCE = 20
