"""What a report is about: a store, a kiosk or all and a time come in, what all sections need to know goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import col, select

from tools.database import Kiosk, Product, Variant, read_transaction
from tools.errors import OperatorError
from tools.feedback_themes.comments import Period
from tools.store_facts import StoreFacts, read_store_facts


@dataclass(frozen=True)
class Goods:
    """A variant by the names the owner knows it by; its price is the list price of one piece."""

    product_id: str
    product: str
    name: str
    price_minor: int


@dataclass(frozen=True)
class Scope:
    """The store, `kiosk_id` (None for all), the whole days that are looked back on, and the moment it is made.

    What is going on now, such as an open order, is told up to `now`; sales end with the last whole day.
    """

    engine: Engine
    facts: StoreFacts
    kiosks: Mapping[str, str]
    """Names by id, only those that the report is about."""
    goods: Mapping[str, Goods]
    products: Mapping[str, str]
    period: Period
    now: datetime
    kiosk_id: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The shop's."""
        return ZoneInfo(self.facts.timezone)

    @property
    def recent(self) -> Period:
        """From the beginning of the period until now."""
        return Period(self.period.since, self.now)

    def day_of(self, moment: datetime) -> date:
        """The shop's day that a moment falls on."""
        return moment.astimezone(self.zone).date()

    def is_about(self, kiosk_id: str) -> bool:
        """Whether the report is about this kiosk."""
        return self.kiosk_id in (None, kiosk_id)

    def kiosk_name(self, kiosk_id: str) -> str:
        """What the kiosk is called; its id where the shop has no such kiosk any more."""
        return self.kiosks.get(kiosk_id) or kiosk_id


def open_scope(engine: Engine, facts: StoreFacts, period: Period, now: datetime, kiosk_id: str | None) -> Scope:
    """The scope of a report; OperatorError for a kiosk that the store does not have."""
    with read_transaction(engine) as session:
        kiosks = {row.kiosk_id: row.name for row in session.exec(select(Kiosk).order_by(col(Kiosk.kiosk_id)))}
        rows = session.exec(select(Variant, Product).join(Product, col(Product.product_id) == col(Variant.product_id)))
        goods = {
            variant.sku: Goods(product.product_id, product.name, _named(product, variant), product.list_price_minor)
            for variant, product in rows
        }
    if kiosk_id is not None and kiosk_id not in kiosks:
        raise OperatorError(f"there is no kiosk {kiosk_id!r}; this store has {', '.join(kiosks) or 'none'}")
    return Scope(
        engine=engine,
        facts=facts,
        kiosks={key: name for key, name in kiosks.items() if kiosk_id in (None, key)},
        goods=goods,
        products={one.product_id: one.product for one in goods.values()},
        period=period,
        now=now,
        kiosk_id=kiosk_id,
    )


def read_facts(engine: Engine) -> StoreFacts:
    """What the store knows of the shop; StoreError when there is none."""
    with read_transaction(engine) as session:
        return read_store_facts(session)


def _named(product: Product, variant: Variant) -> str:
    size = "" if variant.size == "one" else variant.size
    return ", ".join(part for part in (product.name, variant.colour, size) if part)
