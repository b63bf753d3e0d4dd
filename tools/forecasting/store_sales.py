"""The store's own sales: its database comes in, daily sales of each variant at each kiosk go out.

A sale is what came out of the machine and was paid for. A sale that was paid back counts as none. Days and times are
those of the shop's time zone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tools.checkout_table import State
from tools.database import Kiosk, Order, OrderLine, Product, Promotion, Stock, Variant, read_transaction
from tools.errors import OperatorError
from tools.forecasting.sales import DailySales, Offer, SeriesKey, TooFewSales, sum_rows
from tools.stock_outs import StockOut, read_stock_outs
from tools.store_facts import StoreFacts, read_store_facts

SOLD_STATES = (State.CAPTURED, State.CLOSED)
NOON = time(12)


@dataclass(frozen=True)
class _Listed:
    """What a kiosk lists: since when (None: nobody knows), and the variant's product and categories, nearest first."""

    since: datetime | None
    product_id: str
    categories: tuple[str, ...]


def read_store_sales(engine: Engine, now: datetime, kiosk_id: str | None = None) -> DailySales:
    """The sales of everything that is listed at a kiosk, or at all of them, until yesterday.

    TooFewSales when nothing was sold yet, OperatorError for an unknown kiosk, StoreError when no shop was imported.
    """
    with read_transaction(engine) as session:
        facts = read_store_facts(session)
        if kiosk_id is not None and session.get(Kiosk, kiosk_id) is None:
            raise OperatorError(f"there is no kiosk {kiosk_id}")
        listed = {key: one for key, one in _listed(session, facts) if kiosk_id in (None, key.kiosk)}
        sold = [row for row in _sold(session, ZoneInfo(facts.timezone)) if row[0] in listed]
        offers = tuple(_offers(session, listed))
    stock_outs = read_stock_outs(engine)
    until = now.astimezone(ZoneInfo(facts.timezone)).date() - timedelta(days=1)
    sold = [row for row in sold if row[1] <= until.toordinal()]
    if not sold:
        raise TooFewSales("nothing was sold yet until yesterday: there is nothing to forecast from")
    return _as_sales(listed, sold, offers, stock_outs, until, ZoneInfo(facts.timezone))


def _listed(session: Session, facts: StoreFacts) -> Iterator[tuple[SeriesKey, _Listed]]:
    rows = session.exec(
        select(Stock, Product)
        .join(Variant, col(Variant.sku) == col(Stock.sku))
        .join(Product, col(Product.product_id) == col(Variant.product_id))
    )
    for stock, product in rows:
        categories = (f"product {product.product_id}", *facts.category_line(product.category))
        yield SeriesKey(stock.sku, stock.kiosk_id), _Listed(stock.listed_at, product.product_id, categories)


def _sold(session: Session, zone: ZoneInfo) -> Iterator[tuple[SeriesKey, int, int]]:
    """The series, the number of the day and the pieces of each line of an order."""
    rows = session.exec(
        select(Order.kiosk_id, OrderLine.sku, OrderLine.dispensed, Order.created_at)
        .join(OrderLine, col(OrderLine.order_id) == col(Order.order_id))
        .where(col(Order.state).in_(SOLD_STATES), OrderLine.dispensed > 0)
    )
    for kiosk_id, sku, pieces, at in rows:
        yield SeriesKey(sku, kiosk_id), at.astimezone(zone).date().toordinal(), pieces


def _offers(session: Session, listed: Mapping[SeriesKey, _Listed]) -> Iterator[Offer]:
    """The promotions that anyone gets for a single piece; others move sales less."""
    for promotion in session.exec(select(Promotion)):
        if promotion.tier or promotion.min_quantity > 1:
            continue
        skus = frozenset(key.sku for key, one in listed.items() if _is_on_offer(promotion, one))
        yield Offer(skus, promotion.starts_on.toordinal(), promotion.ends_on.toordinal(), float(promotion.percent_off))


def _is_on_offer(promotion: Promotion, listed: _Listed) -> bool:
    of_product = not promotion.product_id or promotion.product_id == listed.product_id
    return of_product and (not promotion.category or promotion.category in listed.categories[1:])


def _as_sales(
    listed: Mapping[SeriesKey, _Listed],
    sold: Iterable[tuple[SeriesKey, int, int]],
    offers: tuple[Offer, ...],
    stock_outs: Iterable[StockOut],
    until: date,
    zone: ZoneInfo,
) -> DailySales:
    keys = tuple(sorted(listed))
    place = {key: number for number, key in enumerate(keys)}
    rows = np.array([(place[key], day, pieces) for key, day, pieces in sold], np.int32)
    summed = sum_rows(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.float64))
    opened = int(summed.day.min())
    begins = [opened if (since := listed[key].since) is None else since.astimezone(zone).toordinal() for key in keys]
    return DailySales(
        keys=keys,
        series=summed.series,
        day=summed.day,
        units=summed.units,
        begins=np.maximum(np.array(begins, np.int32), opened),
        until=until,
        categories={key.sku: one.categories for key, one in listed.items()},
        offers=offers,
        sold_out=np.array([*_days_out(stock_outs, place, until, zone)], np.int32).reshape(-1, 2),
    )


def _days_out(
    stock_outs: Iterable[StockOut], place: Mapping[SeriesKey, int], until: date, zone: ZoneInfo
) -> Iterator[tuple[int, int]]:
    """The series and days on which at noon no piece was there."""
    for out in stock_outs:
        series = place.get(SeriesKey(out.sku, out.kiosk_id))
        if series is None:
            continue
        day = out.since.astimezone(zone).date()
        while day <= until:
            noon = datetime.combine(day, NOON, zone)
            if out.until is not None and noon >= out.until:
                break
            if noon >= out.since:
                yield series, day.toordinal()
            day += timedelta(days=1)
