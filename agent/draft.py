"""What a stage wants to say: reply messages and references to evidence, never numbers, names or prices."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from tools.evidence import Evidence, Reference


class Say(BaseModel):
    """One sentence: a reply message's name and which fact fills each placeholder.

    `position` numbers an option in a list. `text` is set instead of `message` for a sentence that the model wrote.
    """

    model_config = ConfigDict(frozen=True)

    message: str = ""
    fallback: str = ""
    facts: dict[str, Reference] = {}
    position: int | None = None
    text: str = ""


def say(message: str, *, position: int | None = None, fallback: str = "", **facts: Reference) -> Say:
    """A message with its placeholders; `fallback` where the shop has no such message, or it needs other facts."""
    return Say(message=message, fallback=fallback, facts=facts, position=position)


def fact(evidence: Evidence, name: str) -> Reference:
    """A reference to one fact of an evidence item."""
    return Reference(evidence=evidence.id, fact=name)


class Conclusion(BaseModel):
    """How a recipe ends: what to say, what to show, and what the session remembers from now on."""

    draft: list[Say]
    cards: list[Evidence] = []
    changes: dict[str, Any] = {}
    freely: bool = False
    """Whether the model may think of something better: other words, if these claim nothing, or goods to look for."""
    is_farewell: bool = False
    """Whether the customer leaves with this turn."""
    intent: str | None = None
    """Set where the talk turned out to be about something else than the utterance alone suggested."""
