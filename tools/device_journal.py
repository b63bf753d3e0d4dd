"""What a device did, kept in order by idempotency key; in memory, or in a JSON-lines file that outlives a crash."""

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
        self._path = path
        self._records: dict[str, Record] = {}
        if path is not None and path.exists():
            self._read(kind, path)

    def _read(self, kind: type[Record], path: Path) -> None:
        *lines, torn = path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            try:
                record = kind.model_validate_json(line)
            except ValidationError as error:
                raise HardwareError(f"{path.name}:{number}: not a record of this device") from error
            self._records[record.key] = record
        if torn:
            path.write_bytes(b"".join(line + b"\n" for line in lines))

    def __getitem__(self, key: str) -> Record | None:
        return self._records.get(key)

    def append(self, record: Record) -> Record:
        """Keep a record; its key must be new."""
        if record.key in self._records:
            raise HardwareError(f"the key {record.key} is already in the journal")
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(record.model_dump_json().encode() + b"\n")
        self._records[record.key] = record
        return record

    def records(self) -> tuple[Record, ...]:
        """Everything so far, in order."""
        return tuple(self._records.values())
