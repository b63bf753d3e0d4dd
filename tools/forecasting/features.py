"""What a pooled model sees of a series: a history comes in, and for each series and period ahead a row of numbers.

Nothing in a row says which series it is or when: all series learn from each other, and a week that was good for the
whole shop is not learnt by heart. Units are relative to the series' own level.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.forecasting.history import History
from tools.forecasting.levels import Values, latest, robust_levels, weighted_quantiles
from tools.forecasting.periods import Frequency
from tools.forecasting.weekdays import period_factors


@dataclass(frozen=True)
class Windows:
    """Over how many of the latest periods something is looked at, and how fast levels forget (a share a period)."""

    short: int
    middle: int
    long: int
    longest: int
    rates: tuple[float, float, float]
    kept: int
    year: int
    season: int


WINDOWS = {
    Frequency.WEEK: Windows(4, 8, 13, 26, (0.09, 0.18, 0.27), kept=78, year=52, season=52),
    Frequency.DAY: Windows(14, 28, 56, 112, (0.025, 0.05, 0.09), kept=182, year=364, season=7),
}
SHUT_FACTOR = 0.02
"""A weekday that sells less than this, where 1 is usual, is one on which the kiosk is shut."""


@dataclass(frozen=True)
class FeatureRows:
    """What is seen of each series: `own`, shape (series, features), and `ahead`, (series, horizon, features).

    `values` are the latest units without the weekdays' differences, shape (series, kept periods), and `factors` those
    of the periods ahead, shape (series, horizon). What is forecast is relative to the `level` times the factor.
    """

    own: NDArray[np.float32]
    ahead: NDArray[np.float32]
    values: Values
    level: Values
    factors: Values

    @property
    def scale(self) -> Values:
        """What one is for the pooled model, shape (series, horizon)."""
        return self.level[:, None] * self.factors

    def row(self, step: int) -> NDArray[np.float32]:
        """The features for one step ahead, shape (series, features)."""
        return np.concatenate((self.own, self.ahead[:, step]), axis=1)


def feature_rows(history: History, horizon: int) -> FeatureRows:
    """The features of all series at the history's end, for the periods after it."""
    windows = WINDOWS[history.frequency]
    start = max(0, history.periods - 2 * windows.kept)
    past = history.units[:, start:].astype(np.float64)
    factors = period_factors(history, start, past.shape[1] + horizon)
    past_factors, ahead_factors = factors[:, : past.shape[1]], factors[:, past.shape[1] :]
    past = np.where(past_factors > SHUT_FACTOR, past / np.maximum(past_factors, SHUT_FACTOR), np.nan)
    values = latest(past, windows.kept)
    levels = robust_levels(values, windows.rates)
    level = np.mean([*levels.values()], axis=0) + 0.5
    own = [one / level for one in levels.values()]
    own += _recent(values, level, windows)
    own += _day_sizes(history, start, level, windows)
    own.append(_percent_off(history, history.periods - windows.middle, windows.middle).mean(axis=1))
    ahead = [
        np.broadcast_to(np.arange(horizon) / history.frequency.days * 7, (len(values), horizon)),
        _percent_off(history, history.periods, horizon),
        _year_ago(history, horizon, windows),
    ]
    return FeatureRows(
        own=np.stack(own, axis=1).astype(np.float32),
        ahead=np.stack(ahead, axis=2).astype(np.float32),
        values=values,
        level=level,
        factors=np.where(ahead_factors > SHUT_FACTOR, ahead_factors, 0),
    )


def _recent(values: Values, level: Values, windows: Windows) -> list[Values]:
    """The last values, and means and quantiles over windows, by the level; how regular, how high and how old it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are NaN, which the model takes
        means = {count: np.nanmean(values[:, -count:], axis=1) for count in (windows.short, windows.middle)}
        mean, spread = (of(values[:, -windows.longest :], axis=1) for of in (np.nanmean, np.nanstd))
        idle = np.nanmean(values[:, -windows.longest :] == 0, axis=1)
    found = [values[:, -place] / level for place in range(1, 5)]
    found += [one / level for one in (*means.values(), mean)]
    for count in (windows.middle, windows.long, windows.longest):
        low, middle, high = weighted_quantiles(
            values[:, -count:], np.ones(min(count, values.shape[1])), (0.1, 0.5, 0.9)
        )
        found += [low / level, high / level]
        if count == windows.middle:
            found.append(middle / level)
    sold = np.nan_to_num(values[:, ::-1]) > 0
    since = np.where(sold.any(axis=1), sold.argmax(axis=1), values.shape[1])
    age = np.minimum((~np.isnan(values)).sum(axis=1), windows.long)
    return [*found, idle, since, age, np.log(level), spread / (mean + 0.5)]


def _day_sizes(history: History, start: int, level: Values, windows: Windows) -> list[Values]:
    """On how many days of a period something is sold, and what is sold without a period's best day, by the level."""
    days = latest(history.days_sold[:, start:], windows.longest)
    usual = latest((history.units - history.best_day)[:, start:], windows.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = [np.nanmean(days[:, -count:], axis=1) for count in (windows.short, windows.middle, windows.longest)]
        return found + [np.nanmean(usual[:, -count:], axis=1) / level for count in (windows.short, windows.long)]


def _percent_off(history: History, start: int, count: int) -> Values:
    """What offers take off in each of `count` periods from `start`, on average over the period's days."""
    percent, days = np.zeros((len(history.keys), count)), history.frequency.days
    first = (history.first + start) * days + 1
    for offer in history.offers:
        rows = [row for row, key in enumerate(history.keys) if key.sku in offer.skus]
        begins = first + np.arange(count) * days
        covered = np.minimum(offer.ends_on, begins + days - 1) - np.maximum(offer.starts_on, begins) + 1
        share = offer.percent_off * np.maximum(covered, 0) / days
        percent[rows] = np.maximum(percent[rows], share)
    return percent


def _year_ago(history: History, horizon: int, windows: Windows) -> Values:
    """How much more was sold around each period ahead a year ago than before it: a logarithm, NaN if not known."""
    ratio = np.full((len(history.keys), horizon), np.nan)
    now = history.periods - windows.year
    around = max(1, 7 // history.frequency.days)
    if now < windows.middle:
        return ratio
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        before = np.nanmean(history.units[:, now - windows.middle : now], axis=1)
        for step in range(horizon):
            then = history.units[:, now + step - around : now + step + around + 1]
            ratio[:, step] = np.log((np.nanmean(then, axis=1) + 1) / (before + 1))
    return ratio
