"""Prices a cart: what a customer asked for comes in, lines and terms as they would be agreed today go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import sqlalchemy as sql
from sqlmodel import Session, col

from tools.age_approval import RestrictedGoods
from tools.database import Kiosk, Product, Stock, Variant
from tools.errors import ModelError, StoreError
from tools.money import Money
from tools.order import CartItem, OrderLineView, OrderView, Priced, ProductQuantity
from tools.sale_terms import SaleTerms
from tools.store_facts import StoreFacts, read_store_facts
from tools.taxes import AgreedTax


class PriceQuote(Protocol):
    """What one piece costs this customer now, what it costs everyone, and why if the two differ."""

    @property
    def unit_price(self) -> Money: ...
    @property
    def list_price(self) -> Money: ...
    @property
    def reason(self) -> str: ...


class PriceQuoter(Protocol):
    """Whoever knows today's prices."""

    def quote_within(
        self, session: Session, wanted: Sequence[ProductQuantity], customer_id: str | None, /
    ) -> Sequence[PriceQuote]:
        """The price of one piece of each when that many are bought together, in the caller's transaction."""
        ...


@dataclass(frozen=True)
class PricedCart(Priced):
    """A priced cart, the categories each product of it belongs to, and what in it is sold from an age on."""

    categories: Mapping[str, tuple[str, ...]]
    restricted: tuple[RestrictedGoods, ...]


class CartPricer:
    """Turns items into lines with today's prices and taxes for an order's customer and kiosk."""

    def __init__(self, prices: PriceQuoter) -> None:
        self._prices = prices

    def price(self, session: Session, order: OrderView, basket: Sequence[CartItem]) -> PricedCart:
        """The basket at today's prices; ModelError for an unknown SKU, StoreError for goods without a price."""
        found = [_find_goods(session, order.kiosk_id, item) for item in basket]
        products = [goods.product for goods in found]
        wanted = [ProductQuantity(each.product_id, item.quantity) for each, item in zip(products, basket, strict=True)]
        lines = [
            OrderLineView(
                sku=item.sku,
                product_id=goods.product.product_id,
                name=goods.product.name,
                colour=goods.colour,
                size=goods.size,
                quantity=item.quantity,
                unit_price=quote.unit_price,
                list_price=quote.list_price,
                discount=quote.reason,
                slot=goods.slot,
            )
            for item, goods, quote in zip(basket, found, self._quotes(session, wanted, order), strict=True)
        ]
        return _cart(session, order, lines, products)

    def repriced(self, session: Session, order: OrderView) -> PricedCart:
        """The order's lines at today's prices; ModelError for what left the catalogue, StoreError as in `price`."""
        wanted = [ProductQuantity(line.product_id, line.quantity) for line in order.lines]
        rows = session.connection().execute(_PRODUCTS, {"product_ids": [each.product_id for each in wanted]})
        products = [_Product(*row) for row in rows]
        lines = [
            line.model_copy(
                update={"unit_price": quote.unit_price, "list_price": quote.list_price, "discount": quote.reason}
            )
            for line, quote in zip(order.lines, self._quotes(session, wanted, order), strict=True)
        ]
        return _cart(session, order, lines, products)

    def _quotes(self, session: Session, wanted: Sequence[ProductQuantity], order: OrderView) -> Sequence[PriceQuote]:
        quotes = self._prices.quote_within(session, wanted, order.customer_id)
        for each, quote in zip(wanted, quotes, strict=True):
            if quote.unit_price.amount_minor <= 0:
                raise StoreError(f"the product {each.product_id} has no price above zero; it cannot be sold")
        return quotes


def _cart(
    session: Session, order: OrderView, lines: Sequence[OrderLineView], products: Sequence["_Product"]
) -> PricedCart:
    facts = read_store_facts(session)
    kiosk = session.connection().execute(_KIOSK, {"of_kiosk": order.kiosk_id}).first()
    categories = {product.product_id: facts.category_line(product.category) for product in products}
    terms = SaleTerms(
        store=facts.name,
        address=facts.address,
        tax_number=facts.tax_number,
        kiosk=" ".join(part for part in kiosk or () if part),
        timezone=facts.timezone,
        prices_include_tax=facts.prices_include_tax,
        taxes=_agreed_taxes(lines, categories, facts),
    )
    restricted = [
        RestrictedGoods(product.product_id, product.name, product.min_age)
        for product in products
        if product.min_age > 0
    ]
    return PricedCart(tuple(lines), terms, categories, tuple(dict.fromkeys(restricted)))


def _agreed_taxes(
    lines: Sequence[OrderLineView], categories: Mapping[str, tuple[str, ...]], facts: StoreFacts
) -> tuple[AgreedTax, ...]:
    """The shop's taxes that are on any of the lines, each with the SKUs that it is on."""
    agreed: list[AgreedTax] = []
    for tax in facts.taxes:
        skus = tuple(
            line.sku
            for line in lines
            if not tax.categories or not set(tax.categories).isdisjoint(categories.get(line.product_id, ()))
        )
        if skus:
            agreed.append(AgreedTax(name=tax.name, percent=tax.percent, skus=skus))
    return tuple(agreed)


class _Product(NamedTuple):
    """What a product is called, what it belongs to, and who may buy it."""

    product_id: str
    name: str
    category: str
    min_age: int


class _Goods(NamedTuple):
    """What a line says of a variant."""

    product: _Product
    colour: str
    size: str
    slot: str


_PRODUCT_COLUMNS = (
    col(Product.product_id),
    (col(Product.brand) + " " + col(Product.model)).label("name"),
    col(Product.category),
    col(Product.min_age),
)
_KIOSK = sql.select(col(Kiosk.name), col(Kiosk.location)).where(col(Kiosk.kiosk_id) == sql.bindparam("of_kiosk"))
_PRODUCTS = sql.select(*_PRODUCT_COLUMNS).where(
    col(Product.product_id).in_(sql.bindparam("product_ids", expanding=True))
)
_GOODS = (
    sql.select(
        *_PRODUCT_COLUMNS,
        col(Variant.colour),
        col(Variant.size),
        sql.func.coalesce(col(Stock.slot), "").label("slot"),
    )
    .select_from(Variant)
    .join(Product, col(Product.product_id) == col(Variant.product_id))
    .outerjoin(Stock, sql.and_(col(Stock.sku) == col(Variant.sku), col(Stock.kiosk_id) == sql.bindparam("of_kiosk")))
    .where(col(Variant.sku) == sql.bindparam("of_sku"))
)


def _find_goods(session: Session, kiosk_id: str, item: CartItem) -> _Goods:
    goods = session.connection().execute(_GOODS, {"of_kiosk": kiosk_id, "of_sku": item.sku}).first()
    if goods is None:
        raise ModelError(f"there is no SKU {item.sku!r}; use one that a search returned")
    return _Goods(_Product(*goods[:4]), *goods[4:])
