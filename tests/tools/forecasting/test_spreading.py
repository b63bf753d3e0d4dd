"""Work in parts: here, and on a real Dask cluster of two workers, with the same figures."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from made_sales import poisson_sales

from tools.errors import OperatorError
from tools.forecasting import backtest, forecast
from tools.forecasting.forecast import make_forecast
from tools.forecasting.history import as_history
from tools.forecasting.periods import Frequency
from tools.forecasting.spreading import open_engine, work_off

RATES = [0.05, 0.3, 1, 3] * 6


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers, each a process of its own."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


def test_a_cluster_gives_the_same_figures(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (backtest, forecast):
        monkeypatch.setattr(module, "SERIES_PER_PART", 8)
    history = as_history(poisson_sales(RATES, weeks=40), Frequency.WEEK)
    here = make_forecast(history, 3)
    with open_engine(cluster.scheduler_address.replace("tcp://", "dask://")) as engine:
        there = make_forecast(history, 3, engine=engine)
        worked = engine.run(lambda dask_worker: dask_worker.state.executed_count)
    assert min(worked.values()) > 0
    assert len(worked) == 2
    np.testing.assert_array_equal(there.forecast.quantiles, here.forecast.quantiles)
    np.testing.assert_array_equal(there.forecast.mean, here.forecast.mean)
    assert there.report == here.report
    assert there.report is not None
    assert there.choices == here.choices


def test_results_come_in_the_order_of_the_parts() -> None:
    told: list[tuple[str, int, int]] = []
    found = work_off("Counting", len, ["a", "bb", ""], progress=lambda *told_of: told.append(told_of))
    assert (found, told) == ([1, 2, 0], [("Counting", 0, 3), ("Counting", 1, 3), ("Counting", 2, 3)])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("hadoop", "there is no engine 'hadoop'"), ("spark", r"pip install 'fugue\[spark\]'")],
)
def test_engines_that_are_not_there(name: str, sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence), open_engine(name):
        pass
