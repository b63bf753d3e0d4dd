"""A payment terminal in another process, behind the PaymentTerminal protocol."""

from tools.devices.link import ANSWER_TIMEOUT_S, DeviceLink
from tools.devices.wire import Abandon, Authorise, Capture, Lookup, Refund, Void
from tools.money import Money
from tools.payment import PaymentRecord


class RemoteTerminal:
    """Asks the terminal at `host:port`; HardwareError for every answer that cannot be believed."""

    def __init__(self, address: str, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._link = DeviceLink("the payment terminal", address, PaymentRecord, timeout_s)

    async def authorise(self, amount: Money, key: str) -> PaymentRecord:
        """Set the amount aside on the customer's card."""
        return await self._done(Authorise(amount=amount, key=key))

    async def capture(self, payment_id: str, amount: Money, key: str) -> PaymentRecord:
        """Take at most what was authorised."""
        return await self._done(Capture(payment_id=payment_id, amount=amount, key=key), payment_id)

    async def void(self, payment_id: str, key: str) -> PaymentRecord:
        """Let go of an authorisation."""
        return await self._done(Void(payment_id=payment_id, key=key), payment_id)

    async def refund(self, payment_id: str, key: str) -> PaymentRecord:
        """Give back what was captured."""
        return await self._done(Refund(payment_id=payment_id, key=key), payment_id)

    async def lookup(self, key: str) -> PaymentRecord | None:
        """What was authorised or declined under a key."""
        return await self._link.recall(Lookup(key=key))

    async def abandon(self, key: str) -> PaymentRecord | None:
        """The same; None promises that it stays so."""
        return await self._link.recall(Abandon(key=key))

    async def _done(self, request: Authorise | Capture | Void | Refund, payment_id: str | None = None) -> PaymentRecord:
        record = await self._link.ask(request)
        if record is None or (record.key, record.operation) != (request.key, request.operation):
            raise self._link.misfit(record, request)
        if payment_id not in (None, record.payment_id):
            raise self._link.misfit(record, request)
        return record
