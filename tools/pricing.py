"""Says what a product costs a customer today: a product, a quantity and a customer come in, a quote goes out.

The rule: of the customer's tier discount and all promotions that match, the one best discount applies, never two
together; it is easy to say why a price is what it is. A promotion with a tier is for customers of that tier only.
A promotion for a category is for all categories below it. What day it is, the store's own time zone decides.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sql
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import Session, col

from tools.database import Customer, LoyaltyTier, Product, Promotion, read_transaction
from tools.errors import ModelError, StoreError
from tools.money import Money
from tools.order import ProductQuantity
from tools.store_facts import StoreFacts, read_store_facts
from tools.taxes import Percent


class AppliedDiscount(BaseModel):
    """A discount in the owner's words; a promotion's last day is `ends_on`."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Literal["tier", "promotion"]
    percent: Percent
    ends_on: date | None = None


class Quote(BaseModel):
    """What one piece and all pieces cost this customer now.

    `loyalty_price` is the list price less the discount of the customer's tier alone, whatever promotion is on; it is
    the unit price for those without a tier. `valid_until` is the last day of the promotion that applies.
    """

    model_config = ConfigDict(frozen=True)

    list_price: Money
    unit_price: Money
    total: Money
    applied: tuple[AppliedDiscount, ...]
    loyalty_price: Money
    valid_until: date | None

    @property
    def reason(self) -> str:
        """What took the price down, in the owner's words, e.g. "Winter sale −20%"; empty at the list price."""
        return ", ".join(f"{item.name} −{item.percent}%" for item in self.applied)


class BestPrice(BaseModel):
    """The lowest price that the discounts allow, and the discount that makes it; None at the list price."""

    model_config = ConfigDict(frozen=True)

    price: Money
    discount: AppliedDiscount | None


def best_price(list_price: Money, discounts: Sequence[AppliedDiscount]) -> BestPrice:
    """The list price less the best one of the discounts, the first of equals; rounding is to the minor unit."""
    best = max(discounts, key=lambda discount: discount.percent, default=None)
    if best is None or best.percent == 0:
        return BestPrice(price=list_price, discount=None)
    return BestPrice(price=list_price - list_price.percent(best.percent), discount=best)


class Pricing:
    """Quotes prices out of the store database."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def quote(
        self, product_id: str, quantity: int, customer_id: str | None = None, now: datetime | None = None
    ) -> Quote:
        """The price of the product when that many are bought together; ModelError for what the shop does not have.

        `now` carries its zone. A customer the shop does not know pays what everyone pays.
        """
        return self.quotes([product_id], quantity, customer_id, now)[product_id]

    def quotes(
        self,
        product_ids: Collection[str],
        quantity: int,
        customer_id: str | None = None,
        now: datetime | None = None,
    ) -> dict[str, Quote]:
        """The price of each of the products when that many of it are bought together, as `quote`."""
        with read_transaction(self._engine) as session:
            wanted = [ProductQuantity(product_id, quantity) for product_id in product_ids]
            return dict(zip(product_ids, self.quote_within(session, wanted, customer_id, now), strict=True))

    def quote_within(
        self,
        session: Session,
        wanted: Sequence[ProductQuantity],
        customer_id: str | None,
        now: datetime | None = None,
    ) -> list[Quote]:
        """As `quote` for each of these, one by one, in the caller's transaction."""
        if too_few := [each.quantity for each in wanted if each.quantity < 1]:
            raise ModelError(f"a quantity is at least 1, not {too_few[0]}")
        rows = session.connection().execute(_PRODUCTS, {"product_ids": [each.product_id for each in wanted]})
        products = {product.product_id: product for product in (_Priced(*row) for row in rows)}
        if unknown := {each.product_id for each in wanted} - products.keys():
            raise ModelError(f"there is no product {min(unknown)!r}")
        tier = session.connection().execute(_TIER, {"customer": customer_id}).scalar() if customer_id else None
        of_tier = _tier_discounts(session, tier or "")
        facts = read_store_facts(session)
        promotions = _promotions(session, facts, tier or "", now or self._clock())
        return [
            _quote(product, quantity, of_tier, _matching(promotions, product, quantity, facts))
            for product, quantity in ((products[each.product_id], each.quantity) for each in wanted)
        ]


class _Priced(NamedTuple):
    """What of a product decides its price."""

    product_id: str
    category: str
    list_price_minor: int
    currency: str


class _Offer(NamedTuple):
    """What of a promotion that is on decides a price."""

    name: str
    percent_off: str
    category: str
    product_id: str
    min_quantity: int
    ends_on: date


_PRODUCTS = sql.select(
    col(Product.product_id), col(Product.category), col(Product.list_price_minor), col(Product.currency)
).where(col(Product.product_id).in_(sql.bindparam("product_ids", expanding=True)))
_TIER = sql.select(col(Customer.loyalty_tier)).where(col(Customer.customer_id) == sql.bindparam("customer"))
_TIER_PERCENT = sql.select(col(LoyaltyTier.discount_percent)).where(col(LoyaltyTier.tier) == sql.bindparam("tier"))
_PROMOTIONS = (
    sql.select(
        col(Promotion.name),
        col(Promotion.percent_off),
        col(Promotion.category),
        col(Promotion.product_id),
        col(Promotion.min_quantity),
        col(Promotion.ends_on),
    )
    .where(
        sql.or_(col(Promotion.tier) == "", col(Promotion.tier) == sql.bindparam("of_tier")),
        col(Promotion.starts_on) <= sql.bindparam("today"),
        col(Promotion.ends_on) >= sql.bindparam("today"),
    )
    .order_by(col(Promotion.promotion_id))
)


def _quote(product: _Priced, quantity: int, of_tier: list[AppliedDiscount], promotions: list[AppliedDiscount]) -> Quote:
    list_price = Money(amount_minor=product.list_price_minor, currency=product.currency)
    best = best_price(list_price, [*of_tier, *promotions])
    return Quote(
        list_price=list_price,
        unit_price=best.price,
        total=best.price.times(quantity),
        applied=(best.discount,) if best.discount else (),
        loyalty_price=best_price(list_price, of_tier).price if of_tier else best.price,
        valid_until=best.discount.ends_on if best.discount else None,
    )


def _tier_discounts(session: Session, tier: str) -> list[AppliedDiscount]:
    percent = session.connection().execute(_TIER_PERCENT, {"tier": tier}).scalar() if tier else None
    return [AppliedDiscount(name=tier, kind="tier", percent=_percent(percent))] if percent is not None else []


def _promotions(session: Session, facts: StoreFacts, tier: str, now: datetime) -> list[_Offer]:
    """The promotions that are on for a tier on the store's day, whatever is bought."""
    today = now.astimezone(ZoneInfo(facts.timezone)).date()
    rows = session.connection().execute(_PROMOTIONS, {"of_tier": tier, "today": today})
    return [_Offer(*row) for row in rows]


def _matching(
    promotions: Sequence[_Offer], product: _Priced, quantity: int, facts: StoreFacts
) -> list[AppliedDiscount]:
    """The discounts of those for all goods, this product, or a category it belongs to, when that many are bought."""
    categories = ("", *facts.category_line(product.category))
    return [
        AppliedDiscount(name=row.name, kind="promotion", percent=_percent(row.percent_off), ends_on=row.ends_on)
        for row in promotions
        if row.category in categories and row.product_id in ("", product.product_id) and row.min_quantity <= quantity
    ]


def _percent(text: str) -> Decimal:
    try:
        percent = Decimal(text)
    except InvalidOperation as error:
        raise StoreError(f"a discount in the store database is no percentage: {text!r}") from error
    if not (percent.is_finite() and 0 <= percent <= 100):
        raise StoreError(f"a discount in the store database is no percentage: {text!r}")
    return percent
