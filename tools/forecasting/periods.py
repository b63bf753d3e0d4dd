"""Days and weeks by number: dates come in and the numbers of their periods go out, and back.

A day's number is that of `date.toordinal`; weeks begin on Monday, as day 1 was one.
"""

from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]


class Frequency(StrEnum):
    """What is forecast: weeks, dated by their Mondays, or days."""

    WEEK = "W"
    DAY = "D"

    @property
    def days(self) -> int:
        """How many days a period has."""
        return 7 if self is Frequency.WEEK else 1

    @property
    def noun(self) -> str:
        """What one period is called."""
        return "week" if self is Frequency.WEEK else "day"


def periods_of(days: Days, frequency: Frequency) -> Days:
    """The numbers of the periods that days fall into."""
    return (days - 1) // frequency.days


def period_of(day: date, frequency: Frequency) -> int:
    """The number of the period that a day falls into."""
    return (day.toordinal() - 1) // frequency.days


def first_day(period: int, frequency: Frequency) -> date:
    """The day that a period is dated by."""
    return date.fromordinal(period * frequency.days + 1)


def weekday_of(day: int) -> int:
    """0 for Monday to 6 for Sunday, of a day by its number."""
    return (day - 1) % 7
