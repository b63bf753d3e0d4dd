"""Spoken sentences come in, what share of them a recogniser did not understand goes out."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import soxr
from faster_whisper import WhisperModel
from rapidfuzz.distance import Levenshtein

from agent.spoken.text import is_unspaced
from tools.audio import HEARING_HZ, Audio

RECOGNISER_FILE = "whisper-base/model.bin"
_HEARD_AT_MOST_TOKENS = 100


@cache
def recogniser(folder: Path) -> WhisperModel:
    """Whisper base, which is more easily at a loss than people are."""
    return WhisperModel(str(folder), compute_type="int8", cpu_threads=2)


def recognised(folder: Path, audio: Audio, language: str) -> str:
    """What Whisper hears in a sound."""
    heard = soxr.resample(audio.samples.astype(np.float32) / 32_768, audio.rate_hz, HEARING_HZ)
    segments, _ = recogniser(folder).transcribe(
        heard,
        language=language,
        beam_size=1,
        temperature=0.0,
        without_timestamps=True,
        condition_on_previous_text=False,
        max_new_tokens=_HEARD_AT_MOST_TOKENS,
    )
    return "".join(segment.text for segment in segments).strip()


def error_rate(said: str, heard: str) -> float:
    """Words wrong, left out or added for each word said; characters in scripts without spaces between words."""
    words = _words(said)
    return Levenshtein.distance(words, _words(heard)) / max(1, len(words))


def _words(text: str) -> list[str]:
    """Lower-cased, without punctuation."""
    plain = re.sub(r"[^\w\s]", "", text.lower())
    return [part for word in plain.split() for part in (word if any(map(is_unspaced, word)) else [word])]
