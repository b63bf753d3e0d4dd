"""Prices a cart: what a customer asked for comes in, lines as they would be agreed today go out, or a refusal."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Engine
from sqlmodel import Session

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
            found = [(item, *_find_goods(session, order.kiosk_id, item)) for item in basket]
        for _, product, _, _ in found:
            if product.min_age > 0 and not order.age_approved_by:
                raise CustomerError("age-restricted", min_age=product.min_age, name=product.name)
        lines: list[OrderLineView] = []
        for item, product, variant, slot in found:
            quote = self._prices.quote(product.product_id, item.quantity, order.customer_id)
            if quote.unit_price.amount_minor <= 0:
                raise StoreError(f"{item.sku} has no price above zero; it cannot be sold")
            lines.append(
                OrderLineView(
                    sku=item.sku,
                    product_id=product.product_id,
                    name=product.name,
                    colour=variant.colour,
                    size=variant.size,
                    quantity=item.quantity,
                    unit_price=quote.unit_price,
                    list_price=quote.list_price,
                    slot=slot,
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


def _find_goods(session: Session, kiosk_id: str, item: CartItem) -> tuple[Product, Variant, str]:
    variant = session.get(Variant, item.sku)
    product = session.get(Product, variant.product_id) if variant else None
    if variant is None or product is None:
        raise ModelError(f"there is no SKU {item.sku!r}; use one that a search returned")
    stock = session.get(Stock, (kiosk_id, item.sku))
    return product, variant, stock.slot if stock else ""
