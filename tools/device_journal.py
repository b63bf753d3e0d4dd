"""What a device did, kept in order by idempotency key; in memory, or in a JSON-lines file that outlives a crash."""

import os
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock
from pydantic import BaseModel, ValidationError

from tools.errors import HardwareError

LOCK_TIMEOUT_S = 10.0


class DeviceRecord(BaseModel, frozen=True):
    """One thing a device did (or refused to do) under one key."""

    key: str


class Abandonment(BaseModel, frozen=True):
    """A key under which nothing was done and nothing ever will be."""

    abandoned: str


Record = TypeVar("Record", bound=DeviceRecord)


class DeviceJournal(Generic[Record]):
    """Records by key, on the disk before they are answered for; several processes may share one file.

    A last line that a crash cut short never took effect and is dropped.
    """

    def __init__(self, kind: type[Record], path: Path | None = None) -> None:
        self._kind = kind
        self._path = path
        self._lock = FileLock(f"{path}.lock", timeout=LOCK_TIMEOUT_S) if path else nullcontext()
        self._records: dict[str, Record] = {}
        self._abandoned: set[str] = set()
        self._read_bytes = 0
        self._read_on()

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """While this holds no other process adds anything; TimeoutError when one will not let go of the file."""
        with self._lock:
            yield

    def __getitem__(self, key: str) -> Record | None:
        self._read_on()
        return self._records.get(key)

    def append(self, record: Record) -> Record:
        """Keep a record; its key must be new."""
        with self.exclusive():
            if self[record.key] is not None or record.key in self._abandoned:
                raise HardwareError(f"the key {record.key} is already in the journal")
            self._write(record)
        return record

    def abandon(self, key: str) -> Record | None:
        """What was done under a key; if nothing was, the key counts as abandoned for good."""
        with self.exclusive():
            record = self[key]
            if record is None and key not in self._abandoned:
                self._write(Abandonment(abandoned=key))
        return record

    def is_abandoned(self, key: str) -> bool:
        """Whether nothing may be done under a key any more."""
        self._read_on()
        return key in self._abandoned

    def records(self) -> tuple[Record, ...]:
        """Everything that was done so far, in order."""
        self._read_on()
        return tuple(self._records.values())

    def _write(self, entry: Record | Abandonment) -> None:
        if self._path is None:
            self._keep(entry)
            return
        is_new = not self._path.exists()
        with self._path.open("ab") as file:
            file.truncate(self._read_bytes)  # what a crash cut short
            file.write(entry.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            _sync_folder(self._path.parent)
        self._read_on()

    def _read_on(self) -> None:
        """Take in what was added to the file since, perhaps by another process."""
        if self._path is None or not self._path.exists() or self._path.stat().st_size == self._read_bytes:
            return
        with self._path.open("rb") as file:
            file.seek(self._read_bytes)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # still being written
                self._keep(self._parse(line))
                self._read_bytes += len(line)

    def _parse(self, line: bytes) -> Record | Abandonment:
        kind = Abandonment if line.startswith(b'{"abandoned"') else self._kind
        try:
            return kind.model_validate_json(line)
        except ValidationError as error:
            place = f"{self._path.name if self._path else ''}, record {len(self._records) + 1}"
            raise HardwareError(f"{place}: not a record of this device") from error

    def _keep(self, entry: Record | Abandonment) -> None:
        if isinstance(entry, Abandonment):
            self._abandoned.add(entry.abandoned)
        else:
            self._records[entry.key] = entry


def _sync_folder(folder: Path) -> None:
    """Have a new file's name on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
