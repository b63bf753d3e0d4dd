"""A real server on loopback for tests, over whatever kiosk a test has, and a client that checks all it is sent."""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from agent.observation import Observe, unobserved
from agent.state import AgeCheck, SentenceReady, SessionMemory, ToolCallRecord, TurnEvent, TurnFinished
from server.kiosk_tokens import KioskTokens
from server.realtime.app import Service
from server.realtime.roles import TalkKiosk
from server.realtime.talks import Talks
from server.realtime.voice import Voice
from server.server_settings import ServerSettings
from server.serving import make_server
from server.staff_page import Staff
from tests.server.small_kiosk import CUSTOMERS, KIOSKS, full_report
from tools.audio import Samples
from tools.errors import ModelServerError, OperatorError
from tools.session_claim import SessionClaim
from tools.staff import PinRefused

OFFICIAL: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
PATIENCE_S = 20.0


class SmallTalkSession:
    """Says what it heard in two sentences; some words make it fail, dawdle, ask for staff or say goodbye."""

    def __init__(self, kiosk: "SmallTalkKiosk", kiosk_id: str, customer_id: str | None, language: str) -> None:
        self._kiosk = kiosk
        self.session_id = self.turn_id = f"{len(kiosk.sessions):032x}"
        self.kiosk_id, self.customer_id, self.language = kiosk_id, customer_id, language
        self.age_check: AgeCheck | None = None
        self.has_effects = self.is_closed = False
        self.heard: list[str] = []
        self.was_heard_counts: list[int] = []
        self.missed: tuple[str, ...] = ()
        self.approved_by: list[str] = []
        self.taken_back = 0

    async def say(
        self,
        text: str,
        may_act: Callable[[], Awaitable[None]] | None = None,
        on_begin: Callable[[], asyncio.Future[None]] | None = None,
    ) -> AsyncGenerator[TurnEvent, None]:
        self.heard.append(text)
        if "fail" in text:
            raise ModelServerError("the language model server is gone, says zibblethorpe")
        if "whisky" in text:
            self.age_check = AgeCheck(product_ids=("P9",), names=("Ten-Year",), min_age=21)
        yield ToolCallRecord(name="search", arguments={"text": text}, outcome="ok", ms=1.5)
        if "dawdle" in text:
            self._kiosk.is_dawdling.set()
            await self._kiosk.may_go_on.wait()
        report = full_report(text, self.language)
        yield SentenceReady(text=report.reply)
        yield SentenceReady(text="Here are the shoes.")
        yield TurnFinished(report=report, is_farewell=text == "goodbye")

    def was_heard(self, sentences: int) -> None:
        self.was_heard_counts.append(sentences)

    def take_back(self) -> None:
        self.taken_back += 1

    async def choose_language(self, language: str) -> None:
        self.language = language

    async def approve_age(self, name: str, pin: str) -> None:
        if pin != "123456":
            raise PinRefused("this name and PIN do not fit")
        self.approved_by.append(name)
        self.age_check = None

    def memory(self) -> SessionMemory | None:
        return None

    def act_under(self, claim: SessionClaim) -> None:
        raise AssertionError("there are no other servers")

    async def leave(self) -> None:
        raise AssertionError("there are no other servers")

    async def close(self) -> Sequence[str]:
        self.is_closed = True
        return self.missed


class SmallTalkKiosk:
    """Makes such sessions."""

    def __init__(self, observe: Observe = unobserved) -> None:
        self.observe = observe
        self.languages = ["en", "es"]
        self.sessions: list[SmallTalkSession] = []
        self.parts = {"model": True, "database": True, "graph": True}
        self.is_dawdling, self.may_go_on = asyncio.Event(), asyncio.Event()

    def is_called(self, text: str) -> bool:
        return text.startswith("OK shop")

    def names_like(self, text: str) -> Sequence[str]:
        return []

    def is_only_call(self, text: str) -> bool:
        return text == "OK shop"

    def new_session(
        self, kiosk_id: str | None = None, customer_id: str | None = None, language: str | None = None
    ) -> SmallTalkSession:
        if (customer_id and customer_id not in CUSTOMERS) or (kiosk_id and kiosk_id not in KIOSKS):
            raise OperatorError("the shop does not know whom or what you mean")
        self.sessions.append(SmallTalkSession(self, kiosk_id or "K1", customer_id, language or "en"))
        return self.sessions[-1]

    def resumed_session(self, memory: SessionMemory, claim: SessionClaim) -> SmallTalkSession:
        raise AssertionError("there are no other servers")

    def kept_sessions(self, lease_s: float) -> None:
        return None

    async def readiness(self) -> dict[str, bool]:
        return self.parts


class Clock:
    """A time that goes on only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Served:
    """A server that runs."""

    port: int
    service: Service

    @property
    def talks(self) -> Talks:
        return self.service.talks

    async def lost_client(self) -> None:
        """Wait until the server has noticed that its only client is gone."""
        [seat] = self.talks._seats.values()  # pyright: ignore[reportPrivateUsage]
        async with asyncio.timeout(PATIENCE_S):
            while seat.cut_off is not None:  # noqa: ASYNC110  there is nothing to wait for but time
                await asyncio.sleep(0.01)

    async def sweep(self) -> None:
        """What the server does every second."""
        self.talks.sweep()
        await self.talks.settle()

    @asynccontextmanager
    async def client(
        self,
        query: str = "",
        token: str = "",
        protocols: Sequence[str] = (),
        origin: str | None = None,
        **options: Any,
    ) -> AsyncIterator["Client"]:
        """A client that is connected."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"ws://127.0.0.1:{self.port}/v1/realtime?{query}"
        async with connect(
            url,
            additional_headers=headers,
            subprotocols=[Subprotocol(name) for name in ("realtime", *protocols)],
            origin=Origin(origin) if origin else None,
            max_size=None,
            compression=None,
            # A queue with a limit would hide the server's goodbye behind frames that nobody read.
            **{"max_queue": None, **options},
        ) as websocket:
            yield Client(websocket)


class Client:
    """Sends events and keeps all it gets; what is no `kiosk.*` event must be one of the official client's types."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket
        self.events: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self.websocket.send(json.dumps({"type": kind, **fields}))

    async def say(self, text: str) -> dict[str, Any]:
        """Type something and ask for a response; its last event."""
        content = [{"type": "input_text", "text": text}]
        await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
        await self.send("response.create")
        return await self.until("response.done")

    async def speak(self, samples: Samples, chunk_ms: int = 40) -> None:
        """Stream audio as a microphone does, only faster."""
        size = 24 * chunk_ms
        for start in range(0, len(samples), size):
            audio = base64.b64encode(samples[start : start + size].tobytes()).decode()
            await self.send("input_audio_buffer.append", audio=audio)

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            frame = await self.websocket.recv()
        event = json.loads(frame)
        if not event["type"].startswith("kiosk."):
            assert OFFICIAL.validate_json(frame).type == event["type"]
        self.events.append(event)
        return event

    async def until(self, kind: str) -> dict[str, Any]:
        """The next event of this type."""
        while (event := await self.next())["type"] != kind:
            pass
        return event

    async def error(self) -> dict[str, Any]:
        """What the next error event says."""
        return (await self.until("error"))["error"]

    async def closed(self) -> int:
        """Read to the end; the code that the connection was closed with."""
        with suppress(ConnectionClosed):
            while True:
                await self.next()
        return self.websocket.close_code or 0

    def of(self, kind: str) -> list[dict[str, Any]]:
        """All events of a type so far."""
        return [event for event in self.events if event["type"] == kind]

    def audio(self) -> Samples:
        """All that the kiosk has spoken so far."""
        pcm = b"".join(base64.b64decode(event["delta"]) for event in self.of("response.output_audio.delta"))
        return np.frombuffer(pcm, "<i2")


@asynccontextmanager
async def served(
    kiosk: TalkKiosk,
    voice: Voice | None = None,
    settings: ServerSettings | None = None,
    clock: Clock | None = None,
    tokens: str = "",
    idle_s: int = 180,
    staff: Staff | None = None,
) -> AsyncIterator[Served]:
    """A server on a free port of this machine; with a clock of a test's own nothing ends by itself."""
    settings, now_s = settings or ServerSettings(), clock or asyncio.get_running_loop().time
    talks = Talks(kiosk, voice, settings, idle_s, now_s)
    service = Service(kiosk, talks, KioskTokens(Path("none.csv"), tokens), settings, now_s, voice is not None, staff)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = make_server(service)
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield Served(listening.getsockname()[1], service)
        finally:
            await talks.drain()
            server.should_exit = True
            await serving
