"""What a session remembers and what a turn reports; only plain, serialisable values."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from tools.evidence import Evidence
from tools.path_query import ProofStep


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
    checkout_stage: str | None = None
    order_id: str | None = None
    timings_ms: dict[str, float] = {}


class SentenceReady(BaseModel):
    """A grounded sentence of the reply, ready to be shown or spoken."""

    text: str


class TurnFinished(BaseModel):
    """The turn is over; nothing more will be said in it."""

    report: TurnReport


TurnEvent = SentenceReady | TurnFinished
