"""Text comes in, Kokoro's phonemes go out; punctuation stays where it was, so that the voice knows where to rise."""

import re
import unicodedata

from tools.speaking.espeak import espeak_ipa, voice_of
from tools.speaking.readings import reading
from tools.speaking.spoken_forms import spoken_form
from tools.speaking.voices import Voice, kokoro_symbols

_PUNCTUATION = re.compile(r"([,.;:!?…—–()\"“”«»„\n、，。．；：！？।॥（）「」『』《》¿¡]+)")
_MARKS = str.maketrans("–\n、，。．；：！？।॥", "—,,,..;:!?..")
_KEPT_MARKS = ",.;:!?…—"
_LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")


async def phonemes(text: str, language: str) -> str:
    """How a text is said, in the letters that Kokoro knows. Raises SpeechError."""
    voice = voice_of(language)
    words = await reading(spoken_form(text, language), voice)
    pieces = _PUNCTUATION.split(words)
    said = [await _piece(piece, language, voice) for piece in pieces[::2]]
    marks = [*(_mark(piece) for piece in pieces[1::2]), ""]
    return re.sub(r"^[^\w]+", "", "".join(f"{piece}{mark}" for piece, mark in zip(said, marks, strict=True))).strip()


def _mark(punctuation: str) -> str:
    """One mark of those Kokoro knows, the strongest of several."""
    kept = [mark for mark in punctuation.translate(_MARKS) if mark in _KEPT_MARKS]
    return f"{max(kept, key=_KEPT_MARKS.index)} " if kept else " "


async def _piece(piece: str, language: str, voice: Voice) -> str:
    """What stands between two marks."""
    if not any(letter.isalnum() for letter in piece):
        return ""
    ipa = unicodedata.normalize("NFC", " ".join(_LANGUAGE_SWITCH.sub("", await espeak_ipa(piece, voice)).split()))
    for theirs, ours in kokoro_symbols(language):
        ipa = ipa.replace(unicodedata.normalize("NFC", theirs), ours)
    return ipa.replace("^", "")
