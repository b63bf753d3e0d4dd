"""Which way to forecast each series: what each way was off comes in, the name of a way for each series goes out.

A dozen weeks of one series say little, so each series begins with what all series together say and has to be convinced:
its own losses count beside many times as many as if it had fared with each way as all series did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.forecasting.candidates import DEFAULT_CANDIDATE
from tools.forecasting.levels import Values
from tools.forecasting.means import COMBINED
from tools.forecasting.pooled import LEVELS
from tools.forecasting.rolling import Steps

PRIOR_LOSSES = 500
"""How many losses the word of all series weighs; a backtest of 12 moments and 4 steps gives 48."""


@dataclass(frozen=True)
class Choices:
    """The name of the way that each series' quantiles are forecast by and that of its mean's model, and what levels to
    read off in place of LEVELS."""

    quantiles: tuple[str, ...]
    means: tuple[str, ...]
    levels: tuple[float, ...] = LEVELS

    @classmethod
    def default(cls, count: int) -> "Choices":
        """For series without a backtest."""
        return cls((DEFAULT_CANDIDATE,) * count, (COMBINED,) * count)

    def take(self, rows: slice) -> "Choices":
        """Those of some of the series."""
        return Choices(self.quantiles[rows], self.means[rows], self.levels)


def choose(losses: Mapping[str, Steps], default: str, seen: NDArray[np.bool_]) -> tuple[str, ...]:
    """The way for each series with the least loss where `seen`, of shape (origins, steps), allows to look."""
    names = [default, *sorted(set(losses) - {default})]  # the default wins where there is nothing to choose by
    own = np.stack([np.nansum(losses[name][:, seen], axis=1, dtype=np.float64) for name in names])
    count = (~np.isnan(losses[default][:, seen])).sum(axis=1)
    usual = own.mean(axis=0)
    # Each series weighs the same in what all say, or the largest would speak for all.
    shares = np.divide(own, usual, out=np.ones_like(own), where=usual > 0)
    told: Values = np.average(shares, axis=1, weights=count) if count.any() else np.ones(len(names))
    mixed = own + PRIOR_LOSSES * usual / np.maximum(count, 1) * told[:, None]
    return tuple(names[place] for place in mixed.argmin(axis=0))


def of_chosen(ways: Mapping[str, NDArray[Any]], names: Sequence[str], axis: int = 0) -> NDArray[Any]:
    """What each series' named way says; `axis` is that of the series."""
    picked = np.empty_like(ways[names[0]])
    for name in set(names):
        rows = (slice(None),) * axis + (np.array([one == name for one in names]),)
        picked[rows] = ways[name][rows]
    return picked


def counted(names: Sequence[str]) -> dict[str, int]:
    """How many series each name was chosen for, the most first."""
    return {name: names.count(name) for name in sorted(set(names), key=lambda name: (-names.count(name), name))}
