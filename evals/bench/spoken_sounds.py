"""Sentences and names of rooms come in, sound as a microphone sends it goes out: espeak-ng speaks, noise is added."""

import re
import shutil
import subprocess
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soxr
import yaml

from server.microphone import HeardFrame, Microphone
from tools.audio import HEARING_HZ, Audio, RecentAudio, Samples, level_dbfs
from tools.errors import OperatorError
from tools.resampling import StreamResampler
from tools.turn_taking.detectors import VoiceActivityDetector

WIRE_HZ = 24_000
NOISE = Path(__file__).resolve().parents[3] / "shared" / "data" / "noise"
SENTENCES = Path(__file__).with_name("spoken_turns.yaml")
_VOICES = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br", "zh": "cmn"}
_SPEAKERS = ("", "+f3", "+m3", "+f4")
_HISS_DBFS = -66.0
SPEECH_DBFS = -20.0
PAUSE = re.compile(r"\s*\|(\d+)\|\s*")
"""How a pause is written in a sentence: its milliseconds between bars."""
_ESPEAK_HZ = 22_050


@dataclass(frozen=True, eq=False)
class SpokenTurn:
    """One turn as it sounds, at WIRE_HZ: where its speech begins and ends, and where its pause does, if it has one."""

    language: str
    text: str
    samples: Samples
    start_ms: int
    end_ms: int
    pause_ms: tuple[int, int] | None


def can_speak() -> bool:
    """Whether espeak-ng is installed."""
    return shutil.which("espeak-ng") is not None


@cache
def say(text: str, language: str, speaker: int = 0) -> Samples:
    """A text spoken, without the silence around it, at WIRE_HZ and the level of speech."""
    command = ["espeak-ng", "--stdout", "-b", "1", "-s", str(150 + 10 * (speaker % 3))]
    voice = _VOICES.get(language, language) + _SPEAKERS[speaker % len(_SPEAKERS)]
    spoken = subprocess.run([*command, "-v", voice], input=text.encode(), capture_output=True, check=True).stdout
    pcm = spoken[spoken.index(b"data") + 8 :]
    samples = soxr.resample(np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16), _ESPEAK_HZ, WIRE_HZ)
    return at_level(trimmed(samples), SPEECH_DBFS)


def trimmed(samples: Samples) -> Samples:
    """Without what is 40 dB below the loudest 10 ms at either end."""
    step = WIRE_HZ // 100
    blocks = samples[: len(samples) // step * step].reshape(-1, step)
    levels = np.array([level_dbfs(block) for block in blocks])
    loud = np.flatnonzero(levels > levels.max() - 40)
    return samples[loud[0] * step : (loud[-1] + 1) * step]


def at_level(samples: Samples, dbfs: float) -> Samples:
    """As loud as said, on average."""
    return (samples * 10 ** ((dbfs - level_dbfs(samples)) / 20)).clip(-32_768, 32_767).astype(np.int16)


def silence(duration_ms: int) -> Samples:
    """Digital silence."""
    return np.zeros(duration_ms * WIRE_HZ // 1000, np.int16)


def read_turns(lead_ms: int = 1500, tail_ms: int = 4500) -> list[SpokenTurn]:
    """All sentences, spoken. What stands before a pause is spoken as before a comma, so that the voice stays up."""
    turns: list[SpokenTurn] = []
    for language, sentences in yaml.safe_load(SENTENCES.read_text("utf-8")).items():
        for number, sentence in enumerate(sentences):
            first, *rest = PAUSE.split(sentence)
            pieces = [silence(lead_ms), say(f"{first}," if rest else first, language, number)]
            if rest:
                pieces += [silence(int(rest[0])), say(rest[1], language, number)]
            ends = np.cumsum([len(piece) for piece in pieces]) * 1000 // WIRE_HZ
            turns.append(
                SpokenTurn(
                    language=language,
                    text=sentence,
                    samples=np.concatenate((*pieces, silence(tail_ms))),
                    start_ms=lead_ms,
                    end_ms=int(ends[-1]),
                    pause_ms=(int(ends[1]), int(ends[2])) if rest else None,
                )
            )
    return turns


@cache
def recording(path: Path) -> Samples:
    """A recording of a room in 16 bits, at WIRE_HZ. Raises OperatorError when the file is none."""
    try:
        with wave.open(str(path)) as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                raise OperatorError(f"{path} is no recording in mono and 16 bits")
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            return soxr.resample(samples, file.getframerate(), WIRE_HZ)
    except (OSError, wave.Error, EOFError) as failure:
        raise OperatorError(f"{path} is no WAV file: {failure}") from failure


def noise(name: str) -> Samples:
    """One of the recordings that are here."""
    return recording(NOISE / f"{name}.wav")


def noises() -> list[str]:
    """The recordings that are here; none where the data is absent."""
    return sorted(path.stem for path in NOISE.glob("*.wav"))


def in_room(samples: Samples, room: str | None, snr_db: float = 10.0, offset: int = 0) -> Samples:
    """With the noise of one of those rooms, or without a room with the hiss of a microphone only."""
    return in_noise(samples, None if room is None else noise(room), snr_db, offset)


def in_noise(samples: Samples, background: Samples | None, snr_db: float = 10.0, offset: int = 0) -> Samples:
    """With a background so much below speech, from a different place in it for each offset; or with hiss only."""
    if background is None:
        hiss = np.random.default_rng(offset).normal(0.0, 32_768 * 10 ** (_HISS_DBFS / 20), len(samples))
        return mix(samples, hiss.astype(np.int16))
    background = np.roll(at_level(background, SPEECH_DBFS - snr_db), -offset * WIRE_HZ)
    return mix(samples, np.resize(background, len(samples)))


def mix(one: Samples, other: Samples) -> Samples:
    """Both at once, as long as the first."""
    padded = np.zeros(len(one), np.int32)
    padded[: len(other)] = other[: len(one)]
    return (padded + one).clip(-32_768, 32_767).astype(np.int16)


def cough(number: int) -> Samples:
    """Something like a cough: two bursts of breath through the throat. Shaped noise, not a recording."""
    source = np.random.default_rng(number)
    bursts = [_burst(source, duration_ms, 4.0, (350, 2_600)) for duration_ms in (220, 160)]
    return at_level(np.concatenate((bursts[0], silence(90), bursts[1])), SPEECH_DBFS + 3)


def slam(number: int) -> Samples:
    """Something like a door: a low thud that rings out. Shaped noise, not a recording."""
    return at_level(_burst(np.random.default_rng(number), 350, 9.0, (40, 500)), SPEECH_DBFS + 6)


def _burst(source: np.random.Generator, duration_ms: int, decay: float, band_hz: tuple[int, int]) -> Samples:
    """Noise of a band that begins at once and dies away."""
    count = duration_ms * WIRE_HZ // 1000
    spectrum = np.fft.rfft(source.normal(0.0, 1.0, count))
    hz = np.fft.rfftfreq(count, 1 / WIRE_HZ)
    spectrum[(hz < band_hz[0]) | (hz > band_hz[1])] = 0
    shaped = np.fft.irfft(spectrum, count) * np.exp(-decay * np.linspace(0, 1, count))
    return (shaped / np.abs(shaped).max() * 16_000).astype(np.int16)


class HeardStream:
    """A client's stream at WIRE_HZ as a session hears it."""

    def __init__(self, detector: VoiceActivityDetector) -> None:
        self._resampler = StreamResampler(WIRE_HZ, HEARING_HZ)
        self._microphone, self._recent = Microphone(detector), RecentAudio(HEARING_HZ, 35_000)

    def hear(self, samples: Samples) -> AsyncIterator[HeardFrame]:
        """The frames that are complete with the next samples."""
        heard = self._resampler.resample(samples)
        self._recent.append(heard)
        return self._microphone.hear(heard)

    def between(self, start_ms: int, end_ms: int) -> Audio:
        """What was heard between two places in the stream."""
        return self._recent.between(start_ms, end_ms)
