"""One customer's talk over the wire: a client's events come in, what the kiosk says and shows goes to its outbox."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from agent.observation import UtteranceHeard
from server.realtime.client_events import (
    ApproveAge,
    AudioAppend,
    AudioClear,
    AudioCommit,
    ChooseLanguage,
    ClientEvent,
    EndSession,
    InputText,
    ItemCreate,
    ItemDelete,
    ItemRetrieve,
    ItemTruncate,
    Listen,
    NewItem,
    ReportPlayout,
    ResponseCancel,
    ResponseCreate,
    SemanticVad,
    SessionUpdate,
)
from server.realtime.ears import Ears, Utterance
from server.realtime.items import Content, Conversation, Message
from server.realtime.keeping import KEPT_FRAME_BYTES, KEPT_ITEMS, Keeping, TalkState, Typed
from server.realtime.kiosk_events import (
    EndReason,
    KioskAgeCheck,
    KioskCaption,
    KioskReconnect,
    KioskResumed,
    KioskSession,
    KioskSessionEnded,
    KioskVoice,
)
from server.realtime.outbox import Outbox
from server.realtime.phrases import button_phrases
from server.realtime.problems import TAKEN_OVER, ProtocolError
from server.realtime.response import CancelReason, Moments, Response
from server.realtime.roles import TalkKiosk, TalkSession
from server.realtime.screen import Screen, Shown
from server.realtime.server_events import (
    AudioCleared,
    ErrorDetail,
    ErrorEvent,
    ItemDeleted,
    ItemRetrieved,
    ItemTruncated,
    SessionCreated,
    SessionUpdated,
)
from server.realtime.session_config import SessionConfig, no_voice
from server.realtime.voice import Voice
from server.realtime.wire import Wire, new_id
from server.server_settings import ServerSettings
from tools.errors import OperatorError, StoreError
from tools.kept_sessions import KeptSessions
from tools.redaction import redact
from tools.session_claim import SessionClaim, SessionTakenOver

log = logging.getLogger(__name__)

NEARLY_SILENT_MS = 1_000
"""What is said so shortly before the end of a reply is an answer to it."""

AFTER_CALL_S = 2.0
"""Who has only called the kiosk so far is about to say what they want."""

DRAIN_POLL_S = 0.05


def _nobody_takes_over(_: "Talk") -> None:
    """There is no other server."""


class Talk:
    """A session of the protocol over a session of the kiosk; it outlives its connection for a while.

    `on_end` is called when the customer says goodbye or the client says that they left. With `keeping` every turn is
    kept before it begins and after it has ended, so that another server can go on with the talk: from `state`, and
    with the frames of its `outbox`; `on_taken_over` is called when one does.
    """

    def __init__(
        self,
        session: TalkSession,
        kiosk: TalkKiosk,
        voice: Voice | None,
        settings: ServerSettings,
        now_s: Callable[[], float],
        on_end: "Callable[[Talk, EndReason], None]",
        on_taken_over: "Callable[[Talk], None]" = _nobody_takes_over,
        keeping: Keeping | None = None,
        state: TalkState | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        self.session_id = f"sess_{session.session_id}"
        self.kiosk_id = session.kiosk_id
        self.came_s: float | None = None
        """When the customer said or did something first."""
        self._active_s = 0.0
        self._session, self._languages, self._voice, self._settings = session, list(kiosk.languages), voice, settings
        self._is_called, self._is_only_call, self._names_like = kiosk.is_called, kiosk.is_only_call, kiosk.names_like
        self._waits_for_wake_phrase = False
        self._on_end, self._on_taken_over = on_end, on_taken_over
        self._keeping, self._keeping_order = keeping, asyncio.Lock()
        outbox = outbox or Outbox(settings.max_waiting_bytes)
        self._wire = Wire(outbox, Conversation(settings.max_items), now_s, kiosk.observe)
        self._screen = Screen(state.shown if state else Shown(language=session.language))
        self._config = SessionConfig(
            modality="audio" if voice else "text", turn_detection=SemanticVad(type="semantic_vad") if voice else None
        )
        self._ears = Ears(voice, self._wire, self, settings.max_audio_s, self._config.turn_detection) if voice else None
        self._order = asyncio.Lock()
        self._unanswered: list[Utterance] = []
        self._response: Response | None = None
        self._answering: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Task[None]] = set()
        self._begun: asyncio.Task[None] | None = None
        """The keeping of the talk as it was when the last turn began."""
        self._asked: list[Utterance] = []
        self._cut_off = ""
        self._under_way: str | None = None
        """What a turn answers that has begun and is not known to have ended."""
        self._is_over = self._is_moving = False
        if state is not None:
            self._go_on_from(state)

    @property
    def outbox(self) -> Outbox:
        """What goes to the client."""
        return self._wire.outbox

    def idle_s(self) -> float:
        """How long neither the customer nor the kiosk has said or done anything; 0 before the customer came."""
        is_answering = self._response is not None and (self._response.is_active or self._response.is_audible)
        if is_answering:
            self._active_s = self._wire.now_s()
        return 0.0 if self.came_s is None else self._wire.now_s() - self._active_s

    @property
    def claim(self) -> SessionClaim | None:
        """This server's right to the talk; None where no other server can have it."""
        return self._keeping.claim if self._keeping else None

    def open(self, secret: str, resume_s: float, idle_s: int) -> None:
        """Greet the client; with the secret it comes back to this talk after its connection was lost."""
        self._wire.emit(SessionCreated(session=self._config.on_the_wire(self.session_id)))
        self._wire.emit(
            KioskSession(
                session_id=self.session_id,
                kiosk_id=self.kiosk_id,
                language=self._session.language,
                languages=self._languages,
                phrases=button_phrases(self._languages),
                is_spoken=self._voice is not None,
                resume_token=secret,
                resume_s=resume_s,
                idle_s=idle_s,
            )
        )

    def resumed(self, is_complete: bool, is_moved: bool = False) -> None:
        """Another connection goes on with the talk, perhaps without some of what was sent, perhaps from a server."""
        if is_moved and not is_complete:
            for shown in self._screen.again():
                self._wire.emit(shown)
        under_way = self._under_way if is_moved else None
        self._wire.emit(
            KioskResumed(
                session_id=self.session_id,
                is_complete=is_complete,
                is_moved=is_moved,
                is_answered_anew=under_way is not None,
            )
        )
        if under_way is not None:
            self._respond(self._config.modality == "audio", [_said(under_way, self._wire.now_s())])

    def report(self, problem: ProtocolError, event_id: str | None = None) -> None:
        """Tell the client what it did wrong."""
        kind = "rate_limit_error" if problem.code == "rate_limit_exceeded" else "invalid_request_error"
        detail = ErrorDetail(
            type="server_error" if problem.code == "server_error" else kind,
            code=problem.code,
            message=problem.message,
            param=problem.param,
            event_id=problem.event_id or event_id,
        )
        self._wire.emit(ErrorEvent(error=detail))

    async def handle(self, event: ClientEvent) -> None:
        """Do what the client asks; ProtocolError when that cannot be done."""
        async with self._order:
            if self._is_over:
                raise ProtocolError("session_ended", "the session is over")
            if not self._is_moving or self._is_part_of_turn(event):
                await self._do(event)

    async def _do(self, event: ClientEvent) -> None:
        match event:
            case AudioAppend():
                await self._need_ears().append(event.audio)
                if self._need_ears().customer_speaks:
                    self._was_active()
            case AudioCommit():
                self._need_ears().commit()
            case AudioClear():
                self._need_ears().clear()
                self._wire.emit(AudioCleared())
            case SessionUpdate():
                self._update(event)
            case ItemCreate():
                self._create(event.item)
            case ItemRetrieve():
                self._wire.emit(ItemRetrieved(item=self._wire.conversation.get(event.item_id)))
            case ItemDelete():
                self._wire.conversation.remove(event.item_id)
                self._unanswered = [said for said in self._unanswered if said.item_id != event.item_id]
                self._wire.emit(ItemDeleted(item_id=event.item_id))
            case ItemTruncate():
                self._truncate(event)
            case ResponseCreate():
                self._answer(event)
            case ResponseCancel():
                await self._cancel(event)
            case ReportPlayout():
                if self._response is not None and self._response.message_id == event.item_id:
                    self._response.playout.report(event.audio_end_ms, event.is_over)
            case Listen():
                self._waits_for_wake_phrase = event.to == "wake_phrase"
            case ChooseLanguage():
                await self._choose_language(event)
            case ApproveAge():
                await self._approve_age(event)
            case EndSession():
                self._on_end(self, "left")

    async def close(self, reason: EndReason, close_code: int) -> None:
        """The customer has left: what is begun runs to its end, what is held is released, and all is forgotten."""
        self._is_over = True
        await self._stop()
        try:
            missed = await self._session.close()
        except Exception:
            log.exception("a session could not be closed")
            missed = ()
        for sentence in missed:
            self._wire.emit(
                KioskCaption(role="kiosk", item_id=new_id("item"), text=sentence, language=self._session.language)
            )
        self._wire.emit(KioskSessionEnded(reason=reason))
        self._forget(close_code)

    async def hand_over(self, limit_s: float, close_code: int) -> None:
        """This server stops: the turn under way ends, for a while at most, and the client is sent to another server.

        What it asks for meanwhile is left to that one, which it asks again. Raises SessionTakenOver when one has the
        talk already.
        """
        assert self._keeping is not None
        self._is_moving = True
        until_s = self._wire.now_s() + limit_s
        while self._is_busy() and self._wire.now_s() < until_s:  # noqa: ASYNC110  a customer who speaks is no event
            await asyncio.sleep(DRAIN_POLL_S)
        self._is_over = True
        await self._stop()
        async with self._keeping_order:
            try:
                if (kept := self._snapshot()) is not None:
                    await self._keeping.hand_over(kept)
            except StoreError as error:
                log.error("a session goes on from before its last turn: %s", error)
        self._wire.emit(KioskReconnect(session_id=self.session_id, resume_s=self._settings.resume_s))
        self._forget(close_code)
        await self._session.leave()

    async def abandon(self) -> None:
        """Another server has taken the talk over: stop, change nothing, and forget all."""
        self._is_over = True
        await self._stop()
        self.outbox.forget()
        self._forget(TAKEN_OVER)
        await self._session.leave()

    async def _stop(self) -> None:
        if self._ears is not None:
            await self._ears.close()
        for task in [self._answering, *self._waiting]:
            await _cancelled(task)
        if self._begun is not None:  # a thread that writes cannot be stopped, and must not write later than others
            await asyncio.wait([self._begun])

    def _forget(self, close_code: int) -> None:
        self.outbox.end(close_code)
        self._wire.conversation.clear()
        self._unanswered, self._asked, self._response, self._cut_off = [], [], None, ""

    def _is_busy(self) -> bool:
        """Whether a turn is under way or about to be."""
        is_answering = self._answering is not None and not self._answering.done()
        return is_answering or bool(self._waiting) or (self._ears is not None and self._ears.customer_speaks)

    def _is_part_of_turn(self, event: ClientEvent) -> bool:
        """Whether an event belongs to what has begun."""
        if isinstance(event, AudioAppend):
            return self._need_ears().customer_speaks
        return isinstance(event, ReportPlayout | ResponseCancel | ItemTruncate)

    # for another server

    async def begin_keeping(self, sessions: KeptSessions, key: str) -> None:
        """Keep the talk from now on; StoreError when that cannot be."""
        kept = self._snapshot()
        assert kept is not None
        claim = await asyncio.to_thread(sessions.begin, self._session.session_id, key, self.kiosk_id, kept)
        self._session.act_under(claim)
        self._keeping = Keeping(sessions, claim)

    def _state(self) -> TalkState | None:
        """What another server needs; None while a turn runs that nobody listens to any more."""
        memory = self._session.memory()
        if memory is None:
            return None
        now_s = self._wire.now_s()
        typed = [(each.item_id, each.text.result()) for each in self._unanswered if each.text.done()]
        return TalkState(
            memory=memory,
            under_way=self._under_way,
            config=self._config,
            shown=self._screen.shown,
            waits_for_wake_phrase=self._waits_for_wake_phrase,
            came_s_ago=None if self.came_s is None else now_s - self.came_s,
            cut_off=self._cut_off,
            unanswered=[Typed(item_id=item_id, text=text) for item_id, text in typed if text],
            items=self._wire.conversation.newest(KEPT_ITEMS),
            frames=self.outbox.kept(KEPT_FRAME_BYTES),
        )

    def _snapshot(self) -> str | None:
        """That state as it is kept."""
        state = self._state()
        return None if state is None else state.model_dump_json()

    def _go_on_from(self, state: TalkState) -> None:
        now_s = self._wire.now_s()
        if self._voice is not None or state.config.modality == "text":
            self._config = state.config
        if self._ears is not None:
            self._ears.detect_turns(self._config.turn_detection)
        for item in state.items:
            self._wire.conversation.add(item)
        self._waits_for_wake_phrase, self._cut_off = state.waits_for_wake_phrase, state.cut_off
        self._under_way = state.under_way
        if state.came_s_ago is not None:
            self.came_s, self._active_s = now_s - state.came_s_ago, now_s
        self._unanswered = [_said(typed.text, now_s, typed.item_id) for typed in state.unanswered]

    async def _keep(self, begun: str | None = None) -> None:
        """Keep the talk as it is now, or was when a turn had `begun`; SessionTakenOver when it is no longer ours."""
        if self._keeping is None:
            return
        async with self._keeping_order:
            kept = begun or self._snapshot()
            if kept is None or self._is_over:
                return
            try:
                await self._keeping.keep(kept)
            except SessionTakenOver:
                self._on_taken_over(self)
                raise
            except StoreError as error:  # the talk goes on here, and its next turn is kept if that is possible again
                log.error("a session could not be kept for other servers: %s", error)

    async def _keep_unless_taken_over(self) -> None:
        with suppress(SessionTakenOver):
            await self._keep()

    def _keep_soon(self) -> None:
        if self._keeping is not None:
            self._start(self._keep_unless_taken_over())

    # what the customer says

    def _create(self, item: NewItem) -> None:
        """A message of the customer, typed or said whole."""
        item_id = item.id or new_id("item")
        if self._wire.conversation.find(item_id) is not None:
            raise ProtocolError("item_exists", "there is an item with this id", param="item.id")
        texts = [part.text for part in item.content if isinstance(part, InputText)]
        if sum(map(len, texts)) > self._settings.max_text_characters:
            limit = self._settings.max_text_characters
            raise ProtocolError("text_too_long", f"an item has at most {limit} characters", param="item.content")
        if len(texts) < len(item.content) and (texts or len(item.content) > 1):
            raise ProtocolError("mixed_content", "an item is texts or one audio, not both", param="item.content")
        self._waits_for_wake_phrase = False
        if texts:
            text = redact(" ".join(texts))
            said = _known(text)
            self._wire.add(Message(id=item_id, role="user", content=[Content(type="input_text", text=text)]))
            self._wire.emit(KioskCaption(role="customer", item_id=item_id, text=text, language=self._session.language))
        else:
            said = self._whole(item_id, item)
        now_s = self._was_active()
        self._unanswered.append(Utterance(item_id, said, now_s, now_s))

    def _whole(self, item_id: str, item: NewItem) -> "asyncio.Future[str | None]":
        [part] = item.content
        assert not isinstance(part, InputText)
        ears = self._need_ears()
        ears.check_length(part.audio)
        self._wire.add(Message(id=item_id, role="user", content=[Content(type="input_audio")]))
        return ears.whole(item_id, part.audio)

    def languages(self) -> Sequence[str]:
        """See Listener: the talk's language first."""
        if self._config.heard_language is not None:
            return [self._config.heard_language]
        first = self._session.language
        return [first, *(language for language in self._languages if language != first)]

    def names_like(self, text: str) -> Sequence[str]:
        """See Listener."""
        return self._names_like(text)

    def is_for_kiosk(self, text: str) -> bool:
        """See Listener: once the wake phrase was said, everything is."""
        if self._waits_for_wake_phrase and text:
            self._waits_for_wake_phrase = not self._is_called(text)
        return not self._waits_for_wake_phrase

    def played_dbfs(self) -> float | None:
        """See Listener."""
        response = self._response
        if response is None or not response.is_audible:
            return None
        return response.playout.level_dbfs(self._wire.now_s())

    def is_nearly_silent(self) -> bool:
        """See Listener."""
        response = self._response
        if response is None or not response.is_audible:
            return True
        return not response.is_active and response.playout.left_ms(self._wire.now_s()) < NEARLY_SILENT_MS

    def hold_voice(self) -> None:
        """See Listener."""
        self._move_voice(is_held=True)

    def release_voice(self) -> None:
        """See Listener."""
        self._move_voice(is_held=False)

    def _move_voice(self, is_held: bool) -> None:
        response = self._response
        if response is None or response.message_id is None or not response.is_audible:
            return
        (response.playout.hold if is_held else response.playout.release)(self._wire.now_s())
        self._wire.emit(KioskVoice(item_id=response.message_id, is_held=is_held))

    async def floor_taken(self) -> None:
        """See Listener: the kiosk is interrupted, if it may be."""
        self._was_active()
        detection = self._config.turn_detection
        if detection is None or detection.interrupt_response:
            await self._interrupt("turn_detected")

    def turn_ended(self, utterance: Utterance) -> None:
        """See Listener: the utterance is answered as soon as it is known, unless the client wants to say when."""
        self._was_active()
        self._unanswered.append(utterance)
        detection = self._config.turn_detection
        if detection is not None and detection.create_response:
            self._start(self._answer_when_heard(utterance))

    async def _answer_when_heard(self, utterance: Utterance) -> None:
        """Answer, unless it was nothing or the customer goes on: what follows is then answered with it."""
        text = await utterance.text
        utterance.heard_s = self._wire.now_s()
        if text != "":
            heard_ms = (utterance.heard_s - utterance.ended_s) * 1000
            self._wire.observe(UtteranceHeard(self.kiosk_id, text is not None, heard_ms))
        if text and self._is_only_call(text):
            utterance.act_from_s = max(utterance.act_from_s, utterance.ended_s + AFTER_CALL_S)
        if self._answering is not None:
            await asyncio.wait([self._answering])
        if text == "":
            self._unanswered = [said for said in self._unanswered if said is not utterance]
        if self._unanswered and not self._is_over and not (self._ears is not None and self._ears.customer_speaks):
            self._respond(self._config.modality == "audio")

    # responses

    def _answer(self, event: ResponseCreate) -> None:
        """The client asks for a response."""
        if self._response is not None and self._response.is_active:
            raise ProtocolError("conversation_already_has_active_response", "a response is being given")
        if not self._unanswered and not self._cut_off:
            raise ProtocolError("nothing_to_answer", "the customer has said nothing since the last response")
        wanted = event.response.output_modalities if event.response else None
        modality = wanted[0] if wanted else self._config.modality
        if modality == "audio" and self._voice is None:
            raise no_voice("response.output_modalities")
        self._respond(modality == "audio")

    def _respond(self, is_spoken: bool, again: Sequence[Utterance] = ()) -> None:
        """Begin a response to everything that is unanswered, or again to what another server did not get through."""
        utterances = list(again)
        if not utterances:
            utterances, self._unanswered = self._unanswered, []
        last = utterances[-1] if utterances else None
        now_s = self._wire.now_s()
        moments = Moments(
            asked_s=last.ended_s if last else now_s,
            turn_end_s=last.decided_s if last else None,
            act_from_s=max((said.act_from_s for said in utterances), default=0.0),
        )
        voice = self._voice if is_spoken else None
        self._asked = utterances
        response = self._response = Response(self._session, voice, self._wire, self._screen, moments, self._on_begin())
        self._answering = asyncio.create_task(self._give(response, lambda: self._hear_all(utterances, moments)))

    def _on_begin(self) -> Callable[[], asyncio.Future[None]] | None:
        """What is done as a turn begins: keep the talk as it is then, while the turn already reads and thinks."""
        if self._keeping is None:
            return None

        def keep() -> asyncio.Future[None]:
            self._under_way = redact(self._response.utterance) if self._response else None
            self._begun = asyncio.create_task(self._keep(self._snapshot()))
            self._begun.add_done_callback(_note_failure)  # whoever waited for it may have been interrupted
            return self._begun

        return keep

    async def _give(self, response: Response, hear: Callable[[], Awaitable[str]]) -> None:
        await response.run(hear)
        if response.reason is None and not self._is_over:
            self._under_way = None
            await self._keep_unless_taken_over()
        if response.is_farewell and not self._is_over:
            self._on_end(self, "goodbye")

    async def _hear_all(self, utterances: Sequence[Utterance], moments: Moments) -> str:
        """What was said, as one text, once all of it is recognised."""
        # Whoever stops waiting here does not stop the recognition.
        texts = [self._cut_off, *[await asyncio.shield(said.text) or "" for said in utterances]]
        if utterances:
            moments.transcript_s = utterances[-1].heard_s or self._wire.now_s()
        self._cut_off = ""
        return " ".join(text for text in texts if text)

    async def _cancel(self, event: ResponseCancel) -> None:
        response = self._response
        if response is None or not response.is_active or event.response_id not in (None, response.id):
            raise ProtocolError("response_cancel_not_active", "there is no such response to cancel")
        await self._interrupt("client_cancelled")

    async def _interrupt(self, reason: CancelReason) -> None:
        """Stop speaking. The turn itself goes on where it has begun to change something."""
        response = self._response
        if response is None or not (response.is_active or response.is_audible):
            return
        heard = response.heard()
        if response.is_active:
            response.reason = reason
            await _cancelled(self._answering)
            response.is_active = False  # also when it was cancelled before its first step
        self._note_heard(response, heard)

    def _note_heard(self, response: Response, heard: int) -> None:
        """Let the dialogue hold only what was heard. A request that was cut off unanswered joins what follows it."""
        if not response.has_begun:
            if response.reason == "turn_detected":
                self._unanswered, self._asked = [*self._asked, *self._unanswered], []
            return
        self._session.was_heard(heard)
        self._under_way = None
        is_cut_off = response.reason == "turn_detected" and response.is_unheard and not self._session.has_effects
        self._cut_off = response.utterance if is_cut_off else ""
        if is_cut_off:
            self._session.take_back()
        self._keep_soon()

    def _truncate(self, event: ItemTruncate) -> None:
        item = self._wire.conversation.get(event.item_id)
        response = self._response
        if not isinstance(item, Message) or item.role != "assistant":
            raise ProtocolError("not_truncatable", "only what the kiosk says can be truncated", param="item_id")
        if response is not None and response.message_id == event.item_id:
            if event.audio_end_ms > response.playout.sent_ms:
                raise ProtocolError("audio_end_too_late", "so much audio was not sent", param="audio_end_ms")
            response.playout.report(event.audio_end_ms, is_over=True)
            self._note_heard(response, response.heard())
            response.keep_only_heard()
        self._wire.emit(ItemTruncated(item_id=event.item_id, audio_end_ms=event.audio_end_ms))

    # the rest

    def _update(self, event: SessionUpdate) -> None:
        config = self._config.patched(event, self._languages, self._voice is not None)
        if self._ears is None and config.turn_detection is not None:
            raise no_voice("session.audio.input.turn_detection")
        has_other_turns = config.turn_detection != self._config.turn_detection
        self._config = config
        if self._ears is not None and has_other_turns:
            self._ears.detect_turns(config.turn_detection)
        self._wire.emit(SessionUpdated(session=config.on_the_wire(self.session_id)))
        self._keep_soon()

    async def _choose_language(self, event: ChooseLanguage) -> None:
        if event.language not in self._languages:
            raise ProtocolError("unknown_language", "the kiosk does not speak this language", param="language")
        self._was_active()
        self._need_no_turn()
        await self._session.choose_language(event.language)
        for shown in self._screen.language(event.language):
            self._wire.emit(shown)
        self._keep_soon()

    async def _approve_age(self, event: ApproveAge) -> None:
        self._was_active()
        self._need_no_turn()
        waiting = self._session.age_check
        try:
            await self._session.approve_age(event.name, event.pin.get_secret_value())
        except OperatorError as error:
            raise ProtocolError("not_approved", str(error)) from None
        if waiting is not None:
            self._wire.emit(KioskAgeCheck(names=list(waiting.names), min_age=waiting.min_age, is_approved=True))
        self._keep_soon()

    def _need_no_turn(self) -> None:
        if self._response is not None and self._response.is_thinking:
            raise ProtocolError("busy", "the kiosk is in the middle of a turn")

    def _need_ears(self) -> Ears:
        if self._ears is None:
            raise no_voice("audio")
        return self._ears

    def _was_active(self) -> float:
        if self._waits_for_wake_phrase:
            return self._wire.now_s()
        self._active_s = self._wire.now_s()
        self.came_s = self._active_s if self.came_s is None else self.came_s
        return self._active_s

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)


def _known(text: str | None) -> "asyncio.Future[str | None]":
    """Words that need not be recognised any more."""
    known: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    known.set_result(text)
    return known


def _said(text: str, now_s: float, item_id: str = "") -> Utterance:
    """What another server has heard."""
    return Utterance(item_id, _known(text), now_s, now_s)


def _note_failure(task: asyncio.Task[None]) -> None:
    """Take a failure for known: what it led to has been done."""
    if not task.cancelled():
        task.exception()


async def _cancelled(task: "asyncio.Task[None] | None") -> None:
    """Cancel a task and wait until it has put everything in order."""
    if task is not None and not task.done():
        task.cancel()
        await asyncio.wait([task])
