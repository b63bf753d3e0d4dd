"""How a session hears: audio comes in, utterances with their transcripts go out, on a commit or when a turn is over."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from server.endpointing import EndpointingSettings, MaybeOver
from server.floor import (
    Floor,
    FloorEvent,
    SpokenOver,
    TurnBegan,
    TurnEnded,
    TurnPaused,
    VoiceHeld,
    VoiceReleased,
)
from server.microphone import Microphone
from server.realtime.client_events import WIRE_HZ, SemanticVad, TurnDetection
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
from server.realtime.voice import Voice
from server.realtime.wire import Wire, new_id
from tools.audio import HEARING_HZ, Audio, RecentAudio, Samples
from tools.errors import SpeechError
from tools.hearing.recogniser import Transcript
from tools.redaction import redact_heard

log = logging.getLogger(__name__)

MIN_COMMIT_MS = 100
AFTER_SPEECH_MS = 64
"""How much after the last sure sign of speech belongs to it."""
EARLY_AFTER_MS = 300
"""A pause in which it is worth recognising what was said so far."""
CAPTION_EVERY_MS = 1_200
"""So often the words are shown while they are said, where the recogniser has nothing better to do."""
IDLE_KEEP_MS = 5_000
"""How much is kept while nobody is known to speak: speech is noticed only after it began."""
RECOGNITION_LIMIT_S = 30.0
DOUBT_MS = {"low": 2_500, "medium": 1_500, "auto": 1_500, "high": 700}
"""The silence that ends a turn which does not sound over, by the eagerness to answer that a client asks for."""
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
    act_from_s: float = 0.0
    """Before this nothing of the answer may be heard, shown or written: the customer may yet go on."""
    heard_s: float | None = None
    """When the transcript was there."""


class Listener(Protocol):
    """Who is told what was heard."""

    def languages(self) -> Sequence[str]:
        """The languages to listen for, the likeliest first."""
        ...

    def names_like(self, text: str) -> Sequence[str]:
        """Names that may have been said where these words were heard."""
        ...

    def is_for_kiosk(self, text: str) -> bool:
        """Whether words are meant for the kiosk, and not for someone else in the shop."""
        ...

    def played_dbfs(self) -> float | None:
        """How loud the kiosk is at this moment; None while it has nothing to say."""
        ...

    def is_nearly_silent(self) -> bool:
        """Whether the kiosk has all but finished, so that a short word is an answer."""
        ...

    async def floor_taken(self) -> None:
        """The customer began to speak, or goes on."""
        ...

    def hold_voice(self) -> None:
        """The kiosk falls silent and keeps the place."""
        ...

    def release_voice(self) -> None:
        """The kiosk goes on from there."""
        ...

    def turn_ended(self, utterance: Utterance) -> None:
        """The customer is done; the transcript follows."""
        ...


@dataclass
class _Turn:
    """The turn that is being heard, and what it seemed to say at its last pause."""

    item_id: str
    began_ms: int
    looked_ms: int
    """Up to where its words were last looked at."""
    paused_ms: int | None = None
    early: "asyncio.Task[Transcript] | None" = None


@dataclass(frozen=True)
class _Overheard:
    """What is said over the kiosk, up to a pause."""

    end_ms: int
    transcript: "asyncio.Task[Transcript]"


class Ears:
    """One session's ears. With `detection` None the client commits each turn."""

    def __init__(
        self, voice: Voice, wire: Wire, listener: Listener, max_s: float, detection: TurnDetection | None
    ) -> None:
        self._voice, self._wire, self._listener, self._max_s = voice, wire, listener, max_s
        self._audio = RecentAudio(HEARING_HZ, round(max_s * 1000))
        self._resampler = voice.new_resampler(WIRE_HZ, HEARING_HZ)
        self._turn: _Turn | None = None
        self._overheard: _Overheard | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.detect_turns(detection)

    @property
    def customer_speaks(self) -> bool:
        """Whether the customer has the floor."""
        return self._turn is not None

    def detect_turns(self, detection: TurnDetection | None) -> None:
        """Listen for turns in this way from now on; what is just being said is forgotten."""
        self._detection = detection
        self.clear()

    async def append(self, samples: Samples) -> None:
        """More audio at WIRE_HZ; ProtocolError when too much waits for a commit."""
        heard = self._resampler.resample(samples)
        if self._floor is None:
            if self._audio.is_full_with(heard):
                raise ProtocolError("buffer_full", "too much audio waits: commit or clear it", param="audio")
            self._audio.append(heard)
            return
        self._audio.append(heard)
        async for frame in self._microphone.hear(heard):
            await self._act_on(self._floor.frame(frame, self._listener.played_dbfs()))
        self._look_at_words()
        if self._turn is None:
            self._audio.forget(self._audio.end_ms - IDLE_KEEP_MS)

    def commit(self) -> None:
        """The client says that its customer is done; ProtocolError when nothing was said."""
        self._audio.append(self._resampler.flush())
        start_ms = self._turn.began_ms if self._turn else self._audio.start_ms
        audio = self._audio.between(start_ms, self._audio.end_ms)
        if audio.duration_s * 1000 < MIN_COMMIT_MS:
            raise ProtocolError("buffer_too_small", f"at least {MIN_COMMIT_MS} ms of audio make an utterance")
        item_id = self._turn.item_id if self._turn else new_id("item")
        self._begin_anew()
        self._listener.turn_ended(self._committed(item_id, audio, self._wire.now_s()))

    def clear(self) -> None:
        """Forget what was not committed."""
        self._resampler.flush()
        self._begin_anew()

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
        self._begin_anew()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin_anew(self) -> None:
        """Forget what was heard, and who had the floor."""
        if self._turn is not None:
            self._drop_early(self._turn)
        if self._overheard is not None:
            self._overheard.transcript.cancel()
        self._turn = self._overheard = None
        self._audio.forget()
        detection = self._detection
        self._floor = None if detection is None else Floor(endpointing_of(detection), detection.interrupt_response)
        self._microphone = Microphone(self._voice.new_activity_detector(), self._audio.end_ms)

    # what becomes of the floor

    async def _act_on(self, events: Sequence[FloorEvent]) -> None:
        for event in events:
            match event:
                case TurnBegan():
                    await self._begin_turn(event.start_ms)
                case TurnPaused():
                    self._pause(event.question)
                case TurnEnded():
                    self._end_turn(event)
                case SpokenOver():
                    self._overhear(event)
                case VoiceHeld():
                    self._listener.hold_voice()
                case VoiceReleased():
                    self._listener.release_voice()

    async def _begin_turn(self, start_ms: int) -> None:
        if self._turn is None:
            self._turn = _Turn(new_id("item"), start_ms, looked_ms=start_ms)
            if self._overheard is not None:
                self._turn.paused_ms, self._turn.early = self._overheard.end_ms, self._overheard.transcript
                self._overheard = None
            self._wire.emit(SpeechStarted(audio_start_ms=start_ms, item_id=self._turn.item_id))
        await self._listener.floor_taken()

    def _pause(self, question: MaybeOver) -> None:
        """Have the end of the turn judged; in a longer pause look already what was said."""
        if isinstance(self._detection, SemanticVad):
            self._start(self._judge(question))
        turn = self._turn
        if turn is None or turn.paused_ms == question.end_ms or question.time_ms - question.end_ms < EARLY_AFTER_MS:
            return
        self._drop_early(turn)
        audio = self._audio.between(turn.began_ms, question.end_ms + AFTER_SPEECH_MS)
        turn.paused_ms, turn.early = question.end_ms, self._start(self._recognise(audio))
        turn.looked_ms = question.time_ms
        self._start(self._caption_early(turn, turn.early))

    def _look_at_words(self) -> None:
        """Show what is being said every now and then."""
        turn = self._turn
        if turn is None or self._floor is None or not self._floor.hears_words or self._voice.recogniser.is_busy:
            return
        if self._audio.end_ms - turn.looked_ms < CAPTION_EVERY_MS:
            return
        turn.looked_ms = self._audio.end_ms
        audio = self._audio.between(turn.began_ms, turn.looked_ms)
        self._start(self._caption_early(turn, self._start(self._recognise(audio, has_names=False))))

    async def _judge(self, question: MaybeOver) -> None:
        audio = self._audio.between(question.start_ms, question.time_ms)
        try:
            probability = await asyncio.to_thread(self._voice.turn_end.end_probability, audio)
        except SpeechError as error:
            log.error("the end of a turn could not be judged: %s", error)
            return  # silence ends it
        if self._floor is not None:
            await self._act_on(self._floor.judge(question, probability))

    def _end_turn(self, ended: TurnEnded) -> None:
        turn, self._turn = self._turn, None
        if turn is None:
            return
        if turn.paused_ms != ended.end_ms:
            self._drop_early(turn)
        now_s = self._wire.now_s()
        audio = self._audio.between(turn.began_ms, ended.end_ms + AFTER_SPEECH_MS)
        self._wire.emit(SpeechStopped(audio_end_ms=ended.end_ms, item_id=turn.item_id))
        utterance = self._committed(turn.item_id, audio, now_s, turn.early)
        utterance.ended_s = now_s - (self._audio.end_ms - ended.end_ms) / 1000
        utterance.act_from_s = now_s + ended.wait_ms / 1000
        self._listener.turn_ended(utterance)

    def _overhear(self, spoken: SpokenOver) -> None:
        """Find out what was said over the kiosk, or what it is by now."""
        if self._overheard is not None:
            self._overheard.transcript.cancel()
        audio = self._audio.between(spoken.start_ms, spoken.end_ms + AFTER_SPEECH_MS)
        self._overheard = _Overheard(spoken.end_ms, self._start(self._recognise(audio)))
        self._start(self._weigh(self._overheard))

    async def _weigh(self, overheard: _Overheard) -> None:
        """Tell the floor what the words mean; those that cannot be recognised count by how long they lasted."""
        await asyncio.wait([overheard.transcript])
        if self._overheard is not overheard or self._floor is None:
            return
        if (error := overheard.transcript.exception()) is not None:
            log.error("what was said over the kiosk could not be recognised: %s", error)
            return
        text = overheard.transcript.result().text
        is_nod = not text.strip() or (self._voice.is_backchannel(text) and not self._listener.is_nearly_silent())
        await self._act_on(self._floor.words(is_nod))
        if is_nod:
            self._overheard = None

    @staticmethod
    def _drop_early(turn: _Turn) -> None:
        if turn.early is not None:
            turn.early.cancel()
        turn.early = None

    # words

    def _committed(
        self, item_id: str, audio: Audio, ended_s: float, early: "asyncio.Task[Transcript] | None" = None
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
        text = redact_heard(transcript.text)
        if not self._listener.is_for_kiosk(text):
            text = ""  # it is nobody's business, ours neither
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

    async def _recognise(self, audio: Audio, has_names: bool = True) -> Transcript:
        names_like = self._listener.names_like if has_names else None
        async with asyncio.timeout(RECOGNITION_LIMIT_S):
            return await self._voice.recogniser.transcribe(audio, self._listener.languages(), names_like=names_like)

    async def _caption_early(self, turn: _Turn, early: "asyncio.Task[Transcript]") -> None:
        """Show what was said so far, unless it is final by then."""
        await asyncio.wait([early])
        if early.cancelled() or early.exception() is not None or self._turn is not turn:
            return
        text = redact_heard(early.result().text)
        if not text or not self._listener.is_for_kiosk(text):
            return
        language = early.result().language
        self._wire.emit(
            KioskCaption(role="customer", item_id=turn.item_id, text=text, language=language, is_final=False)
        )

    def _start(self, work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def endpointing_of(detection: TurnDetection) -> EndpointingSettings:
    """The endpointing that a client asks for."""
    if isinstance(detection, SemanticVad):
        return EndpointingSettings(doubt_ms=DOUBT_MS[detection.eagerness])
    silence_ms = detection.silence_duration_ms
    return EndpointingSettings(
        start_probability=detection.threshold,
        stop_probability=detection.threshold,
        pre_roll_ms=detection.prefix_padding_ms,
        doubt_ms=silence_ms,
        max_silence_ms=silence_ms,
    )
