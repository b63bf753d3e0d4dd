"""Lets calls to the language model in: many kiosks ask at once, a few are answered at a time, each kiosk in its turn.

Who has to wait is told so after a while; who would wait too long is told by an error, and the turn goes on without the
model. Without a gate the server's own queue would do neither, and serve whoever asks most.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from langchain_core.messages import BaseMessage

from agent.dialogue_model import Answer, DialogueModel, ModelCall
from tools.errors import ModelServerError


class ModelBusy(ModelServerError):
    """There are too many calls before this one."""


@dataclass(frozen=True)
class GateLimits:
    """So many calls are answered at once, of one kiosk so many wait, each so long, and its customer is told so."""

    at_once: int
    waiting_each: int = 4
    longest_wait_s: float = 6.0
    tell_after_s: float = 4.0
    """After so long without an answer, be it for the queue or for the server itself."""


@dataclass(frozen=True)
class Asker:
    """For whom the model is asked: a kiosk, and how its customer hears that it takes a moment."""

    kiosk_id: str
    tell_to_wait: Callable[[], None]


def _told_to_nobody() -> None:
    """No customer waits, as when the kiosk warms up."""


_NOBODY = Asker("", _told_to_nobody)
_asker_now: ContextVar[Asker] = ContextVar("_asker_now", default=_NOBODY)


@contextmanager
def asking(asker: Asker) -> Generator[None, None, None]:
    """What is asked inside is asked for this kiosk."""
    token = _asker_now.set(asker)
    try:
        yield
    finally:
        _asker_now.reset(token)


class ModelGate:
    """Places before the model. The kiosks that wait are served in a circle, one call each."""

    def __init__(self, limits: GateLimits) -> None:
        self._limits, self._free = limits, limits.at_once
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def place(self, kiosk_id: str) -> AsyncGenerator[None, None]:
        """Have a place while inside. ModelBusy when there is none in time."""
        await self._wait(kiosk_id)
        try:
            yield
        finally:
            self._hand_on()

    async def _wait(self, kiosk_id: str) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        queue = self._waiting.setdefault(kiosk_id, deque())
        if len(queue) >= self._limits.waiting_each:
            raise ModelBusy("too many calls of one kiosk wait for the language model")
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(place)
        try:
            async with asyncio.timeout(self._limits.longest_wait_s):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self._hand_on()  # it was given just now, and nobody takes it
            else:
                self._leave(kiosk_id, place)
            if isinstance(error, TimeoutError):
                raise ModelBusy("the language model has too much to do") from error
            raise

    def _leave(self, kiosk_id: str, place: "asyncio.Future[None]") -> None:
        queue = self._waiting.get(kiosk_id, deque())
        if place in queue:  # it may have been passed over already
            queue.remove(place)
            if not queue:
                del self._waiting[kiosk_id]

    def _hand_on(self) -> None:
        """Give a place to the kiosk whose turn it is, which then stands last in the circle."""
        if not self._waiting:
            self._free += 1
            return
        kiosk_id, queue = next(iter(self._waiting.items()))
        place = queue.popleft()
        if queue:
            self._waiting.move_to_end(kiosk_id)
        else:
            del self._waiting[kiosk_id]
        if place.done():  # cancelled, and its task has not come to leave the queue yet
            self._hand_on()
        else:
            place.set_result(None)


class GatedModel:
    """A dialogue model behind a gate."""

    def __init__(self, model: DialogueModel, limits: GateLimits) -> None:
        self._model, self._limits, self._gate = model, limits, ModelGate(limits)

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        """See DialogueModel. Raises ModelBusy, too."""
        asker = _asker_now.get()
        telling = asyncio.get_running_loop().call_later(self._limits.tell_after_s, asker.tell_to_wait)
        try:
            async with self._gate.place(asker.kiosk_id):
                return await self._model.answer(messages, shape, call)
        finally:
            telling.cancel()
