"""How well kiosks work: what happened and how long it took is counted by the hour, kept in the store, and summed up.

Nothing of what was said is in it. Times are kept as counts under limits, so that many kiosks and days stay small and
can be added up; quantiles are read off these.
"""

import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock

from sqlalchemy import Engine
from sqlmodel import col, select

from tools.database import HealthCount, insert_into, read_transaction, utc_now, write_transaction

LIMITS_MS = (50, 100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 30_000, 60_000)
"""A time is counted under the first of these that it does not exceed, and under the last if it exceeds them all."""


class Signal(StrEnum):
    """What is counted. A turn's time ends with its first sentence, that of speech with words or with sound."""

    TURN = "turn"
    TURN_FAILED = "turn_failed"
    MODEL_ANSWERED = "model_answered"
    MODEL_FAILED = "model_failed"
    TOOL_FAILED = "tool_failed"
    SENTENCE_REFUSED = "sentence_refused"
    HEARD = "heard"
    HEARING_FAILED = "hearing_failed"
    SPOKEN = "spoken"
    SPEAKING_FAILED = "speaking_failed"


@dataclass(frozen=True)
class _Place:
    kiosk_id: str
    hour: datetime
    signal: str
    up_to_ms: int


class HealthBook:
    """Counts in memory, from any thread, until `save` adds what has come together to the store."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine, self._now = engine, now
        self._lock = Lock()
        self._counts = Counter[_Place]()

    def count(self, kiosk_id: str, signal: Signal, ms: float | None = None, times: int = 1) -> None:
        """It happened at a kiosk, and took so long if that is known."""
        if times < 1:
            return
        hour = self._now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts[_Place(kiosk_id, hour, signal, 0 if ms is None else _limit(ms))] += times

    def save(self) -> None:
        """Add the counts to those in the store. StoreError when that fails; the counts are kept then."""
        with self._lock:
            counts, self._counts = self._counts, Counter[_Place]()
        if not counts:
            return
        try:
            self._add(counts)
        except BaseException:
            with self._lock:
                self._counts.update(counts)
            raise

    def _add(self, counts: Mapping[_Place, int]) -> None:
        rows = [
            {"kiosk_id": at.kiosk_id, "hour": at.hour, "signal": at.signal, "up_to_ms": at.up_to_ms, "count": count}
            for at, count in sorted(counts.items(), key=lambda each: repr(each[0]))  # in one order for everyone
        ]
        with write_transaction(self._engine) as session:
            insert = insert_into(session, HealthCount)
            session.connection().execute(
                insert.on_conflict_do_update(
                    index_elements=["kiosk_id", "hour", "signal", "up_to_ms"],
                    set_={"count": col(HealthCount.count) + insert.excluded["count"]},
                ),
                rows,
            )


def _limit(ms: float) -> int:
    return LIMITS_MS[min(bisect.bisect_left(LIMITS_MS, ms), len(LIMITS_MS) - 1)]


@dataclass
class Tally:
    """Counts of some kiosks over some time."""

    _counts: dict[str, Counter[int]] = field(default_factory=dict[str, Counter[int]])

    def add(self, signal: str, up_to_ms: int, count: int) -> None:
        """So many more."""
        self._counts.setdefault(signal, Counter[int]())[up_to_ms] += count

    def __add__(self, other: "Tally") -> "Tally":
        both = Tally()
        for one in (self, other):
            for signal, counts in one._counts.items():
                for up_to_ms, count in counts.items():
                    both.add(signal, up_to_ms, count)
        return both

    def count(self, signal: Signal) -> int:
        """How often it happened."""
        return sum(self._counts.get(signal, Counter[int]()).values())

    def quantile_ms(self, signal: Signal, share: float) -> float | None:
        """The time that this share of all cases did not exceed, on a line between two limits; None for no times."""
        timed = {ms: count for ms, count in self._counts.get(signal, Counter[int]()).items() if ms}
        wanted, passed = share * sum(timed.values()), 0
        for ms in sorted(timed):
            if passed + timed[ms] >= wanted:
                below = next((limit for limit in reversed(LIMITS_MS) if limit < ms), 0)
                return below + (ms - below) * (wanted - passed) / timed[ms]
            passed += timed[ms]
        return None


def read_tallies(
    engine: Engine, since: datetime, until: datetime, kiosk_ids: Iterable[str] | None = None
) -> dict[str, Tally]:
    """The counts of the hours that begin in a time, by kiosk; of some kiosks, or of all that have any."""
    statement = select(HealthCount).where(col(HealthCount.hour) >= since, col(HealthCount.hour) < until)
    if kiosk_ids is not None:
        statement = statement.where(col(HealthCount.kiosk_id).in_(list(kiosk_ids)))
    tallies: dict[str, Tally] = {}
    with read_transaction(engine) as session:
        for row in session.exec(statement):
            tallies.setdefault(row.kiosk_id, Tally()).add(row.signal, row.up_to_ms, row.count)
    return tallies
