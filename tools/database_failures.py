"""What a failed database says to the operator: the driver's error comes in, one plain sentence goes out."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

GONE = "is gone or cannot be reached; check that it runs, then try again"
LOCKED = "is locked by another program for too long; try again"
FULL = "has no room left; free some space on its disk"
BUSY = "has no connection left; close other programs or allow more connections"
READ_ONLY = "may not be written to; check its permissions"

_SQLITE = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: GONE,
    sqlite3.SQLITE_CANTOPEN: GONE,
    sqlite3.SQLITE_READONLY: READ_ONLY,
}
_POSTGRESQL = {
    "08": GONE,  # connection exceptions
    "57P": GONE,  # shut down, crashed, not yet started
    "55P03": LOCKED,  # lock_timeout
    "57014": LOCKED,  # statement_timeout
    "40": LOCKED,  # deadlock, serialization
    "53100": FULL,
    "53300": BUSY,
    "25006": READ_ONLY,
    "42501": READ_ONLY,
}
"""By SQLSTATE or the beginning of one."""


def explain(error: DBAPIError | PoolTimeout) -> str:
    """The sentence for an error of the database; it never holds a password, and no row but one that was refused."""
    if isinstance(error, PoolTimeout):
        return f"the store database {BUSY}"
    known = _known(error)
    reason = (str(error.orig).strip().splitlines() or ["for no reason given"])[0]
    return f"the store database {known} ({reason})" if known else f"the store database refused a request: {reason}"


def _known(error: DBAPIError) -> str | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF)  # the low byte, the others tell cases apart that are one to the operator
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return next((sentence for start, sentence in _POSTGRESQL.items() if state.startswith(start)), None)
    is_lost = error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
    return GONE if is_lost else None  # without a code, psycopg never had an answer from the server
