"""The role of a speech synthesizer."""

from typing import Protocol

from tools.audio import Audio


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
