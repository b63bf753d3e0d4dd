"""What a series will sell on average: its latest values come in, the expectation of models for slow sellers goes out.

The models are those of statsforecast. Medians say what is as likely exceeded as not; only means may be added up.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from tools.errors import OperatorError
from tools.forecasting.levels import Values

Model = Callable[[Values], float]
DEFAULT_MEAN = "SES"
MIN_VALUES = 4
"""Of fewer values the plain mean is taken."""


@cache
def mean_models(window: int) -> Mapping[str, Model]:
    """The models by name: a function of a series' values gives what one period to come sells on average.

    OperatorError when statsforecast is missing.
    """
    try:
        from statsforecast import models
    except ModuleNotFoundError as error:
        raise OperatorError("forecasts need the extra `ops`: pip install 'walkiosk[ops]'") from error
    found = {
        "SES": models.SimpleExponentialSmoothingOptimized(),
        "CrostonSBA": models.CrostonSBA(),
        "TSB": models.TSB(alpha_d=0.1, alpha_p=0.1),
        "IMAPA": models.IMAPA(),
        "ADIDA": models.ADIDA(),
        "mean": models.WindowAverage(window_size=window),
    }
    return {name: _expectation(model, window if name == "mean" else MIN_VALUES) for name, model in found.items()}


def _expectation(model: Any, fewest: int) -> Model:
    def expect(values: Values) -> float:
        if len(values) < fewest or not values.any():
            return float(values.mean()) if len(values) else 0.0
        return max(0.0, float(model.forecast(values, 1)["mean"][0]))

    return expect


def expected(values: Values, names: Sequence[str], window: int) -> Values:
    """The expectation of each row's named model, shape (series,); 0 for a row without values."""
    models = mean_models(window)
    return np.array([models[name](row[~np.isnan(row)]) for name, row in zip(names, values, strict=True)])
