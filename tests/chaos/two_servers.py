"""Two servers of one shop as real processes, its database and its devices, for tests that stop or kill them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL
from sqlmodel import Session, select
from twin_process import free_port

from agent.settings import Settings
from tests.server.realtime_server import Client, Served
from tools.database import Order, Stock, open_database
from tools.devices.twin import DispenserTwin, PaymentTwin, TwinServer
from tools.devices.wire import Authorise, Request
from tools.payment import PaymentRecord

START_S, PATIENCE_S = 400, 60


class WatchedTerminal(PaymentTwin):
    """A terminal at which a customer takes their time to pay."""

    def __init__(self, journal: Path) -> None:
        super().__init__(journal)
        self.is_asked, self.may_pay = asyncio.Event(), asyncio.Event()
        self.authorised: list[PaymentRecord] = []

    async def perform(self, request: Request) -> PaymentRecord | None:
        if not isinstance(request, Authorise):
            return await super().perform(request)
        self.is_asked.set()
        await self.may_pay.wait()
        record = await super().perform(request)
        assert record is not None
        self.authorised.append(record)
        return record


class ServerProcess:
    """One server, always at the same port."""

    def __init__(self, environment: dict[str, str], is_spoken: bool) -> None:
        self._environment, self.port = environment, free_port()
        self._options = ("spoken",) if is_spoken else ()
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        program = (sys.executable, "-m", "evals.bench.scripted_server", str(self.port), "0.2", *self._options)
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*program, env=self._environment, stdout=pipe)
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            while b"serving" not in (line := await self.process.stdout.readline()):
                assert line, "the server ended"

    async def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(how)
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    @asynccontextmanager
    async def client(self, session: dict[str, Any] | None = None, after: str = "") -> AsyncIterator[Client]:
        protocols = [f"walkiosk-resume.{session['resume_token']}"] if session else []
        query = f"after={after}" if session else "kiosk=K1"
        async with Served(self.port, None).client(query, protocols=protocols) as client:  # type: ignore[arg-type]
            yield client


class TwoServers:
    """A shop's database, its devices, and two servers."""

    def __init__(self, database: URL, home: Path, folder: Path) -> None:
        self.database = database
        self._environment = {**os.environ, "WALKIOSK_HOME": str(home), "WALKIOSK_HOLD_S": "600"}
        self._environment["WALKIOSK_MODELS_DIR"] = str(Settings().models_dir)
        self._environment["WALKIOSK_DATABASE_URL"] = database.render_as_string(hide_password=False)
        self.terminal = WatchedTerminal(folder / "payments.jsonl")
        self._dispenser = DispenserTwin(folder / "drops.jsonl")
        self.drops = folder / "drops.jsonl"

    async def open(self, is_spoken: bool = False) -> None:
        for name, twin in (("TERMINAL", self.terminal), ("DISPENSER", self._dispenser)):
            server = await TwinServer(twin).listen(0)
            host, port = server.sockets[0].getsockname()[:2]
            self._environment[f"WALKIOSK_{name}"] = f"{host}:{port}"
        self.first, self.second = (ServerProcess(self._environment, is_spoken) for _ in range(2))
        await asyncio.gather(self.first.start(), self.second.start())

    async def close(self) -> None:
        for server in (self.first, self.second):
            if server.process is not None:
                await server.end(signal.SIGKILL)

    async def hold_umbrella(self, client: Client) -> dict[str, Any]:
        """A customer comes as far as being asked to pay, says yes, and has the card in their hand; the session."""
        self.terminal.is_asked.clear()
        self.terminal.may_pay.clear()
        session = await client.until("kiosk.session")
        for words in ("show me umbrellas", "the first one", "I'll take it"):
            await client.say(words)
        content = [{"type": "input_text", "text": "yes"}]
        await client.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
        await client.send("response.create")
        async with asyncio.timeout(PATIENCE_S):
            await self.terminal.is_asked.wait()
        return session

    def sold(self) -> list[str]:
        """The states of all orders; the stock and the devices say the same."""
        engine = open_database(self.database)
        with Session(engine) as session:
            orders = session.exec(select(Order)).all()
            assert sum(stock.reserved for stock in session.exec(select(Stock)).all()) == 0
        engine.dispose()
        assert len(self.drops.read_text().splitlines()) == len(orders)
        assert len({record.payment_id for record in self.terminal.authorised}) == len(orders)
        assert sorted(order.payment_id for order in orders) == sorted({r.payment_id for r in self.terminal.authorised})
        return [order.state for order in orders]
