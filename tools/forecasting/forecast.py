"""Forecasts: a history comes in, quantiles and means of what each series will sell go out, and how good they are."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from tools.errors import OperatorError
from tools.forecasting.accuracy import HIGH, LOW, MEDIAN, BacktestReport
from tools.forecasting.backtest import SERIES_PER_PART, backtest
from tools.forecasting.candidates import quantiles_by, with_peers
from tools.forecasting.choosing import Choices, of_chosen
from tools.forecasting.features import WINDOWS, feature_rows
from tools.forecasting.history import History
from tools.forecasting.levels import Values
from tools.forecasting.means import expected
from tools.forecasting.peers import PeerStart, peer_start
from tools.forecasting.periods import Frequency, first_day, period_of
from tools.forecasting.pooled import LEVELS, PooledModel, train
from tools.forecasting.recalibration import read_off
from tools.forecasting.sales import SeriesKey
from tools.forecasting.spreading import Progress, work_off

MAX_HORIZON = 400


@dataclass(frozen=True)
class Forecast:
    """What each series will sell in each period from the one numbered `first` on.

    `quantiles`, at LEVELS, have the shape (levels, series, steps), `mean` (series, steps). Means may be added up over
    periods and items, quantiles not. Kiosks that are `closed` sell nothing.
    """

    frequency: Frequency
    first: int
    keys: tuple[SeriesKey, ...]
    quantiles: Values
    mean: Values
    closed: frozenset[str] = frozenset()

    @property
    def dates(self) -> tuple[date, ...]:
        """What each step is dated by: a week by its Monday."""
        return tuple(first_day(self.first + step, self.frequency) for step in range(self.mean.shape[1]))

    @property
    def median(self) -> Values:
        """What is as likely exceeded as not, shape (series, steps)."""
        return self.quantiles[MEDIAN]

    @property
    def low(self) -> Values:
        """The lower end of the interval that holds 80 %."""
        return self.quantiles[LOW]

    @property
    def high(self) -> Values:
        """The upper end of the interval that holds 80 %."""
        return self.quantiles[HIGH]


def no_forecast(first_day: date, frequency: Frequency, horizon: int) -> Forecast:
    """The forecast of a shop that has sold nothing yet: there is no series in it."""
    return Forecast(
        frequency, period_of(first_day, frequency), (), np.zeros((len(LEVELS), 0, horizon)), np.zeros((0, horizon))
    )


@dataclass(frozen=True)
class ForecastRun:
    """A forecast, what it was made by, and the report of the backtest, if one was made."""

    history: History
    forecast: Forecast
    choices: Choices
    report: BacktestReport | None


@dataclass(frozen=True)
class _Part:
    history: History
    model: PooledModel | None
    peers: PeerStart
    choices: Choices
    horizon: int


@dataclass(frozen=True)
class _Forecasts:
    quantiles: Values
    mean: Values


def make_forecast(
    history: History,
    horizon: int,
    choices: Choices | None = None,
    engine: Any = None,
    progress: Progress | None = None,
) -> ForecastRun:
    """Forecast each series by its choice; without `choices` a backtest makes them.

    `engine` is one of `spreading.open_engine`. OperatorError for a horizon that makes no sense.
    """
    if not 1 <= horizon <= MAX_HORIZON:
        raise OperatorError(f"the horizon must lie between 1 and {MAX_HORIZON}: {horizon}")
    looked_back = backtest(history, horizon, engine, progress) if choices is None else None
    if looked_back is not None:
        choices = looked_back.choices
    choices = choices or Choices.default(len(history.keys))
    parts = _parts(history, train(history, horizon), peer_start(history, LEVELS), choices, horizon)
    found = work_off("Forecasting", _work, parts, engine, progress)
    forecast = Forecast(
        frequency=history.frequency,
        first=history.first + history.periods,
        keys=history.keys,
        quantiles=np.concatenate([one.quantiles for one in found], axis=1),
        mean=np.concatenate([one.mean for one in found]),
        closed=frozenset(key.kiosk for key, is_closed in zip(history.keys, history.closed, strict=True) if is_closed),
    )
    return ForecastRun(history, forecast, choices, looked_back.report if looked_back else None)


def _parts(
    history: History, model: PooledModel | None, peers: PeerStart, choices: Choices, horizon: int
) -> list[_Part]:
    starts = range(0, len(history.keys), SERIES_PER_PART)
    cuts = [slice(start, start + SERIES_PER_PART) for start in starts]
    return [_Part(history.take(rows), model, peers.take(rows), choices.take(rows), horizon) for rows in cuts]


def _work(part: _Part) -> _Forecasts:
    rows = feature_rows(part.history, part.horizon)
    ways = quantiles_by(rows, part.history.frequency, part.model, part.peers)
    quantiles = of_chosen(ways, part.choices.quantiles, axis=1)
    quantiles = np.maximum.accumulate(read_off(quantiles, np.array(part.choices.levels)), axis=0)
    mean = expected(rows.values, part.choices.means, WINDOWS[part.history.frequency].middle)
    is_open = ~part.history.closed[:, None]
    return _Forecasts(quantiles * is_open, with_peers(mean, rows, part.peers) * is_open)
