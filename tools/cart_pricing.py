"""Prices a cart: what a customer asked for comes in, lines and terms as they would be agreed today go out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import sqlalchemy as sql
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tools.age_approval import RestrictedGoods
from tools.database import Kiosk, Product, Stock, Variant, read_transaction
from tools.errors import ModelError, StoreError
from tools.money import Money
from tools.order import CartItem, OrderLineView, OrderView, Priced
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

    def quote(self, product_id: str, quantity: int, customer_id: str | None, /) -> PriceQuote:
        """The price of one piece when `quantity` are bought together."""
        ...


@dataclass(frozen=True)
class PricedCart(Priced):
    """A priced cart, and what in it is sold from an age on."""

    restricted: tuple[RestrictedGoods, ...] = ()


class CartPricer:
    """Turns items into lines with today's prices and taxes for an order's customer and kiosk."""

    def __init__(self, engine: Engine, prices: PriceQuoter) -> None:
        self._engine = engine
        self._prices = prices

    def price(self, order: OrderView, basket: Sequence[CartItem]) -> PricedCart:
        """The basket at today's prices; ModelError for an unknown SKU, StoreError for goods without a price."""
        with read_transaction(self._engine) as session:
            found = [(item, _find_goods(session, order.kiosk_id, item)) for item in basket]
            facts, kiosk = read_store_facts(session), session.get(Kiosk, order.kiosk_id)
        lines: list[OrderLineView] = []
        for item, goods in found:
            quote = self._quote(goods.product_id, item.quantity, order.customer_id)
            lines.append(
                OrderLineView(
                    sku=item.sku,
                    product_id=goods.product_id,
                    name=goods.name,
                    colour=goods.colour,
                    size=goods.size,
                    quantity=item.quantity,
                    unit_price=quote.unit_price,
                    list_price=quote.list_price,
                    discount=quote.reason,
                    slot=goods.slot,
                )
            )
        return _cart(lines, [goods for _, goods in found], facts, kiosk)

    def repriced(self, order: OrderView) -> PricedCart:
        """The order's lines at today's prices; ModelError for what left the catalogue, StoreError as in `price`."""
        with read_transaction(self._engine) as session:
            wanted = [line.product_id for line in order.lines]
            products = session.exec(select(Product).where(col(Product.product_id).in_(wanted))).all()
            facts, kiosk = read_store_facts(session), session.get(Kiosk, order.kiosk_id)
        lines: list[OrderLineView] = []
        for line in order.lines:
            quote = self._quote(line.product_id, line.quantity, order.customer_id)
            prices = {"unit_price": quote.unit_price, "list_price": quote.list_price, "discount": quote.reason}
            lines.append(line.model_copy(update=prices))
        return _cart(lines, products, facts, kiosk)

    def _quote(self, product_id: str, quantity: int, customer_id: str | None) -> PriceQuote:
        quote = self._prices.quote(product_id, quantity, customer_id)
        if quote.unit_price.amount_minor <= 0:
            raise StoreError(f"the product {product_id} has no price above zero; it cannot be sold")
        return quote


def _cart(
    lines: Sequence[OrderLineView], products: Sequence["Product | _Goods"], facts: StoreFacts, kiosk: Kiosk | None
) -> PricedCart:
    categories = {product.product_id: facts.category_line(product.category) for product in products}
    terms = SaleTerms(
        store=facts.name,
        address=facts.address,
        tax_number=facts.tax_number,
        kiosk=" ".join(part for part in (kiosk.name, kiosk.location) if part) if kiosk else "",
        timezone=facts.timezone,
        prices_include_tax=facts.prices_include_tax,
        taxes=_agreed_taxes(lines, categories, facts),
    )
    restricted = [
        RestrictedGoods(product.product_id, product.name, product.min_age)
        for product in products
        if product.min_age > 0
    ]
    return PricedCart(lines=tuple(lines), terms=terms, restricted=tuple(dict.fromkeys(restricted)))


def _agreed_taxes(
    lines: Sequence[OrderLineView], categories: dict[str, tuple[str, ...]], facts: StoreFacts
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


class _Goods(NamedTuple):
    """What a line says of a variant, and who may buy it."""

    product_id: str
    name: str
    category: str
    min_age: int
    colour: str
    size: str
    slot: str


_GOODS = (
    sql.select(
        col(Product.product_id),
        (col(Product.brand) + " " + col(Product.model)).label("name"),
        col(Product.category),
        col(Product.min_age),
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
    return _Goods(*goods)
