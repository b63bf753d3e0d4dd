"""Devices in other processes: what they answer is checked, what they do survives them, how they fail is scripted."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tools.devices.link import DeviceLink, read_address
from tools.devices.remote_dispenser import RemoteDispenser
from tools.devices.remote_terminal import RemoteTerminal
from tools.devices.twin import DispenserTwin, LinkFault, PaymentTwin, TwinDevice, TwinServer
from tools.devices.wire import MAX_LINE_BYTES, Script
from tools.dispenser import DispenseFault
from tools.errors import HardwareError, OperatorError
from tools.money import Money
from tools.payment import PaymentFault, PaymentRecord

ROOT = Path(__file__).parents[2]
TEN = Money(amount_minor=1000, currency="USD")


@asynccontextmanager
async def twin(device: TwinDevice, *faults: str, slow_s: float = 0.0) -> AsyncIterator[str]:
    """A device's address."""

    def lose_power() -> None:
        raise ConnectionAbortedError

    served = TwinServer(device, slow_s, lose_power)
    served.script(faults)
    server = await served.listen(0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@asynccontextmanager
async def impostor(answer: Callable[[bytes], bytes]) -> AsyncIterator[str]:
    """Something that answers whatever it likes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(await reader.readline()))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_terminal_in_another_process_behaves_as_one_in_this(tmp_path: Path) -> None:
    async with twin(PaymentTwin(tmp_path / "j")) as address:
        terminal = RemoteTerminal(address, 5.0)
        paid = await terminal.authorise(TEN, "a")
        assert paid.approved
        assert await terminal.authorise(TEN, "a") == paid == await terminal.lookup("a") == await terminal.abandon("a")
        assert (await terminal.capture(paid.payment_id, TEN, "c")).approved
        assert not (await terminal.void(paid.payment_id, "v")).approved
        assert (await terminal.refund(paid.payment_id, "r")).approved
        assert await terminal.lookup("b") is await terminal.abandon("b") is None
        assert not (await terminal.authorise(TEN, "b")).approved
        with pytest.raises(HardwareError, match="knows no payment"):
            await terminal.void("nothing", "v2")


async def test_a_dispenser_in_another_process_behaves_as_one_in_this(tmp_path: Path) -> None:
    device = DispenserTwin(tmp_path / "j", wrong_sku="B")
    async with twin(device, DispenseFault.JAM_ON_LAST, DispenseFault.WRONG_ITEM) as address:
        dispenser = RemoteDispenser(address, 5.0)
        assert (await dispenser.dispense("K1", "S", "A", 3, "a")).count == 2
        assert (await dispenser.dispense("K1", "S", "A", 1, "b")).came_out == "B"
        assert await dispenser.abandon("c") is None
        assert (await dispenser.dispense("K1", "S", "A", 1, "c")).count == 0
        with pytest.raises(HardwareError, match="cannot authorise"):
            await RemoteTerminal(address, 5.0).authorise(TEN, "d")


@pytest.mark.parametrize(
    ("fault", "took_effect"),
    [
        (PaymentFault.TIMEOUT, False),
        (PaymentFault.ANSWER_LOST, True),
        (LinkFault.POWER_CUT_BEFORE, False),
        (LinkFault.POWER_CUT_AFTER, True),
        (LinkFault.SLOW, True),
    ],
)
async def test_no_answer_is_a_hardware_error(tmp_path: Path, fault: str, took_effect: bool) -> None:
    device = PaymentTwin(tmp_path / "j")
    async with twin(device, slow_s=0.6) as address:
        link = DeviceLink("the terminal", address, PaymentRecord, 0.3)
        await link.ask(Script(faults=("ok", fault, "decline", "jam")))
        terminal = RemoteTerminal(address, 0.3)
        assert (await terminal.authorise(TEN, "a")).approved
        with pytest.raises(HardwareError):
            await terminal.authorise(TEN, "b")
        await asyncio.sleep(0.6 if fault == LinkFault.SLOW else 0)
        assert (await terminal.lookup("b") is not None) == took_effect
        assert not (await terminal.authorise(TEN, "c")).approved
        with pytest.raises(HardwareError, match="cannot fail by 'jam'"):
            await terminal.authorise(TEN, "d")


async def test_a_slow_authorisation_that_was_abandoned_meanwhile_is_refused(tmp_path: Path) -> None:
    async with twin(PaymentTwin(tmp_path / "j"), LinkFault.SLOW, slow_s=0.3) as address:
        terminal = RemoteTerminal(address, 5.0)
        late = asyncio.create_task(terminal.authorise(TEN, "a"))
        await asyncio.sleep(0.1)
        assert await terminal.abandon("a") is None
        assert not (await late).approved


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda _: b"\x00nonsense\n", "makes no sense"),
        (lambda _: b"[" * 10_000 + b"\n", "makes no sense"),
        (lambda _: b"x" * (MAX_LINE_BYTES + 10) + b"\n", "more than"),
        (lambda _: b'{"request_id": "another", "record": null}\n', "another request"),
        (lambda _: b"", "no answer"),
        (lambda _: b'{"request_id": ', "no answer"),
        (lambda line: b'{"request_id": "%s"}\n' % id_of(line), "answered with nothing"),
        (lambda line: record_of(line, key="other"), "record of other"),
        (lambda line: record_of(line, operation="refund"), "record of a"),
        (lambda line: record_of(line, approved="perhaps"), "makes no sense"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_not_believed(answer: Callable[[bytes], bytes], problem: str) -> None:
    async with impostor(answer) as address:
        with pytest.raises(HardwareError, match=problem):
            await RemoteTerminal(address, 5.0).authorise(TEN, "a")


def id_of(line: bytes) -> bytes:
    return line.split(b'"request_id":"')[1].split(b'"')[0]


def record_of(line: bytes, key: str = "a", operation: str = "authorise", approved: str = "true") -> bytes:
    record = f'"key": "{key}", "operation": "{operation}", "approved": "{approved}", "payment_id": "p"'
    record += ', "amount": {"amount_minor": 1000, "currency": "USD"}'
    return b'{"request_id": "%s", "record": {%s}}\n' % (id_of(line), record.encode())


async def test_more_pieces_than_asked_for_are_not_believed() -> None:
    record = b'"key": "a", "kiosk_id": "K1", "slot": "S", "sku": "A", "quantity": 1, "count": 7'
    async with impostor(lambda line: b'{"request_id": "%s", "record": {%s}}\n' % (id_of(line), record)) as address:
        with pytest.raises(HardwareError, match="asked to dispense"):
            await RemoteDispenser(address, 5.0).dispense("K1", "S", "A", 1, "a")


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"request_id": "1", "request": {"operation": "rob"}}\n'])
async def test_a_twin_says_what_it_does_not_understand(tmp_path: Path, line: bytes) -> None:
    async with twin(PaymentTwin(tmp_path / "j")) as address:
        reader, writer = await asyncio.open_connection(*read_address(address))
        writer.write(line)
        assert b"this is no request" in await reader.readline()
        writer.close()


async def test_a_twin_hangs_up_on_a_line_without_end(tmp_path: Path) -> None:
    async with twin(PaymentTwin(tmp_path / "j")) as address:
        reader, writer = await asyncio.open_connection(*read_address(address))
        writer.write(b"x" * (2 * MAX_LINE_BYTES))
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()


async def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(HardwareError, match=r"the dispenser at 127\.0\.0\.1:1 gave no answer"):
        await RemoteDispenser("127.0.0.1:1").lookup("a")
    for address in ("nowhere", "host:", ":7", "host:0", "host:99999", "host:1e3"):
        with pytest.raises(OperatorError, match="is not the address of a device"):
            read_address(address)


async def test_the_twin_command_loses_its_power_and_remembers(tmp_path: Path) -> None:
    journal = str(tmp_path / "j")
    command = [sys.executable, "-m", "server.cli", "twin", "payment", "--journal", journal]
    process = started([*command, "--fault", "power cut after"])
    with pytest.raises(HardwareError):
        await RemoteTerminal(address_of(process), 20.0).authorise(TEN, "a")
    assert process.wait(20) == -9
    process = started(command)
    try:
        assert (await RemoteTerminal(address_of(process), 20.0).authorise(TEN, "a")).approved
    finally:
        process.kill()
        process.wait()


def started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    with process.stdout as output:
        return output.readline().strip().removeprefix("listening on ")
