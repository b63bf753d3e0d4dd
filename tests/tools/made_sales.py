"""Sales made up for tests: units by series and day come in, daily sales as a file or a store would give them go out."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.forecasting.sales import DailySales, SeriesKey

MONDAY = date(2025, 1, 6)


def daily_sales(units: Mapping[SeriesKey, Sequence[float]], start: date = MONDAY, **more: Any) -> DailySales:
    """What each series sold on each day from `start`; all of them are known to the end of the longest."""
    keys = tuple(sorted(units))
    days = max(len(row) for row in units.values())
    table = np.zeros((len(keys), days))
    for number, key in enumerate(keys):
        table[number, : len(units[key])] = units[key]
    series, day = np.nonzero(table)
    first = start.toordinal()
    made: dict[str, Any] = {
        "keys": keys,
        "series": series.astype(np.int32),
        "day": (day + first).astype(np.int32),
        "units": table[series, day],
        "begins": np.full(len(keys), first, np.int32),
        "until": date.fromordinal(first + days - 1),
    }
    return DailySales(**{**made, **more})


def poisson_units(rates: Sequence[float], days: int, seed: int = 1) -> NDArray[np.int64]:
    """Units of each series on each day, at so many a day on average."""
    return np.random.default_rng(seed).poisson(np.array(rates)[:, None], (len(rates), days))


def poisson_sales(rates: Sequence[float], weeks: int, kiosk: str = "", seed: int = 1, **more: Any) -> DailySales:
    """Sales of the items S000, S001 … at so many a day on average."""
    units = poisson_units(rates, weeks * 7, seed)
    return daily_sales({SeriesKey(f"S{number:03}", kiosk): [*row] for number, row in enumerate(units)}, **more)
