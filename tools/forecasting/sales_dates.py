"""Dates as people write them: texts of one file come in, the numbers of their days go out.

14/10/2011 can only begin with the day and 10/14/2011 only with the month; what 3/4/2011 is, the rest of the file says.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from tools.forecasting.periods import Days

NO_DAY = 0
UNCLEAR_DAY = -1
_YEARS = range(1970, 2100)
_TIME = re.compile(r"[T ]\s*\d{1,2}:\d\d.*$")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_DIGITS_ONLY = re.compile(r"(\d{4})(\d\d)(\d\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED_MONTHS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d %b %y")


@dataclass(frozen=True)
class _Reading:
    """The day that a text is if its day comes before its month, and if it does not; the same for most texts."""

    day_first: int
    month_first: int


def without_time(text: str) -> str:
    """The text without a time of day."""
    return _TIME.sub("", text.strip())


def read_days(texts: Sequence[str]) -> Days:
    """The number of each text's day; NO_DAY for what is no date, UNCLEAR_DAY for what may be one of two.

    Dots put the day first.
    """
    readings = [_read(text) for text in texts]
    day_first = any(reading.day_first and not reading.month_first for reading in readings)
    month_first = any(reading.month_first and not reading.day_first for reading in readings)
    return np.fromiter((_settle(one, day_first, month_first) for one in readings), np.int32, len(readings))


def _settle(reading: _Reading, day_first: bool, month_first: bool) -> int:
    if reading.day_first == reading.month_first or not reading.month_first:
        return reading.day_first
    if not reading.day_first:
        return reading.month_first
    if day_first == month_first:  # the file writes both, or nothing tells which
        return UNCLEAR_DAY
    return reading.day_first if day_first else reading.month_first


def _read(text: str) -> _Reading:
    if found := _YEAR_FIRST.fullmatch(text):
        day = _day(found[1], found[3], found[4])
        return _Reading(day, day)
    if found := _DIGITS_ONLY.fullmatch(text):
        day = _day(found[1], found[2], found[3])
        return _Reading(day, day)
    if found := _YEAR_LAST.fullmatch(text):
        year = found[4] if len(found[4]) == 4 else f"20{found[4]}"
        day_first = _day(year, found[3], found[1])
        return _Reading(day_first, day_first if found[2] == "." else _day(year, found[1], found[3]))
    words = " ".join(re.split(r"[\s,.\-/]+", text))
    for form in _NAMED_MONTHS:
        with suppress(ValueError):
            day = datetime.strptime(words, form).toordinal()  # noqa: DTZ007 (a day has no zone)
            return _Reading(day, day)
    return _Reading(NO_DAY, NO_DAY)


def _day(year: str, month: str, day: str) -> int:
    if int(year) not in _YEARS:
        return NO_DAY
    try:
        return date(int(year), int(month), int(day)).toordinal()
    except ValueError:
        return NO_DAY
