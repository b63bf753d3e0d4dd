"""The shop's limits on a purchase: an order to be agreed comes in with an open transaction, or a refusal goes out."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from tools.checkout_table import HOLDING_STATES, State
from tools.database import Customer, Order, OrderLine, Product
from tools.errors import CustomerError
from tools.order import OrderView
from tools.store_facts import PurchaseLimit, StoreFacts, read_store_facts


def require_within_limits(session: Session, order: OrderView) -> None:
    """CustomerError("too-many") or CustomerError("limit-reached") when the order is more than the shop sells.

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
    taken = _taken_that_day(session, order, facts)
    for line in order.lines:
        taken[line.product_id] += line.quantity
    categories = _categories(session, taken)
    for limit in facts.limits:
        covered = {product_id for product_id in taken if _covers(limit, product_id, categories, facts)}
        asked = [line for line in order.lines if line.product_id in covered]
        if asked and sum(taken[product_id] for product_id in covered) > limit.per_customer_per_day:
            raise CustomerError("limit-reached", limit=limit.per_customer_per_day, name=asked[0].name)


def _covers(limit: PurchaseLimit, product_id: str, categories: Mapping[str, str], facts: StoreFacts) -> bool:
    if limit.product_id:
        return limit.product_id == product_id
    return limit.category in facts.category_line(categories.get(product_id, ""))


def _taken_that_day(session: Session, order: OrderView, facts: StoreFacts) -> Counter[str]:
    """Pieces by product that this customer's other orders of the same day hold or gave out."""
    zone = ZoneInfo(facts.timezone)
    day = order.created_at.astimezone(zone).date()
    start, end = (datetime.combine(day + timedelta(days=days), time(), zone).astimezone(UTC) for days in (0, 1))
    same_customer = (
        Order.customer_id == order.customer_id
        if order.customer_id is not None
        else (col(Order.customer_id).is_(None)) & (col(Order.session_id) == order.session_id)
    )
    rows = session.exec(
        select(Order.state, OrderLine.product_id, OrderLine.quantity, OrderLine.dispensed)
        .join(OrderLine, col(OrderLine.order_id) == col(Order.order_id))
        .where(same_customer, col(Order.created_at) >= start, col(Order.created_at) < end)
        .where(Order.order_id != order.order_id)
    )
    taken: Counter[str] = Counter()
    for state, product_id, quantity, dispensed in rows:
        taken[product_id] += quantity if State(state) in HOLDING_STATES else dispensed
    return taken


def _categories(session: Session, product_ids: Mapping[str, int]) -> dict[str, str]:
    rows = session.exec(select(Product.product_id, Product.category).where(col(Product.product_id).in_(product_ids)))
    return dict(rows.all())
