"""Which processes on a database are alive: each holds a lock for its own random id that is let go when it dies.

Orders name the process that drives them; whether it still lives decides who may finish them. Money does not hang on
the answer: two processes that drive one order give the devices the same keys.
"""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Protocol, TypeVar
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from tools.errors import StoreError

PROCESS_ID = re.compile(r"[0-9a-f]{16}")
Answer = TypeVar("Answer")


class Liveness(Protocol):
    """This process among those on one database. Methods may be called from any thread; StoreError when they fail."""

    def hold(self) -> str:
        """The id of this process, which every other process sees alive from now on."""
        ...

    def is_alive(self, process_id: str) -> bool:
        """Whether the process with this id still runs; an id that nobody ever held is dead."""
        ...

    def close(self) -> None:
        """This process drives nothing any more."""
        ...


def open_liveness(engine: Engine) -> Liveness:
    """The liveness locks that fit a database: files beside SQLite's own, advisory locks of PostgreSQL."""
    if engine.dialect.name == "postgresql":
        return AdvisoryLiveness(engine)
    if engine.url.database:
        return FileLiveness(Path(f"{engine.url.database}.processes"))
    return FileLiveness(Path(tempfile.mkdtemp(prefix="walkiosk-processes-")))  # in memory: no other process sees it


class FileLiveness:
    """One locked file for each living process in a folder; the operating system lets go of a dead process's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._id = _new_id()
        self._own = self._lock_of(self._id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._own.acquire()
        except OSError as error:
            raise StoreError(f"no lock can be held in {folder}: {error}") from error

    def hold(self) -> str:
        """The id of this process."""
        return self._id

    def is_alive(self, process_id: str) -> bool:
        """Whether someone holds the file; the file of a dead process is removed."""
        path = self._path(process_id)
        if not PROCESS_ID.fullmatch(process_id) or not path.exists():
            return False
        try:
            with self._lock_of(process_id):
                path.unlink(missing_ok=True)
        except Timeout:
            return True
        except OSError as error:
            raise StoreError(f"the lock {path} cannot be tried: {error}") from error
        return False

    def close(self) -> None:
        """Let go and remove the file."""
        self._path(self._id).unlink(missing_ok=True)
        self._own.release()

    def _path(self, process_id: str) -> Path:
        return self._folder / f"{process_id}.lock"

    def _lock_of(self, process_id: str) -> FileLock:
        return FileLock(self._path(process_id), timeout=0, thread_local=False)


class AdvisoryLiveness:
    """A session-level advisory lock of PostgreSQL on a connection of its own; the server lets go when it ends.

    A connection that the server dropped is opened anew, under a new id if the old session still holds the lock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._one_at_a_time = Lock()
        self._id = _new_id()
        self._connection: Connection | None = None
        self.hold()

    def hold(self) -> str:
        """The id of this process, its lock taken anew if the connection was lost."""
        with self._one_at_a_time:
            self._connected()
            return self._id

    def is_alive(self, process_id: str) -> bool:
        """Whether another session holds the lock."""
        if not PROCESS_ID.fullmatch(process_id):
            return False
        with self._one_at_a_time:
            connection = self._connected()
            if process_id == self._id:
                return True
            return _asked(lambda: not _try_lock(connection, process_id) or not _unlock(connection, process_id))

    def close(self) -> None:
        """End the session, and with it the lock."""
        with self._one_at_a_time:
            self._drop()

    def _connected(self) -> Connection:
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                self._drop()
        if self._connection is None:
            self._connection = _asked(self._connect)
        return self._connection

    def _connect(self) -> Connection:
        connection = self._engine.connect()
        # A machine that lost its power does not say goodbye: the server has to notice within a minute.
        for setting in ("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 3"):
            connection.execute(text(f"SET {setting}"))
        while not _try_lock(connection, self._id):
            self._id = _new_id()
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _new_id() -> str:
    return uuid4().hex[:16]


def _lock_number(process_id: str) -> int:
    """An id as the signed 64 bits that advisory locks are named by."""
    return int(process_id, 16) - (1 << 63)


def _try_lock(connection: Connection, process_id: str) -> bool:
    statement = text("SELECT pg_try_advisory_lock(:number)")
    return bool(connection.execute(statement, {"number": _lock_number(process_id)}).scalar_one())


def _unlock(connection: Connection, process_id: str) -> bool:
    statement = text("SELECT pg_advisory_unlock(:number)")
    return bool(connection.execute(statement, {"number": _lock_number(process_id)}).scalar_one())


def _asked(ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except DBAPIError as error:
        raise StoreError(f"the store database cannot say which processes live: {error.orig}") from error
