"""What the microphone hears: samples come in, the sound of an utterance goes out. It only ever lives in memory."""

from collections import deque

import numpy as np

from tools.audio import HEARING_HZ, Audio, Samples


class InputAudio:
    """The newest part of a session's audio at HEARING_HZ, up to `max_s`; times count from the session's start."""

    def __init__(self, max_s: float) -> None:
        self._max_samples = int(max_s * HEARING_HZ)
        self._pieces: deque[Samples] = deque()
        self._held = 0
        self._end = 0

    @property
    def end_ms(self) -> int:
        """How much was heard since the session began."""
        return _ms(self._end)

    @property
    def held_ms(self) -> int:
        """How much of it is still there."""
        return _ms(self._held)

    @property
    def start_ms(self) -> int:
        """Where what is still there begins."""
        return _ms(self._end - self._held)

    def is_full_with(self, samples: Samples) -> bool:
        """Whether appending these would push something out."""
        return self._held + len(samples) > self._max_samples

    def append(self, samples: Samples) -> None:
        """Add what came next; the oldest gives way."""
        self._pieces.append(samples)
        self._held += len(samples)
        self._end += len(samples)
        while self._pieces and self._held - len(self._pieces[0]) >= self._max_samples:
            self._held -= len(self._pieces.popleft())

    def between(self, start_ms: int, end_ms: int) -> Audio:
        """The sound between two times, as far as it is still there."""
        joined = np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.int16)
        first = self._end - self._held
        start, end = (max(0, at_ms * HEARING_HZ // 1000 - first) for at_ms in (start_ms, end_ms))
        return Audio(joined[start:end].copy(), HEARING_HZ)

    def forget(self, until_ms: int | None = None) -> None:
        """Drop what was heard before a time, or everything."""
        while self._pieces and (until_ms is None or self.start_ms + _ms(len(self._pieces[0])) <= until_ms):
            self._held -= len(self._pieces.popleft())


def _ms(samples: int) -> int:
    return samples * 1000 // HEARING_HZ
