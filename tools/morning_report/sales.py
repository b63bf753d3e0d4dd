"""What was sold: the orders of a period and of the one before come in, figures by day, kiosk and product go out.

A sale is what came out of the machine and was paid for, without what was paid back.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from tools.checkout_table import State
from tools.database import Order, OrderLine, read_transaction
from tools.feedback_themes.comments import Period
from tools.forecasting.store_sales import SOLD_STATES
from tools.money import Money
from tools.morning_report.scope import Scope

MOST_PRODUCTS = 10
REFUNDS = (State.REFUNDING, State.REFUNDED)


@dataclass(frozen=True)
class Sold:
    """How much was sold."""

    orders: int
    pieces: int
    revenue: Money


@dataclass(frozen=True)
class BesideBefore:
    """What was sold now and in the period before at a kiosk or of a product; `key` is its id, empty for all."""

    key: str
    name: str
    now: Sold
    before: Sold


@dataclass(frozen=True)
class DaySales:
    """What was taken on a day, and on the day as long before as the period has days."""

    day: date
    revenue: Money
    revenue_before: Money


@dataclass(frozen=True)
class SalesFigures:
    """The sales of a period beside those of the period before, the kiosks and products that sold most first.

    `last_sale_at` is by kiosk id, of all that ever sold. `had_before` tells whether there was a shop before at all.
    """

    total: BesideBefore
    days: tuple[DaySales, ...]
    kiosks: tuple[BesideBefore, ...]
    products: tuple[BesideBefore, ...]
    refunds: int
    refunded: Money
    last_sale_at: dict[str, datetime]
    had_before: bool


@dataclass(frozen=True)
class _Sale:
    """One order that was paid; its lines are (product name, pieces, minor units)."""

    kiosk_id: str
    at: datetime
    captured_minor: int
    lines: tuple[tuple[str, int, int], ...]


def read_sales_figures(scope: Scope) -> SalesFigures:
    """The figures; StoreError when the store cannot be read."""
    period, before = scope.period, scope.period.before
    sales = [*_read(scope, Period(before.since, period.until))]
    now = [sale for sale in sales if period.holds(sale.at)]
    earlier = [sale for sale in sales if before.holds(sale.at)]
    last_sale_at, first_at = _first_and_last(scope)
    refunds, refunded = _refunds(scope)
    kiosks = [
        _beside(scope, key, [s for s in now if s.kiosk_id == key], [s for s in earlier if s.kiosk_id == key])
        for key in _kiosks_of(scope, sales)
    ]
    return SalesFigures(
        total=_beside(scope, "", now, earlier),
        days=tuple(_days(scope, now, earlier)),
        kiosks=tuple(sorted(kiosks, key=lambda kiosk: (-kiosk.now.revenue.amount_minor, kiosk.name))),
        products=_products(scope, now, earlier),
        refunds=refunds,
        refunded=refunded,
        last_sale_at=last_sale_at,
        had_before=first_at is not None and first_at < period.since,
    )


def _read(scope: Scope, period: Period) -> Iterator[_Sale]:
    orders = (
        select(Order)
        .where(col(Order.state).in_(SOLD_STATES), Order.currency == scope.facts.currency)
        .where(col(Order.created_at) >= period.since, col(Order.created_at) < period.until)
    )
    lines = (
        select(OrderLine)
        .join(Order, col(Order.order_id) == col(OrderLine.order_id))
        .where(col(OrderLine.dispensed) > 0, col(Order.state).in_(SOLD_STATES))
        .where(col(Order.created_at) >= period.since, col(Order.created_at) < period.until)
    )
    sold: dict[str, list[tuple[str, int, int]]] = {}
    with read_transaction(scope.engine) as session:
        for line in session.exec(lines):
            name = scope.products.get(line.product_id) or line.name
            sold.setdefault(line.order_id, []).append((name, line.dispensed, line.dispensed * line.unit_price_minor))
        for order in session.exec(orders):
            if scope.is_about(order.kiosk_id):
                own = tuple(sold.get(order.order_id, ()))
                yield _Sale(order.kiosk_id, order.created_at, order.captured_minor, own)


def _kiosks_of(scope: Scope, sales: Sequence[_Sale]) -> list[str]:
    """The shop's kiosks, and those that are gone but sold something."""
    return list(dict.fromkeys([*scope.kiosks, *(sale.kiosk_id for sale in sales)]))


def _sold(scope: Scope, sales: Sequence[_Sale]) -> Sold:
    revenue = Money(amount_minor=sum(sale.captured_minor for sale in sales), currency=scope.facts.currency)
    return Sold(len(sales), sum(pieces for sale in sales for _, pieces, _ in sale.lines), revenue)


def _beside(scope: Scope, kiosk_id: str, now: Sequence[_Sale], before: Sequence[_Sale]) -> BesideBefore:
    return BesideBefore(kiosk_id, scope.kiosk_name(kiosk_id), _sold(scope, now), _sold(scope, before))


def _days(scope: Scope, now: Sequence[_Sale], before: Sequence[_Sale]) -> Iterator[DaySales]:
    taken = Counter[date]()
    for sale in (*now, *before):
        taken[scope.day_of(sale.at)] += sale.captured_minor
    first = scope.day_of(scope.period.since)
    length = (scope.day_of(scope.period.until) - first).days
    for number in range(length):
        day = first + timedelta(days=number)
        amounts = (taken[day], taken[day - timedelta(days=length)])
        yield DaySales(day, *(Money(amount_minor=minor, currency=scope.facts.currency) for minor in amounts))


def _products(scope: Scope, now: Sequence[_Sale], before: Sequence[_Sale]) -> tuple[BesideBefore, ...]:
    """The products that took most; their revenue is that of their lines, without taxes on top."""
    both = [_by_product(sales) for sales in (now, before)]
    most = sorted(both[0], key=lambda name: (-both[0][name][2], name))[:MOST_PRODUCTS]
    currency = scope.facts.currency
    return tuple(
        BesideBefore(
            name,
            name,
            *(
                Sold(orders, pieces, Money(amount_minor=minor, currency=currency))
                for orders, pieces, minor in (one.get(name, (0, 0, 0)) for one in both)
            ),
        )
        for name in most
    )


def _by_product(sales: Sequence[_Sale]) -> dict[str, tuple[int, int, int]]:
    """Orders, pieces and minor units by the product's name."""
    found: dict[str, tuple[int, int, int]] = {}
    for sale in sales:
        for name in {name for name, _, _ in sale.lines}:
            own = [line for line in sale.lines if line[0] == name]
            orders, pieces, minor = found.get(name, (0, 0, 0))
            found[name] = (orders + 1, pieces + sum(line[1] for line in own), minor + sum(line[2] for line in own))
    return found


def _first_and_last(scope: Scope) -> tuple[dict[str, datetime], datetime | None]:
    """The last sale of each kiosk, and the first of all."""
    statement = (
        select(Order.kiosk_id, func.min(Order.created_at), func.max(Order.created_at))
        .where(col(Order.state).in_(SOLD_STATES))
        .group_by(col(Order.kiosk_id))
    )
    with read_transaction(scope.engine) as session:
        rows = [row for row in session.exec(statement).all() if scope.is_about(row[0])]
    return {kiosk_id: last for kiosk_id, _, last in rows}, min((first for _, first, _ in rows), default=None)


def _refunds(scope: Scope) -> tuple[int, Money]:
    """How many of the period's sales were paid back, and how much that was."""
    statement = select(Order).where(
        col(Order.state).in_(REFUNDS),
        col(Order.created_at) >= scope.period.since,
        col(Order.created_at) < scope.period.until,
        Order.currency == scope.facts.currency,
    )
    with read_transaction(scope.engine) as session:
        orders = [order for order in session.exec(statement) if scope.is_about(order.kiosk_id)]
    paid_back = sum(order.captured_minor for order in orders)
    return len(orders), Money(amount_minor=paid_back, currency=scope.facts.currency)
