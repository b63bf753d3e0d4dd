"""The role of a speech recogniser and what it gives back."""

from collections.abc import Callable, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from tools.audio import Audio


class Word(BaseModel):
    """A word as heard, with when it was said, counted from the start of the sound."""

    model_config = ConfigDict(frozen=True)

    text: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    confidence: float = Field(ge=0, le=1)


class Transcript(BaseModel):
    """What was said; `text` is empty when nobody spoke. `words` is empty where their times were not asked for.

    `language` is one of those that were allowed (BCP 47, as the language packs name them), also for no speech.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    language: str
    confidence: float = Field(ge=0, le=1)
    words: tuple[Word, ...] = ()


NamesLike = Callable[[str], Sequence[str]]
"""Words as heard at first to the names that may have been said in their place, likeliest first. Asked in a thread."""


class SpeechRecognizer(Protocol):
    """Whoever turns sound into words."""

    @property
    def is_busy(self) -> bool:
        """Whether what comes now would have to wait."""
        ...

    async def transcribe(
        self,
        audio: Audio,
        languages: Sequence[str],
        word_times: bool = False,
        names_like: NamesLike | None = None,
    ) -> Transcript:
        """What was said in one of `languages`, the likeliest first; silence and noise give an empty text.

        Names that `names_like` gives are understood where they fit the sound. Raises SpeechError when the sound cannot
        be recognised at all (too long, no such language, model gone).
        """
        ...
