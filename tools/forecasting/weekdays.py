"""How sales differ between the days of a week: a history of days comes in, factors for periods to come go out."""

import numpy as np

from tools.forecasting.history import History
from tools.forecasting.levels import Values
from tools.forecasting.periods import Frequency

WEEKS = 13
OWN_UNITS = 200.0
"""So many units of a series' own weigh as much as what its whole kiosk's weekdays say."""


def period_factors(history: History, start: int, count: int) -> Values:
    """What each of the `count` periods from `start` (both counted from the history's first) usually sells, as a factor.

    Shape (series, count); 1 on average over a week, 0 on weekdays on which a kiosk is shut, and 1 for weeks.
    """
    if history.frequency is Frequency.WEEK:
        return np.ones((len(history.keys), count))
    known = min(WEEKS * 7, history.periods)
    units = history.units[:, history.periods - known :]
    kiosk_units = history.kiosk_units[:, history.periods - known :]
    weekdays = (history.first + history.periods - known + np.arange(known)) % 7
    own = np.stack([np.nansum(units[:, weekdays == day], axis=1, dtype=np.float64) for day in range(7)], axis=1)
    whole = np.stack([kiosk_units[:, weekdays == day].sum(axis=1, dtype=np.float64) for day in range(7)], axis=1)
    total = whole.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, whole / np.where(total > 0, total, 1), 1 / 7)
    mixed = own + OWN_UNITS * shares[history.kiosk]
    factors = 7 * mixed / mixed.sum(axis=1, keepdims=True)
    return factors[:, (history.first + start + np.arange(count)) % 7]
