"""How goods are ordered: what the owner wrote in store.yaml comes in, the terms for a variant at a kiosk go out."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from tools.owner_tables import is_percent
from tools.owner_yaml import YamlModel


def _checked_service(value: str) -> str:
    if not is_percent(value) or not 50 <= Decimal(value) < 100:
        raise ValueError(f"not a percentage from 50 to below 100: {value!r}")
    return value


Days = Annotated[int, Field(ge=0, le=365)]
Pieces = Annotated[int, Field(ge=1, le=100_000)]
ServicePercent = Annotated[str, AfterValidator(_checked_service)]


class ReplenishmentTerms(YamlModel):
    """How a variant is ordered for a kiosk.

    Goods come `lead_time_days` after an order, and the next order is made `review_days` after this one; what is there
    must last until that one has come too, in `service_percent` of all cases, and be `least` at the end of it. A slot
    holds `slot_capacity` pieces, and pieces come in packs of `pack_size`.
    """

    lead_time_days: Days = 2
    review_days: Annotated[int, Field(ge=1, le=365)] = 7
    service_percent: ServicePercent = "95"
    slot_capacity: Pieces = 10
    pack_size: Pieces = 1
    least: Annotated[int, Field(ge=0, le=100_000)] = 1

    @property
    def protected_days(self) -> int:
        """How long what is there after this order must last."""
        return self.lead_time_days + self.review_days

    @property
    def service(self) -> float:
        """The service level as a share."""
        return float(Decimal(self.service_percent) / 100)


class ReplenishmentRule(YamlModel):
    """Other terms for what all given conditions hold of."""

    kiosk: str = ""
    category: str = ""
    product_id: str = ""
    sku: str = ""
    lead_time_days: Days | None = None
    review_days: Annotated[int, Field(ge=1, le=365)] | None = None
    service_percent: ServicePercent | None = None
    slot_capacity: Pieces | None = None
    pack_size: Pieces | None = None
    least: Annotated[int, Field(ge=0, le=100_000)] | None = None

    def holds_for(self, kiosk: str, sku: str, product_id: str, categories: tuple[str, ...]) -> bool:
        """Whether it is for a variant, whose product is in these categories."""
        return (
            self.kiosk in ("", kiosk)
            and self.sku in ("", sku)
            and self.product_id in ("", product_id)
            and (not self.category or self.category in categories)
        )

    def terms(self) -> dict[str, int | str]:
        """What it says of the terms."""
        return self.model_dump(exclude={"kiosk", "category", "product_id", "sku"}, exclude_none=True)


class ReplenishmentRules(ReplenishmentTerms):
    """The terms for everything, and rules for some of it; a later rule outweighs an earlier one."""

    rules: tuple[ReplenishmentRule, ...] = Field(default=(), max_length=1_000)

    def terms_for(self, kiosk: str, sku: str, product_id: str, categories: tuple[str, ...]) -> ReplenishmentTerms:
        """The terms that hold for a variant at a kiosk."""
        terms = self.model_dump(exclude={"rules"})
        for rule in self.rules:
            if rule.holds_for(kiosk, sku, product_id, categories):
                terms |= rule.terms()
        return ReplenishmentTerms.model_validate(terms)
