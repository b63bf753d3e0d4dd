"""Small ears and a small mouth for tests of the server: loud means speech, and each letter lasts a while."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

import numpy as np

from server.realtime.client_events import WIRE_HZ
from server.realtime.voice import SpokenPiece, Voice
from tools.audio import Audio, Samples
from tools.errors import SpeechError
from tools.hearing.recogniser import NamesLike, Transcript

LETTER_MS = 20
LOUD = 8_000


def tone(duration_ms: float, rate_hz: int = WIRE_HZ) -> Samples:
    """Something loud."""
    times = np.arange(int(duration_ms * rate_hz / 1000)) / rate_hz
    return (np.sin(times * 440 * 2 * np.pi) * LOUD).astype(np.int16)


def silence(duration_ms: float, rate_hz: int = WIRE_HZ) -> Samples:
    return np.zeros(int(duration_ms * rate_hz / 1000), np.int16)


class ScriptedRecogniser:
    """Hears the next of its transcripts; an error among them is raised."""

    def __init__(self) -> None:
        self.transcripts: deque[str | Exception] = deque()
        self.heard: list[Audio] = []
        self.languages: list[list[str]] = []
        self.is_busy = True
        """Idle, it also looks now and then at what is just being said."""
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def transcribe(
        self,
        audio: Audio,
        languages: Sequence[str],
        word_times: bool = False,
        names_like: NamesLike | None = None,
    ) -> Transcript:
        self.heard.append(audio)
        self.languages.append(list(languages))
        await self.may_answer.wait()
        text = self.transcripts.popleft() if self.transcripts else ""
        if isinstance(text, Exception):
            raise text
        return Transcript(text=text, language=languages[0], confidence=1.0)


class ToneSpeaker:
    """Speaks words as tones, `LETTER_MS` a letter, half a sentence at a time."""

    def __init__(self, rate_hz: int = WIRE_HZ) -> None:
        self.rate_hz = rate_hz
        self.fails = False
        self.spoken: list[tuple[str, str]] = []
        self.pieces = 1_000_000
        """How many it speaks before it waits for ever."""
        self.forgotten = 0

    def forget(self) -> None:
        self.forgotten += 1

    async def speak(self, sentence: str, language: str) -> AsyncIterator[SpokenPiece]:
        self.spoken.append((sentence, language))
        half = len(sentence) // 2
        for text in (sentence[:half], sentence[half:]):
            if self.pieces == 0:
                await asyncio.Event().wait()
            self.pieces -= 1
            if self.fails:
                raise SpeechError("the voice is gone")
            yield SpokenPiece(text, Audio(tone(len(text) * LETTER_MS, self.rate_hz), self.rate_hz))


class Loudness:
    """Whoever is loud speaks."""

    async def speech_probability(self, frame: Samples) -> float:
        return 1.0 if np.abs(frame).max() > LOUD // 4 else 0.0


class ScriptedTurnEnd:
    """How likely a turn is over, as the test says; certainly, unless told otherwise."""

    def __init__(self) -> None:
        self.probability = 1.0

    def end_probability(self, turn: Audio) -> float:
        return self.probability


class Linear:
    """Resamples each piece by itself: good enough for tones."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz, self._to_hz = from_hz, to_hz

    def resample(self, samples: Samples) -> Samples:
        count = len(samples) * self._to_hz // self._from_hz
        places = np.arange(count) * self._from_hz / self._to_hz
        return np.interp(places, np.arange(len(samples)), samples).astype(np.int16) if count else samples[:0]

    def flush(self) -> Samples:
        return np.zeros(0, np.int16)


def small_voice(rate_hz: int = WIRE_HZ) -> tuple[Voice, ScriptedRecogniser, ToneSpeaker]:
    """A voice and the parts of it that tests script."""
    recogniser, speaker = ScriptedRecogniser(), ToneSpeaker(rate_hz)
    voice = Voice(recogniser, speaker, ScriptedTurnEnd(), Loudness, Linear, lambda text: text == "mhm")
    return voice, recogniser, speaker
