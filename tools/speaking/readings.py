"""Text in a script that espeak-ng cannot read comes in, how it is read goes out: kana and pinyin."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from tools.speaking.voices import Voice

T = TypeVar("T")

_reader = ThreadPoolExecutor(1, thread_name_prefix="reading")
"""The dictionaries take seconds to load, and Japanese some milliseconds a sentence: not on the event loop."""


async def reading(text: str, voice: Voice) -> str:
    """The text in letters that the voice of espeak-ng can read."""
    if voice.reading is None:
        return text
    return await in_reader(_kana if voice.reading == "kana" else _pinyin, text)


async def in_reader(read: Callable[[str], T], text: str) -> T:
    """What a dictionary says of a text."""
    return await asyncio.get_running_loop().run_in_executor(_reader, read, text)


def _kana(text: str) -> str:
    """Katakana as spoken ("ワ" for the particle は), words apart; what has no reading stays as it is."""
    words = _japanese().tokenize(text)
    return " ".join(word.surface if word.phonetic == "*" else word.phonetic for word in words)


def _pinyin(text: str) -> str:
    """Syllables with the number of their tone, apart; what is not Chinese stays as it is."""
    from pypinyin import Style, lazy_pinyin  # its dictionary takes a while, and only Chinese needs it

    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))


@cache
def _japanese() -> Any:
    from janome.tokenizer import Tokenizer  # its dictionary takes seconds, and only Japanese needs it

    return Tokenizer()
