"""A simulated device as a process of its own: it listens on loopback and fails as it is told to.

What a device does itself (decline, jam, …) its simulation knows; what happens to its answers and its power is here.
"""

import asyncio
import logging
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from tools.device_journal import DeviceRecord
from tools.devices.wire import (
    MAX_LINE_BYTES,
    Abandon,
    Answer,
    Authorise,
    Call,
    Capture,
    Dispense,
    Lookup,
    Refund,
    Request,
    Script,
    Void,
)
from tools.dispenser import Dispensed, DispenseFault, SimulatedDispenser
from tools.errors import HardwareError
from tools.payment import PaymentFault, PaymentRecord, SimulatedTerminal

REQUEST_TIMEOUT_S = 10.0
SILENCE_S = 120.0
"""How long a twin that does not answer keeps the connection."""
PASS = "ok"  # noqa: S105  not a password
log = logging.getLogger(__name__)


class LinkFault(StrEnum):
    """What can happen to any device. `slow` comes before the effect, so that a kiosk may have given up by then."""

    SLOW = "slow"
    POWER_CUT_BEFORE = "power cut before"
    POWER_CUT_AFTER = "power cut after"


class TwinDevice(Protocol):
    """A simulated device as its server sees it."""

    def script(self, fault: str) -> None:
        """Let the next operation fail so; ValueError when this device cannot."""
        ...

    async def perform(self, request: Request) -> DeviceRecord | None:
        """Carry a request out; HardwareError when the device cannot, TimeoutError for an answer that never comes."""
        ...


class PaymentTwin:
    """A payment terminal over its journal."""

    def __init__(self, journal: Path) -> None:
        self._terminal = SimulatedTerminal(journal)

    def script(self, fault: str) -> None:
        """`decline`, `expired`, `timeout` or `answer lost`."""
        self._terminal.script([PaymentFault(fault)])

    async def perform(self, request: Request) -> PaymentRecord | None:
        """Authorise, capture, void, refund, look up or abandon."""
        match request:
            case Authorise(amount=amount, key=key):
                return await self._terminal.authorise(amount, key)
            case Capture(payment_id=payment_id, amount=amount, key=key):
                return await self._terminal.capture(payment_id, amount, key)
            case Void(payment_id=payment_id, key=key):
                return await self._terminal.void(payment_id, key)
            case Refund(payment_id=payment_id, key=key):
                return await self._terminal.refund(payment_id, key)
            case Lookup(key=key):
                return await self._terminal.lookup(key)
            case Abandon(key=key):
                return await self._terminal.abandon(key)
            case _:
                raise HardwareError(f"a payment terminal cannot {request.operation}")


class DispenserTwin:
    """A dispenser over its journal; `wrong_sku` is what comes out when the wrong item is scripted."""

    def __init__(self, journal: Path, wrong_sku: str = "") -> None:
        self._dispenser = SimulatedDispenser(journal)
        self._dispenser.wrong_sku = wrong_sku

    def script(self, fault: str) -> None:
        """`jam`, `jam on last`, `wrong item`, `timeout` or `answer lost`."""
        self._dispenser.script([DispenseFault(fault)])

    async def perform(self, request: Request) -> Dispensed | None:
        """Dispense, look up or abandon."""
        match request:
            case Dispense(kiosk_id=kiosk_id, slot=slot, sku=sku, quantity=quantity, key=key):
                return await self._dispenser.dispense(kiosk_id, slot, sku, quantity, key)
            case Lookup(key=key):
                return await self._dispenser.lookup(key)
            case Abandon(key=key):
                return await self._dispenser.abandon(key)
            case _:
                raise HardwareError(f"a dispenser cannot {request.operation}")


def lose_power() -> None:
    """End this process at once, as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


class TwinServer:
    """Serves one device. Faults meet operations in turn; looking up and abandoning always work."""

    def __init__(self, device: TwinDevice, slow_s: float = 3.0, lose_power: Callable[[], None] = lose_power) -> None:
        self._device = device
        self._slow_s = slow_s
        self._lose_power = lose_power
        self._faults: deque[str] = deque()

    def script(self, faults: Iterable[str]) -> None:
        """Let the coming operations fail so, one each; `ok` lets one pass."""
        self._faults.extend(faults)

    async def listen(self, port: int) -> asyncio.Server:
        """Listen on loopback, on a free port for 0; OSError when the port is taken."""
        return await asyncio.start_server(self._serve, "127.0.0.1", port, limit=MAX_LINE_BYTES)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request, at most one answer."""
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                line = await reader.readuntil(b"\n")
            answer = await self._answer(line)
            if answer is None:
                async with asyncio.timeout(SILENCE_S):
                    await reader.read()
            else:
                writer.write(answer.model_dump_json().encode() + b"\n")
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:
            log.info("a connection ended early: %s", error)
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Answer[DeviceRecord] | Answer[PaymentRecord] | Answer[Dispensed] | None:
        """What to send back; None for silence."""
        try:
            call = Call.model_validate_json(line)
        except ValidationError:
            return Answer[DeviceRecord](request_id="?", problem="this is no request")
        try:
            record = await self._perform(call.request)
        except TimeoutError as error:
            log.info("no answer to %s: %s", call.request.operation, error)
            return None
        except HardwareError as error:
            return Answer[DeviceRecord](request_id=call.request_id, problem=str(error))
        match record:
            case PaymentRecord():
                return Answer[PaymentRecord](request_id=call.request_id, record=record)
            case Dispensed():
                return Answer[Dispensed](request_id=call.request_id, record=record)
            case _:
                return Answer[DeviceRecord](request_id=call.request_id)

    async def _perform(self, request: Request) -> DeviceRecord | None:
        if isinstance(request, Script):
            self.script(request.faults)
            return None
        is_question = isinstance(request, Lookup | Abandon)
        fault = self._faults.popleft() if self._faults and not is_question else PASS
        if fault == LinkFault.POWER_CUT_BEFORE:
            self._lose_power()
        elif fault == LinkFault.SLOW:
            await asyncio.sleep(self._slow_s)
        elif fault not in (PASS, LinkFault.POWER_CUT_AFTER):
            self._script_device(fault)
        record = await self._device.perform(request)
        if fault == LinkFault.POWER_CUT_AFTER:
            self._lose_power()
        return record

    def _script_device(self, fault: str) -> None:
        try:
            self._device.script(fault)
        except ValueError as error:
            raise HardwareError(f"this device cannot fail by {fault!r}") from error
