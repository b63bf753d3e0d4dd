"""The roles of those who listen for speech and for the end of a turn."""

from typing import Protocol

from tools.audio import Audio, Samples

FRAME_SAMPLES = 512
"""Samples of one frame at `HEARING_HZ`: 32 ms."""


class VoiceActivityDetector(Protocol):
    """Whoever tells speech from other sound. It remembers the frames before: one for each stream."""

    async def speech_probability(self, frame: Samples) -> float:
        """How likely it is that someone speaks in the next frame, shape (FRAME_SAMPLES,)."""
        ...


class TurnEndDetector(Protocol):
    """Whoever tells from how something was said whether the speaker is done."""

    def end_probability(self, turn: Audio) -> float:
        """How likely it is that the turn, heard so far from its start, is complete."""
        ...
