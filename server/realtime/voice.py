"""What a spoken session needs: roles for ears and mouth, put together by whoever composes the server."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from server.realtime.client_events import TurnDetection
from tools.audio import Audio, Samples
from tools.hearing.recogniser import SpeechRecognizer


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


@dataclass(frozen=True)
class TurnSignal:
    """What a stretch of sound told, and where: milliseconds since the start of the session's audio.

    `began`: the customer has the floor; while the kiosk speaks this is only said of a real interruption. `paused`: the
    turn may be over at this point, so it is worth recognising what was said. `ended`: it is over, at the point of
    the last pause if nothing was said since.
    """

    kind: Literal["began", "paused", "ended"]
    at_ms: int


class TurnTaking(Protocol):
    """Whoever tells when a customer's turn begins and ends. One for each stream; it remembers what came before."""

    async def feed(self, samples: Samples, end_ms: int, kiosk_speaks: bool) -> Sequence[TurnSignal]:
        """What the next samples at HEARING_HZ tell; they end at `end_ms` of the stream."""
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
    new_turn_taking: Callable[[TurnDetection], TurnTaking]
    new_resampler: Callable[[int, int], Resampler]
