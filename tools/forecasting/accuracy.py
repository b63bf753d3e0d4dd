"""How good forecasts were: what was forecast and what was sold come in, the figures of a backtest report go out."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from tools.forecasting.pooled import LEVELS
from tools.forecasting.rolling import Steps

LOW, MEDIAN, HIGH = (LEVELS.index(level) for level in (0.1, 0.5, 0.9))


class Accuracy(BaseModel):
    """The figures of one way of forecasting; None where it has no such forecast.

    `wape` is the sum of what medians (means, for what has none) were off, by the sum of what was sold;
    `mean_series_wape` the mean of that over series. `rmsse` is the root mean squared error of the mean by that of a
    naive forecast one period ahead, the mean over series. `coverage` is the share of what was sold that lay between the
    10 and 90 % quantiles. `quantile_loss` is the pinball loss over LEVELS by that of the last 8 weeks' own quantiles,
    `series_quantile_loss` the same when each series' loss is taken by what it sold. `bias` is how much too high means
    were, by what was sold.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    wape: float | None = None
    mean_series_wape: float | None = None
    rmsse: float | None = None
    coverage: float | None = None
    quantile_loss: float | None = None
    series_quantile_loss: float | None = None
    bias: float | None = None


class BacktestReport(BaseModel):
    """A backtest: over how many series, moments and steps ahead, the figures of each way, and what was chosen now."""

    model_config = ConfigDict(frozen=True)

    series: int
    origins: int
    horizon: int
    units: float
    ways: tuple[Accuracy, ...]
    chosen: Mapping[str, int]
    chosen_means: Mapping[str, int]

    def of(self, name: str) -> Accuracy:
        """The figures of one way; KeyError when it was not tried."""
        return {way.name: way for way in self.ways}[name]


def pinball(sold: NDArray[np.floating], quantiles: NDArray[np.floating]) -> NDArray[np.float32]:
    """The mean pinball loss over LEVELS: `sold` has the shape (…), `quantiles` (levels, …)."""
    return pinball_at(LEVELS, sold, quantiles)


def pinball_at(
    levels: Sequence[float], sold: NDArray[np.floating], quantiles: NDArray[np.floating]
) -> NDArray[np.float32]:
    """The same over any levels."""
    loss = np.zeros(sold.shape, np.float32)
    for level, quantile in zip(levels, quantiles, strict=True):
        gap = sold - quantile
        loss += np.maximum(level * gap, (level - 1) * gap) / len(levels)
    return loss


def wape(sold: Steps, middle: NDArray[np.floating]) -> float | None:
    """Of all series together; None where nothing was sold."""
    return _ratio(np.abs(sold - middle), sold)


def mean_series_wape(sold: Steps, middle: NDArray[np.floating]) -> float | None:
    """The mean over the series that sold something."""
    return _mean_by_series(np.abs(sold - middle), sold)


def bias(sold: Steps, mean: NDArray[np.floating]) -> float | None:
    """How much too high the means were, by what was sold."""
    return _ratio(mean - sold, sold)


def coverage(sold: Steps, quantiles: NDArray[np.floating]) -> float | None:
    """The share of what was sold that lay from the 10 to the 90 % quantile."""
    known = ~np.isnan(sold)
    inside = (quantiles[LOW] <= sold) & (sold <= quantiles[HIGH])
    return float(inside[known].mean()) if known.any() else None


def quantile_loss(sold: Steps, quantiles: NDArray[np.floating], base: NDArray[np.floating]) -> float | None:
    """The pinball loss by that of other quantiles."""
    return _ratio(pinball(sold, quantiles), pinball(sold, base))


def series_quantile_loss(sold: Steps, quantiles: NDArray[np.floating], base: NDArray[np.floating]) -> float | None:
    """The same when each series' loss counts by what it sold, so that small series weigh as much as large ones."""
    own, other = (_mean_by_series(pinball(sold, some), sold) for some in (quantiles, base))
    return own / other if own is not None and other else None


def rmsse(sold: Steps, mean: NDArray[np.floating], past: NDArray[np.float32]) -> float | None:
    """Root mean squared scaled error, the mean over series; `past` is what was known before, (series, periods)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # series without any known step
        scale = np.nanmean(np.square(np.diff(past.astype(np.float64), axis=1)), axis=1)
        squares = np.nanmean(np.square((mean - sold).astype(np.float64)), axis=(1, 2))
    known = (scale > 0) & ~np.isnan(squares)
    return float(np.mean(np.sqrt(squares[known] / scale[known]))) if known.any() else None


def _mean_by_series(part: NDArray[np.floating], whole: Steps) -> float | None:
    """The mean over series of the sum of one by the sum of the other, where that is more than 0."""
    sums, total = (np.asarray(np.nansum(some, axis=(1, 2), dtype=np.float64)) for some in (part, whole))
    some = total > 0
    return float(np.mean(sums[some] / total[some])) if some.any() else None


def _ratio(part: NDArray[np.floating], whole: NDArray[np.floating]) -> float | None:
    total = float(np.nansum(whole, dtype=np.float64))
    return float(np.nansum(part, dtype=np.float64)) / total if total else None
