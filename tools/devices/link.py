"""Asking a device in another process: a request goes out on a connection of its own, a checked answer comes back."""

import asyncio
from typing import Generic, TypeVar
from uuid import uuid4

from pydantic import ValidationError

from tools.device_journal import DeviceRecord
from tools.devices.wire import MAX_LINE_BYTES, Abandon, Answer, Call, Lookup, Request
from tools.errors import HardwareError, OperatorError

Record = TypeVar("Record", bound=DeviceRecord)

ANSWER_TIMEOUT_S = 80.0
"""A customer needs time to find a card; the checkout itself waits a little longer."""


class DeviceLink(Generic[Record]):
    """A device at `host:port`. A new connection for each request: an answer that comes late finds nobody."""

    def __init__(self, name: str, address: str, kind: type[Record], timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._name = name
        self._host, self._port = read_address(address)
        self._answer = Answer[kind]
        self._timeout_s = timeout_s

    async def ask(self, request: Request) -> Record | None:
        """The device's record; HardwareError when none comes in time or when what comes is no answer to this."""
        call = Call(request_id=uuid4().hex, request=request)
        try:
            async with asyncio.timeout(self._timeout_s):
                line = await self._exchange(call.model_dump_json().encode() + b"\n")
        except TimeoutError as error:
            raise HardwareError(f"{self._place} did not answer within {self._timeout_s:g} s") from error
        except asyncio.LimitOverrunError as error:
            raise HardwareError(f"{self._place} answered with more than {MAX_LINE_BYTES} bytes") from error
        except (OSError, EOFError) as error:
            raise HardwareError(f"{self._place} gave no answer: {error}") from error
        try:
            answer = self._answer.model_validate_json(line)
        except ValidationError as error:
            raise HardwareError(f"{self._place} gave an answer that makes no sense") from error
        if answer.request_id != call.request_id:
            raise HardwareError(f"{self._place} answered another request")
        if answer.problem:
            raise HardwareError(f"{self._place}: {answer.problem[:200]}")
        return answer.record

    async def recall(self, request: Lookup | Abandon) -> Record | None:
        """What the device did under the request's key, if anything."""
        record = await self.ask(request)
        if record is not None and record.key != request.key:
            raise self.misfit(record, request)
        return record

    def misfit(self, record: DeviceRecord | None, request: Request) -> HardwareError:
        """The error for a record that is not of what was asked."""
        found = "nothing" if record is None else f"a record of {record.key[:100]}"
        return HardwareError(f"{self._place} was asked to {request.operation} and answered with {found}")

    @property
    def _place(self) -> str:
        return f"{self._name} at {self._host}:{self._port}"

    async def _exchange(self, line: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=MAX_LINE_BYTES)
        try:
            writer.write(line)
            await writer.drain()
            return await reader.readuntil(b"\n")
        finally:
            writer.close()


def read_address(text: str) -> tuple[str, int]:
    """Host and port of `host:port`; OperatorError when it is not that."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise OperatorError(f"{text!r} is not the address of a device; write host:port, such as 127.0.0.1:7001")
    return host, int(port)
