"""Forecasts at moments of the past: a history comes in, what each way would have forecast at each moment goes out.

Nothing after a moment is seen by what is forecast at it; the pooled model of a moment was trained at or before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.forecasting.candidates import quantiles_by, with_peers
from tools.forecasting.features import WINDOWS, feature_rows
from tools.forecasting.history import History
from tools.forecasting.means import all_means
from tools.forecasting.peers import PeerStart
from tools.forecasting.pooled import PooledModel

Steps = NDArray[np.float32]
"""Of shape (series, origins, steps)."""


@dataclass(frozen=True)
class Origin:
    """A moment of the past: how many periods were known, the model of that time, and what young series begin with."""

    periods: int
    model: PooledModel | None
    peers: PeerStart


@dataclass(frozen=True)
class RollingForecasts:
    """What was sold (NaN where it is not known), and the quantiles and means that each way would have forecast.

    Quantiles have the shape (levels, series, origins, steps).
    """

    sold: Steps
    quantiles: Mapping[str, NDArray[np.float32]]
    means: Mapping[str, Steps]


def rolling_forecasts(history: History, origins: Sequence[Origin], horizon: int) -> RollingForecasts:
    """Forecast all series at each origin, by each way."""
    sold, quantiles, means = list[Any](), dict[str, list[Any]](), dict[str, list[Any]]()
    for origin in origins:
        known = history.units[:, origin.periods : origin.periods + horizon]
        sold.append(np.pad(known, ((0, 0), (0, horizon - known.shape[1])), constant_values=np.nan))
        before = history.until(origin.periods)
        rows = feature_rows(before, horizon)
        for name, some in quantiles_by(rows, history.frequency, origin.model, origin.peers).items():
            quantiles.setdefault(name, []).append(some.astype(np.float32))
        for name, mean in all_means(rows.values, WINDOWS[history.frequency].middle).items():
            means.setdefault(name, []).append(with_peers(mean, rows, origin.peers).astype(np.float32))
    return RollingForecasts(
        np.stack(sold, axis=1),
        {name: np.stack(some, axis=2) for name, some in quantiles.items()},
        {name: np.stack(some, axis=1) for name, some in means.items()},
    )


def join(parts: Sequence[RollingForecasts]) -> RollingForecasts:
    """The forecasts of all series out of those of some."""
    joined: dict[str, Any] = {"sold": np.concatenate([part.sold for part in parts])}
    for field in fields(RollingForecasts)[1:]:
        kinds = [getattr(part, field.name) for part in parts]
        joined[field.name] = {name: np.concatenate([kind[name] for kind in kinds], axis=-3) for name in kinds[0]}
    return RollingForecasts(**joined)
