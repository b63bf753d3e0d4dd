"""A dispenser in another process, behind the Dispenser protocol."""

from tools.devices.link import ANSWER_TIMEOUT_S, DeviceLink
from tools.devices.wire import Abandon, Dispense, Lookup
from tools.dispenser import Dispensed


class RemoteDispenser:
    """Asks the machine at `host:port`; HardwareError for every answer that cannot be believed."""

    def __init__(self, address: str, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._link = DeviceLink("the dispenser", address, Dispensed, timeout_s)

    async def dispense(self, kiosk_id: str, slot: str, sku: str, quantity: int, key: str) -> Dispensed:
        """Drop `quantity` pieces out of a slot, or as many as come."""
        request = Dispense(kiosk_id=kiosk_id, slot=slot, sku=sku, quantity=quantity, key=key)
        record = await self._link.ask(request)
        if record is None or record.key != key or not 0 <= record.count <= quantity:
            raise self._link.misfit(record, request)
        return record

    async def lookup(self, key: str) -> Dispensed | None:
        """What was dropped under a key."""
        return await self._link.recall(Lookup(key=key))

    async def abandon(self, key: str) -> Dispensed | None:
        """The same; None promises that it stays so."""
        return await self._link.recall(Abandon(key=key))
