"""Sound at one rate comes in, in pieces of any length; the same sound at another rate goes out, piece by piece."""

import numpy as np
import soxr

from tools.audio import Samples


class StreamResampler:
    """Brings one stream to another rate; it remembers the pieces before, so each stream needs one of its own.

    What it gives out is 37 ms behind at most. Less is to be had only for the upper third of the band.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", quality="HQ")

    def resample(self, samples: Samples) -> Samples:
        """What the stream so far tells beyond what was returned before; shape (n,), at times empty."""
        return self._stream.resample_chunk(samples)

    def flush(self) -> Samples:
        """What was held back, when the stream has ended; the next piece begins another stream."""
        rest = self._stream.resample_chunk(np.empty(0, np.int16), last=True)
        self._stream.clear()
        return rest
