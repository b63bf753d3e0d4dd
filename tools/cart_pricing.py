"""Prices a cart: what a customer asked for comes in, lines as they would be agreed today go out, or a refusal."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import sqlalchemy as sql
from sqlalchemy import Engine
from sqlmodel import Session, col

from tools.database import Product, Stock, Variant, read_transaction
from tools.errors import CustomerError, ModelError, StoreError
from tools.money import Money
from tools.order import CartItem, OrderLineView, OrderView


class PriceQuote(Protocol):
    """What one piece costs this customer now, and what it costs everyone."""

    @property
    def unit_price(self) -> Money: ...
    @property
    def list_price(self) -> Money: ...


class PriceQuoter(Protocol):
    """Whoever knows today's prices."""

    def quote(self, product_id: str, quantity: int, customer_id: str | None, /) -> PriceQuote:
        """The price of one piece when `quantity` are bought together."""
        ...


class CartPricer:
    """Turns items into lines with today's prices for an order's customer and kiosk."""

    def __init__(self, engine: Engine, prices: PriceQuoter) -> None:
        self._engine = engine
        self._prices = prices

    def lines(self, order: OrderView, basket: Sequence[CartItem]) -> tuple[OrderLineView, ...]:
        """The basket's lines with today's prices.

        Raises ModelError for an unknown SKU, CustomerError("age-restricted") without the staff's approval, and
        StoreError for goods without a price.
        """
        with read_transaction(self._engine) as session:
            found = [(item, _find_goods(session, order.kiosk_id, item)) for item in basket]
        for _, goods in found:
            if goods.min_age > 0 and not order.age_approved_by:
                raise CustomerError("age-restricted", min_age=goods.min_age, name=goods.name)
        lines: list[OrderLineView] = []
        for item, goods in found:
            quote = self._prices.quote(goods.product_id, item.quantity, order.customer_id)
            if quote.unit_price.amount_minor <= 0:
                raise StoreError(f"{item.sku} has no price above zero; it cannot be sold")
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
                    slot=goods.slot,
                )
            )
        return tuple(lines)

    def repriced(self, order: OrderView) -> tuple[OrderLineView, ...]:
        """The order's lines at what they cost now."""
        lines: list[OrderLineView] = []
        for line in order.lines:
            quote = self._prices.quote(line.product_id, line.quantity, order.customer_id)
            prices = {"unit_price": quote.unit_price, "list_price": quote.list_price}
            lines.append(line.model_copy(update=prices))
        return tuple(lines)


class _Goods(NamedTuple):
    """What a line says of a variant, and who may buy it."""

    product_id: str
    name: str
    min_age: int
    colour: str
    size: str
    slot: str


_GOODS = (
    sql.select(
        col(Product.product_id),
        (col(Product.brand) + " " + col(Product.model)).label("name"),
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
