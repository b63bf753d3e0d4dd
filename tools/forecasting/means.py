"""What a series will sell on average: its latest values come in, the expectation of models for slow sellers goes out.

The models are those of statsforecast. A median says what is as likely exceeded as not; only means may be added up.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from tools.errors import OperatorError
from tools.forecasting.levels import Values

COMBINED = "combined"
"""The mean of all models, which is hard to beat."""

MEANS = (COMBINED, "CrostonSBA", "IMAPA", "TSB", "window mean")

MIN_VALUES = 4
"""Of fewer values the plain mean is taken."""

Model = Callable[[Values], float]


@cache
def mean_models(window: int) -> Mapping[str, Model]:
    """The models by name: a function of a series' values gives what one period to come sells on average.

    OperatorError when statsforecast is missing.
    """
    try:
        from statsforecast import models
    except ModuleNotFoundError as error:
        raise OperatorError("forecasts need the extra `ops`: pip install 'walkiosk[ops]'") from error
    found = (
        _expectation(models.CrostonSBA(), MIN_VALUES),
        _expectation(models.IMAPA(), MIN_VALUES),
        _expectation(models.TSB(alpha_d=0.1, alpha_p=0.1), MIN_VALUES),
        _expectation(models.WindowAverage(window_size=window), window),
    )
    return dict(zip(MEANS[1:], found, strict=True))


def _expectation(model: Any, fewest: int) -> Model:
    def expect(values: Values) -> float:
        if len(values) < fewest or not values.any():
            return float(values.mean()) if len(values) else 0.0
        return max(0.0, float(model.forecast(values, 1)["mean"][0]))

    return expect


def all_means(values: Values, window: int) -> Mapping[str, Values]:
    """The expectation of every model and of all combined, each of shape (series,); 0 for a row without values."""
    found = {name: expected(values, [name] * len(values), window) for name in mean_models(window)}
    return {COMBINED: np.mean([*found.values()], axis=0), **found}


def expected(values: Values, names: Sequence[str], window: int) -> Values:
    """The expectation of each row's named model, shape (series,)."""
    models = mean_models(window)
    return np.array([_one(row[~np.isnan(row)], name, models) for row, name in zip(values, names, strict=True)])


def _one(row: Values, name: str, models: Mapping[str, Model]) -> float:
    if name == COMBINED:
        return float(np.mean([model(row) for model in models.values()]))
    return models[name](row)
