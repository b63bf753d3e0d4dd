"""Who has the floor: frames come in, what becomes of the customer's turn and of the kiosk's voice goes out. Pure.

This is where the end of turns (`server/endpointing.py`), interruptions (`server/barge_in.py`) and the kiosk's own echo
(`server/echo.py`) meet. What is said while the kiosk can be heard is nobody's turn until it is known for an
interruption; then it is a turn like any other, from its first word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.barge_in import BargeIn, Command
from server.echo import EchoGate
from server.endpointing import Endpointer, EndpointingSettings, MaybeOver, Resumed, SpeechStarted, TurnEvent, TurnOver
from server.microphone import HeardFrame
from tools.audio import SILENCE_DBFS

WORDS_AFTER_MS = 160
"""Silence after which it is worth recognising what was said over the kiosk, though its end is in doubt."""


@dataclass(frozen=True)
class TurnBegan:
    """The customer has the floor. `goes_on`: with a turn that had seemed to be over, from its end on."""

    start_ms: int
    goes_on: bool = False


@dataclass(frozen=True)
class TurnPaused:
    """The turn may be over. It is to be judged, and `Floor.judge` told."""

    question: MaybeOver


@dataclass(frozen=True)
class TurnEnded:
    """The turn is over; nothing of the answer may be heard, shown or written for `wait_ms`, it may yet go on."""

    end_ms: int
    wait_ms: int


@dataclass(frozen=True)
class SpokenOver:
    """Something was said over the kiosk. Its words are to be recognised, and `Floor.words` told."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class VoiceHeld:
    """The kiosk is to fall silent and keep the place."""


@dataclass(frozen=True)
class VoiceReleased:
    """The kiosk is to go on from that place."""


FloorEvent = TurnBegan | TurnPaused | TurnEnded | SpokenOver | VoiceHeld | VoiceReleased


class Floor:
    """The floor between one customer and the kiosk."""

    def __init__(self, settings: EndpointingSettings | None = None, may_interrupt: bool = True) -> None:
        self._endpointer, self._barge_in, self._echo = Endpointer(settings), BargeIn(), EchoGate()
        self._may_interrupt = may_interrupt
        self._kiosk_is_heard = False
        self._now_ms = 0
        self._start_ms = 0
        self._end_ms = 0
        """Of the turn that was over last."""
        self._is_speaking = False
        """Whether something is being said, from its first word until it is over."""
        self._is_over_kiosk = False
        """Whether what is said began over the kiosk and is no turn yet."""
        self._unclaimed: TurnOver | None = None
        """The end of what was said over the kiosk, while its words are not known."""
        self._recognised_to_ms = 0

    @property
    def hears_words(self) -> bool:
        """Whether someone is in the midst of words."""
        return self._endpointer.hears_words

    def frame(self, heard: HeardFrame, played_dbfs: float | None) -> list[FloorEvent]:
        """What a frame brings; `played_dbfs` is how loud the kiosk is at its time, None while it has nothing to say."""
        self._now_ms = heard.time_ms
        events = self._follow_kiosk(played_dbfs is not None)
        is_echo = self._echo.is_echo(heard.level_dbfs, SILENCE_DBFS if played_dbfs is None else played_dbfs)
        probability = 0.0 if is_echo else heard.speech_probability
        events += self._on_turn(self._endpointer.frame(heard.time_ms, probability))
        return events + self._on_voice(self._barge_in.frame(probability))

    def judge(self, question: MaybeOver, end_probability: float) -> list[FloorEvent]:
        """What comes of how likely the turn was over at `question`."""
        return self._on_turn(self._endpointer.judge(question, end_probability))

    def words(self, is_backchannel: bool) -> list[FloorEvent]:
        """What comes of the words that were said over the kiosk; none at all count as nodding along."""
        events = self._on_voice(self._barge_in.words(is_backchannel))
        if self._unclaimed is not None and not self._barge_in.is_undecided:
            self._forget()
        return events

    def _follow_kiosk(self, is_heard: bool) -> list[FloorEvent]:
        was_heard, self._kiosk_is_heard = self._kiosk_is_heard, is_heard
        if is_heard and not was_heard:
            self._endpointer.close()  # something of the answer is heard: what is said from now on is another turn
            if self._may_interrupt:
                self._barge_in.started()
        if is_heard or not was_heard:
            return []
        is_undecided, is_held = self._barge_in.is_undecided, self._barge_in.is_holding
        self._barge_in.finished()
        if self._is_over_kiosk and is_undecided:
            return self._claim()
        return [VoiceReleased()] if is_held else []

    def _on_turn(self, events: Sequence[TurnEvent]) -> list[FloorEvent]:
        found: list[FloorEvent] = []
        for event in events:
            match event:
                case SpeechStarted():
                    # Something new: whatever was said over the kiosk before, its words never came.
                    self._start_ms, self._is_speaking, self._unclaimed = event.start_ms, True, None
                    self._is_over_kiosk = self._kiosk_is_heard and self._may_interrupt
                    found += [] if self._is_over_kiosk else [TurnBegan(event.start_ms)]
                case MaybeOver():
                    is_worth_it = event.time_ms - event.end_ms >= WORDS_AFTER_MS
                    found += [TurnPaused(event), *(self._spoken_over(event) if is_worth_it else [])]
                case TurnOver():
                    found += self._over(event)
                case Resumed() if event.was_over:
                    self._is_speaking, self._unclaimed = True, None
                    if not self._is_over_kiosk:
                        self._start_ms = self._end_ms
                        found.append(TurnBegan(self._start_ms, goes_on=True))
                case Resumed():
                    pass
        return found

    def _spoken_over(self, said: MaybeOver | TurnOver) -> list[FloorEvent]:
        """What was said over the kiosk so far, if its words matter and are not asked for yet."""
        is_known = not self._is_over_kiosk or not self._barge_in.is_undecided or self._recognised_to_ms == said.end_ms
        if is_known:
            return []
        self._recognised_to_ms = said.end_ms
        return [SpokenOver(said.start_ms, said.end_ms)]

    def _over(self, over: TurnOver) -> list[FloorEvent]:
        self._is_speaking, self._end_ms = False, over.end_ms
        if not self._is_over_kiosk:
            return [TurnEnded(over.end_ms, max(0, over.act_from_ms - self._now_ms))]
        self._unclaimed = over
        if not self._barge_in.is_undecided:
            self._forget()
        return self._spoken_over(over)

    def _on_voice(self, command: Command | None) -> list[FloorEvent]:
        match command:
            case Command.DUCK:
                return [VoiceHeld()]
            case Command.RESUME:
                return [VoiceReleased()]
            case Command.STOP:
                return self._claim()
            case None:
                return []

    def _claim(self) -> list[FloorEvent]:
        """What was said over the kiosk is the customer's turn, from its first word."""
        over, self._unclaimed, self._is_over_kiosk = self._unclaimed, None, False
        if over is not None:
            return [TurnBegan(self._start_ms), TurnEnded(over.end_ms, max(0, over.act_from_ms - self._now_ms))]
        return [TurnBegan(self._start_ms)] if self._is_speaking else [VoiceReleased()]

    def _forget(self) -> None:
        """What was said over the kiosk was nothing."""
        self._unclaimed, self._is_over_kiosk = None, False
        self._endpointer.close()
