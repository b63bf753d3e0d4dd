"""Looks things up in the store database: ids come in, typed products, stock, customers and machines go out."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, func
from sqlmodel import and_, col, select

from tools.database import Customer, Kiosk, Product, Stock, Variant, read_transaction
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


class VariantView(_View):
    """One colour and size of a product; the colour is empty for goods that come without one."""

    sku: str
    product_id: str
    colour: str
    size: str


class VariantStock(_View):
    """How many of a variant a machine can sell now; what open orders reserved is not among them."""

    kiosk_id: str
    kiosk_name: str
    sku: str
    product_id: str
    colour: str
    size: str
    sellable: int
    slot: str


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


class Inventory:
    """Reads the catalogue, the stock, the customers and the machines. What is not there comes out as None or empty."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def product(self, product_id: str) -> ProductView | None:
        """A product of the catalogue."""
        with read_transaction(self._engine) as session:
            row = session.get(Product, product_id)
            return _product_view(row) if row else None

    def products(self, product_ids: Iterable[str]) -> list[ProductView]:
        """The products that are there, in the order asked for."""
        wanted = list(dict.fromkeys(product_ids))
        with read_transaction(self._engine) as session:
            rows = session.exec(select(Product).where(col(Product.product_id).in_(wanted)))
            found = {row.product_id: _product_view(row) for row in rows}
        return [found[product_id] for product_id in wanted if product_id in found]

    def variants(self, product_id: str) -> list[VariantView]:
        """All colours and sizes the catalogue has of a product, in the catalogue's order."""
        with read_transaction(self._engine) as session:
            rows = session.exec(select(Variant).where(Variant.product_id == product_id).order_by(col(Variant.position)))
            return [_variant_view(row) for row in rows]

    def variant(self, sku: str) -> VariantView | None:
        """The variant with that number."""
        with read_transaction(self._engine) as session:
            row = session.get(Variant, sku)
            return _variant_view(row) if row else None

    def stock(
        self, kiosk_id: str, product_id: str, colour: str | None = None, size: str | None = None
    ) -> list[VariantStock]:
        """What one machine can sell of each variant (0 where it holds none), in the catalogue's order."""
        with read_transaction(self._engine) as session:
            kiosk = session.get(Kiosk, kiosk_id)
            if kiosk is None:
                return []
            held = and_(Stock.sku == Variant.sku, Stock.kiosk_id == kiosk_id)
            query = select(Variant, Stock).outerjoin(Stock, held).where(*_matches(product_id, colour, size))
            rows = session.exec(query.order_by(col(Variant.position))).all()
            return [_stock_view(kiosk, variant, stock) for variant, stock in rows]

    def stock_elsewhere(
        self, kiosk_id: str, product_id: str, colour: str | None = None, size: str | None = None
    ) -> list[VariantStock]:
        """What the other machines can sell of it, only where there is something, by machine."""
        with read_transaction(self._engine) as session:
            query = (
                select(Kiosk, Variant, Stock)
                .join(Stock, col(Stock.kiosk_id) == col(Kiosk.kiosk_id))
                .join(Variant, col(Variant.sku) == col(Stock.sku))
                .where(*_matches(product_id, colour, size), Kiosk.kiosk_id != kiosk_id, Stock.on_hand > Stock.reserved)
                .order_by(col(Kiosk.kiosk_id), col(Variant.position))
            )
            return [_stock_view(kiosk, variant, stock) for kiosk, variant, stock in session.exec(query).all()]

    def customer(self, customer_id: str) -> CustomerView | None:
        """A customer the shop knows."""
        with read_transaction(self._engine) as session:
            row = session.get(Customer, customer_id)
            return _customer_view(row) if row else None

    def customers(self) -> list[CustomerView]:
        """Everyone the shop knows, by id."""
        with read_transaction(self._engine) as session:
            return [_customer_view(row) for row in session.exec(select(Customer).order_by(Customer.customer_id))]

    def customer_size(self, customer_id: str, category: str) -> str | None:
        """The size on the customer's file that is worn on goods of this category."""
        with read_transaction(self._engine) as session:
            customer = session.get(Customer, customer_id)
            group = read_store_facts(session).size_group(category)
            return _customer_view(customer).sizes.get(group) if customer and group else None

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


def _matches(product_id: str, colour: str | None, size: str | None) -> list[Any]:
    """Conditions on a variant; sizes compare without case (m and M)."""
    conditions: list[Any] = [col(Variant.product_id) == product_id]
    if colour is not None:
        conditions.append(col(Variant.colour) == colour)
    if size is not None:
        conditions.append(func.lower(col(Variant.size)) == size.lower())
    return conditions


def _product_view(row: Product) -> ProductView:
    return ProductView(
        **row.model_dump(include={"product_id", "brand", "model", "category", "description", "material", "min_age"}),
        list_price=Money(amount_minor=row.list_price_minor, currency=row.currency),
        tags=tuple(tag for tag in row.tags.split("|") if tag),
    )


def _variant_view(row: Variant) -> VariantView:
    return VariantView(sku=row.sku, product_id=row.product_id, colour=row.colour, size=row.size)


def _stock_view(kiosk: Kiosk, variant: Variant, stock: Stock | None) -> VariantStock:
    return VariantStock(
        kiosk_id=kiosk.kiosk_id,
        kiosk_name=kiosk.name,
        sku=variant.sku,
        product_id=variant.product_id,
        colour=variant.colour,
        size=variant.size,
        sellable=max(stock.on_hand - stock.reserved, 0) if stock else 0,
        slot=stock.slot if stock else "",
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
