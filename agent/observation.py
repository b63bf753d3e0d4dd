"""What a running kiosk does, as it happens: turns, model calls, orders and sessions become events for whoever watches.

An event holds kinds, counts, durations and ids made at random; nothing that a customer said, was told, bought or is.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from langchain_core.messages import BaseMessage

from agent.dialogue_model import Answer, DialogueModel, ModelCall
from agent.model_gate import ModelBusy

log = logging.getLogger(__name__)

StepKind = Literal["stage", "tool", "model"]


@dataclass
class Step:
    """One piece of a turn's work: a stage, a tool or a model call, and the step it was part of."""

    kind: StepKind
    name: str
    started_ns: int
    """Since the epoch."""
    within: "Step | None" = None
    duration_ms: float = 0.0
    outcome: str = "ok"
    """`ok`, `refused` (by a tool, for a reason the customer hears; at the model's gate), `failed` or `given_up`."""


@dataclass(frozen=True)
class TurnEnded:
    """A turn is over: it ran to its end (`ok`), failed, or was given up as the customer went on."""

    turn_id: str
    """32 hexadecimal digits, made at random; the log lines of the turn and its trace have them too."""
    session_id: str
    kiosk_id: str
    language: str
    intent: str
    """What kind of thing was asked for; empty when the turn did not get so far."""
    outcome: Literal["ok", "failed", "given_up"]
    started_ns: int
    duration_ms: float
    steps: tuple[Step, ...]
    sentences: int
    refused_sentences: int
    """What the gate did not let through."""
    first_sentence_ms: float | None = None
    """Until the first sentence was ready; None when none was."""


@dataclass(frozen=True)
class UtteranceHeard:
    """Something spoken was recognised, or could not be."""

    kiosk_id: str
    is_recognised: bool
    duration_ms: float
    """From its end."""


@dataclass(frozen=True)
class ReplyGiven:
    """A reply has been spoken or written to its end: milliseconds since the customer was done, None for what was not.

    `first_audio_ms` is the first sound, where it is spoken.
    """

    turn_id: str
    kiosk_id: str
    ended_ns: int
    is_spoken: bool
    outcome: Literal["completed", "cancelled", "failed"]
    turn_end_ms: float | None
    transcript_ms: float | None
    first_text_ms: float | None
    first_audio_ms: float | None
    done_ms: float
    unspoken_sentences: int = 0
    """What could only be shown as the voice failed."""


@dataclass(frozen=True)
class ModelAsked:
    """A call of the dialogue model has begun, and waits for its answer."""


@dataclass(frozen=True)
class ModelAnswered:
    """A call of the dialogue model has ended; `call` is the type of answer that was wanted."""

    call: str
    outcome: str
    duration_ms: float


@dataclass(frozen=True)
class LedgerWritten:
    """An order went a step further: an event of tools/checkout_table.py, also one on the way back."""

    event: str


@dataclass(frozen=True)
class StaffWanted:
    """Somebody should come to a machine."""

    kiosk_id: str


@dataclass(frozen=True)
class SessionBegan:
    """A kiosk has opened a session."""

    kiosk_id: str


@dataclass(frozen=True)
class SessionEnded:
    """A session is over, and why."""

    reason: str


@dataclass(frozen=True)
class ConnectionRefused:
    """Somebody was not let in: an HTTP status, or the code of the error that server/README.md lists."""

    reason: str


@dataclass(frozen=True)
class GraphTakenUp:
    """The kiosk answers from this version of the graph from now on."""

    number: int


@dataclass(frozen=True)
class GraphRefused:
    """A version of the graph that is to be current could not be opened, and the one before goes on."""

    number: int


Observed = (
    TurnEnded
    | UtteranceHeard
    | ReplyGiven
    | ModelAsked
    | ModelAnswered
    | LedgerWritten
    | StaffWanted
    | SessionBegan
    | SessionEnded
    | ConnectionRefused
    | GraphTakenUp
    | GraphRefused
)
Observe = Callable[[Observed], None]
"""Who watches. It is called in the middle of the work, in any thread, and must be quick."""


def unobserved(_: Observed) -> None:
    """Nobody watches."""


def all_of(watchers: Sequence[Observe]) -> Observe:
    """Tell several; one that fails neither keeps the others from hearing nor disturbs the kiosk."""

    def observe(event: Observed) -> None:
        for watcher in watchers:
            try:
                watcher(event)
            except Exception:
                log.exception("%s could not be recorded", type(event).__name__)

    return observe


turn_id_now: ContextVar[str] = ContextVar("turn_id_now", default="")
"""The turn that the running code works for; empty outside of turns."""
_steps_now: ContextVar[list[Step] | None] = ContextVar("_steps_now", default=None)
_step_now: ContextVar[Step | None] = ContextVar("_step_now", default=None)


@contextmanager
def steps_of_turn(turn_id: str) -> Generator[list[Step], None, None]:
    """What is done inside, also in tasks and threads that it starts, becomes steps of this turn, in their order."""
    steps: list[Step] = []
    turn_token, steps_token = turn_id_now.set(turn_id), _steps_now.set(steps)
    try:
        yield steps
    finally:
        turn_id_now.reset(turn_token)
        _steps_now.reset(steps_token)


@contextmanager
def step(kind: StepKind, name: str) -> Generator[Step, None, None]:
    """Time what is done inside; it belongs to the turn and the step that are under way, if there are any."""
    begun = Step(kind, name, time.time_ns(), within=_step_now.get())
    if (steps := _steps_now.get()) is not None:
        steps.append(begun)
    token, started = _step_now.set(begun), time.perf_counter()
    try:
        yield begun
    except asyncio.CancelledError:
        begun.outcome = "given_up"
        raise
    except BaseException:
        begun.outcome = "failed"
        raise
    finally:
        begun.duration_ms = (time.perf_counter() - started) * 1000
        _step_now.reset(token)


class ObservedModel:
    """A dialogue model whose calls are watched."""

    def __init__(self, model: DialogueModel, observe: Observe) -> None:
        self._model, self._observe = model, observe

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        """See DialogueModel."""
        self._observe(ModelAsked())
        asked: Step | None = None
        try:
            with step("model", shape.__name__) as asked:
                return await self._model.answer(messages, shape, call)
        except ModelBusy:
            assert asked is not None
            asked.outcome = "refused"
            raise
        finally:
            assert asked is not None
            self._observe(ModelAnswered(asked.name, asked.outcome, asked.duration_ms))
