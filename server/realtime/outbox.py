"""Events on their way to the client: typed events come in, numbered frames go out, again if a connection was lost."""

import asyncio
from collections import deque
from dataclasses import dataclass

from server.realtime.server_events import ServerEvent


@dataclass(frozen=True)
class Ending:
    """There will be no more frames: close with this code."""

    code: int


class FellBehind(Exception):
    """The reader wants a frame that had to give way to newer ones."""


class Outbox:
    """The newest frames of one session, at most `max_bytes` of them, whoever has read them."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._frames: deque[str] = deque()
        self._bytes = 0
        self._first = 1
        self._ending: Ending | None = None
        self._news = asyncio.Event()

    @property
    def first(self) -> int:
        """The number of the oldest frame that is there."""
        return self._first

    @property
    def next(self) -> int:
        """The number that the next frame will have."""
        return self._first + len(self._frames)

    def put(self, event: ServerEvent) -> None:
        """Send an event; its id holds its number. After the end nothing is sent."""
        if self._ending is not None:
            return
        frame = event.model_copy(update={"event_id": f"event_{self.next}"}).model_dump_json()
        self._frames.append(frame)
        self._bytes += len(frame)
        while self._bytes > self._max_bytes and len(self._frames) > 1:
            self._bytes -= len(self._frames.popleft())
            self._first += 1
        self._wake()

    def end(self, code: int) -> None:
        """Close the connection once everything is read."""
        self._ending = self._ending or Ending(code)
        self._wake()

    def forget(self) -> None:
        """Drop all frames: the customer has left and they were read, or nobody is there to read them."""
        self._first = self.next
        self._frames.clear()
        self._bytes = 0

    async def read(self, number: int) -> str | Ending:
        """The frame with this number as soon as it is there; FellBehind when it no longer is."""
        while True:
            if number < self._first:
                raise FellBehind
            if number < self.next:
                return self._frames[number - self._first]
            if self._ending is not None:
                return self._ending
            await self._news.wait()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def number_after(event_id: str) -> int | None:
    """The number of the frame after the one with this id; None when it is no id of ours."""
    number = event_id.removeprefix("event_")
    return int(number) + 1 if number.isascii() and number.isdecimal() and len(number) < 12 else None
