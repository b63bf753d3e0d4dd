"""Whether a customer interrupts the kiosk: how likely each frame is speech comes in, commands go out. Pure.

Who speaks while the kiosk does is either interrupting or only nodding along, and the first tenths of a second do not
tell which. So the kiosk falls silent at once but keeps its place (`Duck`), and then either gives up the rest (`Stop`)
or says it from where it was (`Resume`). Speech that lasts is an interruption whatever it says; of short speech the
words tell, if they come in time. Words that come later than that stop it all the same.

All times are places in the microphone's stream, in milliseconds. The caller

- says `started` when the kiosk's voice begins to be heard and `finished` when it has ended, and gives every frame
  in between to `frame`; a frame that is only the kiosk's echo (`server/echo.py`) has the probability 0;
- gives what was heard to `words` as soon as it is known. A turn that was over while the kiosk spoke counts only if the
  kiosk was stopped by it.
"""

from dataclasses import dataclass
from enum import Enum, auto

from server.endpointing import FRAME_MS


class Command(Enum):
    """What the kiosk's voice has to do."""

    DUCK = auto()
    """Fall silent now and keep the place."""
    STOP = auto()
    """Give up what was not heard."""
    RESUME = auto()
    """Go on from the place that was kept."""


@dataclass(frozen=True)
class BargeInSettings:
    """What was found best on half of the sounds of `evals/bench/turn_taking_bench.py`."""

    speech_probability: float = 0.8
    duck_after_ms: int = 64
    """Speech that lasts less does not silence the kiosk: a cough, a door."""
    stop_after_ms: int = 1000
    """Speech that lasts this long, pauses left out, is no nodding along."""
    pause_ms: int = 256
    """Silence after which speech has ended."""
    unclear_ms: int = 256
    """Shorter speech than this is not waited for to become words."""
    words_within_ms: int = 448
    """Silence after which the kiosk goes on, the words known or not."""


class _State(Enum):
    SILENT = auto()
    SPEAKING = auto()
    DUCKED = auto()


class BargeIn:
    """The interruptions of one kiosk voice."""

    def __init__(self, settings: BargeInSettings | None = None) -> None:
        self._settings = settings or BargeInSettings()
        self._state = _State.SILENT
        self._run_ms = 0
        self._speech_ms = 0
        self._silence_ms = 0
        self._awaits_words = False

    @property
    def is_undecided(self) -> bool:
        """Whether someone spoke over the kiosk and only the words can tell why."""
        return self._awaits_words

    @property
    def is_holding(self) -> bool:
        """Whether the kiosk was made to fall silent and keep the place."""
        return self._state is _State.DUCKED

    def started(self) -> None:
        """The kiosk begins to speak."""
        self._state = _State.SPEAKING
        self._forget()

    def finished(self) -> None:
        """The kiosk has said everything; what is heard from now on interrupts nothing."""
        self._state = _State.SILENT
        self._forget()

    def frame(self, speech_probability: float) -> Command | None:
        """What the next frame demands."""
        if self._state is _State.SILENT:
            return None
        speaks = speech_probability >= self._settings.speech_probability
        self._run_ms = self._run_ms + FRAME_MS if speaks else 0
        if self._state is _State.SPEAKING:
            return self._duck() if self._run_ms >= self._settings.duck_after_ms else None
        self._speech_ms += FRAME_MS if speaks else 0
        self._silence_ms = 0 if speaks else self._silence_ms + FRAME_MS
        if self._speech_ms >= self._settings.stop_after_ms:
            return self._stop()
        clear = self._speech_ms >= self._settings.unclear_ms
        patience_ms = self._settings.words_within_ms if clear else self._settings.pause_ms
        return self._resume() if self._silence_ms >= patience_ms else None

    def words(self, is_backchannel: bool) -> Command | None:
        """What was said over the kiosk is known; nothing at all counts as nodding along."""
        if not self._awaits_words:
            return None
        if not is_backchannel:
            return self._stop()
        self._awaits_words = False
        return self._resume() if self._state is _State.DUCKED else None

    def _duck(self) -> Command:
        self._state = _State.DUCKED
        self._speech_ms, self._silence_ms = self._run_ms, 0
        self._awaits_words = True
        return Command.DUCK

    def _stop(self) -> Command:
        self.finished()
        return Command.STOP

    def _resume(self) -> Command:
        self._state = _State.SPEAKING
        self._run_ms = 0
        return Command.RESUME

    def _forget(self) -> None:
        self._run_ms, self._speech_ms, self._silence_ms, self._awaits_words = 0, 0, 0, False
