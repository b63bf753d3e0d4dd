"""A model of all series together: histories come in, quantiles of what each will sell go out.

Gradient boosted trees (LightGBM) with the loss of each quantile, on what `features` sees of a series. Trees are grown
with random cuts, which on few weeks of noisy sales forecasts better than the best cuts do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import OperatorError
from tools.forecasting.features import WINDOWS, FeatureRows, feature_rows
from tools.forecasting.history import History
from tools.forecasting.levels import Values

TRAINED_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
LEVELS = tuple(round(0.1 * place, 1) for place in range(1, 10))
"""The quantiles of a forecast."""

ROUNDS = 150
MAX_ROWS = 150_000
MAX_ORIGINS = 60
MAX_STEPS = 6
SEED = 7
PARAMETERS: dict[str, Any] = {
    "objective": "quantile",
    "num_leaves": 8,
    "learning_rate": 0.05,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "extra_trees": True,
    "boost_from_average": False,
    "deterministic": True,
    "force_row_wise": True,
    "seed": SEED,
    "verbose": -1,
}


@dataclass(frozen=True)
class PooledModel:
    """Trees for each of TRAINED_LEVELS as text, and the value that each starts from; it can be sent anywhere."""

    trees: tuple[str, ...]
    starts: tuple[float, ...]

    def quantiles(self, rows: FeatureRows) -> Values:
        """Quantiles at LEVELS of the units of each series and step, shape (levels, series, steps)."""
        steps = range(rows.ahead.shape[1])
        seen = np.concatenate([rows.row(step) for step in steps])
        trained = np.stack(
            [start + _booster(trees).predict(seen) for trees, start in zip(self.trees, self.starts, strict=True)]
        )
        trained = np.sort(np.maximum(trained, 0), axis=0)
        relative = np.stack([_between(trained, level) for level in LEVELS])
        return relative.reshape(len(LEVELS), len(steps), -1).transpose(0, 2, 1) * rows.scale


@dataclass(frozen=True)
class _Examples:
    """Rows to learn from: features, what was sold by its scale, and the scale."""

    seen: NDArray[np.float32]
    sold: Values
    scale: Values


def train(history: History, horizon: int) -> PooledModel | None:
    """A model of what the history's series sell in the periods after any moment of theirs; None if there is too little.

    OperatorError when LightGBM is missing.
    """
    examples = _examples(history, horizon)
    if examples is None or len(examples.sold) < 10 * PARAMETERS["min_data_in_leaf"]:
        return None
    trees, starts = list[str](), list[float]()
    for level in TRAINED_LEVELS:
        start = float(np.quantile(examples.sold, level))
        trees.append(_grow(examples, level, start))
        starts.append(start)
    return PooledModel(tuple(trees), tuple(starts))


def _grow(examples: _Examples, level: float, start: float) -> str:
    lightgbm = _lightgbm()
    # Weights between what counts each unit alike (the scale) and each series alike (1).
    data = lightgbm.Dataset(
        examples.seen,
        examples.sold,
        weight=np.sqrt(examples.scale),
        init_score=np.full(len(examples.sold), start),
    )
    return lightgbm.train({**PARAMETERS, "alpha": level}, data, ROUNDS).model_to_string()


def _examples(history: History, horizon: int) -> _Examples | None:
    """What was seen at moments of the past and what was sold after them."""
    first = min(WINDOWS[history.frequency].long, history.periods // 2)
    origins = _spread(range(max(1, first), history.periods), MAX_ORIGINS)
    steps = _spread(range(horizon), MAX_STEPS)
    if not len(origins):
        return None
    count = max(1, MAX_ROWS // (len(origins) * len(steps)))
    if count < len(history.keys):
        chance = np.random.default_rng(SEED)
        history = history.take(np.sort(chance.choice(len(history.keys), count, replace=False)))
    found: list[_Examples] = []
    for origin in origins:
        rows = feature_rows(history.until(origin), horizon)
        for step in steps:
            if origin + step < history.periods:
                found.append(_example(rows, step, history.units[:, origin + step]))
    return _Examples(*(np.concatenate([getattr(one, name) for one in found]) for name in ("seen", "sold", "scale")))


def _example(rows: FeatureRows, step: int, sold: NDArray[np.float32]) -> _Examples:
    known = ~np.isnan(sold) & (rows.scale[:, step] > 0) & ~np.isnan(rows.values[:, -1])
    scale = rows.scale[known, step]
    return _Examples(rows.row(step)[known], sold[known] / scale, scale)


def _spread(steps: range, count: int) -> Sequence[int]:
    """At most so many of the steps, evenly spread, the last among them."""
    if len(steps) <= count:
        return steps
    return sorted({steps[round(place)] for place in np.linspace(0, len(steps) - 1, count)})


def _between(trained: Values, level: float) -> Values:
    """A quantile on the straight line between the two trained ones beside it."""
    place = float(np.interp(level, TRAINED_LEVELS, range(len(TRAINED_LEVELS))))
    below = min(int(place), len(TRAINED_LEVELS) - 2)
    return trained[below] * (below + 1 - place) + trained[below + 1] * (place - below)


@lru_cache(maxsize=64)
def _booster(trees: str) -> Any:
    return _lightgbm().Booster(model_str=trees)


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ModuleNotFoundError as error:
        raise OperatorError("forecasts need the extra `ops`: pip install 'walkiosk[ops]'") from error
    except OSError as error:
        raise OperatorError("LightGBM needs the library libgomp: apt-get install libgomp1") from error
    return lightgbm
