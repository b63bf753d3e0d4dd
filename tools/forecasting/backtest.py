"""A backtest: a history comes in; how good forecasts would have been goes out, and what to forecast each series by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.forecasting import accuracy
from tools.forecasting.accuracy import MEDIAN, Accuracy, BacktestReport, pinball
from tools.forecasting.candidates import DEFAULT_CANDIDATE
from tools.forecasting.choosing import Choices, choose, counted, of_chosen
from tools.forecasting.features import WINDOWS
from tools.forecasting.history import History, Matrix
from tools.forecasting.levels import Values, latest
from tools.forecasting.means import COMBINED
from tools.forecasting.peers import peer_start
from tools.forecasting.periods import Frequency
from tools.forecasting.pooled import LEVELS, train
from tools.forecasting.recalibration import RECENT_DAYS, levels_of, levels_to_read, read_off
from tools.forecasting.rolling import Origin, RollingForecasts, Steps, join, rolling_forecasts
from tools.forecasting.spreading import Progress, watched, work_off

EVALUATED_ORIGINS = 12
"""The last moments whose forecasts can be judged to their end, or to their fourth week if they go further."""
JUDGED_DAYS = 28
WARM_ORIGINS = 8
"""Moments before the evaluated ones, so that the first of those has something to choose by."""
ORIGINS_PER_MODEL = 4
"""A pooled model is trained for every so many moments, at the first of them."""
SERIES_PER_PART = 200
CHOSEN, NAIVE, SEASONAL_NAIVE = "chosen per series", "naive", "seasonal naive"
MEAN_OF_8, MEDIAN_OF_8 = "mean of 8 weeks", "median of 8 weeks"


@dataclass(frozen=True)
class Backtest:
    """How good forecasts would have been, and what each series is best forecast by."""

    report: BacktestReport
    choices: Choices


@dataclass(frozen=True)
class _Part:
    history: History
    origins: tuple[Origin, ...]
    horizon: int


def backtest(history: History, horizon: int, engine: Any = None, progress: Progress | None = None) -> Backtest | None:
    """Forecast at 12 ends of weeks what followed; None for a history that is too short."""
    periods = origin_periods(history, horizon)
    if not periods:
        return None
    origins = _origins(history, periods, horizon, progress)
    parts = [_Part(*part, horizon) for part in _parts(history, origins)]
    forecasts = join(work_off("Looking back", _work, parts, engine, progress))
    return judge(history, forecasts, np.array(periods))


def origin_periods(history: History, horizon: int) -> tuple[int, ...]:
    """How many periods were known at each moment that is looked back to, the latest last.

    The last moment is a week before the end; what would be forecast beyond the end is left out.
    """
    step = 7 // history.frequency.days
    fewest = WINDOWS[history.frequency].middle
    count = WARM_ORIGINS + EVALUATED_ORIGINS + _unfinished(history.frequency, horizon)
    return tuple(reversed(range(history.periods - step, fewest - 1, -step)[:count]))


def _unfinished(frequency: Frequency, horizon: int) -> int:
    """How many of the latest moments have forecasts that cannot be judged to their end yet."""
    return (min(horizon * frequency.days, JUDGED_DAYS) - 1) // 7


def evaluated_origins(history: History, count: int, horizon: int) -> slice:
    """Which of so many moments are evaluated; those with unfinished forecasts too if there are no others."""
    end = count - _unfinished(history.frequency, horizon)
    return slice(max(0, end - EVALUATED_ORIGINS), end) if end > 0 else slice(0, count)


def _origins(history: History, periods: Sequence[int], horizon: int, progress: Progress | None) -> tuple[Origin, ...]:
    origins, model = list[Origin](), None
    for place, known in enumerate(watched("Learning from all series", periods, progress)):
        before = history.until(known)
        if place % ORIGINS_PER_MODEL == 0:
            model = train(before, horizon)
        origins.append(Origin(known, model, peer_start(before, LEVELS)))
    return tuple(origins)


def _parts(history: History, origins: Sequence[Origin]) -> list[tuple[History, tuple[Origin, ...]]]:
    """The series in parts, and for each part what its young series begin with at each origin."""
    found = list[tuple[History, tuple[Origin, ...]]]()
    for start in range(0, len(history.keys), SERIES_PER_PART):
        rows = slice(start, start + SERIES_PER_PART)
        own = tuple(Origin(one.periods, one.model, one.peers.take(rows)) for one in origins)
        found.append((history.take(rows), own))
    return found


def _work(part: _Part) -> RollingForecasts:
    return rolling_forecasts(part.history, part.origins, part.horizon)


def judge(history: History, forecasts: RollingForecasts, periods: NDArray[np.int64]) -> Backtest:
    """What the forecasts at each origin were worth, when at each was chosen and set right by what was known then."""
    chooser = _Chooser(forecasts, periods, RECENT_DAYS // history.frequency.days)
    evaluated = range(len(periods))[evaluated_origins(history, len(periods), forecasts.sold.shape[2])]
    quantiles, means = list[Values](), list[NDArray[np.float32]]()
    for place in range(len(periods)):
        choices = chooser.at(periods[place])
        raw = of_chosen(_at(forecasts.quantiles, 2, place), choices.quantiles, axis=1)
        chooser.note(place, raw)
        if place in evaluated:
            quantiles.append(read_off(raw, np.array(choices.levels)))
            means.append(of_chosen(_at(forecasts.means, 1, place), choices.means))
    choices = chooser.at(history.periods)
    chosen = _Way(np.stack(quantiles, axis=2), np.stack(means, axis=1))
    return Backtest(_report(history, forecasts, periods, chosen, choices), choices)


def _at(ways: Mapping[str, NDArray[np.float32]], axis: int, place: int) -> dict[str, NDArray[np.float32]]:
    """What each way says at one origin; `axis` is that of the origins."""
    return {name: np.take(some, place, axis) for name, some in ways.items()}


class _Chooser:
    """Chooses at any moment by what was known then."""

    def __init__(self, forecasts: RollingForecasts, periods: NDArray[np.int64], recent_periods: int) -> None:
        self._sold = forecasts.sold
        self._losses = {name: pinball(self._sold, some) for name, some in forecasts.quantiles.items()}
        self._squares = {name: np.square(mean - self._sold) for name, mean in forecasts.means.items()}
        self._targets = periods[:, None] + np.arange(self._sold.shape[2])
        self._levels = np.full(self._sold.shape, np.nan)
        self._recent_periods = recent_periods

    def at(self, known: int) -> Choices:
        """The choices after so many known periods."""
        seen = self._targets < known
        recent = seen & (self._targets >= known - self._recent_periods)
        return Choices(
            choose(self._losses, DEFAULT_CANDIDATE, seen),
            choose(self._squares, COMBINED, seen),
            tuple(levels_to_read(self._levels[:, recent]).tolist()),
        )

    def note(self, place: int, quantiles: NDArray[np.float32]) -> None:
        """Take in what was forecast at an origin by what was chosen there."""
        self._levels[:, place] = levels_of(self._sold[:, place], quantiles)


@dataclass(frozen=True)
class _Way:
    """What one way forecast at the evaluated origins; None for what it does not."""

    quantiles: NDArray[np.floating] | None = None
    mean: NDArray[np.floating] | None = None
    middle: NDArray[np.floating] | None = None


def _report(
    history: History, forecasts: RollingForecasts, periods: NDArray[np.int64], chosen: _Way, choices: Choices
) -> BacktestReport:
    rows = evaluated_origins(history, len(periods), forecasts.sold.shape[2])
    sold, past = forecasts.sold[:, rows], history.units[:, : periods[rows][0]]
    simple = _simple(history, periods[rows], sold.shape[2])
    ways = {
        CHOSEN: chosen,
        **{name: _Way(quantiles=some[:, :, rows]) for name, some in forecasts.quantiles.items()},
        **{f"mean by {name}": _Way(mean=mean[:, rows]) for name, mean in forecasts.means.items()},
        **simple,
    }
    base = simple[MEAN_OF_8].quantiles
    assert base is not None
    return BacktestReport(
        series=len(history.keys),
        origins=sold.shape[1],
        horizon=sold.shape[2],
        units=float(np.nansum(sold, dtype=np.float64)),
        ways=tuple(_figures(name, way, sold, past, base) for name, way in ways.items()),
        chosen=counted(choices.quantiles),
        chosen_means=counted(choices.means),
    )


def _figures(name: str, way: _Way, sold: Steps, past: Matrix, base: NDArray[np.floating]) -> Accuracy:
    middle, quantiles, mean = way.middle, way.quantiles, way.mean
    if middle is None and quantiles is not None:
        middle = quantiles[MEDIAN]
    elif middle is None:
        middle = mean
    return Accuracy(
        name=name,
        wape=None if middle is None else accuracy.wape(sold, middle),
        mean_series_wape=None if middle is None else accuracy.mean_series_wape(sold, middle),
        rmsse=None if mean is None else accuracy.rmsse(sold, mean, past),
        coverage=None if quantiles is None else accuracy.coverage(sold, quantiles),
        quantile_loss=None if quantiles is None else accuracy.quantile_loss(sold, quantiles, base),
        series_quantile_loss=None if quantiles is None else accuracy.series_quantile_loss(sold, quantiles, base),
        bias=None if mean is None else accuracy.bias(sold, mean),
    )


def _simple(history: History, periods: NDArray[np.int64], horizon: int) -> dict[str, _Way]:
    """What the simple ways to forecast say at each origin: the last 8 weeks, the last period, and a season ago."""
    eight, season = 8 * 7 // history.frequency.days, WINDOWS[history.frequency].season
    last = [np.nan_to_num(latest(history.units[:, :known], eight)) for known in periods]
    repeated = {
        name: np.stack(some, axis=1)[:, :, None].repeat(horizon, axis=2)
        for name, some in (
            (MEAN_OF_8, [one.mean(axis=1) for one in last]),
            (MEDIAN_OF_8, [np.median(one, axis=1) for one in last]),
            (NAIVE, [one[:, -1] for one in last]),
        )
    }
    quantiles = np.stack([np.quantile(one, LEVELS, axis=1) for one in last], axis=2)[..., None].repeat(horizon, axis=3)
    eight_weeks = repeated[MEAN_OF_8]
    ways = {
        MEAN_OF_8: _Way(quantiles, eight_weeks, eight_weeks),
        MEDIAN_OF_8: _Way(middle=repeated[MEDIAN_OF_8]),
        NAIVE: _Way(mean=repeated[NAIVE]),
    }
    if periods[0] >= season:
        ago = np.stack([history.units[:, known - season + np.arange(horizon) % season] for known in periods], axis=1)
        ways[SEASONAL_NAIVE] = _Way(mean=np.nan_to_num(ago))
    return ways
