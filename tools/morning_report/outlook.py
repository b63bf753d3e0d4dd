"""What will sell: the store's sales come in; forecasts by slot, and of kiosks and products to be looked at, go out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from tools.forecasting.choices_file import kept_choices
from tools.forecasting.forecast import Forecast, ForecastRun, make_forecast
from tools.forecasting.history import History, as_history
from tools.forecasting.periods import Frequency, first_day
from tools.forecasting.sales import DailySales, SeriesKey, sum_rows
from tools.forecasting.spreading import Progress
from tools.forecasting.store_sales import read_store_sales
from tools.morning_report.scope import Scope
from tools.replenishment import read_slots, weeks_ahead

WEEKS_BACK = 12
WEEKS_AHEAD = 4
MOST_PRODUCTS = 8


@dataclass(frozen=True)
class WeekSold:
    """Pieces sold in the week that begins on a Monday; None where nothing could be sold or nothing is known."""

    monday: date
    pieces: float | None


@dataclass(frozen=True)
class WeekAhead:
    """Pieces a week will sell: the median, and the interval that holds four of five outcomes."""

    monday: date
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """The weeks behind and ahead of a kiosk or a product; `expected` is the mean of the pieces of all weeks ahead."""

    name: str
    past: tuple[WeekSold, ...]
    ahead: tuple[WeekAhead, ...]
    expected: float


@dataclass(frozen=True)
class Outlook:
    """The forecast of every slot, the curves of the kiosks and of the products that will take most, and remarks."""

    slots: Forecast
    kiosks: tuple[Curve, ...]
    products: tuple[Curve, ...]
    remarks: tuple[str, ...]


def read_outlook(scope: Scope, choices_file: Path, progress: Progress | None = None) -> Outlook:
    """Forecast by week; TooFewSales when nothing was sold yet, or too little to forecast from.

    Kiosks and products are forecast from their own sums: intervals of their parts cannot be added up.
    """
    sales = read_store_sales(scope.engine, scope.now, scope.kiosk_id)
    # The slots of one kiosk are forecast by what is usual at all of them, as `walkiosk ops replenish` does.
    history = as_history(sales, Frequency.WEEK)
    weeks = weeks_ahead(read_slots(scope.engine, scope.kiosk_id))
    slots = make_forecast(history, weeks, kept_choices(history, choices_file), progress=progress)
    prices = {one.product_id: one.price_minor for one in scope.goods.values()}
    kiosks = _curves(_summed(sales, lambda key: SeriesKey("", key.kiosk)), progress)
    products = _curves(_summed(sales, lambda key: SeriesKey(scope.goods[key.sku].product_id)), progress)
    most = sorted(products.items(), key=lambda one: (-one[1].expected * prices.get(one[0].sku, 0), one[0].sku))
    return Outlook(
        slots=slots.forecast,
        kiosks=tuple(replace(curve, name=scope.kiosk_name(key.kiosk)) for key, curve in sorted(kiosks.items())),
        products=tuple(
            replace(curve, name=scope.products.get(key.sku, key.sku)) for key, curve in most if curve.expected > 0
        )[:MOST_PRODUCTS],
        remarks=tuple(str(remark) for remark in slots.history.remarks),
    )


def _summed(sales: DailySales, group_of: Callable[[SeriesKey], SeriesKey]) -> DailySales:
    """The sales with series of one group made one series."""
    groups = [group_of(key) for key in sales.keys]
    keys = tuple(sorted(set(groups)))
    place = {key: number for number, key in enumerate(keys)}
    own = np.array([place[key] for key in groups], np.int32)
    summed = sum_rows(own[sales.series], sales.day, sales.units)
    begins = np.full(len(keys), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(begins, own, sales.begins)
    categories = {
        group.sku: sales.categories.get(key.sku, ())[1:] for key, group in zip(sales.keys, groups, strict=True)
    }
    return DailySales(
        keys=keys,
        series=summed.series,
        day=summed.day,
        units=summed.units,
        begins=begins,
        until=sales.until,
        categories=categories,
    )


def _curves(sales: DailySales, progress: Progress | None) -> dict[SeriesKey, Curve]:
    history = as_history(sales, Frequency.WEEK)
    known = history.units.copy()
    run = make_forecast(history, WEEKS_AHEAD, kept_choices(history, None), progress=progress)
    return {key: _curve(run, history, known[row], row) for row, key in enumerate(history.keys)}


def _curve(run: ForecastRun, history: History, units: np.ndarray, row: int) -> Curve:
    first = history.first + max(0, history.periods - WEEKS_BACK)
    past = [
        WeekSold(first_day(week, Frequency.WEEK), None if np.isnan(value) else float(value))
        for week, value in enumerate(units[first - history.first :], start=first)
    ]
    forecast = run.forecast
    ahead = [
        WeekAhead(monday, *(float(values[row, step]) for values in (forecast.median, forecast.low, forecast.high)))
        for step, monday in enumerate(forecast.dates)
    ]
    return Curve("", tuple(past), tuple(ahead), float(forecast.mean[row].sum()))
