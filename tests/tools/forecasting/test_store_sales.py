"""The store's own sales and stock-outs: what counts as sold, on which day, and when nothing was there."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tools.checkout_table import Event, State
from tools.database import LedgerEntry, Order, OrderLine, Stock
from tools.deliveries import BroughtGoods, DeliveryNote, book_delivery, undo_delivery
from tools.errors import OperatorError
from tools.forecasting.history import as_history
from tools.forecasting.periods import Frequency
from tools.forecasting.sales import SeriesKey, TooFewSales
from tools.forecasting.store_forecast import forecast_store
from tools.forecasting.store_sales import read_store_sales
from tools.ledger import EventDetail
from tools.stock_outs import StockOut, read_stock_outs
from tools.store_facts import read_store_facts
from tools.store_import import open_store

BOOTS, LAMP = "P1-BLACK-42", "P4-ONE"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path, small_shop: Callable[[Path], Path]) -> Iterator[Engine]:
    engine = open_store(small_shop(tmp_path / "store.db"))
    with Session(engine) as session:
        for row in session.exec(select(Stock)):
            row.listed_at = None
        session.commit()
    yield engine
    engine.dispose()


class Till:
    """Writes orders as they stand when they are over."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.count = engine, 0

    def sell(self, at: datetime, sku: str, pieces: int = 1, kiosk: str = "A", state: State = State.CLOSED) -> None:
        self.count += 1
        order_id = f"O{self.count}"
        with Session(self.engine) as session:
            session.add(
                Order(
                    order_id=order_id, kiosk_id=kiosk, session_id="s", state=state, total_minor=1, currency="EUR",
                    created_at=at,
                )
            )  # fmt: skip
            session.flush()
            session.add(
                OrderLine(
                    order_id=order_id, sku=sku, quantity=pieces + 1, dispensed=pieces, unit_price_minor=1,
                    list_price_minor=1,
                )
            )  # fmt: skip
            session.commit()


@pytest.fixture
def till(engine: Engine) -> Till:
    return Till(engine)


def test_a_sale_is_what_came_out_and_was_paid_on_the_shops_day(engine: Engine, till: Till) -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # half past midnight in Oslo
    till.sell(late, BOOTS, 2)
    till.sell(late, BOOTS, 1)
    till.sell(datetime(2026, 3, 4, 12, tzinfo=UTC), LAMP, 1, state=State.CAPTURED)
    till.sell(late, LAMP, 1, state=State.REFUNDED)
    till.sell(late, LAMP, 0)
    till.sell(late, "P9-GONE", 5)
    till.sell(NOW, LAMP, 9)
    sales = read_store_sales(engine, NOW)
    rows = [*zip((sales.keys[series] for series in sales.series), sales.day, sales.units, strict=True)]
    assert rows == [
        (SeriesKey(BOOTS, "A"), date(2026, 3, 3).toordinal(), 3),
        (SeriesKey(LAMP, "A"), date(2026, 3, 4).toordinal(), 1),
    ]
    assert sales.until == date(2026, 3, 19)
    assert set(sales.begins) == {date(2026, 3, 3).toordinal()}
    assert sales.categories[BOOTS] == ("product P1", "boots", "footwear")


def test_offers_that_anyone_gets_are_seen(engine: Engine, till: Till) -> None:
    till.sell(datetime(2026, 3, 2, 12, tzinfo=UTC), BOOTS)
    [offer] = read_store_sales(engine, NOW).offers
    assert (offer.percent_off, offer.starts_on) == (20.0, date(2026, 3, 1).toordinal())
    assert offer.skus == {"P1-BLACK-42", "P1-GREEN-43", "P2-BLACK-41"}


def test_no_sales_and_no_kiosk(engine: Engine, till: Till) -> None:
    with pytest.raises(TooFewSales, match="nothing was sold yet"):
        read_store_sales(engine, NOW)
    till.sell(NOW, BOOTS)
    with pytest.raises(TooFewSales, match="nothing was sold yet until yesterday"):
        read_store_sales(engine, NOW)
    with pytest.raises(OperatorError, match="there is no kiosk Z"):
        read_store_sales(engine, NOW, "Z")


def test_what_is_listed_later_is_known_later(engine: Engine, till: Till) -> None:
    for day in range(2, 16):
        till.sell(datetime(2026, 3, day, 12, tzinfo=UTC), BOOTS)
    with Session(engine) as session:
        session.get_one(Stock, ("A", LAMP)).listed_at = datetime(2026, 3, 9, tzinfo=UTC)
        session.commit()
    history = as_history(read_store_sales(engine, datetime(2026, 3, 16, tzinfo=UTC), "A"), Frequency.WEEK)
    named = {key.sku: row for row, key in enumerate(history.keys)}
    np.testing.assert_array_equal(history.units[named[LAMP]], [np.nan, 0])
    np.testing.assert_array_equal(history.units[named[BOOTS]], [7, 7])


def test_the_store_is_forecast_kiosk_by_kiosk(engine: Engine, till: Till) -> None:
    for day in range(10 * 7):
        till.sell(datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(days=day), BOOTS, 2)
    run = forecast_store(engine, datetime(2026, 3, 16, tzinfo=UTC), 2)
    named = {key: row for row, key in enumerate(run.forecast.keys)}
    assert run.forecast.mean[named[SeriesKey(BOOTS, "A")], 0] == pytest.approx(14, rel=0.2)
    assert run.forecast.dates[0] == date(2026, 3, 16)
    only_a = forecast_store(engine, datetime(2026, 3, 16, tzinfo=UTC), 2, kiosk_id="A")
    assert {key.kiosk for key in only_a.forecast.keys} == {"A"}


def imported_at(engine: Engine) -> datetime:
    with Session(engine) as session:
        return read_store_facts(session).imported_at


def note_change(engine: Engine, at: datetime, event: Event, detail: EventDetail) -> None:
    with Session(engine) as session:
        count = len(session.exec(select(LedgerEntry)).all())
        if session.get(Order, "O") is None:
            session.add(
                Order(order_id="O", kiosk_id="A", session_id="s", state="closed", total_minor=1, currency="EUR")
            )
            session.flush()
        session.add(
            LedgerEntry(
                order_id="O", sequence=count, event=event, state_before="", state_after="", idempotency_key=f"{count}",
                detail=detail.model_dump_json(exclude_none=True), at=at,
            )
        )  # fmt: skip
        session.commit()


def test_stock_is_counted_back_through_what_came_and_went(engine: Engine) -> None:
    since = imported_at(engine)
    sold, brought, taken_back = (since + timedelta(days=days) for days in (1, 3, 5))
    with Session(engine) as session:
        session.get_one(Stock, ("A", BOOTS)).on_hand = 0
        session.commit()
    note_change(engine, sold, Event.LINE_DISPENSED, EventDetail(sku=BOOTS, count=3))
    goods = (BroughtGoods(kiosk_id="A", sku=BOOTS, pieces=4, line=2),)
    book_delivery(engine, DeliveryNote("f", "1", "c", goods), brought)
    undo_delivery(engine, "1", taken_back)
    outs = [out for out in read_stock_outs(engine) if out.sku == BOOTS and out.kiosk_id == "A"]
    assert outs == [StockOut("A", BOOTS, sold, brought), StockOut("A", BOOTS, taken_back, None)]
    assert StockOut("A", "P1-GREEN-43", since, None) in read_stock_outs(engine)
    assert [out.since for out in read_stock_outs(engine, taken_back) if out.sku == BOOTS] == [taken_back]


def test_what_came_out_in_its_place_is_gone_too(engine: Engine) -> None:
    at = imported_at(engine) + timedelta(days=1)
    with Session(engine) as session:
        session.get_one(Stock, ("A", LAMP)).on_hand = 0
        session.commit()
    note_change(engine, at, Event.WRONG_ITEM, EventDetail(sku=BOOTS, seen_sku=LAMP, count=4))
    assert StockOut("A", LAMP, at, None) in read_stock_outs(engine)


def test_sold_out_days_are_left_open(engine: Engine, till: Till) -> None:
    begin = datetime(2026, 3, 2, 12, tzinfo=UTC)
    now = imported_at(engine) + timedelta(days=40)
    for day in range((now - begin).days):
        till.sell(begin + timedelta(days=day), LAMP)
    sales = read_store_sales(engine, now)
    green = sales.keys.index(SeriesKey("P1-GREEN-43", "A"))
    out = sales.sold_out[sales.sold_out[:, 0] == green][:, 1]
    assert len(out) >= 39
    assert list(np.diff(out)) == [1] * (len(out) - 1)
    assert np.isnan(as_history(sales, Frequency.WEEK).units[green, -1])
