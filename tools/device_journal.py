"""What a device did, kept in order by idempotency key; in memory, or in a JSON-lines file that outlives a crash."""

import os
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from tools.errors import HardwareError


class DeviceRecord(BaseModel, frozen=True):
    """One thing a device did (or refused to do) under one key."""

    key: str


Record = TypeVar("Record", bound=DeviceRecord)


class DeviceJournal(Generic[Record]):
    """Records by key. A last line that a crash cut short never took effect and is dropped."""

    def __init__(self, kind: type[Record], path: Path | None = None) -> None:
        self._kind = kind
        self._path = path
        self._records: dict[str, Record] = {}
        self._read_bytes = 0
        if path is not None and path.exists():
            self._cut_torn_line(path)
        self._read_on()

    @staticmethod
    def _cut_torn_line(path: Path) -> None:
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(path, whole)

    def _read_on(self) -> None:
        """Take in what was added to the file since, perhaps by another process."""
        if self._path is None or not self._path.exists() or self._path.stat().st_size == self._read_bytes:
            return
        with self._path.open("rb") as file:
            file.seek(self._read_bytes)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # still being written
                self._records |= self._parse(line)
                self._read_bytes += len(line)

    def _parse(self, line: bytes) -> dict[str, Record]:
        try:
            record = self._kind.model_validate_json(line)
        except ValidationError as error:
            place = f"{self._path.name if self._path else ''}, record {len(self._records) + 1}"
            raise HardwareError(f"{place}: not a record of this device") from error
        return {record.key: record}

    def __getitem__(self, key: str) -> Record | None:
        self._read_on()
        return self._records.get(key)

    def append(self, record: Record) -> Record:
        """Keep a record; its key must be new."""
        if self[record.key] is not None:
            raise HardwareError(f"the key {record.key} is already in the journal")
        if self._path is None:
            self._records[record.key] = record
            return record
        with self._path.open("ab") as file:
            file.write(record.model_dump_json().encode() + b"\n")
        self._read_on()
        return record

    def records(self) -> tuple[Record, ...]:
        """Everything so far, in order."""
        self._read_on()
        return tuple(self._records.values())
