"""SQLite databases as files: one is copied to a backup that carries the time, or removed with its write-ahead log."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tools.errors import StoreError


def back_up(database: Path, now: datetime) -> Path:
    """Copy a database beside itself; StoreError when it cannot be. SQLite copies, so that its log's changes are in."""
    backup = database.with_name(f"{database.stem}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{database.suffix}")
    if backup.exists():
        raise StoreError(f"the backup {backup} is already there; try again in a second")
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(backup)) as target:
            source.backup(target)
    except sqlite3.DatabaseError as error:
        backup.unlink(missing_ok=True)
        raise StoreError(f"the store at {database} cannot be backed up and is left alone: {error}") from error
    return backup


def remove(database: Path) -> None:
    """Remove a database with its log, which would else be replayed into the next file of that name."""
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
