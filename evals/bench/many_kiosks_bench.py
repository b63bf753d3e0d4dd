"""Many kiosks shop at two servers of one PostgreSQL store while a server is killed again and again: what came of it.

Servers are processes with a scripted model that thinks as long as a real one; terminal and dispenser are devices of
their own. What customers were told is held against the ledger, the stock and the devices. A customer hears an answer
out, thinks and speaks. A turn's overhead is its time at the client less the model's and the devices'. With
`--kill-every-s 0` nothing is killed: then memory and processor time show whether they grow.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import URL, Engine
from sqlmodel import Session, col, select, update

from agent.settings import DEMO_STORE, Settings
from evals.bench.checkout_bench import postgresql
from evals.bench.figures import median, p95
from evals.bench.scripted_server import model_delay_s
from server.realtime.talks import LEASE_MARGIN_S, RENEW_EVERY_S
from server.server_settings import ServerSettings
from tools.database import KeptSession, LedgerEntry, Order, OrderLine, Stock
from tools.device_journal import DeviceRecord
from tools.devices.twin import DispenserTwin, PaymentTwin, TwinDevice, TwinServer
from tools.devices.wire import Request, Script
from tools.store_files import read_store
from tools.store_import import create_store, open_store

_DIALOGUE = ("show me hats", "show me umbrellas", "the first one", "I'll take it", "yes")
_ON_HAND = 1_000_000
_PATIENCE_S = 60.0
_PAUSE_SHARES = (0.4, 1.6)
"""From the shortest to the longest pause, by the mean."""
_NICE = ("nice", "-n", "10")
"""How a server is begun, as by the systemd unit: it takes another niceness once it is ready."""
_ARRIVE_S = 60.0
"""The first customers come one after the other, so that they do not all speak at once."""
_HEARD_PER_S = 10.0
"""Characters of an answer that Kokoro speaks in a second."""
_START_S = 300.0
_RETRY_S = 0.3
_BROKEN = (OSError, TimeoutError, websockets.ConnectionClosed, websockets.InvalidHandshake, websockets.InvalidMessage)


@dataclass
class Tally:
    """What the customers saw."""

    sold: dict[str, str] = field(default_factory=dict)
    """The order that a session was told to have bought."""
    overheads_ms: list[float] = field(default_factory=list)
    """Of turns whose connection held."""
    resumed_turns_s: list[float] = field(default_factory=list)
    """Of turns whose connection broke, from the question to the answer's end."""
    counts: Counter[str] = field(default_factory=Counter)
    devices_ms: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """What the devices took for an order."""


class TimedDevice:
    """A device, and how long it takes for each order, by whose id its requests' keys begin."""

    def __init__(self, device: TwinDevice, took_ms: defaultdict[str, float]) -> None:
        self._device, self._took_ms = device, took_ms

    def script(self, fault: str) -> None:
        """See TwinDevice."""
        self._device.script(fault)

    async def perform(self, request: Request) -> DeviceRecord | None:
        """See TwinDevice."""
        began_s = time.monotonic()
        try:
            return await self._device.perform(request)
        finally:
            if not isinstance(request, Script):
                self._took_ms[request.key.partition("/")[0]] += (time.monotonic() - began_s) * 1000


class ServerProcess:
    """A server, always at one port."""

    def __init__(self, environment: dict[str, str], longest_s: float) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._environment, self._longest_s = environment, longest_s
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it serves."""
        program = (sys.executable, "-m", "evals.bench.scripted_server", str(self.port), str(self._longest_s))
        self.process = await asyncio.create_subprocess_exec(
            *_NICE, *program, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(_START_S):
            await self.process.stdout.readline()
        if os.getpriority(os.PRIO_PROCESS, self.process.pid) > os.getpriority(os.PRIO_PROCESS, 0):
            print("a server may not take its niceness (RLIMIT_NICE) and stays slower than it is", file=sys.stderr)

    async def end(self, how: signal.Signals) -> None:
        """End it so, and wait until it is gone."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(how)
            await self.process.wait()

    def used(self) -> tuple[float, float] | None:
        """MiB of memory and seconds of processor time; None while it is down."""
        if self.process is None or self.process.returncode is not None:
            return None
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        ticks = os.sysconf("SC_CLK_TCK")
        return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024, (int(fields[11]) + int(fields[12])) / ticks


class Kiosk:
    """One kiosk's customers, one after the other; each says yes once."""

    def __init__(self, number: int, servers: Sequence[ServerProcess], asked: argparse.Namespace, tally: Tally) -> None:
        self._ports = itertools.cycle([server.port for server in (*servers[number % 2 :], *servers[: number % 2])])
        self._kiosk_id, self._longest_s, self._tally = f"K{number % 2 + 1}", asked.model_s, tally
        self._pauses_s = [share * asked.pause_s for share in _PAUSE_SHARES]
        self._heard_per_s = asked.heard_per_s
        self._heard = 0
        """Characters of the last answer."""
        self._random = random.Random(number)
        self._ids = itertools.count()
        self._socket: websockets.ClientConnection | None = None
        self._session: dict[str, Any] = {}
        self._after = ""
        self._bought = ""
        """The order of this turn."""

    async def shop(self, until_s: float) -> None:
        """Send in customers until it is time to close."""
        await asyncio.sleep(self._random.uniform(0, min(_ARRIVE_S, (until_s - time.monotonic()) / 4)))
        while time.monotonic() < until_s:
            self._session, self._after = {}, ""
            try:
                await self._connect(until_s + _PATIENCE_S)
                for words in _DIALOGUE:
                    await self._say(words, until_s + _PATIENCE_S)
                    hears_s = self._heard / self._heard_per_s if self._heard_per_s else 0.0
                    await asyncio.sleep(hears_s + self._random.uniform(*self._pauses_s))
                await self._leave()
                self._tally.counts["customers served"] += 1
            except _LostSession:
                self._tally.counts["sessions lost"] += 1
            except TimeoutError:
                self._tally.counts["customers who gave up"] += 1
        if self._socket is not None:
            await self._socket.close()

    async def _connect(self, until_s: float) -> None:
        """A new session, or the one that there is, at whichever server answers."""
        if self._socket is not None:
            await self._socket.close()
        while time.monotonic() < until_s:
            query = f"after={self._after}" if self._session else f"kiosk={self._kiosk_id}"
            names = ["realtime", *([f"walkiosk-resume.{self._session['resume_token']}"] if self._session else [])]
            url = f"ws://127.0.0.1:{next(self._ports)}/v1/realtime?{query}"
            with suppress(*_BROKEN):
                self._socket = await websockets.connect(
                    url, subprotocols=[websockets.Subprotocol(name) for name in names], compression=None
                )
                wanted = "kiosk.resumed" if self._session else "kiosk.session"
                while (event := await self._next())["type"] != wanted:
                    self._note(event)
                if not self._session:
                    self._session = event
                    self._tally.counts["sessions"] += 1
                return
            await asyncio.sleep(_RETRY_S)
        raise TimeoutError

    async def _next(self) -> dict[str, Any]:
        assert self._socket is not None
        async with asyncio.timeout(_PATIENCE_S):
            event = json.loads(await self._socket.recv())
        if event["type"] == "error" and event["error"]["code"] == "cannot_resume":
            raise _LostSession
        self._after = event["event_id"]
        return event

    def _note(self, event: dict[str, Any]) -> None:
        if event["type"] == "kiosk.checkout" and event["stage"] == "closed":
            self._tally.sold[self._session["session_id"]] = self._bought = event["order_id"]
        if event["type"] == "response.output_text.delta":
            self._heard += len(event["delta"])

    async def _say(self, words: str, until_s: float) -> None:
        """One turn; what a broken connection left unanswered is sent again with the same id."""
        item = {"id": f"typed_{next(self._ids)}", "type": "message", "role": "user"}
        item["content"] = [{"type": "input_text", "text": words}]  # type: ignore[assignment]
        began_s, is_broken, self._heard, self._bought = time.monotonic(), False, 0, ""
        while True:
            try:
                thought_ms = await self._ask(item, words)
                break
            except _BROKEN:
                self._tally.counts["turns broken"] += not is_broken
                is_broken = True
                await self._connect(until_s)
                self._tally.counts["resumed"] += 1
        took_s = time.monotonic() - began_s
        if is_broken:
            self._tally.resumed_turns_s.append(took_s)
        else:
            self._tally.overheads_ms.append(took_s * 1000 - thought_ms - self._tally.devices_ms[self._bought])

    async def _ask(self, item: dict[str, Any], words: str) -> float:
        """Send a turn and read its answer; the ms that the model thought."""
        assert self._socket is not None
        await self._socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        asked = f"ask_{next(self._ids)}"
        await self._socket.send(json.dumps({"type": "response.create", "event_id": asked}))
        while True:
            event = await self._next()
            self._note(event)
            error = event["error"] if event["type"] == "error" else {}
            is_answered = error.get("event_id") == asked and error["code"] == "nothing_to_answer"
            if event["type"] == "response.done" and event["response"]["status"] != "completed":
                self._tally.counts["turns failed"] += 1
            if event["type"] == "kiosk.latency" or is_answered:
                delay_ms = model_delay_s(words, self._longest_s) * 1000
                return delay_ms if event.get("stages_ms", {}).get("understand", 0.0) >= delay_ms else 0.0

    async def _leave(self) -> None:
        assert self._socket is not None
        with suppress(*_BROKEN):
            await self._socket.send(json.dumps({"type": "kiosk.session.end"}))
            while (await self._next())["type"] != "kiosk.session_ended":
                pass


class _LostSession(Exception):
    """No server knows the session any more."""


@dataclass
class Sample:
    """A server at one moment."""

    minute: float
    server: int
    memory_mib: float
    processor_s: float


async def kill_and_restart(servers: Sequence[ServerProcess], every_s: float, tally: Tally) -> None:
    """Kill one server after the other, each as a power cut would, and start it again."""
    for server in itertools.cycle(servers):
        await asyncio.sleep(every_s)
        await server.end(signal.SIGKILL)
        tally.counts["servers killed"] += 1
        await server.start()


async def watch(servers: Sequence[ServerProcess], every_s: float, samples: list[Sample]) -> None:
    """Note what servers use."""
    began_s = time.monotonic()
    while True:
        for number, server in enumerate(servers):
            if (used := server.used()) is not None:
                samples.append(Sample((time.monotonic() - began_s) / 60, number, *used))
        await asyncio.sleep(every_s)


def stocked_store(database: URL) -> None:
    """The demo shop with enough of everything."""
    create_store(database, read_store(DEMO_STORE))
    engine = open_store(database)
    with Session(engine) as session:
        session.connection().execute(update(Stock).values(on_hand=_ON_HAND, reserved=0))
        session.commit()
    engine.dispose()


async def shopping(database: URL, folder: Path, asked: argparse.Namespace) -> tuple[Tally, list[Sample]]:
    """Let everyone shop; what they saw, and what the servers used."""
    home, cache = folder / "home", Settings().cache_dir
    home.mkdir()
    cache.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(cache, target_is_directory=True)  # what is there already need not be made again
    environment = {**os.environ, "WALKIOSK_HOME": str(home), "WALKIOSK_SERVE_MAX_SESSIONS": "1000"}
    environment["WALKIOSK_SERVE_NICE"] = "0"
    environment["WALKIOSK_DATABASE_URL"] = database.render_as_string(hide_password=False)
    tally, samples = Tally(), list[Sample]()
    for name, twin in (
        ("TERMINAL", PaymentTwin(folder / "payments")),
        ("DISPENSER", DispenserTwin(folder / "drops")),
    ):
        listening = await TwinServer(TimedDevice(twin, tally.devices_ms)).listen(0)
        environment[f"WALKIOSK_{name}"] = "{}:{}".format(*listening.sockets[0].getsockname()[:2])
    servers = [ServerProcess(environment, asked.model_s) for _ in range(2)]
    await asyncio.gather(*(server.start() for server in servers))
    until_s = time.monotonic() + asked.minutes * 60
    beside = [asyncio.create_task(watch(servers, 15.0, samples))]
    if asked.kill_every_s:
        beside.append(asyncio.create_task(kill_and_restart(servers, asked.kill_every_s, tally)))
    kiosks = [Kiosk(number, servers, asked, tally) for number in range(asked.kiosks)]
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            beside.append(asyncio.create_task(_tell(progress, asked.minutes * 60)))
            await asyncio.gather(*(kiosk.shop(until_s) for kiosk in kiosks))
        _cancel(beside)
        await _until_all_forgotten(database)
    finally:
        _cancel(beside)
        await asyncio.gather(*beside, return_exceptions=True)
        for server in servers:
            await server.end(signal.SIGTERM)
    return tally, samples


def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


async def _until_all_forgotten(database: URL) -> None:
    """Leave the servers the time to end what a killed one left of customers who were just going."""
    until_s = time.monotonic() + ServerSettings().resume_s + LEASE_MARGIN_S + 2 * RENEW_EVERY_S
    engine = open_store(database)
    while time.monotonic() < until_s and await asyncio.to_thread(_kept, engine):  # noqa: ASYNC110  nobody tells of it
        await asyncio.sleep(1.0)
    engine.dispose()


def _kept(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.exec(select(KeptSession.session_id)).all())


async def _tell(progress: Progress, whole_s: float) -> None:
    for _ in progress.track(range(round(whole_s)), description="shopping"):
        await asyncio.sleep(1.0)


def verdicts(database: URL, folder: Path, tally: Tally) -> Iterator[tuple[str, str]]:
    """What customers were told, held against the ledger, the stock and the devices."""
    engine = open_store(database)
    with Session(engine) as session:
        orders = session.exec(select(Order)).all()
        closed = [order for order in orders if order.state == "closed"]
        dispensed = sum(line.dispensed for line in session.exec(select(OrderLine)).all())
        stock = session.exec(select(Stock)).all()
        captures = len(session.exec(select(LedgerEntry).where(col(LedgerEntry.event) == "captured")).all())
    kept = _kept(engine)
    engine.dispose()
    by_session = Counter(f"sess_{order.session_id}" for order in closed)
    known = {order.order_id for order in closed}
    paid = [json.loads(line) for line in (folder / "payments").read_text().splitlines()]
    taken = {record["payment_id"] for record in paid if record["operation"] == "capture"}
    yield "sales told to customers", str(len(tally.sold))
    yield "sales in the ledger", f"{len(closed)} closed, {captures} captured"
    yield "lost (told, not in the ledger)", str(len(set(tally.sold.values()) - known))
    yield "double (two in one session)", str(sum(count > 1 for count in by_session.values()))
    yield "sold unheard (the customer had gone)", str(len(known - set(tally.sold.values())))
    yield "payments taken by the terminal", str(len(taken))
    yield "pieces gone from stock / dispensed", f"{sum(_ON_HAND - row.on_hand for row in stock)} / {dispensed}"
    yield "still reserved", str(sum(row.reserved for row in stock))
    yield "orders in other states", str(dict(Counter(order.state for order in orders if order.state != "closed")))
    yield "sessions still kept when their leases were over", str(kept)
    for name in ("sessions", "customers served", "servers killed", "turns broken", "resumed", "sessions lost"):
        yield name, str(tally.counts[name])
    yield (
        "turns failed / customers who gave up",
        f"{tally.counts['turns failed']} / {tally.counts['customers who gave up']}",
    )
    if tally.overheads_ms:
        times = tally.overheads_ms
        yield "turn overhead p50 / p95", f"{median(times):.0f} / {p95(times):.0f} ms ({len(times)} turns)"
    if tally.resumed_turns_s:
        times = tally.resumed_turns_s
        yield "turns that broke, to their end p50 / p95", f"{median(times):.1f} / {p95(times):.1f} s"


def usage(samples: Sequence[Sample], kiosks: int) -> Table:
    """Memory and processor time of the servers, minute by minute."""
    table = Table(
        "minute", "server", "memory MiB", "a kiosk of its half, MiB", "processor s", title="What servers used"
    )
    for minute in range(int(max(sample.minute for sample in samples)) + 1):
        for server in (0, 1):
            within = [each for each in samples if each.server == server and minute <= each.minute < minute + 1]
            if within:
                memory = max(each.memory_mib for each in within)
                spent = (later.processor_s - sooner.processor_s for sooner, later in itertools.pairwise(within))
                used = sum(more for more in spent if more > 0)  # a new process begins at 0
                table.add_row(str(minute), str(server), f"{memory:.0f}", f"{memory / (kiosks / 2):.1f}", f"{used:.1f}")
    return table


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kiosks", type=int, default=20, help="how many shop at once")
    parser.add_argument("--minutes", type=float, default=2.0, help="for how long")
    parser.add_argument("--kill-every-s", type=float, default=60.0, help="how often a server is killed; 0 for never")
    parser.add_argument("--pause-s", type=float, default=4.0, help="how long a customer thinks and speaks")
    parser.add_argument(
        "--heard-per-s", type=float, default=_HEARD_PER_S, help="characters of an answer heard in a second; 0 for none"
    )
    parser.add_argument("--model-s", type=float, default=1.5, help="how long the model thinks at most")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, postgresql() as database:
        if database is None:
            print("skipped: the package of a PostgreSQL server is not installed")
            return
        folder = Path(name)
        stocked_store(database)
        tally, samples = asyncio.run(shopping(database, folder, asked))
        table = Table("what", "figure", title=f"{asked.kiosks} kiosks, {asked.minutes:g} minutes, two servers")
        for row in verdicts(database, folder, tally):
            table.add_row(*row)
        Console(width=110).print(table)
        Console(width=110).print(usage(samples, asked.kiosks))


if __name__ == "__main__":
    main()
