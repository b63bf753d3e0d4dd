"""When a turn begins and is over: the probability of speech in each frame comes in, events go out. Pure.

All times are places in the microphone's stream, in milliseconds from its start. The caller

- gives every frame to `frame`, with the time at which it ends; a microphone that has fallen silent without a word
  (a stalled client) is given as frames with probability 0;
- has the turn so far judged at each `MaybeOver` and gives what the model says to `judge`, whenever it is known;
- at `TurnOver` begins to work on the answer, but lets nothing be heard or written before `act_from_ms`, and withdraws
  that work at `Resumed`: the same turn goes on, and its next `TurnOver` has all of it from the start;
- calls `close` once something of the answer is heard or written. Until then, or for `reopen_ms`, speech continues the
  turn; after that it is a new one.

So thinking overlaps doubt: a decision can be quick because it can be taken back while nothing came of it.
"""

from dataclasses import dataclass
from enum import Enum, auto

from tools.audio import HEARING_HZ
from tools.turn_taking.detectors import FRAME_SAMPLES

FRAME_MS = FRAME_SAMPLES * 1000 // HEARING_HZ


@dataclass(frozen=True)
class EndpointingSettings:
    """What was found best on half of the spoken turns of `evals/bench/turn_taking_bench.py`."""

    start_probability: float = 0.8
    """A frame of speech, where nobody spoke before."""
    stop_probability: float = 0.9
    """A frame of speech within a turn. It is high since in noise Silero falls slowly after speech."""
    min_speech_ms: int = 96
    """Shorter speech begins no turn and ends no pause: a click, a door."""
    pre_roll_ms: int = 320
    """How much before the first frame of speech belongs to the turn: the model is sure only after the first sound."""
    ask_after_ms: tuple[int, ...] = (64, 160, 320, 640, 1000)
    """Silence after which the turn is judged, rising."""
    likely: float = 0.2
    """For a turn that is over at least this likely an answer is begun at once; that can be taken back."""
    sure: float = 0.9875
    """For a turn less likely over than this nothing of the answer is heard before `doubt_ms`."""
    doubt_ms: int = 1500
    """Silence that ends a turn which nobody judged, or judged just not `likely`: 1.2 s and the time to notice."""
    max_silence_ms: int = 3000
    """Silence that ends any turn; how long one is waited for who is certainly not done."""
    reopen_ms: int = 2000
    """Silence after which speech begins a new turn although nothing of the answer was heard."""
    max_turn_ms: int = 30_000

    def patience_ms(self, probability: float) -> int:
        """The silence that ends a turn which is over with this probability."""
        if probability >= self.likely:
            return 0
        doubt = 1.0 - probability / self.likely
        return round(self.doubt_ms + doubt * (self.max_silence_ms - self.doubt_ms))


@dataclass(frozen=True)
class SpeechStarted:
    """Someone speaks: a turn began at `start_ms`, which is before it was noticed."""

    time_ms: int
    start_ms: int


@dataclass(frozen=True)
class MaybeOver:
    """A pause: the sound from `start_ms` to `time_ms` is to be judged."""

    time_ms: int
    start_ms: int
    end_ms: int
    """Where speech ended."""


@dataclass(frozen=True)
class TurnOver:
    """The turn was spoken from `start_ms` to `end_ms`; nothing may be heard or written before `act_from_ms`."""

    time_ms: int
    start_ms: int
    end_ms: int
    act_from_ms: int


@dataclass(frozen=True)
class Resumed:
    """Speech goes on after a pause; `was_over`: the answer that was begun is to be withdrawn."""

    time_ms: int
    start_ms: int
    was_over: bool


TurnEvent = SpeechStarted | MaybeOver | TurnOver | Resumed


class _State(Enum):
    WAITING = auto()
    SPEAKING = auto()
    PAUSED = auto()
    OVER = auto()


class Endpointer:
    """The turns of one microphone."""

    def __init__(self, settings: EndpointingSettings | None = None) -> None:
        self._settings = settings or EndpointingSettings()
        self._state = _State.WAITING
        self._time_ms = 0
        self._start_ms = 0
        self._speech_end_ms = 0
        self._run_ms = 0
        self._asked = 0
        self._question: MaybeOver | None = None
        self._probability: float | None = None

    def frame(self, time_ms: int, speech_probability: float) -> list[TurnEvent]:
        """What the frame that ends at `time_ms` brings."""
        self._time_ms = time_ms
        self._count_speech(speech_probability)
        heard = self._run_ms >= self._settings.min_speech_ms
        match self._state:
            case _State.WAITING:
                return [self._start()] if heard else []
            case _State.SPEAKING | _State.PAUSED if time_ms - self._start_ms >= self._settings.max_turn_ms:
                return [self._cut()]
            case _State.SPEAKING if self._run_ms:
                self._speech_end_ms = time_ms
            case _State.SPEAKING:
                return self._ask()
            case _State.PAUSED | _State.OVER if heard:
                return [self._resume()]
            case _State.PAUSED if not self._run_ms:
                return self._decide() or self._ask()
            case _State.OVER if self._silence_ms >= self._settings.reopen_ms and not self._run_ms:
                self.close()
            case _:
                pass
        return []

    def judge(self, question: MaybeOver, end_probability: float) -> list[TurnEvent]:
        """What comes of how likely the turn is over at `question`; an answer to an earlier pause brings nothing."""
        if self._state is not _State.PAUSED or question is not self._question:
            return []
        self._probability = end_probability
        return self._decide()

    def close(self) -> None:
        """Something of the answer is heard or written: the turn that is over stays over."""
        if self._state is _State.OVER:
            self._state = _State.WAITING

    @property
    def hears_words(self) -> bool:
        """Whether someone is in the midst of words."""
        return self._state is _State.SPEAKING

    @property
    def _silence_ms(self) -> int:
        return self._time_ms - self._speech_end_ms

    def _count_speech(self, probability: float) -> None:
        settings = self._settings
        least = settings.start_probability if self._state is _State.WAITING else settings.stop_probability
        self._run_ms = self._run_ms + FRAME_MS if probability >= least else 0

    def _start(self) -> SpeechStarted:
        self._state = _State.SPEAKING
        self._start_ms = max(0, self._time_ms - self._run_ms - self._settings.pre_roll_ms)
        self._speech_end_ms = self._time_ms
        return SpeechStarted(self._time_ms, self._start_ms)

    def _resume(self) -> Resumed:
        was_over = self._state is _State.OVER
        self._state = _State.SPEAKING
        self._speech_end_ms = self._time_ms
        self._forget_pause()
        return Resumed(self._time_ms, self._start_ms, was_over)

    def _ask(self) -> list[TurnEvent]:
        """The next question about this pause, if it is time for it."""
        places = self._settings.ask_after_ms
        if self._asked == len(places) or self._silence_ms < places[self._asked]:
            return []
        self._state = _State.PAUSED
        self._asked += 1
        self._question = MaybeOver(self._time_ms, self._start_ms, self._speech_end_ms)
        return [self._question]

    def _decide(self) -> list[TurnEvent]:
        """The end of the turn, if the pause has been long enough for what was said of it."""
        settings, probability = self._settings, self._probability
        if self._silence_ms < (settings.doubt_ms if probability is None else settings.patience_ms(probability)):
            return []
        doubt_ms = 0 if probability is not None and probability >= settings.sure else settings.doubt_ms
        return [self._end(max(self._time_ms, self._speech_end_ms + doubt_ms))]

    def _end(self, act_from_ms: int) -> TurnOver:
        self._state = _State.OVER
        self._forget_pause()
        return TurnOver(self._time_ms, self._start_ms, self._speech_end_ms, act_from_ms)

    def _cut(self) -> TurnOver:
        """The end of a turn that lasts too long, for good; speech that goes on is another one."""
        over = self._end(self._time_ms)
        self._run_ms = 0
        self.close()
        return over

    def _forget_pause(self) -> None:
        self._asked, self._question, self._probability = 0, None, None
