"""What the two Kokoros share: phonemes as the numbers the model knows, 24 kHz."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tools.audio import Audio
from tools.errors import SpeechError
from tools.speaking.phonemes import phonemes
from tools.speaking.synthesizer import checked_text
from tools.speaking.trimming import to_audio

KOKORO_HZ = 24_000
MAX_TOKENS = 510
"""So many phonemes are a sentence; the model has no place for more."""

Wave = NDArray[np.float32]
"""Sound of -1 to 1, shape (n,)."""


async def known_phonemes(text: str, language: str, vocabulary: Mapping[str, int]) -> str:
    """The phonemes of a text that the model knows. Raises SpeechError where there are none or too many."""
    said = "".join(symbol for symbol in await phonemes(checked_text(text), language) if symbol in vocabulary)
    if len(said) > MAX_TOKENS:
        raise SpeechError(f"{len(said)} phonemes are more than one sentence has.")
    if not any(symbol.isalpha() for symbol in said):
        raise SpeechError("There is nothing to say that has a sound.")
    return said


def spoken(wave: Wave) -> Audio:
    """The sound as it goes out. Raises SpeechError when the model made none."""
    audio = to_audio(wave, KOKORO_HZ)
    if not len(audio.samples):
        raise SpeechError("Kokoro made no sound.")
    return audio
