"""Whether this machine's clock fits the store's: a database comes in, seconds of difference and what to do go out.

Holds and offers end by the clock, and servers that share a store must agree on it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func
from sqlmodel import col, select

from tools.database import GraphVersion, LedgerEntry, read_transaction, utc_now
from tools.database_address import is_postgresql
from tools.errors import StoreError

log = logging.getLogger(__name__)
DOUBTFUL_S, WRONG_S = 5.0, 60.0
"""A difference that is worth a warning, and one with which a server would give up what another one holds."""
MEND = "let a time service (chrony, systemd-timesyncd) set both clocks, then start again"


@dataclass(frozen=True)
class ClockReading:
    """By how many seconds this clock is ahead of the database's (negative: behind).

    A database file has no clock of its own: there `ahead_s` is negative when the store holds what this clock says has
    not happened yet, and 0 otherwise. That may have come from another clock, so it is never more than doubtful.
    """

    ahead_s: float
    is_of_server: bool

    @property
    def says(self) -> str:
        """The difference in words."""
        way = "ahead of" if self.ahead_s > 0 else "behind"
        return f"this machine's clock is {abs(self.ahead_s):,.0f} s {way} the store's"

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody should look."""
        return abs(self.ahead_s) > DOUBTFUL_S

    @property
    def is_wrong(self) -> bool:
        """Whether nothing may be sold with it."""
        return self.is_of_server and abs(self.ahead_s) > WRONG_S


def read_clock(engine: Engine, now: Callable[[], datetime] = utc_now) -> ClockReading:
    """Compare the clocks; StoreError when the database does not answer. The time its answer takes is no difference."""
    with read_transaction(engine) as session:
        if not is_postgresql(engine.url):
            written = [session.exec(select(func.max(col(LedgerEntry.at)))).first()]
            written.append(session.exec(select(func.max(col(GraphVersion.published_at)))).first())
            here = now()
            differences = [(here - moment).total_seconds() for moment in written if moment is not None]
            return ClockReading(min([0.0, *differences]), is_of_server=False)
        session.exec(select(1)).one()  # a connection is there, so that the next answer is quick
        before = now()
        there = session.exec(select(func.clock_timestamp())).one()
        after = now()
    ahead = max(before - there, timedelta()) + min(after - there, timedelta())
    return ClockReading(ahead.total_seconds(), is_of_server=True)


def require_fitting_clock(engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
    """StoreError when this clock is too far from the store's to sell with; a warning in the log when it is a bit."""
    reading = read_clock(engine, now)
    if reading.is_wrong:
        raise StoreError(f"{reading.says}, so that what others hold would be given up too early or late; {MEND}")
    if reading.is_doubtful:
        log.warning("%s; %s", reading.says, MEND)
