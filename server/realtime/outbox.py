"""Events on their way to the client: typed events come in, numbered frames go out, again if a connection was lost."""

import asyncio
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from server.realtime.kiosk_events import KioskSession
from server.realtime.server_events import AudioDelta, ServerEvent

LOST = ""
"""In place of a frame that another server sent and that is not kept: sound, and the secret that a client resumes by."""

AT_ONCE = 32
"""Frames that are read at once: those of a turn come in bursts, and to wait for each by itself costs more than it."""


@dataclass(frozen=True)
class Ending:
    """There will be no more frames: close with this code."""

    code: int


class KeptFrames(BaseModel):
    """The newest frames as another server goes on from them, the first with its number."""

    first: int = 1
    frames: list[str] = []


class FellBehind(Exception):
    """The reader wants a frame that had to give way to newer ones."""


class Outbox:
    """The newest frames of one session, at most `max_bytes` of them, whoever has read them.

    It goes on from `kept`. A client that has more than that got it from a server that died: `at_least` is the number
    of the frame it waits for.
    """

    def __init__(self, max_bytes: int, kept: KeptFrames | None = None, at_least: int = 1) -> None:
        self._max_bytes = max_bytes
        kept = kept or KeptFrames()
        is_behind = kept.first + len(kept.frames) < at_least
        self._frames: deque[str] = deque([] if is_behind else kept.frames)
        self._unkept: deque[int] = deque()
        """The numbers of those that other servers do not get."""
        self._bytes = sum(map(len, self._frames))
        self._first = at_least if is_behind else kept.first
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
        if isinstance(event, AudioDelta | KioskSession):
            self._unkept.append(self.next)
        self._frames.append(frame)
        self._bytes += len(frame)
        while self._bytes > self._max_bytes and len(self._frames) > 1:
            self._bytes -= len(self._frames.popleft())
            self._first += 1
        while self._unkept and self._unkept[0] < self._first:
            self._unkept.popleft()
        self._wake()

    def end(self, code: int) -> None:
        """Close the connection once everything is read."""
        self._ending = self._ending or Ending(code)
        self._wake()

    def forget(self) -> None:
        """Drop all frames: the customer has left and they were read, or nobody is there to read them."""
        self._first = self.next
        self._frames.clear()
        self._unkept.clear()
        self._bytes = 0

    def is_whole_from(self, number: int) -> bool:
        """Whether all frames from this one on are there."""
        if not self._first <= number <= self.next:
            return False
        return LOST not in itertools.islice(self._frames, number - self._first, None)

    def kept(self, max_bytes: int) -> KeptFrames:
        """The newest frames for another server, at most so many bytes, without sound or the client's secret."""
        unkept, frames, number = set(self._unkept), deque[str](), self.next
        for frame in reversed(self._frames):
            is_unkept = number - 1 in unkept
            max_bytes -= 1 if is_unkept else len(frame)
            if max_bytes < 0:
                break
            number -= 1
            frames.appendleft(LOST if is_unkept else frame)
        return KeptFrames(first=number, frames=list(frames))

    def ready(self, number: int) -> Sequence[str]:
        """The frames from this number on, at most AT_ONCE; some may be LOST."""
        place = number - self._first
        return list(itertools.islice(self._frames, place, place + AT_ONCE))

    async def read(self, number: int) -> Sequence[str] | Ending:
        """What is `ready` from this number on, as soon as there is something; FellBehind when it is there no more."""
        while True:
            if number < self._first:
                raise FellBehind
            if frames := self.ready(number):
                return frames
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
