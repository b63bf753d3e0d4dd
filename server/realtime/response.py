"""One answer of the kiosk: what the customer said comes in, the events of a response go out, in step with its voice."""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from agent.observation import ReplyGiven
from agent.state import SentenceReady, ToolCallRecord, TurnEvent, TurnFinished
from server.realtime.client_events import WIRE_HZ
from server.realtime.items import Content, FunctionCall, FunctionCallOutput, Item, Message
from server.realtime.kiosk_events import KioskCaption, KioskLatency
from server.realtime.playout import Playout
from server.realtime.roles import TalkSession
from server.realtime.screen import Screen
from server.realtime.server_events import (
    ArgumentsDelta,
    ArgumentsDone,
    AudioDelta,
    AudioDone,
    ItemDone,
    OutputItemAdded,
    OutputItemDone,
    Part,
    PartAdded,
    PartDone,
    ResponseCreated,
    ResponseDone,
    ResponseProblem,
    ResponseState,
    ResponseStatus,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
)
from server.realtime.voice import Resampler, Voice
from server.realtime.wire import Wire, new_id
from tools.audio import Samples
from tools.errors import SpeechError
from tools.session_claim import SessionTakenOver

log = logging.getLogger(__name__)

DELTA_SAMPLES = WIRE_HZ // 4
"""Samples of one audio delta: a quarter of a second."""
AHEAD_MS = 15_000
"""Audio is sent so far ahead of what is played and no further."""

UNHEARD_MS = 300
"""Less of a reply than this tells nothing, and interrupts nobody."""

CancelReason = Literal["turn_detected", "client_cancelled"]


@dataclass
class Moments:
    """When what happened, in seconds of the wire's clock."""

    asked_s: float
    """The end of the customer's turn."""
    turn_end_s: float | None = None
    """When it was decided that the turn is over."""
    transcript_s: float | None = None
    act_from_s: float = 0.0
    """Before this nothing is shown, spoken or written: the customer may yet go on."""
    first_text_s: float | None = None
    first_audio_s: float | None = None


class Response:
    """One response over one turn of the session. With a voice it is spoken, without one written."""

    def __init__(
        self,
        session: TalkSession,
        voice: Voice | None,
        wire: Wire,
        screen: Screen,
        moments: Moments,
        on_begin: Callable[[], asyncio.Future[None]] | None = None,
    ) -> None:
        self.id = new_id("resp")
        self.utterance = ""
        self.is_active = True
        self.is_farewell = False
        self.has_begun = False
        """Whether the session's turn has begun."""
        self.playout = Playout()
        self.reason: CancelReason | None = None
        self._session, self._voice, self._wire, self._screen, self._moments = session, voice, wire, screen, moments
        self._on_begin = on_begin
        self._output: list[Item] = []
        self._message: Message | None = None
        self._given: list[str] = []
        self._is_told = False
        self._turn_id = ""
        self._unspoken = 0
        self._stages_ms: dict[str, float] = {}
        self._resamplers: dict[int, Resampler] = {}

    @property
    def message_id(self) -> str | None:
        """The id of the message that is spoken or written."""
        return self._message.id if self._message else None

    @property
    def is_audible(self) -> bool:
        """Whether the customer hears the kiosk now, or more of it in a moment."""
        has_more = self.is_active and self.playout.sent_ms > 0
        return self._voice is not None and (has_more or self.playout.is_playing(self._wire.now_s()))

    @property
    def is_thinking(self) -> bool:
        """Whether the session's turn is not through yet."""
        return self.is_active and not self._is_told

    @property
    def is_unheard(self) -> bool:
        """Whether the customer has heard, or seen, next to nothing of it."""
        if self._voice is None:
            return not self._given
        return self.playout.position_ms(self._wire.now_s()) < UNHEARD_MS

    def heard(self) -> int:
        """How many sentences have reached the customer."""
        if self._voice is None:
            return len(self._given)
        return self.playout.sentences_until(self.playout.position_ms(self._wire.now_s()))

    def keep_only_heard(self) -> None:
        """Let the message hold only the sentences that were heard."""
        if self._message is not None:
            self._message.content[0].transcript = " ".join(self._given[: self.heard()])

    async def run(self, hear: Callable[[], Awaitable[str]]) -> None:
        """Answer what `hear` gives, to the end or until this is cancelled.

        Errors are told in the response's last event.
        """
        self._wire.emit(ResponseCreated(response=self._state("in_progress")))
        try:
            self.utterance = await hear()
            await self._turn()
        except asyncio.CancelledError:
            self._finish("cancelled", ResponseStatus(type="cancelled", reason=self.reason))
        except Exception as error:
            if is_taken_over(error):
                log.warning("a turn was left to the server that has the session now")
            else:
                log.exception("a turn failed")
            problem = ResponseProblem(type="server_error", code="turn_failed")
            self._finish("failed", ResponseStatus(type="failed", error=problem))
        else:
            self._finish("completed", None)

    async def _turn(self) -> None:
        sentences: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._give(sentences))
            self.has_begun = True
            turn = self._session.say(self.utterance, self._until_it_may_act, self._on_begin)
            async with aclosing(turn) as events:
                async for event in events:
                    if isinstance(event, TurnFinished):
                        await self._until_it_may_act()
                    self._take(event, sentences)
            sentences.put_nowait(None)

    async def _until_it_may_act(self) -> None:
        await asyncio.sleep(max(0.0, self._moments.act_from_s - self._wire.now_s()))

    def _take(self, event: TurnEvent, sentences: "asyncio.Queue[tuple[str, str] | None]") -> None:
        self._turn_id = self._session.turn_id
        if isinstance(event, ToolCallRecord):
            self._tool(event)
        elif isinstance(event, SentenceReady):
            self._moments.first_text_s = self._moments.first_text_s or self._wire.now_s()
            sentences.put_nowait((event.text, self._session.language))
        else:
            self._report(event)

    def _report(self, event: TurnFinished) -> None:
        self._is_told, self.is_farewell = True, event.is_farewell
        self._stages_ms = event.report.timings_ms
        for shown in self._screen.turn(event.report, self._session.age_check, self.id):
            self._wire.emit(shown)

    # tools

    def _tool(self, record: ToolCallRecord) -> None:
        """Show a tool that has run: the call as an item of the response, its outcome as an item beside it."""
        arguments = json.dumps(record.arguments, ensure_ascii=False, default=str)
        call = FunctionCall(id=new_id("item"), name=record.name, call_id=new_id("call"), arguments=arguments)
        place: dict[str, Any] = {"response_id": self.id, "output_index": len(self._output), "item_id": call.id}
        begun = call.model_copy(update={"arguments": "", "status": "in_progress"})
        self._wire.emit(OutputItemAdded(response_id=self.id, output_index=len(self._output), item=begun))
        self._wire.emit(ArgumentsDelta(**place, call_id=call.call_id, delta=arguments))
        self._wire.emit(ArgumentsDone(**place, call_id=call.call_id, name=call.name, arguments=arguments))
        self._wire.emit(OutputItemDone(response_id=self.id, output_index=len(self._output), item=call))
        self._output.append(call)
        self._wire.add(call)
        outcome = json.dumps({"outcome": record.outcome})
        self._wire.add(FunctionCallOutput(id=new_id("item"), call_id=call.call_id, output=outcome))

    # the message

    async def _give(self, sentences: "asyncio.Queue[tuple[str, str] | None]") -> None:
        """Speak or write the sentences as they come."""
        while (following := await sentences.get()) is not None:
            sentence, language = following
            if self._voice is None:
                await self._until_it_may_act()
                self._write(sentence, language)
            else:
                await self._speak(self._voice, sentence, language)

    def _begin_sentence(self, sentence: str) -> tuple[Message, str]:
        """The message that the sentence becomes part of, and what stands between it and the one before."""
        message, separator = self._message or self._open(), " " if self._given else ""
        self._given.append(sentence)
        return message, separator

    def _write(self, sentence: str, language: str) -> None:
        message, separator = self._begin_sentence(sentence)
        self._wire.emit(TextDelta(**self._place(message), delta=separator + sentence))
        self._caption(message, separator + sentence, language)

    async def _speak(self, voice: Voice, sentence: str, language: str) -> None:
        """Each piece of the sentence: its words, then its sound. What cannot be spoken is at least shown."""
        begun: tuple[Message, str] | None = None
        said = ""
        try:
            async for piece in voice.speaker.speak(sentence, language):
                await self._until_it_may_act()
                await self._keep_pace()
                message, separator = begun = begun or self._begin_sentence(sentence)
                samples = self._at_wire_rate(voice, piece.audio.samples, piece.audio.rate_hz)
                words = (separator if not said else "") + piece.text
                self._wire.emit(TranscriptDelta(**self._place(message), delta=words))
                self._caption(message, words, language, len(samples) * 1000 / WIRE_HZ)
                self._send(message, samples)
                said += piece.text
        except SpeechError as error:
            log.error("a sentence could not be spoken: %s", error)
            self._unspoken += 1
            await self._until_it_may_act()
            message, separator = begun or self._begin_sentence(sentence)
            rest = (separator if not said else "") + sentence.removeprefix(said)
            self._wire.emit(TranscriptDelta(**self._place(message), delta=rest))
            self._caption(message, rest, language)
        self.playout.sentence_sent()

    def _send(self, message: Message, samples: Samples) -> None:
        for delta in deltas(samples):
            self._wire.emit(AudioDelta(**self._place(message), delta=base64.b64encode(delta.tobytes()).decode()))
            now_s = self._wire.now_s()
            self._moments.first_audio_s = self._moments.first_audio_s or now_s
            self.playout.sent(delta, WIRE_HZ, now_s)

    async def _keep_pace(self) -> None:
        """Wait while much more was sent than played, so that neither memory nor the client's queue grows with it."""
        ahead_ms = self.playout.sent_ms - self.playout.position_ms(self._wire.now_s())
        await asyncio.sleep(max(0.0, ahead_ms - AHEAD_MS) / 1000)

    def _at_wire_rate(self, voice: Voice, samples: Samples, rate_hz: int) -> Samples:
        """A piece at the rate of the wire; pieces end in silence, so each is brought there by itself."""
        if rate_hz == WIRE_HZ:
            return samples
        if rate_hz not in self._resamplers:
            self._resamplers[rate_hz] = voice.new_resampler(rate_hz, WIRE_HZ)
        resampler = self._resamplers[rate_hz]
        return np.concatenate((resampler.resample(samples), resampler.flush()))

    def _caption(self, message: Message, text: str, language: str, duration_ms: float | None = None) -> None:
        start_ms = None if duration_ms is None else round(self.playout.sent_ms)
        end_ms = None if duration_ms is None else round(self.playout.sent_ms + duration_ms)
        self._wire.emit(
            KioskCaption(
                role="kiosk",
                item_id=message.id,
                text=text,
                language=language,
                audio_start_ms=start_ms,
                audio_end_ms=end_ms,
            )
        )

    def _open(self) -> Message:
        content = Content(type="output_text" if self._voice is None else "output_audio")
        message = Message(id=new_id("item"), status="in_progress", role="assistant")
        self._message, self._previous_id = message, self._wire.conversation.last_id
        self._output_index = len(self._output)
        self._output.append(message)
        self._wire.emit(OutputItemAdded(response_id=self.id, output_index=self._output_index, item=message))
        self._wire.add(message)
        self._wire.emit(PartAdded(**self._place(message), part=Part.of(content)))
        message.content.append(content)
        return message

    def _close(self, message: Message, is_complete: bool) -> None:
        """The events at the end of the message, and its final form in the conversation."""
        text, [content] = " ".join(self._given), message.content
        place = self._place(message)
        if self._voice is None:
            content.text = text
            self._wire.emit(TextDone(**place, text=text))
        else:
            content.transcript = text
            self._wire.emit(AudioDone(**place))
            self._wire.emit(TranscriptDone(**place, transcript=text))
        message.status = "completed" if is_complete else "incomplete"
        self._wire.emit(PartDone(**place, part=Part.of(content)))
        self._wire.emit(OutputItemDone(response_id=self.id, output_index=self._output_index, item=message))
        self._wire.emit(ItemDone(previous_item_id=self._previous_id, item=message))

    def _finish(self, status: Literal["completed", "cancelled", "failed"], details: ResponseStatus | None) -> None:
        self.is_active = False
        if self._message is not None:
            self._close(self._message, status == "completed")
        self._wire.emit(ResponseDone(response=self._state(status, details)))
        latency = self._latency()
        self._wire.emit(latency)
        self._wire.observe(
            ReplyGiven(
                turn_id=self._turn_id,
                kiosk_id=self._session.kiosk_id,
                ended_ns=time.time_ns(),
                is_spoken=self._voice is not None,
                outcome=status,
                turn_end_ms=latency.turn_end_ms,
                transcript_ms=latency.transcript_ms,
                first_text_ms=latency.first_text_ms,
                first_audio_ms=latency.first_audio_ms,
                done_ms=latency.done_ms,
                unspoken_sentences=self._unspoken,
            )
        )

    def _state(
        self,
        status: Literal["in_progress", "completed", "cancelled", "failed"],
        details: ResponseStatus | None = None,
    ) -> ResponseState:
        return ResponseState(
            id=self.id,
            status=status,
            status_details=details,
            output=self._output,
            output_modalities=["text" if self._voice is None else "audio"],
        )

    def _place(self, message: Message) -> dict[str, Any]:
        return {"response_id": self.id, "output_index": self._output_index, "item_id": message.id}

    def _latency(self) -> KioskLatency:
        moments = self._moments

        def since(at_s: float | None) -> float | None:
            return None if at_s is None else round((at_s - moments.asked_s) * 1000, 1)

        return KioskLatency(
            response_id=self.id,
            turn_end_ms=since(moments.turn_end_s),
            transcript_ms=since(moments.transcript_s),
            first_text_ms=since(moments.first_text_s),
            first_audio_ms=since(moments.first_audio_s),
            done_ms=since(self._wire.now_s()) or 0.0,
            stages_ms=self._stages_ms,
        )


def is_taken_over(error: Exception) -> bool:
    """Whether that is why a turn failed."""
    if isinstance(error, ExceptionGroup):
        return all(is_taken_over(each) for each in error.exceptions)
    return isinstance(error, SessionTakenOver)


def deltas(samples: Samples) -> Iterator[Samples]:
    """The samples in pieces that each make one event."""
    for start in range(0, len(samples), DELTA_SAMPLES):
        yield samples[start : start + DELTA_SAMPLES]
