"""The `--since` and `--until` options: what was typed becomes a period in the shop's time zone."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tools.errors import OperatorError
from tools.feedback_themes.comments import Period

_AGO = re.compile(r"(\d{1,4})\s*([dw])", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7}


def period_of(since: str, until: str | None, now: datetime, zone: ZoneInfo) -> Period:
    """From the beginning of a day, or so many days or weeks before the end (`7d`, `4w`), to the end of a day, or now.

    OperatorError for what is neither, and for a period that is empty.
    """
    end = now if until is None else _day(until, zone, "--until") + timedelta(days=1)
    ago = _AGO.fullmatch(since.strip())
    begin = end - timedelta(days=int(ago[1]) * _DAYS[ago[2].lower()]) if ago else _day(since, zone, "--since")
    if begin >= end:
        raise OperatorError(f"the period is empty: it begins {begin:%Y-%m-%d %H:%M} and ends {end:%Y-%m-%d %H:%M}")
    return Period(begin, end)


def _day(text: str, zone: ZoneInfo, option: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(), zone)
    except ValueError as error:
        raise OperatorError(f"{option} {text[:20]!r} is no day; write it like 2026-11-01, or 7d or 4w ago") from error
