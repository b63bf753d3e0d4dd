"""What customers of a scenario type comes in, what a kiosk hears when they say it goes out, also in a noisy room."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import soxr

from agent.languages import identify
from agent.settings import Settings
from evals.bench.spoken_sounds import SPEECH_DBFS, WIRE_HZ, at_level, in_noise, recording, silence
from evals.dialogue import Hear
from server.chat_roles import Notice
from server.realtime.voice import Voice
from server.speech import open_voice
from tools.audio import HEARING_HZ, Audio, Samples
from tools.hearing.recogniser import NamesLike
from tools.redaction import redact_heard

_AROUND_MS = 300


@asynccontextmanager
async def open_hearing(
    settings: Settings, languages: Sequence[str], names_like: NamesLike, noise: Path | None, notice: Notice
) -> AsyncIterator[Hear]:
    """Customers who speak with the kiosk's own voice and are heard with its ears.

    `noise` is a recording of a room, 10 dB below speech. Raises SpeechError where a model of speech is missing, and
    OperatorError for a file that is no recording.
    """
    background = None if noise is None else recording(noise)
    async with open_voice(settings, languages, notice) as voice:

        async def hear(text: str, language: str) -> str:
            if not text.strip():
                return text
            in_shop = in_noise(await _said(voice, text, identify(text, language)), background, offset=len(text))
            heard = soxr.resample(in_shop, WIRE_HZ, HEARING_HZ)
            likeliest_first = [language, *(other for other in languages if other != language)]
            sound = Audio(heard, HEARING_HZ)
            transcript = await voice.recogniser.transcribe(sound, likeliest_first, names_like=names_like)
            return redact_heard(transcript.text)

        yield hear


async def _said(voice: Voice, text: str, language: str) -> Samples:
    """The text spoken, at WIRE_HZ, with a moment of silence around it."""
    pieces = [piece.audio async for piece in voice.speaker.speak(text, language)]
    spoken = np.concatenate([soxr.resample(audio.samples, audio.rate_hz, WIRE_HZ) for audio in pieces])
    return np.concatenate((silence(_AROUND_MS), at_level(spoken, SPEECH_DBFS), silence(_AROUND_MS)))
