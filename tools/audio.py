"""Sound as the tools pass it on: mono 16-bit samples with their rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEARING_HZ = 16_000
"""The rate that speech recognition, voice activity and end of turn work at."""

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
