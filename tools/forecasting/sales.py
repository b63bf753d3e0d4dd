"""Sales as they were: what was sold of which variant at which kiosk on which day, and what was odd about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import OperatorError
from tools.forecasting.periods import Days

MAX_LINES_NAMED = 5

Units = NDArray[np.float64]


class TooFewSales(OperatorError):
    """There are no sales yet, or too few to forecast from."""


@dataclass(frozen=True, order=True)
class SeriesKey:
    """What a series of sales is of; `kiosk` is empty where sales are not kept by kiosk."""

    sku: str
    kiosk: str = ""

    def __str__(self) -> str:
        return f"{self.sku} at {self.kiosk}" if self.kiosk else self.sku


@dataclass(frozen=True)
class Remark:
    """Something odd about the sales and what was made of it: how often, and the first lines of the file it is in."""

    what: str
    count: int = 1
    lines: tuple[int, ...] = ()
    file: str = ""

    def __str__(self) -> str:
        place = f"{self.file}: " if self.file else ""
        if not self.lines:
            return f"{place}{self.what}"
        named = ", ".join(str(line) for line in self.lines)
        rest = f" and {self.count - len(self.lines)} more" if self.count > len(self.lines) else ""
        return f"{place}{self.what} (line{'' if self.count == 1 else 's'} {named}{rest})"


@dataclass(frozen=True)
class Offer:
    """A promotion of some variants: its first and last day by number, and what it takes off (percent)."""

    skus: frozenset[str]
    starts_on: int
    ends_on: int
    percent_off: float


@dataclass(frozen=True)
class DailySales:
    """Rows of (series, day, units), sorted and each pair once; `series` counts through `keys`.

    `begins` is the day of each series since which it is known, and `until` the last day that is known whole, also if
    nothing was sold on them. `sold_out` are pairs of series and day (rows of an array of shape (n, 2)) on which nothing
    was there to be sold. `categories` are by sku, the widest last.
    """

    keys: tuple[SeriesKey, ...]
    series: Days
    day: Days
    units: Units
    begins: Days
    until: date
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    offers: tuple[Offer, ...] = ()
    sold_out: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 2), np.int32))
    remarks: tuple[Remark, ...] = ()

    def of_kiosk(self, kiosk: str | None) -> "DailySales":
        """Those of one kiosk, or of all for None; OperatorError when there are none."""
        kept = [number for number, key in enumerate(self.keys) if kiosk in (None, key.kiosk)]
        if not kept:
            raise OperatorError(f"there are no sales of a kiosk {kiosk}")
        place = np.full(len(self.keys), -1, np.int32)
        place[kept] = np.arange(len(kept))
        rows, out = place[self.series] >= 0, place[self.sold_out[:, 0]] >= 0
        return replace(
            self,
            keys=tuple(self.keys[number] for number in kept),
            series=place[self.series[rows]],
            day=self.day[rows],
            units=self.units[rows],
            begins=self.begins[kept],
            sold_out=np.stack((place[self.sold_out[out, 0]], self.sold_out[out, 1]), axis=1),
        )


@dataclass(frozen=True)
class SummedRows:
    """Rows with each pair of series and day once, and which of the rows that came in repeated an earlier pair."""

    series: Days
    day: Days
    units: Units
    repeats: NDArray[Any]


def sum_rows(series: Days, day: Days, units: Units) -> SummedRows:
    """Add up the rows of the same series and day."""
    if not len(series):
        return SummedRows(series, day, units, np.empty(0, np.int64))
    pair = series.astype(np.int64) << 32 | day.astype(np.int64)
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    first = np.concatenate(([True], pair[1:] != pair[:-1]))
    sums = np.add.reduceat(units[order], np.flatnonzero(first))
    pair = pair[first]
    return SummedRows((pair >> 32).astype(np.int32), pair.astype(np.int32), sums, np.sort(order[~first]))
