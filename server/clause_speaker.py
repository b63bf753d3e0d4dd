"""A sentence comes in, its clauses with their sound go out one by one, so that the first is heard soon."""

from collections.abc import AsyncIterator

from server.realtime.voice import SpokenPiece
from tools.speaking.clauses import split_clauses
from tools.speaking.phrase_cache import PhraseCache


class ClauseSpeaker:
    """A `Speaker`."""

    def __init__(self, phrases: PhraseCache) -> None:
        self._phrases = phrases

    async def speak(self, sentence: str, language: str) -> AsyncIterator[SpokenPiece]:
        """The clauses in order; their texts together are the sentence. Raises SpeechError when one cannot be spoken."""
        for clause in split_clauses(sentence, language):
            yield SpokenPiece(clause.text, await self._phrases.synthesize(clause.text, language))

    def forget(self) -> None:
        """Keep nothing of what was said to customers."""
        self._phrases.forget()
