"""What the store database knows of the shop itself: its settings rows come in, typed facts go out."""

import json
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sql
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlmodel import Session, col

from tools.database import StoreSetting
from tools.errors import StoreError
from tools.replenishment_rules import ReplenishmentRules
from tools.taxes import Tax


class PurchaseLimit(BaseModel):
    """How many pieces of a product, or of a category and those below it, one customer may take in a day."""

    model_config = ConfigDict(frozen=True)

    category: str = ""
    product_id: str = ""
    per_customer_per_day: int


class StoreFacts(BaseModel):
    """The shop as store.yaml and vocabulary.yaml describe it, as of the last import."""

    model_config = ConfigDict(frozen=True)

    name: str
    currency: str
    country: str
    timezone: str
    address: str = ""
    tax_number: str = ""
    prices_include_tax: bool = True
    taxes: tuple[Tax, ...] = ()
    max_quantity: int = 10
    """Pieces on one line of an order."""
    max_lines: int = 20
    limits: tuple[PurchaseLimit, ...] = ()
    languages: tuple[str, ...]
    wake_phrases: tuple[str, ...] = ()
    size_groups: dict[str, tuple[str, ...]] = {}
    replenishment: ReplenishmentRules = ReplenishmentRules()
    parents: dict[str, str] = {}
    """The wider category of each category that has one."""
    folder: str = ""
    fingerprint: str = ""
    """Of the files that were imported; empty in a store of an older version."""
    imported_at: datetime

    def category_line(self, category: str) -> tuple[str, ...]:
        """The category and the wider ones it belongs to, the nearest first."""
        line = [category]
        while (wider := self.parents.get(line[-1])) and wider not in line:
            line.append(wider)
        return tuple(line)

    def size_group(self, category: str) -> str | None:
        """The group whose size counts for the category: the one that lists it, or a wider category of it."""
        for wider in self.category_line(category):
            for group, categories in self.size_groups.items():
                if wider in categories:
                    return group
        return None


_FOUND = "store facts"
_SETTINGS = sql.select(col(StoreSetting.key), col(StoreSetting.value))


def as_settings(facts: StoreFacts) -> dict[str, str]:
    """The facts as rows of settings; what is not plain text is JSON."""
    values = facts.model_dump(mode="json")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def read_store_facts(session: Session) -> StoreFacts:
    """The facts as this transaction found them; StoreError when no shop was imported, or its settings are damaged."""
    if _FOUND not in session.info:
        rows = session.connection().execute(_SETTINGS)
        session.info[_FOUND] = _parse(frozenset((row.key, row.value) for row in rows))
    return session.info[_FOUND]


@lru_cache(maxsize=8)
def _parse(rows: frozenset[tuple[str, str]]) -> StoreFacts:
    """Settings change when a shop is imported and are read in every transaction."""
    values: dict[str, object] = dict(rows)
    if not values:
        raise StoreError("the store database holds no shop; import one with `walkiosk store import`")
    try:
        for name in ("languages", "wake_phrases", "size_groups", "parents", "taxes", "limits", "replenishment"):
            if name in values:
                values[name] = json.loads(str(values[name]))
        return StoreFacts.model_validate(values)
    except (json.JSONDecodeError, ValidationError) as error:
        raise StoreError("the shop's settings in the database are damaged; import the shop again") from error
