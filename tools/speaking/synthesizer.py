"""The role of a speech synthesizer."""

from typing import Protocol

from tools.audio import Audio
from tools.errors import SpeechError

MAX_SENTENCE_CHARACTERS = 600
"""What is longer is no sentence; it is to be split before it is spoken."""


class SpeechSynthesizer(Protocol):
    """Whoever turns words into sound."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages it can speak (BCP 47, as the language packs name them)."""
        ...

    async def synthesize(self, text: str, language: str) -> Audio:
        """The sound of one sentence or clause, read as a person would read it.

        Raises SpeechError for a language without a voice, and for text that is empty or too long to be one sentence.
        """
        ...


def checked_text(text: str) -> str:
    """The text without spaces around it. Raises SpeechError when it is empty or too long to be one sentence."""
    text = text.strip()
    if not text:
        raise SpeechError("There is nothing to say.")
    if len(text) > MAX_SENTENCE_CHARACTERS:
        raise SpeechError(f"More than {MAX_SENTENCE_CHARACTERS} characters are no sentence.")
    return text
