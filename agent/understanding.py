"""What an utterance was understood to mean: an intent and the slots that the customer really said."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.linking import Mention

Intent = Literal[
    "find", "fact", "stock", "price", "buy", "change", "choose", "compare", "cancel",
    "yes", "no", "feedback", "chat", "thanks", "help", "staff", "bye", "language",
    "empty", "too_long", "unclear",
]  # fmt: skip


class NamedEntity(BaseModel):
    """A name in the utterance, what it may stand for in the graph, and the slot the model read it in.

    A guess only sounds like the nodes it may stand for; it counts if the graph ties one of them to the rest.
    """

    model_config = ConfigDict(frozen=True)

    slot: str | None
    mention: Mention
    is_guess: bool = False


class Understanding(BaseModel):
    """A turn's meaning. Keys (categories, colours, materials, features, node types) are the store's own; words are
    the customer's."""

    model_config = ConfigDict(frozen=True)

    text: str
    language: str
    intent: Intent
    source: Literal["lexicon", "model", "fallback"]
    item: str = ""
    categories: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    size: str = ""
    quantity: int | None = None
    max_price: Decimal | None = None
    min_price: Decimal | None = None
    cheaper: bool | None = None
    names: tuple[NamedEntity, ...] = ()
    unknown_names: tuple[str, ...] = ()
    ordinals: dict[str, int] = {}
    asked: str = ""
    option: int | None = None
    rating: int | None = None
    topic: str = ""
    """What small talk is about, where that is known."""
    goes_on: bool = False
    """Whether it is the rest of a question that was asked before: "and the shoes?"."""
    points_at: tuple[str, ...] = ()
    """Types of the graph of which the one being talked about is meant: "in that film"."""
    years: tuple[int, int] | None = None
    """The first and the last year that were said, where something is chosen by them."""
    recipient: Literal["other", "self"] | None = None
    wants_more: bool = False
    """Whether all that is asked for is what else there is."""
