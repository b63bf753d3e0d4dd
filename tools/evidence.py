"""Evidence: what a tool found out, as numbered items of typed facts that replies may refer to."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from tools.money import Money


def _written_as_date(value: object) -> object:
    """Read back from JSON only what was a date may become one: pydantic would take the size "0" for 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("no date")
    return value


Fact = Money | bool | int | Annotated[date, BeforeValidator(_written_as_date)] | str | tuple[str, ...]


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
