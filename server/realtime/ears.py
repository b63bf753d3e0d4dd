"""How a session hears: audio comes in, utterances with their transcripts go out, on a commit or when a turn is over."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from server.realtime.client_events import WIRE_HZ, TurnDetection
from server.realtime.input_audio import InputAudio
from server.realtime.items import Content, Message
from server.realtime.kiosk_events import KioskCaption
from server.realtime.problems import ProtocolError
from server.realtime.server_events import (
    AudioCommitted,
    Duration,
    SpeechStarted,
    SpeechStopped,
    TranscriptionCompleted,
    TranscriptionDelta,
    TranscriptionFailed,
    TranscriptionProblem,
)
from server.realtime.voice import TurnSignal, Voice
from server.realtime.wire import Wire, new_id
from tools.audio import HEARING_HZ, Audio, Samples
from tools.errors import SpeechError
from tools.hearing.recogniser import Transcript
from tools.redaction import redact

log = logging.getLogger(__name__)

MIN_COMMIT_MS = 100
BEFORE_SPEECH_MS = 300
"""How much before the first sure sign of speech belongs to it."""
IDLE_KEEP_MS = 5_000
"""How much is kept while nobody is known to speak: speech is noticed only after it began."""
RECOGNITION_LIMIT_S = 30.0
Result = TypeVar("Result")


@dataclass
class Utterance:
    """Something the customer said or typed that is still to be answered; `text` is None when it failed to be heard."""

    item_id: str
    text: "asyncio.Future[str | None]"
    ended_s: float
    """When the customer was done."""
    decided_s: float
    """When that was known."""
    heard_s: float | None = None
    """When the transcript was there."""


class Listener(Protocol):
    """Who is told what was heard."""

    def languages(self) -> Sequence[str]:
        """The languages to listen for, the likeliest first."""
        ...

    def is_audible(self) -> bool:
        """Whether the kiosk speaks."""
        ...

    async def floor_taken(self) -> None:
        """The customer began to speak."""
        ...

    def turn_ended(self, utterance: Utterance) -> None:
        """The customer is done; the transcript follows."""
        ...


@dataclass
class _Turn:
    """The turn that is being heard, and what it seemed to say when it may have been over."""

    item_id: str
    began_ms: int
    paused_ms: int | None = None
    early: "asyncio.Task[Transcript] | None" = None


class Ears:
    """One session's ears. With `detection` None the client commits each turn."""

    def __init__(
        self, voice: Voice, wire: Wire, listener: Listener, max_s: float, detection: TurnDetection | None
    ) -> None:
        self._voice, self._wire, self._listener, self._max_s = voice, wire, listener, max_s
        self._audio = InputAudio(max_s)
        self._resampler = voice.new_resampler(WIRE_HZ, HEARING_HZ)
        self._turn: _Turn | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.detect_turns(detection)

    @property
    def customer_speaks(self) -> bool:
        """Whether the customer has the floor."""
        return self._turn is not None

    def detect_turns(self, detection: TurnDetection | None) -> None:
        """Listen for turns in this way from now on; what is just being said is forgotten."""
        self._turn_taking = None if detection is None else self._voice.new_turn_taking(detection)
        self.clear()

    async def append(self, samples: Samples) -> None:
        """More audio at WIRE_HZ; ProtocolError when too much waits for a commit."""
        heard = self._resampler.resample(samples)
        if self._turn_taking is None:
            if self._audio.is_full_with(heard):
                raise ProtocolError("buffer_full", "too much audio waits: commit or clear it", param="audio")
            self._audio.append(heard)
            return
        self._audio.append(heard)
        signals = await self._turn_taking.feed(heard, self._audio.end_ms, self._listener.is_audible())
        for signal in signals:
            await self._act_on(signal)
        if self._turn is None:
            self._audio.forget(self._audio.end_ms - IDLE_KEEP_MS)

    def commit(self) -> None:
        """The client says that its customer is done; ProtocolError when nothing was said."""
        self._audio.append(self._resampler.flush())
        start_ms = self._turn.began_ms - BEFORE_SPEECH_MS if self._turn else self._audio.start_ms
        audio = self._audio.between(start_ms, self._audio.end_ms)
        if audio.duration_s * 1000 < MIN_COMMIT_MS:
            raise ProtocolError("buffer_too_small", f"at least {MIN_COMMIT_MS} ms of audio make an utterance")
        item_id = self._turn.item_id if self._turn else new_id("item")
        self._drop_turn()
        self._audio.forget()
        self._listener.turn_ended(self._committed(item_id, audio, self._wire.now_s(), None))

    def clear(self) -> None:
        """Forget what was not committed."""
        self._drop_turn()
        self._resampler.flush()
        self._audio.forget()

    def check_length(self, samples: Samples) -> None:
        """ProtocolError when an utterance at WIRE_HZ is too long to be heard."""
        if len(samples) > self._max_s * WIRE_HZ:
            raise ProtocolError("audio_too_long", f"an utterance has at most {self._max_s:g} s", param="item.content")

    def whole(self, item_id: str, samples: Samples) -> "asyncio.Future[str | None]":
        """The transcript of an utterance that came at once, at WIRE_HZ."""
        resampler = self._voice.new_resampler(WIRE_HZ, HEARING_HZ)
        heard = np.concatenate((resampler.resample(samples), resampler.flush()))
        return self._start(self._transcribe(item_id, Audio(heard, HEARING_HZ), None))

    async def close(self) -> None:
        """Stop listening and forget all."""
        self._drop_turn()
        self._audio.forget()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # what turn-taking tells

    async def _act_on(self, signal: TurnSignal) -> None:
        if signal.kind == "began" and self._turn is None:
            self._turn = _Turn(new_id("item"), signal.at_ms)
            self._wire.emit(SpeechStarted(audio_start_ms=signal.at_ms, item_id=self._turn.item_id))
            await self._listener.floor_taken()
        elif signal.kind == "paused" and self._turn is not None:
            self._drop_early(self._turn)
            audio = self._audio.between(self._turn.began_ms - BEFORE_SPEECH_MS, signal.at_ms)
            self._turn.paused_ms, self._turn.early = signal.at_ms, self._start(self._recognise(audio))
            self._start(self._caption_early(self._turn, self._turn.early))
        elif signal.kind == "ended" and self._turn is not None:
            self._end_turn(self._turn, signal.at_ms)

    def _end_turn(self, turn: _Turn, at_ms: int) -> None:
        self._turn = None
        if turn.paused_ms != at_ms:
            self._drop_early(turn)
        ended_s = self._wire.now_s() - (self._audio.end_ms - at_ms) / 1000
        audio = self._audio.between(turn.began_ms - BEFORE_SPEECH_MS, at_ms)
        self._audio.forget(at_ms)
        self._wire.emit(SpeechStopped(audio_end_ms=at_ms, item_id=turn.item_id))
        self._listener.turn_ended(self._committed(turn.item_id, audio, ended_s, turn.early))

    def _drop_turn(self) -> None:
        if self._turn is not None:
            self._drop_early(self._turn)
        self._turn = None

    @staticmethod
    def _drop_early(turn: _Turn) -> None:
        if turn.early is not None:
            turn.early.cancel()
        turn.early = None

    # words

    def _committed(
        self, item_id: str, audio: Audio, ended_s: float, early: "asyncio.Task[Transcript] | None"
    ) -> Utterance:
        self._wire.emit(AudioCommitted(previous_item_id=self._wire.conversation.last_id, item_id=item_id))
        self._wire.add(Message(id=item_id, role="user", content=[Content(type="input_audio")]))
        text = self._start(self._transcribe(item_id, audio, early))
        return Utterance(item_id, text, ended_s, decided_s=self._wire.now_s())

    async def _transcribe(self, item_id: str, audio: Audio, early: "asyncio.Task[Transcript] | None") -> str | None:
        """What was said, told in events too; None when it could not be recognised."""
        try:
            transcript = await (early or self._recognise(audio))
        except (SpeechError, TimeoutError) as error:
            log.error("speech could not be recognised: %s", error)
            return self._not_recognised(item_id)
        except Exception:
            log.exception("speech recognition failed")
            return self._not_recognised(item_id)
        text = redact(transcript.text)
        item = self._wire.conversation.find(item_id)
        if isinstance(item, Message):
            item.content[0].transcript = text
        if text:
            self._wire.emit(TranscriptionDelta(item_id=item_id, delta=text))
            self._wire.emit(KioskCaption(role="customer", item_id=item_id, text=text, language=transcript.language))
        usage = Duration(seconds=round(audio.duration_s, 2))
        self._wire.emit(TranscriptionCompleted(item_id=item_id, transcript=text, usage=usage))
        return text

    def _not_recognised(self, item_id: str) -> None:
        problem = TranscriptionProblem(code="recognition_failed", message="the speech could not be recognised")
        self._wire.emit(TranscriptionFailed(item_id=item_id, error=problem))

    async def _recognise(self, audio: Audio) -> Transcript:
        async with asyncio.timeout(RECOGNITION_LIMIT_S):
            return await self._voice.recogniser.transcribe(audio, self._listener.languages())

    async def _caption_early(self, turn: _Turn, early: "asyncio.Task[Transcript]") -> None:
        """Show what was said so far, unless it is final by then."""
        await asyncio.wait([early])
        if early.cancelled() or early.exception() is not None or self._turn is not turn:
            return
        text = redact(early.result().text)
        language = early.result().language
        self._wire.emit(
            KioskCaption(role="customer", item_id=turn.item_id, text=text, language=language, is_final=False)
        )

    def _start(self, work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
