"""Text comes in, Kokoro's phonemes go out; punctuation stays where it was, so that the voice knows where to rise."""

import re
import unicodedata

from tools.speaking.espeak import espeak_ipa, voice_of
from tools.speaking.mandarin import mandarin_syllables
from tools.speaking.readings import in_reader, reading
from tools.speaking.spoken_forms import spoken_form
from tools.speaking.voices import kokoro_symbols

_PUNCTUATION = re.compile(r"([,.;:!?…—–()\"“”«»„\n、，。．；：！？।॥（）「」『』《》¿¡]+)")
_MARKS = str.maketrans("–\n、，。．；：！？।॥", "—,,,..;:!?..")
_KEPT_MARKS = ",.;:!?…—"
_LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")


async def phonemes(text: str, language: str) -> str:
    """How a text is said, in the letters that Kokoro knows. Raises SpeechError."""
    voice = voice_of(language)
    words = spoken_form(text, language)
    if voice.reading == "kana":  # as a whole: how a word is read depends on those around it
        words = await reading(words, voice)
    pieces = _PUNCTUATION.split(words)
    said = [await _piece(piece, language) for piece in pieces[::2]]
    marks = [*(_mark(piece) for piece in pieces[1::2]), ""]
    joined = " ".join("".join(map("".join, zip(said, marks, strict=True))).split())
    return joined.lstrip(_KEPT_MARKS + " ")


def _mark(punctuation: str) -> str:
    """One mark of those Kokoro knows, the strongest of several."""
    kept = [mark for mark in punctuation.translate(_MARKS) if mark in _KEPT_MARKS]
    return f"{max(kept, key=_KEPT_MARKS.index)} " if kept else " "


async def _piece(piece: str, language: str) -> str:
    """What stands between two marks."""
    if not any(letter.isalnum() for letter in piece):
        return ""
    voice = voice_of(language)
    if voice.reading == "pinyin":
        syllables = await in_reader(mandarin_syllables, piece)
        return "".join([each.sound or f" {await _piece(each.text, 'en')} " for each in syllables])
    ipa = unicodedata.normalize("NFC", " ".join(_LANGUAGE_SWITCH.sub("", await espeak_ipa(piece, voice)).split()))
    for theirs, ours in kokoro_symbols(language):
        ipa = ipa.replace(unicodedata.normalize("NFC", theirs), ours)
    return ipa.replace("^", "")
