"""One websocket of one talk: frames come in and become events, frames of the talk's outbox go out."""

import asyncio
import logging
from collections.abc import Callable

from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.realtime.client_events import read_client_event
from server.realtime.outbox import LOST, Ending, FellBehind
from server.realtime.problems import POLICY, SERVER_ERROR, TAKEN_OVER, ProtocolError
from server.realtime.rate_limit import RateLimit
from server.realtime.talks import Seat
from server.server_settings import ServerSettings

log = logging.getLogger(__name__)

MAX_STRIKES = 50
"""Events over the limit, one after the other, that end a connection."""


class Connection:
    """Runs until the client is gone, the talk is over, or somebody else took it over."""

    def __init__(self, websocket: WebSocket, seat: Seat, settings: ServerSettings, now_s: Callable[[], float]) -> None:
        self._websocket, self._seat, self._talk = websocket, seat, seat.talk
        self._settings, self._now_s = settings, now_s
        self._limit = RateLimit(settings.max_events_per_s, 2 * settings.max_events_per_s)
        self._strikes = 0
        self._number = 0
        """Of the next frame to send."""
        self._cut_off: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self, number: int) -> None:
        """Serve the talk from the frame with this number on."""
        self._seat.cut_off, self._number = self._cut, number
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        try:
            done, _ = await asyncio.wait([reading, writing, self._cut_off], return_when=asyncio.FIRST_COMPLETED)
            code = next(iter(done)).result()
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.wait([reading, writing])
            self._leave()
        if code is not None:
            await self._close(code)

    def _cut(self, code: int) -> None:
        if not self._cut_off.done():
            self._cut_off.set_result(code)

    def _leave(self) -> None:
        """Nobody is connected any more, unless somebody else already is."""
        if self._seat.cut_off == self._cut:
            self._seat.cut_off, self._seat.left_s = None, self._now_s()

    async def _read(self) -> int | None:
        """Take events until the client is gone (None) or must go (a close code)."""
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            event_id = None
            try:
                event = read_client_event(self._text(message))
                event_id = event.event_id
                await self._talk.handle(event)
            except ProtocolError as problem:
                self._talk.report(problem, event_id)
                if problem.close_code:
                    return problem.close_code
            except Exception:
                log.exception("an event could not be handled")
                self._talk.report(ProtocolError("server_error", "the event could not be handled"), event_id)

    def _text(self, message: Message) -> str:
        """The text of a frame that may be read; ProtocolError for any other."""
        if not self._limit.take(self._now_s()):
            self._strikes += 1
            raise ProtocolError(
                "rate_limit_exceeded",
                f"more than {self._settings.max_events_per_s:g} events a second",
                close_code=POLICY if self._strikes >= MAX_STRIKES else 0,
            )
        self._strikes = 0
        text = message.get("text")
        if not isinstance(text, str):
            raise ProtocolError("binary_frame", "events are text frames of JSON; audio is base64 in them")
        if len(text) > self._settings.max_frame_bytes:
            raise ProtocolError("frame_too_large", f"a frame has at most {self._settings.max_frame_bytes} bytes")
        return text

    async def _write(self) -> int:
        """Send frames as they come; the close code at their end, or for a client that does not keep up."""
        try:
            while not isinstance(frames := await self._talk.outbox.read(self._number), Ending):
                async with asyncio.timeout(self._settings.send_limit_s):
                    for frame in frames:
                        await self._send(frame)
        except (FellBehind, TimeoutError):
            log.warning("a client does not read what it is sent; it was cut off")
            return POLICY
        except (WebSocketDisconnect, RuntimeError, OSError):
            return SERVER_ERROR  # it is gone: nobody will see the code
        self._talk.outbox.forget()
        return frames.code

    async def _send(self, frame: str) -> None:
        if frame != LOST:
            await self._websocket.send_text(frame)
        self._number += 1

    async def _close(self, code: int) -> None:
        """Send what is left, such as the reason, and close, without waiting for a client that does not read."""
        outbox = self._talk.outbox
        try:
            async with asyncio.timeout(1.0):
                while outbox.first <= self._number < outbox.next and code != TAKEN_OVER:
                    for frame in outbox.ready(self._number):
                        await self._send(frame)
                await self._websocket.close(code)
        except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            log.info("a connection was gone before it was closed")
