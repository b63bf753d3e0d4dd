"""Sound as the tools pass it on: mono 16-bit samples with their rate, cut into frames, kept for a while."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEARING_HZ = 16_000
"""The rate that speech recognition, voice activity and end of turn work at."""

SILENCE_DBFS = -96.0
"""The level of digital silence: half a step of 16-bit sound."""

Samples = NDArray[np.int16]
"""Mono PCM, shape (n,)."""


@dataclass(frozen=True, eq=False)
class Audio:
    """A stretch of mono sound. It only ever lives in memory."""

    samples: Samples
    rate_hz: int

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate_hz


def level_dbfs(samples: Samples) -> float:
    """How loud samples are (root mean square), in decibels below full scale, at least SILENCE_DBFS."""
    if not len(samples):
        return SILENCE_DBFS
    full_scale = samples.astype(np.float32) / 32_768
    power = float(full_scale @ full_scale) / len(samples)
    return max(SILENCE_DBFS, 10.0 * math.log10(power)) if power else SILENCE_DBFS


class Framer:
    """Cuts a stream that comes in pieces of any length into frames of one length."""

    def __init__(self, frame_samples: int) -> None:
        self._frame_samples = frame_samples
        self._rest: Samples = np.empty(0, np.int16)

    def frames(self, samples: Samples) -> Iterator[Samples]:
        """The frames that are complete now, each of shape (frame_samples,), in order."""
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // self._frame_samples * self._frame_samples
        self._rest = joined[whole:]
        return iter(joined[:whole].reshape(-1, self._frame_samples))


class RecentAudio:
    """The newest sound of a stream, so that a turn can be cut out once it is known where it began.

    Times are milliseconds from the start of the stream.
    """

    def __init__(self, rate_hz: int, keep_ms: int) -> None:
        self._rate_hz = rate_hz
        self._keep_samples = keep_ms * rate_hz // 1000
        self._pieces: deque[Samples] = deque()
        self._held_samples = 0
        self._end_sample = 0

    @property
    def end_ms(self) -> int:
        """How long the stream is so far."""
        return self._ms(self._end_sample)

    @property
    def start_ms(self) -> int:
        """Where what is still there begins."""
        return self._ms(self._end_sample - self._held_samples)

    def is_full_with(self, samples: Samples) -> bool:
        """Whether appending these would push something out."""
        return self._held_samples + len(samples) > self._keep_samples

    def append(self, samples: Samples) -> None:
        """Add what came next; the oldest gives way."""
        self._pieces.append(samples)
        self._held_samples += len(samples)
        self._end_sample += len(samples)
        while self._pieces and self._held_samples - len(self._pieces[0]) >= self._keep_samples:
            self._held_samples -= len(self._pieces.popleft())

    def between(self, start_ms: int, end_ms: int) -> Audio:
        """The sound from `start_ms` to `end_ms`; what is forgotten or yet to come is left out."""
        first_sample = self._end_sample - self._held_samples
        start, end = (max(0, at_ms * self._rate_hz // 1000 - first_sample) for at_ms in (start_ms, end_ms))
        held = np.concatenate(self._pieces) if self._pieces else np.empty(0, np.int16)
        return Audio(held[start:end].copy(), self._rate_hz)

    def forget(self, until_ms: int | None = None) -> None:
        """Drop what was heard before a time, as far as whole pieces go, or everything."""
        while self._pieces and (until_ms is None or self.start_ms + self._ms(len(self._pieces[0])) <= until_ms):
            self._held_samples -= len(self._pieces.popleft())

    def _ms(self, samples: int) -> int:
        return samples * 1000 // self._rate_hz
