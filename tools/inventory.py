"""Looks things up in the store database: ids come in, typed products, stock, customers and machines go out."""

from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, func
from sqlmodel import SQLModel, col, select

from tools.database import Customer, Kiosk, Order, OrderLine, Product, Stock, Variant, read_transaction, shared_reads
from tools.money import Money
from tools.store_facts import StoreFacts, read_store_facts


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProductView(_View):
    """A style of the catalogue; several materials are separated by |."""

    product_id: str
    brand: str
    model: str
    category: str
    description: str
    material: str
    list_price: Money
    min_age: int
    tags: tuple[str, ...]

    @property
    def name(self) -> str:
        """Brand and model, as it stands on a card."""
        return f"{self.brand} {self.model}"


@dataclass(frozen=True)
class VariantStock:
    """How many of a variant a machine can sell now; what open orders reserved is not among them.

    No model, as there are hundreds of rows in a turn and all come straight from the database.
    """

    kiosk_id: str
    kiosk_name: str
    sku: str
    product_id: str
    colour: str
    size: str
    slot: str
    sellable: int


class CustomerView(_View):
    """Someone the shop knows; the tier is empty for those who have none."""

    customer_id: str
    name: str
    language: str
    loyalty_tier: str
    sizes: dict[str, str]


class KioskView(_View):
    """One machine."""

    kiosk_id: str
    name: str
    location: str


# Statements are built once: to build one and find its text again takes longer than the database takes to answer.
_OF_PRODUCTS = col(Variant.product_id).in_(sql.bindparam("product_ids", expanding=True))
_PRODUCTS = sql.select(*SQLModel.metadata.tables["product"].c).where(
    col(Product.product_id).in_(sql.bindparam("product_ids", expanding=True))
)
_STOCK_COLUMNS = (
    col(Kiosk.kiosk_id),
    col(Kiosk.name),
    col(Variant.sku),
    col(Variant.product_id),
    col(Variant.colour),
    col(Variant.size),
    func.coalesce(col(Stock.slot), ""),
    func.coalesce(col(Stock.on_hand) - col(Stock.reserved), 0),
)
"""As in VariantStock."""
_STOCK_HERE = (
    sql.select(*_STOCK_COLUMNS)
    .select_from(
        sql.join(Kiosk, Variant, col(Kiosk.kiosk_id) == sql.bindparam("kiosk")).outerjoin(
            Stock, sql.and_(col(Stock.sku) == col(Variant.sku), col(Stock.kiosk_id) == col(Kiosk.kiosk_id))
        )
    )
    .where(_OF_PRODUCTS)
    .order_by(col(Variant.position))
)
_STOCK_ELSEWHERE = (
    sql.select(*_STOCK_COLUMNS)
    .join(Stock, col(Stock.kiosk_id) == col(Kiosk.kiosk_id))
    .join(Variant, col(Variant.sku) == col(Stock.sku))
    .where(_OF_PRODUCTS, col(Kiosk.kiosk_id) != sql.bindparam("kiosk"), col(Stock.on_hand) > col(Stock.reserved))
    .order_by(col(Kiosk.kiosk_id), col(Variant.position))
)
_HELD = (
    sql.select(col(OrderLine.sku), col(OrderLine.quantity))
    .join(Order, col(Order.order_id) == col(OrderLine.order_id))
    .where(col(Order.session_id) == sql.bindparam("session"), col(Order.state) == "reserved")
)


class Inventory:
    """Reads the catalogue, the stock, the customers and the machines. What is not there comes out as None or empty."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def shared_reads(self) -> AbstractContextManager[None]:
        """Let all that is read of the store within share one connection."""
        return shared_reads(self._engine)

    def product(self, product_id: str) -> ProductView | None:
        """A product of the catalogue."""
        return next(iter(self.products([product_id])), None)

    def products(self, product_ids: Iterable[str]) -> list[ProductView]:
        """The products that are there, in the order asked for."""
        wanted = list(dict.fromkeys(product_ids))
        with read_transaction(self._engine) as session:
            rows = session.connection().execute(_PRODUCTS, {"product_ids": wanted})
            found = {row.product_id: _product_view(row) for row in rows}
        return [found[product_id] for product_id in wanted if product_id in found]

    def stock(self, kiosk_id: str, *product_ids: str) -> list[VariantStock]:
        """What one machine can sell of each variant (0 where it holds none), in the catalogue's order."""
        with read_transaction(self._engine) as session:
            rows = session.connection().execute(_STOCK_HERE, {"kiosk": kiosk_id, "product_ids": product_ids})
            return [VariantStock(*row) for row in rows]

    def stock_elsewhere(self, kiosk_id: str, *product_ids: str) -> list[VariantStock]:
        """What the other machines can sell of them, only where there is something, by machine."""
        with read_transaction(self._engine) as session:
            rows = session.connection().execute(_STOCK_ELSEWHERE, {"kiosk": kiosk_id, "product_ids": product_ids})
            return [VariantStock(*row) for row in rows]

    def held(self, session_id: str) -> Counter[str]:
        """How many of each variant the session's own order holds."""
        with read_transaction(self._engine) as session:
            rows = session.connection().execute(_HELD, {"session": session_id})
            counts: Counter[str] = Counter()
            for sku, quantity in rows:
                counts[sku] += quantity
            return counts

    def customer(self, customer_id: str) -> CustomerView | None:
        """A customer the shop knows."""
        with read_transaction(self._engine) as session:
            row = session.get(Customer, customer_id)
            return _customer_view(row) if row else None

    def customers(self) -> list[CustomerView]:
        """Everyone the shop knows, by id."""
        with read_transaction(self._engine) as session:
            return [_customer_view(row) for row in session.exec(select(Customer).order_by(Customer.customer_id))]

    def customer_sizes(self, customer_id: str, categories: Iterable[str]) -> dict[str, str]:
        """The size on the customer's file for each of these categories that has one."""
        with read_transaction(self._engine) as session:
            customer = session.get(Customer, customer_id)
            if customer is None:
                return {}
            facts = read_store_facts(session)
            on_file = _customer_view(customer).sizes
            groups = {category: facts.size_group(category) for category in categories}
            return {category: on_file[group] for category, group in groups.items() if group in on_file}

    def kiosk(self, kiosk_id: str) -> KioskView | None:
        """One machine."""
        with read_transaction(self._engine) as session:
            row = session.get(Kiosk, kiosk_id)
            return _kiosk_view(row) if row else None

    def kiosks(self) -> list[KioskView]:
        """All machines, by id."""
        with read_transaction(self._engine) as session:
            return [_kiosk_view(row) for row in session.exec(select(Kiosk).order_by(Kiosk.kiosk_id))]

    def store(self) -> StoreFacts:
        """The shop itself; StoreError when none was imported."""
        with read_transaction(self._engine) as session:
            return read_store_facts(session)

    def currency(self) -> str:
        """The code of the currency that all prices are in."""
        return self.store().currency

    def wake_phrases(self) -> tuple[str, ...]:
        """What customers of this shop may say to wake the kiosk."""
        return self.store().wake_phrases


def _product_view(row: sql.Row[Any]) -> ProductView:
    return ProductView(
        product_id=row.product_id,
        brand=row.brand,
        model=row.model,
        category=row.category,
        description=row.description,
        material=row.material,
        min_age=row.min_age,
        list_price=Money(amount_minor=row.list_price_minor, currency=row.currency),
        tags=tuple(tag for tag in row.tags.split("|") if tag),
    )


def _customer_view(row: Customer) -> CustomerView:
    pairs = (pair.partition("=") for pair in row.sizes.split("|") if pair)
    return CustomerView(
        customer_id=row.customer_id,
        name=row.name,
        language=row.language,
        loyalty_tier=row.loyalty_tier,
        sizes={group.strip(): size.strip() for group, _, size in pairs},
    )


def _kiosk_view(row: Kiosk) -> KioskView:
    return KioskView(kiosk_id=row.kiosk_id, name=row.name, location=row.location)
