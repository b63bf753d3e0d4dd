"""A customer's microphone: sound at `HEARING_HZ` comes in, frames, how likely they are speech and how loud go out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from server.endpointing import FRAME_MS
from tools.audio import Framer, Samples, level_dbfs
from tools.turn_taking.detectors import FRAME_SAMPLES, VoiceActivityDetector


@dataclass(frozen=True)
class HeardFrame:
    """One frame: where in the stream it ends, how likely it is speech, and how loud."""

    time_ms: int
    speech_probability: float
    level_dbfs: float


class Microphone:
    """One microphone from `start_ms` of its stream on."""

    def __init__(self, detector: VoiceActivityDetector, start_ms: int = 0) -> None:
        self._detector = detector
        self._framer = Framer(FRAME_SAMPLES)
        self._time_ms = start_ms

    async def hear(self, samples: Samples) -> AsyncIterator[HeardFrame]:
        """The frames that are complete with these samples."""
        for frame in self._framer.frames(samples):
            self._time_ms += FRAME_MS
            probability = await self._detector.speech_probability(frame)
            yield HeardFrame(self._time_ms, probability, level_dbfs(frame))
