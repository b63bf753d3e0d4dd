"""What a new item may sell: what its category sells comes in, quantiles and a mean to begin with go out.

The narrowest category that sells at the same kiosk counts, then the same category anywhere, then the whole kiosk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.forecasting.history import History
from tools.forecasting.levels import Values, latest

YOUNG_PERIODS = 8
HALF_TRUSTED_PERIODS = 2
"""A series that is so old is believed as much as its peers are."""
MIN_PEERS = 5


@dataclass(frozen=True)
class PeerStart:
    """Of each series, how far it is to be believed itself (1: wholly), and its peers' quantiles and mean a period.

    Shapes (series,), (levels, series) and (series,); peers are 0 where a series is believed wholly.
    """

    trust: Values
    quantiles: Values
    mean: Values

    def take(self, rows: slice | NDArray[np.int64]) -> "PeerStart":
        """For some of the series."""
        return PeerStart(self.trust[rows], self.quantiles[:, rows], self.mean[rows])


def peer_start(history: History, levels: tuple[float, ...]) -> PeerStart:
    """What the peers of all young series say at the history's end."""
    recent = latest(history.units, YOUNG_PERIODS)
    age = (~np.isnan(recent)).sum(axis=1)
    trust = np.where(age < YOUNG_PERIODS, age / (age + HALF_TRUSTED_PERIODS), 1.0)
    quantiles, mean = np.zeros((len(levels), len(age))), np.zeros(len(age))
    young = np.flatnonzero(age < YOUNG_PERIODS)
    if not len(young):
        return PeerStart(trust, quantiles, mean)
    groups, known = _groups(history), age > 0
    found: dict[str, tuple[Values, float]] = {}
    for row in young:
        name = next((name for name in _wider(history, int(row)) if known[groups[name]].sum() >= MIN_PEERS), "")
        if name not in found:
            values = recent[groups[name]]
            values = values[~np.isnan(values)] if known[groups[name]].any() else np.zeros(1)
            found[name] = np.quantile(values, levels), float(values.mean())
        quantiles[:, row], mean[row] = found[name]
    return PeerStart(trust, quantiles, mean)


def _wider(history: History, row: int) -> Iterator[str]:
    """The names of the groups that a series belongs to, the nearest first."""
    kiosk, categories = history.keys[row].kiosk, history.categories[row]
    for category in categories:
        yield f"{kiosk}\n{category}"
        yield f"\n{category}"
    yield f"{kiosk}\n"
    yield ""


def _groups(history: History) -> Mapping[str, NDArray[np.int64]]:
    members: dict[str, list[int]] = {"": []}
    for row in range(len(history.keys)):
        for name in dict.fromkeys(_wider(history, row)):
            members.setdefault(name, []).append(row)
    return {name: np.array(rows) for name, rows in members.items()}
