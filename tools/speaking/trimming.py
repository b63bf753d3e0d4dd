"""Sound as a model makes it comes in, 16-bit sound with little silence around it goes out."""

import numpy as np
from numpy.typing import NDArray

from tools.audio import Audio

_STEP_MS = 10
_SILENT_BELOW = 0.004
"""-48 dBFS: less is breath and noise."""
_LEFT_BEFORE_MS = 30
_LEFT_AFTER_MS = 120
"""The pause that a mark makes stays, most of it: what follows is another piece."""


def to_audio(wave: NDArray[np.float32], rate_hz: int) -> Audio:
    """Sound of -1 to 1, shape (n,), as 16-bit samples without most of the silence at either end."""
    step = rate_hz * _STEP_MS // 1000
    loud = np.flatnonzero(np.abs(wave) > _SILENT_BELOW)
    if len(loud):
        start = max(0, int(loud[0]) - _LEFT_BEFORE_MS // _STEP_MS * step)
        wave = wave[start : int(loud[-1]) + 1 + _LEFT_AFTER_MS // _STEP_MS * step]
    return Audio((np.nan_to_num(wave).clip(-1.0, 1.0) * 32_767).astype(np.int16), rate_hz)
