"""Whether the microphone hears only the kiosk itself: the levels of microphone and kiosk in each frame come in. Pure.

Most clients take the kiosk's voice out of what they send; a kiosk with plain speakers may not. Then what is heard
follows what is played, some time later and some decibels weaker. Both are learned from the levels of the last seconds
while the kiosk speaks, and a frame that is no louder than the echo to be expected is taken for echo. Until they are
learned, every frame is: in the first second of the kiosk's first words it cannot be interrupted. A client that cancels
echo shows no likeness of the levels, and then nothing is taken for echo.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.endpointing import FRAME_MS
from tools.audio import SILENCE_DBFS

_QUIET_DBFS = -60.0
"""What the kiosk plays more quietly than this is a pause in its speech."""


@dataclass(frozen=True)
class EchoSettings:
    """How echo is told from a customer."""

    longest_delay_ms: int = 992
    """From the kiosk's sending a sound to hearing it."""
    window_ms: int = 4000
    """How much of the past is compared."""
    learn_ms: int = 1024
    """How much of the kiosk's voice must have been played before anything is known of its echo."""
    least_likeness: float = 0.6
    """The correlation of levels from which on there is an echo."""
    margin_db: float = 6.0
    """How much louder than its echo something must be to be a customer."""
    smear_frames: int = 3
    """How many frames a sound rings on, and may be off from where it is expected."""


class EchoGate:
    """What is known of one kiosk's echo; it may outlive a session, since the room and the speakers do."""

    def __init__(self, settings: EchoSettings | None = None) -> None:
        self._settings = settings or EchoSettings()
        self._delays = self._settings.longest_delay_ms // FRAME_MS + 1
        window = self._settings.window_ms // FRAME_MS
        self._heard: deque[float] = deque(maxlen=window)
        self._played: deque[float] = deque([SILENCE_DBFS] * self._delays, maxlen=window + self._delays - 1)
        self._learned_frames = 0
        self._delay_frames = 0
        self._coupling_db: float | None = None

    @property
    def coupling_db(self) -> float | None:
        """How loud the kiosk comes back, relative to what it plays; None for no echo, or none known."""
        return self._coupling_db

    def is_echo(self, heard_dbfs: float, played_dbfs: float) -> bool:
        """Whether a frame so loud is explained by what the kiosk plays at its time and played before."""
        self._heard.append(heard_dbfs)
        self._played.append(played_dbfs)
        if played_dbfs > _QUIET_DBFS:
            self._learned_frames += 1
            if self._learned_frames * FRAME_MS >= self._settings.learn_ms and self._learned_frames % 8 == 0:
                self._learn()
        if self._loudest_of_late() <= _QUIET_DBFS:
            return False
        if self._learned_frames * FRAME_MS < self._settings.learn_ms:
            return True
        return self._coupling_db is not None and heard_dbfs <= self._expected_dbfs() + self._settings.margin_db

    def _loudest_of_late(self) -> float:
        return max(list(self._played)[-self._delays :])

    def _expected_dbfs(self) -> float:
        smear = self._settings.smear_frames
        newest = len(self._played) - 1 - self._delay_frames
        around = list(self._played)[max(0, newest - smear) : newest + smear + 1]
        return max(around) + (self._coupling_db or 0.0)

    def _learn(self) -> None:
        """Find the delay at which what is heard is most like what was played, and how much weaker it is then."""
        heard, played = np.array(self._heard), np.maximum(np.array(self._played), _QUIET_DBFS)
        shifts = np.lib.stride_tricks.sliding_window_view(played, len(heard))[-self._delays :]
        likeness = _correlations(shifts, np.maximum(heard, _QUIET_DBFS))
        best = int(np.argmax(likeness))
        if likeness[best] < self._settings.least_likeness:
            self._coupling_db = None
            return
        loud = shifts[best] >= np.median(shifts[best][shifts[best] > _QUIET_DBFS])
        self._delay_frames = len(shifts) - 1 - best
        self._coupling_db = float(np.median(heard[loud] - shifts[best][loud]))


def _correlations(rows: NDArray[np.float64], one: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's correlation of each row with one; 0 where either does not vary."""
    rows, one = rows - rows.mean(axis=1, keepdims=True), one - one.mean()
    norms = np.sqrt(np.square(rows).sum(axis=1) * np.square(one).sum())
    return np.divide(rows @ one, norms, out=np.zeros(len(rows)), where=norms > 0)
