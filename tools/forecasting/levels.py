"""What a series sells at: its latest values come in, robust levels and quantiles that weigh the latest most go out.

Values have the shape (series, periods), the latest last, with NaN at the front of shorter series. One large order moves
a mean for weeks; medians and means of roots and logarithms forget it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def latest(units: NDArray[np.floating], count: int) -> Values:
    """The last `count` known values of each row, shape (series, count); rows that have fewer begin with NaN."""
    order = np.argsort(~np.isnan(units), axis=1, kind="stable")[:, -count:]
    values = np.take_along_axis(units, order, axis=1).astype(np.float64)
    return np.pad(values, ((0, 0), (count - values.shape[1], 0)), constant_values=np.nan)


def fading_weights(count: int, rate: float) -> Values:
    """Weights of values, the latest last: each weighs less than the next by a share of `rate`; they sum to 1."""
    weights = (1 - rate) ** np.arange(count)[::-1]
    return weights / weights.sum()


def weighted_mean(values: Values, weights: Values) -> Values:
    """The mean of each row's known values, shape (series,); 0 where none is known."""
    known = ~np.isnan(values)
    total = (known * weights).sum(axis=1)
    return np.where(known, values, 0) @ weights / np.where(total > 0, total, 1)


def weighted_quantiles(values: Values, weights: Values, levels: Sequence[float]) -> Values:
    """Quantiles of each row's known values, shape (levels, series); 0 where none is known.

    Each value stands in the middle of its weight, and between two values lies a straight line.
    """
    known = ~np.isnan(values)
    order = np.argsort(values, axis=1, kind="stable")  # NaN comes last
    values = np.take_along_axis(np.where(known, values, 0), order, axis=1)
    weights = np.take_along_axis(known * weights, order, axis=1)
    total = weights.sum(axis=1, keepdims=True)
    middle = (np.cumsum(weights, axis=1) - weights / 2) / np.where(total > 0, total, 1)
    rows, last = np.arange(len(values)), known.sum(axis=1) - 1
    middle[~np.take_along_axis(known, order, axis=1)] = 2  # beyond all levels
    quantiles = np.empty((len(levels), len(values)))
    for place, level in enumerate(levels):
        above = np.clip((middle < level).sum(axis=1), 0, np.maximum(last, 0))
        below = np.maximum(above - 1, 0)
        low, high = middle[rows, below], middle[rows, above]
        part = np.clip((level - low) / np.where(high > low, high - low, 1), 0, 1)
        quantiles[place] = values[rows, below] * (1 - part) + values[rows, above] * part
    return quantiles


def robust_levels(values: Values, rates: Sequence[float]) -> dict[str, Values]:
    """What a series sells at, by several estimates that single large sales do not move far, each of shape (series,).

    `rates` are three, the slowest first: medians, geometric means and means of roots at each of them, and at the two
    slower ones means of values that are cut off at about twice the median.
    """
    count, found = values.shape[1], dict[str, Values]()
    medians = [weighted_quantiles(values, fading_weights(count, rate), (0.5,))[0] for rate in rates]
    cut = 2 * np.maximum(medians[0], weighted_quantiles(values, np.ones(count), (0.5,))[0]) + 1
    for place, rate in enumerate(rates):
        weights = fading_weights(count, rate)
        found[f"median {place}"] = medians[place]
        found[f"geometric {place}"] = np.expm1(weighted_mean(np.log1p(values), weights))
        found[f"root {place}"] = weighted_mean(np.sqrt(values), weights) ** 2
        if place < 2:
            found[f"cut {place}"] = weighted_mean(np.minimum(values, cut[:, None]), weights)
    return found
