"""Giving out goods: a slot, a count and an idempotency key go to the machine, its record of what dropped comes back."""

from collections import Counter, deque
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from tools.device_journal import DeviceJournal, DeviceRecord
from tools.errors import HardwareError


class Dispensed(DeviceRecord, frozen=True):
    """What came out under one key; fewer than asked for when the machine jammed.

    `seen_sku` is what the sensor saw come out when it was not what was asked for; empty when it could not tell what.
    """

    kiosk_id: str
    slot: str
    sku: str
    quantity: int
    count: int
    seen_sku: str | None = None

    @property
    def came_out(self) -> str:
        """The variant that came out; empty when that is not known."""
        return self.sku if self.seen_sku is None else self.seen_sku


class Dispenser(Protocol):
    """The machine that drops goods. The same key again gives the first answer again and drops nothing.

    `dispense` raises HardwareError, OSError or TimeoutError when no answer came; `lookup` and `abandon` then tell what
    happened.
    """

    async def dispense(self, kiosk_id: str, slot: str, sku: str, quantity: int, key: str) -> Dispensed:
        """Drop `quantity` pieces out of a slot, or as many as come."""
        ...

    async def lookup(self, key: str) -> Dispensed | None:
        """What was dropped under a key; None when the machine never got the request."""
        ...

    async def abandon(self, key: str) -> Dispensed | None:
        """What `lookup` says; None promises that nothing is dropped under this key from now on."""
        ...


class DispenseFault(StrEnum):
    """How the simulated dispenser fails its next request. A jam stops before the last piece, or before the first."""

    JAM = "jam"
    JAM_ON_LAST = "jam on last"
    WRONG_ITEM = "wrong item"
    TIMEOUT = "timeout"
    ANSWER_LOST = "answer lost"


class SimulatedDispenser:
    """A dispenser that drops everything but what its script of faults says; it remembers what came out.

    `wrong_sku` is what the sensor sees when the wrong item is scripted; empty for something it cannot tell.
    """

    def __init__(self, journal: Path | None = None) -> None:
        self._journal = DeviceJournal(Dispensed, journal)
        self._faults: deque[DispenseFault | None] = deque()
        self.wrong_sku = ""

    def script(self, faults: Iterable[DispenseFault | None]) -> None:
        """Let the coming requests fail so, one each; None lets one pass."""
        self._faults.extend(faults)

    def clear_script(self) -> None:
        """Let everything pass again."""
        self._faults.clear()

    async def dispense(self, kiosk_id: str, slot: str, sku: str, quantity: int, key: str) -> Dispensed:
        """Drop the pieces, unless scripted to jam."""
        fault = self._faults.popleft() if self._faults else None
        if fault is DispenseFault.TIMEOUT:
            raise TimeoutError("the dispenser did not answer")
        with self._journal.exclusive():
            record = self._journal[key] or self._carry_out(kiosk_id, slot, sku, quantity, key, fault)
        if (record.sku, record.quantity) != (sku, quantity):
            raise HardwareError(f"the key {key} was used for other goods")
        if fault is DispenseFault.ANSWER_LOST:
            raise TimeoutError("the dispenser's answer was lost")
        return record

    async def lookup(self, key: str) -> Dispensed | None:
        """What was dropped under a key."""
        return self._journal[key]

    async def abandon(self, key: str) -> Dispensed | None:
        """What was dropped under a key; nothing will be if nothing was."""
        return self._journal.abandon(key)

    @property
    def records(self) -> tuple[Dispensed, ...]:
        """Every request that was carried out, in order."""
        return self._journal.records()

    def dropped(self, kiosk_id: str) -> Counter[str]:
        """How many pieces of each variant came out of one kiosk, as far as its sensor could tell."""
        counts: Counter[str] = Counter()
        for record in self.records:
            if record.kiosk_id == kiosk_id:
                counts[record.came_out] += record.count
        return counts

    def _carry_out(
        self, kiosk_id: str, slot: str, sku: str, quantity: int, key: str, fault: DispenseFault | None
    ) -> Dispensed:
        is_refused = self._journal.is_abandoned(key)
        count = quantity
        if is_refused or fault is DispenseFault.JAM:
            count = 0
        elif fault is DispenseFault.JAM_ON_LAST:
            count = quantity - 1
        seen = self.wrong_sku if fault is DispenseFault.WRONG_ITEM else None
        record = Dispensed(
            key=key, kiosk_id=kiosk_id, slot=slot, sku=sku, quantity=quantity, count=count, seen_sku=seen
        )
        return record if is_refused else self._journal.append(record)
