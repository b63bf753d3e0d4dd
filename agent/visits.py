"""Who comes to which machine in which language: what is asked for comes in, what this shop makes of it goes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.settings import Settings
from tools.errors import OperatorError
from tools.inventory import Inventory

MAX_NAMED = 5


@dataclass(frozen=True)
class VisitRequest:
    """What is asked for; None leaves it to the shop, and nobody known for the customer."""

    kiosk_id: str | None = None
    customer_id: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Visit:
    """A customer, if known, at a machine, and the language to begin in."""

    kiosk_id: str
    customer_id: str | None
    language: str


class Reception:
    """Knows the shop's machines and customers, and the languages the kiosk speaks."""

    def __init__(self, settings: Settings, inventory: Inventory, languages: Sequence[str]) -> None:
        self._settings, self._inventory, self.languages = settings, inventory, list(languages)

    def admit(self, asked: VisitRequest) -> Visit:
        """The visit; OperatorError, saying what there is, for a kiosk, customer or language that is not known."""
        kiosk_ids = [row.kiosk_id for row in self._inventory.kiosks()]
        kiosk_id = asked.kiosk_id or self._settings.kiosk_id or kiosk_ids[0]
        if kiosk_id not in kiosk_ids:
            raise OperatorError(f"there is no kiosk {kiosk_id!r}; this store has {_named(kiosk_ids)}")
        customer = self._inventory.customer(asked.customer_id) if asked.customer_id else None
        if asked.customer_id and customer is None:
            raise self._unknown_customer(asked.customer_id)
        language = asked.language or (customer.language if customer else self._settings.language)
        if language not in self.languages:
            raise OperatorError(f"the kiosk does not speak {language!r}; it speaks {', '.join(self.languages)}")
        return Visit(kiosk_id, asked.customer_id or None, language)

    def _unknown_customer(self, customer_id: str) -> OperatorError:
        known = [row.customer_id for row in self._inventory.customers()]
        file = self._settings.store_dir / "customers.csv"
        return OperatorError(
            f"there is no customer {customer_id!r}; this store knows {_named(known) if known else 'nobody'} "
            f"(those in {file} when it was last imported)"
        )


def _named(ids: Sequence[str]) -> str:
    more = len(ids) - MAX_NAMED
    return ", ".join(ids[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
