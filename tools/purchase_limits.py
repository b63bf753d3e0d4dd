"""The shop's limits on a purchase: an order to be agreed comes in with an open transaction, or a refusal goes out."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sql
from sqlmodel import Session, col, select

from tools.checkout_table import HOLDING_STATES, State
from tools.database import Customer, Order, OrderLine, Product
from tools.errors import CustomerError
from tools.order import OrderView
from tools.store_facts import PurchaseLimit, StoreFacts, read_store_facts


def require_within_limits(session: Session, order: OrderView, categories: Mapping[str, tuple[str, ...]]) -> None:
    """CustomerError("too-many") or CustomerError("limit-reached") when the order is more than the shop sells.

    `categories` are those that each product of the order belongs to.
    What a customer takes in a day are the pieces that came out and those that are held, of all orders opened on the
    store's day, at all kiosks; someone unknown is a customer for as long as their session lasts. A refund does not
    give back what was taken: the goods are out.
    """
    facts = read_store_facts(session)
    if len(order.lines) > facts.max_lines:
        raise CustomerError("too-many", limit=facts.max_lines)
    if max(line.quantity for line in order.lines) > facts.max_quantity:
        raise CustomerError("too-many", limit=facts.max_quantity)
    if not facts.limits:
        return
    if order.customer_id is not None:  # at two kiosks at once, the second waits for what the first takes
        session.exec(select(Customer).where(Customer.customer_id == order.customer_id).with_for_update()).first()
    asked = [_Pieces(line.product_id, categories[line.product_id], line.quantity) for line in order.lines]
    taken = _taken_that_day(session, order, facts)
    for limit in facts.limits:
        covered = [line for line, pieces in zip(order.lines, asked, strict=True) if _covers(limit, pieces)]
        if (
            covered
            and sum(pieces.quantity for pieces in asked + taken if _covers(limit, pieces)) > limit.per_customer_per_day
        ):
            raise CustomerError("limit-reached", limit=limit.per_customer_per_day, name=covered[0].name)


class _Pieces(NamedTuple):
    """So many of a product, with the categories it belongs to."""

    product_id: str
    categories: tuple[str, ...]
    quantity: int


def _covers(limit: PurchaseLimit, pieces: _Pieces) -> bool:
    return limit.product_id == pieces.product_id if limit.product_id else limit.category in pieces.categories


_TAKEN = (
    sql.select(col(Order.state), col(OrderLine.product_id), col(OrderLine.quantity), col(OrderLine.dispensed))
    .add_columns(sql.func.coalesce(col(Product.category), ""))
    .join(OrderLine, col(OrderLine.order_id) == col(Order.order_id))
    .outerjoin(Product, col(Product.product_id) == col(OrderLine.product_id))
    .where(col(Order.created_at) >= sql.bindparam("start"), col(Order.created_at) < sql.bindparam("end"))
    .where(col(Order.order_id) != sql.bindparam("this"))
)
_TAKEN_BY_CUSTOMER = _TAKEN.where(col(Order.customer_id) == sql.bindparam("customer"))
_TAKEN_IN_SESSION = _TAKEN.where(col(Order.customer_id).is_(None), col(Order.session_id) == sql.bindparam("session"))


def _taken_that_day(session: Session, order: OrderView, facts: StoreFacts) -> list[_Pieces]:
    """What this customer's other orders of the same day hold or gave out."""
    zone = ZoneInfo(facts.timezone)
    day = order.created_at.astimezone(zone).date()
    start, end = (datetime.combine(day + timedelta(days=days), time(), zone).astimezone(UTC) for days in (0, 1))
    whose = (
        (_TAKEN_IN_SESSION, {"session": order.session_id})
        if order.customer_id is None
        else (_TAKEN_BY_CUSTOMER, {"customer": order.customer_id})
    )
    rows = session.connection().execute(whose[0], {**whose[1], "start": start, "end": end, "this": order.order_id})
    return [
        _Pieces(product_id, facts.category_line(category), quantity if State(state) in HOLDING_STATES else dispensed)
        for state, product_id, quantity, dispensed, category in rows
    ]
