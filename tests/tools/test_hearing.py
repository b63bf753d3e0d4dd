"""Speech in sound, words out: what every recogniser must do, by the real model and generated speech."""

import asyncio
import importlib.util
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from evals.bench.spoken_sounds import WIRE_HZ, at_level, in_room, noises, silence
from tests.spoken import need_speech, speech_model
from tools.audio import HEARING_HZ, Audio, Samples
from tools.errors import SpeechError
from tools.hearing.faster_whisper import WHISPER_FOLDER, FasterWhisperRecognizer
from tools.hearing.recogniser import SpeechRecognizer, Transcript
from tools.hearing.whisperx import WhisperXRecognizer
from tools.resampling import StreamResampler
from tools.speaking.kokoro_onnx import KOKORO_FILES, KokoroOnnxSynthesizer
from tools.turn_taking.silero import SILERO_FILE

LANGUAGES = ["en", "es", "fr", "de", "it", "pt", "hi", "zh", "ja"]


@pytest.fixture(scope="module", params=["faster_whisper", "whisperx"])
def recogniser(request: pytest.FixtureRequest) -> Iterator[SpeechRecognizer]:
    folder = speech_model(f"{WHISPER_FOLDER}/model.bin").parent
    silero = speech_model(SILERO_FILE)
    if request.param == "whisperx":
        if importlib.util.find_spec("whisperx") is None:
            pytest.skip("the package whisperx is not installed")
        opened = WhisperXRecognizer(folder, silero)
    else:
        opened = FasterWhisperRecognizer(folder.parent)
    yield opened
    opened.close()


def heard(samples: Samples) -> Audio:
    """Sound of the wire as it is heard."""
    resampler = StreamResampler(WIRE_HZ, HEARING_HZ)
    return Audio(np.concatenate((resampler.resample(samples), resampler.flush())), HEARING_HZ)


async def spoken(text: str, language: str) -> Audio:
    """A sentence said by the kiosk's own voice, which a small recogniser understands better than espeak's."""
    need_speech()
    audio = await kokoro().synthesize(text, language)
    assert audio.rate_hz == WIRE_HZ
    return heard(np.concatenate((silence(300), audio.samples, silence(300))))


@cache
def kokoro() -> KokoroOnnxSynthesizer:
    return KokoroOnnxSynthesizer(speech_model(KOKORO_FILES[0]).parent.parent)


def letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "Do you have a red umbrella in this shop?", "umbrella"),
        ("es", "Busco unas botas negras.", "botas"),
        ("de", "Ich suche eine Sonnenbrille.", "sonnenbrille"),
    ],
)
async def test_speech_becomes_words_in_its_language(
    recogniser: SpeechRecognizer, language: str, text: str, word: str
) -> None:
    found = await recogniser.transcribe(await spoken(text, language), LANGUAGES)
    assert found.language == language
    assert word in letters(found.text)
    assert 0 < found.confidence <= 1
    assert not found.words


async def test_only_the_languages_that_are_allowed_are_heard(recogniser: SpeechRecognizer) -> None:
    found = await recogniser.transcribe(await spoken("Was kostet die silberne Uhr?", "de"), ["fr", "es"])
    assert found.language in ("fr", "es")
    with pytest.raises(SpeechError, match="xx"):
        await recogniser.transcribe(await spoken("Hello", "en"), ["xx"])


@pytest.mark.parametrize("level_dbfs", [None, -60.0, -25.0])
async def test_nobody_speaks_in_silence_and_hiss(recogniser: SpeechRecognizer, level_dbfs: float | None) -> None:
    hiss = np.random.default_rng(7).normal(0, 1_000, WIRE_HZ * 3).astype(np.int16)
    sound = silence(3_000) if level_dbfs is None else at_level(hiss, level_dbfs)
    found = await recogniser.transcribe(heard(sound), LANGUAGES)
    assert (found.text, found.language, found.confidence) == ("", "en", 0.0)


@pytest.mark.parametrize("room", noises())
async def test_nobody_speaks_in_a_noisy_room(recogniser: SpeechRecognizer, room: str) -> None:
    found = await recogniser.transcribe(heard(in_room(silence(4_000), room)), LANGUAGES)
    assert found.text == ""


async def test_who_says_thank_you_is_heard(recogniser: SpeechRecognizer) -> None:
    found = await recogniser.transcribe(await spoken("Thank you very much.", "en"), LANGUAGES)
    assert "thankyou" in letters(found.text)


async def test_names_that_sound_like_what_was_heard_are_understood(recogniser: SpeechRecognizer) -> None:
    audio = await spoken("Do you have the Zandrique Sailor Stripe Tee?", "en")
    asked: list[str] = []

    def names_like(text: str) -> list[str]:
        asked.append(text)
        return ["Sandra Bullock", "Zandrique Sailor Stripe Tee"]

    assert "zandrique" not in letters((await recogniser.transcribe(audio, ["en"])).text)
    assert "zandrique" in letters((await recogniser.transcribe(audio, ["en"], names_like=names_like)).text)
    assert len(asked) == 1


async def test_names_are_not_heard_where_they_were_not_said(recogniser: SpeechRecognizer) -> None:
    names = ["Zandrique Sailor Stripe Tee", "Christopher Nolan", "Leonardo DiCaprio"]
    audio = await spoken("Do you have a red umbrella in this shop?", "en")
    found = await recogniser.transcribe(audio, ["en"], names_like=lambda _: names)
    assert "umbrella" in letters(found.text)
    assert not any(letters(name) in letters(found.text) for name in names)
    nothing = await recogniser.transcribe(heard(silence(3_000)), ["en"], names_like=lambda _: names)
    assert nothing.text == ""


async def test_words_have_times_where_they_are_asked_for(recogniser: SpeechRecognizer) -> None:
    audio = await spoken("Do you have a red umbrella?", "en")
    found = await recogniser.transcribe(audio, ["en"], word_times=True)
    assert "umbrella" in letters(found.words[-1].text)
    starts = [word.start_s for word in found.words]
    assert starts == sorted(starts)
    assert found.words[-1].end_s <= audio.duration_s + 0.1


async def test_long_speech_is_heard_to_its_end(recogniser: SpeechRecognizer) -> None:
    sentences = [
        "Good morning, I am looking for a present for my mother.",
        "She likes to read in the garden when the weather is warm.",
        "Last year I gave her a book about birds.",
        "My brother wants to buy her a new bicycle.",
        "Perhaps something for the rain would be better this time.",
        "The old one was broken by the wind in November.",
        "It should be large enough for two people and a dog.",
        "Do you have a red umbrella?",
    ]
    pieces = [(await spoken(sentence, "en")).samples for sentence in sentences]
    audio = Audio(np.concatenate([*pieces, np.zeros(HEARING_HZ * 8, np.int16)]), HEARING_HZ)
    assert audio.duration_s > 30
    found = await recogniser.transcribe(audio, ["en"])
    assert "mother" in found.text.casefold()
    assert "umbrella" in found.text.casefold()


async def test_utterances_wait_for_one_another_and_time_goes_on(recogniser: SpeechRecognizer) -> None:
    audio = await spoken("Do you have a red umbrella?", "en")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    found: list[Transcript] = await asyncio.gather(*(recogniser.transcribe(audio, ["en"]) for _ in range(3)))
    ticking.cancel()
    assert len({transcript.text for transcript in found}) == 1
    assert ticks > 3


async def test_what_cannot_be_recognised_is_told(recogniser: SpeechRecognizer) -> None:
    with pytest.raises(SpeechError, match="24000"):
        await recogniser.transcribe(Audio(silence(500), WIRE_HZ), ["en"])
    with pytest.raises(SpeechError, match="at most"):
        await recogniser.transcribe(Audio(np.zeros(HEARING_HZ * 200, np.int16), HEARING_HZ), ["en"])
    hello = await spoken("Hello there, my friend.", "en")
    full = [asyncio.create_task(recogniser.transcribe(hello, ["en"])) for _ in range(40)]
    outcomes = await asyncio.gather(*full, return_exceptions=True)
    assert any(isinstance(outcome, SpeechError) for outcome in outcomes)
