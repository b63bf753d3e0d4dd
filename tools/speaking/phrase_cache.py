"""Text comes in, its sound goes out, made only once for what is said often; kept in memory only, never on disk."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tools.audio import Audio
from tools.speaking.synthesizer import SpeechSynthesizer


@dataclass(frozen=True)
class _Phrase:
    text: str
    language: str


@dataclass
class _Making:
    """A sound that is being made, and how many wait for it."""

    task: asyncio.Task[Audio]
    waiting: int = 0


class PhraseCache:
    """A `SpeechSynthesizer` that remembers what another made, the least lately used forgotten first.

    The other speaks each language with one voice, so text and language say what a sound is. Whoever asks for what is
    being made waits for it; when nobody waits any more, it is given up. What is kept must not be written to.
    `lasting` has the phrases of each language that hold nothing personal, and so outlast customers.
    """

    def __init__(
        self,
        synthesizer: SpeechSynthesizer,
        lasting: Mapping[str, Collection[str]] | None = None,
        max_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._synthesizer, self._lasting, self._max_bytes = synthesizer, lasting or {}, max_bytes
        self._kept: OrderedDict[_Phrase, Audio] = OrderedDict()
        self._making: dict[_Phrase, _Making] = {}
        self._kept_bytes = 0

    @property
    def languages(self) -> frozenset[str]:
        """The languages it can speak."""
        return self._synthesizer.languages

    @property
    def kept_bytes(self) -> int:
        """How much sound is kept."""
        return self._kept_bytes

    async def synthesize(self, text: str, language: str) -> Audio:
        """The sound of one sentence or clause. Raises SpeechError; a failure is not remembered."""
        phrase = _Phrase(text.strip(), language)
        if (audio := self._kept.get(phrase)) is not None:
            self._kept.move_to_end(phrase)
            return audio
        making = self._making.get(phrase)
        if making is None:
            making = self._making[phrase] = _Making(asyncio.create_task(self._make(phrase)))
        making.waiting += 1
        try:
            return await asyncio.shield(making.task)
        finally:
            making.waiting -= 1
            if not making.waiting and not making.task.done():
                self._forget_making(phrase, making)
                making.task.cancel()

    def forget(self) -> None:
        """Forget what was said to customers, but for the phrases that may be kept."""
        for phrase in [phrase for phrase in self._kept if phrase.text not in self._lasting.get(phrase.language, ())]:
            self._drop(phrase)

    async def _make(self, phrase: _Phrase) -> Audio:
        making = self._making[phrase]
        try:
            audio = await self._synthesizer.synthesize(phrase.text, phrase.language)
        finally:
            self._forget_making(phrase, making)
        audio.samples.flags.writeable = False
        self._keep(phrase, audio)
        return audio

    def _forget_making(self, phrase: _Phrase, making: _Making) -> None:
        if self._making.get(phrase) is making:
            del self._making[phrase]

    def _keep(self, phrase: _Phrase, audio: Audio) -> None:
        if audio.samples.nbytes > self._max_bytes:
            return
        self._kept[phrase] = audio
        self._kept_bytes += audio.samples.nbytes
        while self._kept_bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, phrase: _Phrase) -> None:
        self._kept_bytes -= self._kept.pop(phrase).samples.nbytes
