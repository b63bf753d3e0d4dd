"""What is said often is made once; what nobody waits for any more is given up; memory is bounded."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.audio import Audio
from tools.errors import SpeechError
from tools.speaking.by_language import SynthesizerByLanguage
from tools.speaking.phrase_cache import PhraseCache


class Speaker:
    """Says each text as so many samples as it has letters, when it is let; a voice of our own."""

    def __init__(self, languages: str = "en de", fails: bool = False) -> None:
        self.languages = frozenset(languages.split())
        self.fails = fails
        self.begun: list[str] = []
        self.given_up: list[str] = []
        self.may_speak = asyncio.Event()
        self.may_speak.set()

    async def synthesize(self, text: str, language: str) -> Audio:
        self.begun.append(text)
        try:
            await self.may_speak.wait()
        except asyncio.CancelledError:
            self.given_up.append(text)
            raise
        if self.fails:
            raise SpeechError("no voice today")
        return Audio(np.full(len(text), 7, np.int16), 24_000)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_phrase_is_made_once_for_all_who_ask() -> None:
    speaker = Speaker()
    cache = PhraseCache(speaker)
    speaker.may_speak.clear()
    asked = [asyncio.create_task(cache.synthesize(" Hello ", "en")) for _ in range(5)]
    await settle()
    speaker.may_speak.set()
    sounds = await asyncio.gather(*asked)
    assert all(sound is sounds[0] for sound in sounds)
    assert await cache.synthesize("Hello", "en") is sounds[0]
    assert await cache.synthesize("Hello", "de") is not sounds[0]
    assert speaker.begun == ["Hello", "Hello"]
    with pytest.raises(ValueError, match="read-only"):
        sounds[0].samples[0] = 1


async def test_one_who_leaves_does_not_take_the_sound_along_and_the_last_does() -> None:
    speaker = Speaker()
    cache = PhraseCache(speaker)
    speaker.may_speak.clear()
    first, second = (asyncio.create_task(cache.synthesize("Hello", "en")) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    assert speaker.given_up == []
    second.cancel()
    await settle()
    assert speaker.given_up == ["Hello"]
    speaker.may_speak.set()
    assert len((await cache.synthesize("Hello", "en")).samples) == 5


async def test_a_failure_is_told_and_not_remembered() -> None:
    speaker = Speaker(fails=True)
    cache = PhraseCache(speaker)
    with pytest.raises(SpeechError):
        await cache.synthesize("Hello", "en")
    speaker.fails = False
    assert len((await cache.synthesize("Hello", "en")).samples) == 5


async def test_only_what_is_said_to_everybody_outlasts_a_customer() -> None:
    speaker = Speaker()
    cache = PhraseCache(speaker, {"en": ["Hello"]})
    for text, language in (("Hello ", "en"), ("Hello", "de"), ("Thank you, James!", "en")):
        await cache.synthesize(text, language)
    cache.forget()
    assert cache.kept_bytes == 2 * len("Hello")
    speaker.begun.clear()
    await cache.synthesize("Hello", "en")
    await cache.synthesize("Thank you, James!", "en")
    assert speaker.begun == ["Thank you, James!"]


@given(st.lists(st.sampled_from(["a", "bb", "ccc", "dddddd", "e" * 30])), st.integers(0, 24))
def test_memory_is_bounded_and_the_least_lately_used_goes_first(texts: list[str], max_bytes: int) -> None:
    async def ask() -> None:
        speaker = Speaker()
        cache = PhraseCache(speaker, max_bytes=max_bytes)
        kept: list[str] = []  # the model: least lately used first
        for text in texts:
            speaker.begun.clear()
            await cache.synthesize(text, "en")
            assert speaker.begun == ([] if text in kept else [text])
            kept = [each for each in kept if each != text] + [text] * (2 * len(text) <= max_bytes)
            while 2 * len("".join(kept)) > max_bytes:
                kept.pop(0)
            assert cache.kept_bytes == 2 * len("".join(kept))

    asyncio.run(ask())


async def test_a_voice_that_fails_leaves_the_word_to_the_next() -> None:
    mute, english, any_voice = Speaker(fails=True), Speaker("en"), Speaker("en de fr")
    voices = SynthesizerByLanguage([mute, english, any_voice])
    assert voices.languages == {"en", "de", "fr"}
    for text, language in (("one", "en"), ("two", "de"), ("three", "fr")):
        assert len((await voices.synthesize(text, language)).samples) == len(text)
    assert (mute.begun, english.begun, any_voice.begun) == (["one", "two"], ["one"], ["two", "three"])
    with pytest.raises(SpeechError, match="no voice today"):
        await SynthesizerByLanguage([mute]).synthesize("one", "en")
    with pytest.raises(SpeechError, match="'xx'"):
        await voices.synthesize("one", "xx")
