"""Quantiles set right by how the last weeks went: where sales lay among what was forecast comes in, levels go out.

When all of a shop rises, its sales lie above the middle of their forecasts week after week. The level at which a tenth,
two tenths … of the last 8 weeks' sales lay is then read off in place of 0.1, 0.2 …, a part of the way.
"""

import numpy as np
from numpy.typing import NDArray

from tools.forecasting.levels import Values
from tools.forecasting.pooled import LEVELS

RECENT_DAYS = 8 * 7
FOLLOWED_SHARE = 0.3
MIN_SALES = 200
_EDGES = np.array([0.0, *LEVELS, 1.0])


def levels_of(sold: NDArray[np.floating], quantiles: NDArray[np.floating]) -> Values:
    """At which level each number lay, between 0 and 1; NaN where it is not known, or where there are many zeros.

    `sold` has the shape (…), `quantiles` (levels, …). Among zeros a number has no one level.
    """
    edges = _with_edges(quantiles.astype(np.float64))
    place = np.clip((edges < sold).sum(axis=0) - 1, 0, len(_EDGES) - 2)
    low, high = (np.take_along_axis(edges, (place + more)[None], axis=0)[0] for more in (0, 1))
    part = np.clip((sold - low) / np.where(high > low, high - low, 1), 0, 1)
    found = _EDGES[place] + part * (_EDGES[place + 1] - _EDGES[place])
    return np.where(np.isnan(sold) | (quantiles[0] <= 0), np.nan, found)


def levels_to_read(recent: Values) -> Values:
    """What to read off in place of LEVELS, by where the last weeks' sales lay (with NaN among them)."""
    known = recent[~np.isnan(recent)]
    if len(known) < MIN_SALES:
        return np.array(LEVELS)
    return FOLLOWED_SHARE * np.quantile(known, LEVELS) + (1 - FOLLOWED_SHARE) * np.array(LEVELS)


def read_off(quantiles: NDArray[np.floating], levels: Values) -> Values:
    """The quantiles, shape (LEVELS, …), at other levels."""
    edges = _with_edges(quantiles.astype(np.float64))
    place = np.clip(np.searchsorted(_EDGES, levels, side="right") - 1, 0, len(_EDGES) - 2)
    part = ((levels - _EDGES[place]) / (_EDGES[place + 1] - _EDGES[place])).reshape(-1, *([1] * (quantiles.ndim - 1)))
    return edges[place] * (1 - part) + edges[place + 1] * part


def _with_edges(quantiles: Values) -> Values:
    """With 0 before them, and beyond the highest as far again as it lies above the middle."""
    middle, high = quantiles[len(LEVELS) // 2], quantiles[-1]
    return np.concatenate((np.zeros_like(quantiles[:1]), quantiles, (2 * high - middle)[None]))
