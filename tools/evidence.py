"""Evidence: what a tool found out, as numbered items of typed facts that replies may refer to."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.money import Money

Fact = Money | bool | int | date | str | tuple[str, ...]


class Evidence(BaseModel):
    """One thing a tool found: its kind and subject, and facts by name.

    `id` is unique within a session ("e1", "e2", …) and given by `act`; a tool leaves it empty.
    """

    model_config = ConfigDict(frozen=True)

    id: str = ""
    kind: Literal[
        "product", "variant", "price", "stock", "node", "path", "cart", "order", "store", "policy", "translation"
    ]
    subject: str
    facts: dict[str, Fact]


class Reference(BaseModel):
    """A pointer from a reply to one fact, written `e3.price`."""

    model_config = ConfigDict(frozen=True)

    evidence: str
    fact: str

    def __str__(self) -> str:
        return f"{self.evidence}.{self.fact}"
