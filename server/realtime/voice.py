"""What a spoken session needs: roles for ears and mouth, put together by whoever composes the server."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from tools.audio import Audio, Samples
from tools.hearing.recogniser import SpeechRecognizer
from tools.turn_taking.detectors import TurnEndDetector, VoiceActivityDetector


@dataclass(frozen=True)
class SpokenPiece:
    """A part of a sentence and its sound."""

    text: str
    audio: Audio


class Speaker(Protocol):
    """Whoever speaks the kiosk's sentences, piece by piece so that the first sound comes soon."""

    def speak(self, sentence: str, language: str) -> AsyncIterator[SpokenPiece]:
        """The pieces in order; their texts together are the sentence. Raises SpeechError when it cannot be spoken."""
        ...

    def forget(self) -> None:
        """Keep nothing of what was said to customers."""
        ...


class Resampler(Protocol):
    """Brings one stream of sound to another rate."""

    def resample(self, samples: Samples) -> Samples:
        """What the stream so far tells beyond what was returned before."""
        ...

    def flush(self) -> Samples:
        """What was held back, when the stream has ended; the next samples begin another."""
        ...


@dataclass(frozen=True)
class Voice:
    """Ears and mouth for all sessions of a server."""

    recogniser: SpeechRecognizer
    speaker: Speaker
    turn_end: TurnEndDetector
    new_activity_detector: Callable[[], VoiceActivityDetector]
    new_resampler: Callable[[int, int], Resampler]
    is_backchannel: Callable[[str], bool]
    """Whether words only show that somebody listens ("mhm"), in any language."""
