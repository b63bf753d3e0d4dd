"""Text in any language comes in, its sound goes out, from the first voice for the language that can say it."""

from collections.abc import Sequence

from tools.audio import Audio
from tools.errors import SpeechError
from tools.speaking.synthesizer import SpeechSynthesizer


class SynthesizerByLanguage:
    """A `SpeechSynthesizer` made of several: where one has no voice for the language or fails, the next is asked."""

    def __init__(self, synthesizers: Sequence[SpeechSynthesizer]) -> None:
        """The best first."""
        self._synthesizers = tuple(synthesizers)

    @property
    def languages(self) -> frozenset[str]:
        """The languages that one of them can speak."""
        return frozenset[str]().union(*(each.languages for each in self._synthesizers))

    async def synthesize(self, text: str, language: str) -> Audio:
        """The sound of one sentence or clause. Raises the SpeechError of the last that could have said it."""
        failure = SpeechError(f"There is no voice for the language {language!r}.")
        for synthesizer in self._synthesizers:
            if language in synthesizer.languages:
                try:
                    return await synthesizer.synthesize(text, language)
                except SpeechError as error:
                    failure = error
        raise failure
