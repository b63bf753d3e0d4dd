"""Sales by week or day: daily sales come in, one row of numbers for each series over the same periods goes out.

What is not known is no zero: a kiosk that was shut, an item that was not there yet or sold out is left open (NaN).
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tools.errors import OperatorError
from tools.forecasting.periods import Frequency, first_day, periods_of, weekday_of
from tools.forecasting.sales import DailySales, Offer, Remark, SeriesKey, TooFewSales

Matrix = NDArray[np.float32]
"""Of shape (series, periods), with NaN where nothing is known."""

MAX_CELLS = 400_000_000
WHOLE_SHARE = 0.8
"""A week of which so much of the usual sales have passed counts as whole."""
CLOSED_AFTER_DAYS = 28
"""A kiosk that has sold nothing for longer is taken for closed for good."""
SURELY_NOT_CHANCE = 7.0
"""Where so many items are usually sold, none at all is no chance (one in a thousand): nobody was there to buy."""
SOLD_OUT_SHARE = 0.5
"""A period in which an item was sold out for more than this says nothing about demand."""


@dataclass(frozen=True)
class History:
    """The units sold in each period, the days on which some were, and the most on one day.

    `first` is the number of the first period. A series of which nothing is known is new. `kiosk` is the row of
    `kiosk_units` that each series adds to, and `closed` are the series of kiosks that are taken for closed.
    """

    frequency: Frequency
    first: int
    keys: tuple[SeriesKey, ...]
    units: Matrix
    days_sold: Matrix
    best_day: Matrix
    kiosk: NDArray[np.int64]
    kiosk_units: Matrix
    categories: tuple[tuple[str, ...], ...]
    closed: NDArray[np.bool_]
    offers: tuple[Offer, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def periods(self) -> int:
        """How many periods it has."""
        return self.units.shape[1]

    def until(self, periods: int) -> "History":
        """The history as it was after so many periods."""
        return replace(
            self,
            units=self.units[:, :periods],
            days_sold=self.days_sold[:, :periods],
            best_day=self.best_day[:, :periods],
            kiosk_units=self.kiosk_units[:, :periods],
        )

    def take(self, rows: slice | NDArray[np.int64]) -> "History":
        """Some of the series."""
        numbers = np.arange(len(self.keys))[rows]
        return replace(
            self,
            keys=tuple(self.keys[number] for number in numbers),
            units=self.units[rows],
            days_sold=self.days_sold[rows],
            best_day=self.best_day[rows],
            kiosk=self.kiosk[rows],
            categories=tuple(self.categories[number] for number in numbers),
            closed=self.closed[rows],
        )


def as_history(sales: DailySales, frequency: Frequency) -> History:
    """The history of sales; TooFewSales when no whole period is in it, OperatorError when it would be too large."""
    first_known, last_known = int(sales.day.min()), sales.until.toordinal()
    first, last = period_of_day(first_known, frequency), period_of_day(last_known, frequency)
    remarks = [*sales.remarks]
    if frequency is Frequency.WEEK:
        profile = weekday_shares(sales)
        first += _share(profile, weekday_of(first_known), 7) < WHOLE_SHARE
        if (covered := _share(profile, 0, weekday_of(last_known) + 1)) < WHOLE_SHARE:
            day = first_day(last, frequency)
            remarks.append(Remark(f"the week of {day} has only {covered:.0%} of a usual week's sales yet: left out"))
            last -= 1
    if last < first:
        span = f"from {date.fromordinal(first_known)} to {sales.until}"
        raise TooFewSales(f"the sales {span} do not cover one whole {frequency.noun}: there is nothing to go by yet")
    periods = last - first + 1
    if len(sales.keys) * periods > MAX_CELLS:
        raise OperatorError(f"{len(sales.keys)} series over {periods} {frequency.noun}s are too many to forecast")
    history = _sum_up(sales, frequency, first, periods)
    closed, remark = _leave_open(history, sales)
    return replace(history, closed=closed, remarks=(*remarks, *remark))


def period_of_day(day: int, frequency: Frequency) -> int:
    """The number of the period of one day by its number."""
    return (day - 1) // frequency.days


def weekday_shares(sales: DailySales) -> NDArray[np.float64]:
    """The share of all units that each weekday has; a seventh each in less than two weeks."""
    weeks = (sales.until.toordinal() - int(sales.day.min()) + 1) // 7
    if weeks < 2:
        return np.full(7, 1 / 7)
    rows = sales.day > sales.until.toordinal() - weeks * 7  # each weekday as often as the others
    units = np.bincount((sales.day[rows] - 1) % 7, weights=sales.units[rows], minlength=7)
    return units / units.sum() if units.sum() else np.full(7, 1 / 7)


def _share(profile: NDArray[np.float64], start: int, stop: int) -> float:
    return float(profile[start:stop].sum())


def _sum_up(sales: DailySales, frequency: Frequency, first: int, periods: int) -> History:
    column = periods_of(sales.day, frequency) - first
    inside = (column >= 0) & (column < periods)
    row, column, units = sales.series[inside], column[inside], sales.units[inside]
    shape = (len(sales.keys), periods)
    summed, days, best = (np.zeros(shape, np.float32) for _ in range(3))
    np.add.at(summed, (row, column), units)
    np.add.at(days, (row, column), units > 0)
    np.maximum.at(best, (row, column), units)
    names = sorted({key.kiosk for key in sales.keys})
    kiosk = np.array([names.index(key.kiosk) for key in sales.keys])
    kiosk_units = np.zeros((len(names), periods), np.float32)
    np.add.at(kiosk_units, kiosk, summed)
    return History(
        frequency=frequency,
        first=first,
        keys=sales.keys,
        units=summed,
        days_sold=days,
        best_day=best,
        kiosk=kiosk,
        kiosk_units=kiosk_units,
        categories=tuple(sales.categories.get(key.sku, ()) for key in sales.keys),
        closed=np.zeros(len(sales.keys), np.bool_),
        offers=sales.offers,
    )


def _leave_open(history: History, sales: DailySales) -> tuple[NDArray[np.bool_], list[Remark]]:
    """Put NaN where nothing could be sold; which rows are those of kiosks that closed, and what to say about them."""
    closed, remarks = np.zeros(len(history.keys), np.bool_), list[Remark]()
    units, days = history.units, history.frequency.days
    for number in range(len(history.kiosk_units)):
        rows = np.flatnonzero(history.kiosk == number)
        busy = (units[rows] > 0).sum(axis=0)
        selling = np.flatnonzero(busy)
        if not len(selling):
            continue
        usual = float(busy[selling[0] : selling[-1] + 1].mean())
        shut = history.periods - 1 - int(selling[-1])
        if shut * days > CLOSED_AFTER_DAYS and usual * shut > SURELY_NOT_CHANCE:
            closed[rows] = True
            day = first_day(history.first + int(selling[-1]), history.frequency)
            kiosk = history.keys[int(rows[0])].kiosk
            who = f"the kiosk {kiosk} has sold nothing" if kiosk else "nothing was sold"
            remarks.append(
                Remark(f"{who} since the {history.frequency.noun} of {day}: taken for closed, forecast as 0")
            )
        if usual > SURELY_NOT_CHANCE:
            units[np.ix_(rows, np.flatnonzero(busy == 0))] = np.nan
    _leave_earlier_open(units, sales, history)
    _leave_sold_out_open(units, sales, history)
    history.days_sold[np.isnan(units)] = np.nan
    history.best_day[np.isnan(units)] = np.nan
    return closed, remarks


def _leave_earlier_open(units: Matrix, sales: DailySales, history: History) -> None:
    """An item is not known before the period in which it was listed."""
    begins = periods_of(sales.begins, history.frequency) - history.first
    units[np.arange(history.periods) < begins[:, None]] = np.nan


def _leave_sold_out_open(units: Matrix, sales: DailySales, history: History) -> None:
    row, day = sales.sold_out[:, 0], sales.sold_out[:, 1]
    column = periods_of(day, history.frequency) - history.first
    inside = (column >= 0) & (column < history.periods)
    days = np.zeros(units.shape, np.float32)
    np.add.at(days, (row[inside], column[inside]), 1)
    units[days > SOLD_OUT_SHARE * history.frequency.days] = np.nan
