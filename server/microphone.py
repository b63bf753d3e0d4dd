"""A customer's microphone: sound as it comes over the wire comes in, frames and how likely they are speech go out."""

from collections.abc import Iterator
from dataclasses import dataclass

from tools.audio import HEARING_HZ, Audio, Framer, RecentAudio, Samples, level_dbfs
from tools.resampling import StreamResampler
from tools.turn_taking.detectors import FRAME_SAMPLES, VoiceActivityDetector

_KEEP_MS = 35_000
"""A turn of the longest kind with its pre-roll and the silence behind it: 1.1 MB."""


@dataclass(frozen=True)
class HeardFrame:
    """One frame: where in the stream it ends, how likely it is speech, and how loud."""

    time_ms: int
    speech_probability: float
    level_dbfs: float


class Microphone:
    """One customer's microphone. About a third of a millisecond of work a frame, so it may run on the event loop."""

    def __init__(self, detector: VoiceActivityDetector, rate_hz: int) -> None:
        self._detector = detector
        self._resampler = None if rate_hz == HEARING_HZ else StreamResampler(rate_hz, HEARING_HZ)
        self._framer = Framer(FRAME_SAMPLES)
        self._recent = RecentAudio(HEARING_HZ, _KEEP_MS)

    def hear(self, samples: Samples) -> Iterator[HeardFrame]:
        """The frames that are complete with these samples; each must be taken before the next samples are given."""
        for frame in self._framer.frames(self._resampler.resample(samples) if self._resampler else samples):
            self._recent.append(frame)
            yield HeardFrame(self._recent.end_ms, self._detector.speech_probability(frame), level_dbfs(frame))

    def between(self, start_ms: int, end_ms: int) -> Audio:
        """What was heard between two places in the stream, at HEARING_HZ, as far as it is kept."""
        return self._recent.between(start_ms, end_ms)
