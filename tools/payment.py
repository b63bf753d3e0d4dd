"""Taking money: an amount and an idempotency key go to a terminal, its record of what it did comes back.

The terminal reads the card; no card number ever enters this program.
"""

import hashlib
from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

from tools.device_journal import DeviceJournal, DeviceRecord
from tools.errors import HardwareError
from tools.money import Money

Operation = Literal["authorise", "capture", "void", "refund", "expire"]


class PaymentRecord(DeviceRecord, frozen=True):
    """One operation of a terminal, or the expiry of an authorisation.

    `payment_id` is the authorisation that capture, void and refund refer to. What is not approved is refused for good.
    """

    operation: Operation
    approved: bool
    payment_id: str
    amount: Money


class PaymentTerminal(Protocol):
    """A card terminal. The same key again gives the first answer again and has no second effect.

    Each operation raises HardwareError, OSError or TimeoutError when no answer came; what happened is then unknown.
    Asking again is always allowed, and of an authorisation `lookup` and `abandon` tell. Being cancelled while waiting
    counts as no answer.
    """

    async def authorise(self, amount: Money, key: str) -> PaymentRecord:
        """Set the amount aside on the customer's card."""
        ...

    async def capture(self, payment_id: str, amount: Money, key: str) -> PaymentRecord:
        """Take at most what was authorised; the rest is let go."""
        ...

    async def void(self, payment_id: str, key: str) -> PaymentRecord:
        """Let go of an authorisation of which nothing was captured; approved too when it is gone already."""
        ...

    async def refund(self, payment_id: str, key: str) -> PaymentRecord:
        """Give back what was captured."""
        ...

    async def lookup(self, key: str) -> PaymentRecord | None:
        """What was authorised or declined under a key; None when nothing was."""
        ...

    async def abandon(self, key: str) -> PaymentRecord | None:
        """What `lookup` says; None promises that an authorisation under this key is refused from now on."""
        ...


class PaymentFault(StrEnum):
    """How the simulated terminal fails its next operation. Only authorisations and refunds can be declined.

    `expired` lets the authorisation lapse before it is captured or voided.
    """

    DECLINE = "decline"
    EXPIRED = "expired"
    TIMEOUT = "timeout"
    ANSWER_LOST = "answer lost"


class SimulatedTerminal:
    """A terminal that approves everything but what its script of faults says; it remembers what it charged."""

    def __init__(self, journal: Path | None = None) -> None:
        self._journal = DeviceJournal(PaymentRecord, journal)
        self._faults: deque[PaymentFault | None] = deque()

    def script(self, faults: Iterable[PaymentFault | None]) -> None:
        """Let the coming operations fail so, one each; None lets one pass."""
        self._faults.extend(faults)

    def clear_script(self) -> None:
        """Let everything pass again."""
        self._faults.clear()

    async def authorise(self, amount: Money, key: str) -> PaymentRecord:
        """Approve, unless scripted to decline."""
        return self._perform("authorise", f"pay-{hashlib.sha256(key.encode()).hexdigest()[:12]}", amount, key)

    async def capture(self, payment_id: str, amount: Money, key: str) -> PaymentRecord:
        """Take the amount; refused when more than authorised, or captured or voided before."""
        return self._perform("capture", payment_id, amount, key)

    async def void(self, payment_id: str, key: str) -> PaymentRecord:
        """Let go; refused when captured before, approved when it had lapsed or was let go before."""
        return self._perform("void", payment_id, self._amount("authorise", payment_id), key)

    async def refund(self, payment_id: str, key: str) -> PaymentRecord:
        """Give back the captured amount; refused when none was captured or it was given back before."""
        return self._perform("refund", payment_id, self._amount("capture", payment_id), key)

    async def lookup(self, key: str) -> PaymentRecord | None:
        """What was done under a key."""
        return self._journal[key]

    async def abandon(self, key: str) -> PaymentRecord | None:
        """What was done under a key; nothing will be if nothing was."""
        return self._journal.abandon(key)

    @property
    def records(self) -> tuple[PaymentRecord, ...]:
        """Every operation so far, in order."""
        return self._journal.records()

    def taken_minor(self, payment_id: str) -> int:
        """What was captured of a payment less what was refunded."""
        captured, refunded = self._done("capture", payment_id), self._done("refund", payment_id)
        return (captured.amount.amount_minor if captured else 0) - (refunded.amount.amount_minor if refunded else 0)

    def is_pending(self, payment_id: str) -> bool:
        """Whether money is still set aside: authorised, and neither captured nor voided nor lapsed."""
        return self._done("authorise", payment_id) is not None and not any(
            self._done(ending, payment_id) for ending in ("capture", "void", "expire")
        )

    def _perform(self, operation: Operation, payment_id: str, amount: Money, key: str) -> PaymentRecord:
        fault = self._faults.popleft() if self._faults else None
        if fault is PaymentFault.TIMEOUT:
            raise TimeoutError(f"the terminal did not answer to {operation}")
        with self._journal.exclusive():
            record = self._journal[key] or self._carry_out(operation, payment_id, amount, key, fault)
        if record.operation != operation:
            raise HardwareError(f"the key {key} was used to {record.operation}")
        if fault is PaymentFault.ANSWER_LOST:
            raise TimeoutError(f"the terminal's answer to {operation} was lost")
        return record

    def _carry_out(
        self, operation: Operation, payment_id: str, amount: Money, key: str, fault: PaymentFault | None
    ) -> PaymentRecord:
        if fault is PaymentFault.EXPIRED and operation in ("capture", "void") and self.is_pending(payment_id):
            self._journal.append(
                PaymentRecord(
                    key=f"{payment_id}/expire",
                    operation="expire",
                    approved=True,
                    payment_id=payment_id,
                    amount=self._amount("authorise", payment_id),
                )
            )
        is_refused = self._journal.is_abandoned(key)
        is_declined = fault is PaymentFault.DECLINE and operation in ("authorise", "refund")
        approved = not is_refused and not is_declined and self._allows(operation, payment_id, amount)
        record = PaymentRecord(key=key, operation=operation, approved=approved, payment_id=payment_id, amount=amount)
        return record if is_refused else self._journal.append(record)

    def _allows(self, operation: Operation, payment_id: str, amount: Money) -> bool:
        if operation == "authorise":
            return amount.amount_minor > 0
        if operation == "refund":
            return self.taken_minor(payment_id) > 0
        if operation == "void":
            return self._done("capture", payment_id) is None
        authorised = self._done("authorise", payment_id)
        return (
            self.is_pending(payment_id)
            and authorised is not None
            and amount.currency == authorised.amount.currency
            and amount.amount_minor <= authorised.amount.amount_minor
        )

    def _done(self, operation: str, payment_id: str) -> PaymentRecord | None:
        for record in self.records:
            if record.approved and record.operation == operation and record.payment_id == payment_id:
                return record
        return None

    def _amount(self, operation: str, payment_id: str) -> Money:
        record = self._done(operation, payment_id)
        if record is None:
            raise HardwareError(f"the terminal knows no payment {payment_id} to undo")
        return record.amount
