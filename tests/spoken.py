"""Speech and the models that listen to it, for tests which skip where either is absent."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import expect

from agent.settings import Settings
from evals.bench.spoken_sounds import can_speak, noises
from server.realtime.voice import Voice
from tests.server.browser import Screen, write_wav
from tools.audio import Samples
from tools.hearing.faster_whisper import WHISPER_FOLDER
from tools.speaking.kokoro_onnx import KOKORO_FILES

MISHEARINGS = 2
PATIENCE_MS = 240_000
"""For a reply on a machine that does other work beside."""


def speech_model(file: str) -> Path:
    """The path of a model file."""
    path = Settings().models_dir / file
    if not path.is_file():
        pytest.skip(f"the model {file} has not been pulled")
    return path


def need_speech() -> None:
    """Skip where nothing can be spoken."""
    if not can_speak():
        pytest.skip("espeak-ng is not installed")


def need_voice() -> None:
    """Skip where the kiosk itself can neither hear nor speak."""
    need_speech()
    for file in (f"{WHISPER_FOLDER}/model.bin", *KOKORO_FILES):
        speech_model(file)


async def said(voice: Voice, text: str, language: str) -> Samples:
    """A sentence as the kiosk itself would say it."""
    return np.concatenate([piece.audio.samples async for piece in voice.speaker.speak(text, language)])


class SpeakingCustomer:
    """Speaks English, with the kiosk's voice, into the microphone of a page: `file` is what that hears."""

    def __init__(self, shown: Screen, voice: Voice, file: Path) -> None:
        self._page, self._voice, self._file = shown.page, voice, file

    async def begin(self, text: str) -> None:
        """Touch the microphone and speak."""
        write_wav(self._file, await said(self._voice, text, "en"))
        await self._page.click("#microphone")

    async def say(self, text: str) -> None:
        """The same, and hear the kiosk out."""
        count = await self._page.locator(".caption.kiosk").count()
        await self.begin(text)
        await expect(self._page.locator(".caption.kiosk").nth(count)).to_be_visible(timeout=PATIENCE_MS)
        await expect(self._page.locator("#microphone")).to_have_attribute("data-doing", "speak", timeout=PATIENCE_MS)

    async def say_until(self, text: str, place: str, wanted: str) -> None:
        """The same until the page shows it there, for a machine without time to spare garbles its microphone."""
        for _ in range(MISHEARINGS):
            await self.say(text)
            with suppress(AssertionError):
                await expect(self._page.locator(place)).to_contain_text(wanted)
                return
        await self.say(text)
        await expect(self._page.locator(place)).to_contain_text(wanted)


def rooms() -> list[str | None]:
    """A quiet room and those whose noise is here."""
    return [None, *noises()]
