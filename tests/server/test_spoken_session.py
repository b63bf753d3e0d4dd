"""A session by voice with the real models: speech goes over a real websocket, and what comes back is heard."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlmodel import Session as DatabaseSession
from sqlmodel import select

from agent.bootstrap import open_kiosk
from agent.settings import Settings
from evals.bench.spoken_sounds import WIRE_HZ, silence
from server.realtime.voice import Voice
from server.speech import open_voice
from tests.server.browser import browser, microphone_of, needs_chromium, screen, write_wav
from tests.server.realtime_server import SmallTalkKiosk, served
from tests.server.test_realtime_client import OWNERS_WISH
from tests.spoken import need_speech, speech_model
from tools.audio import HEARING_HZ, Audio, Samples
from tools.database import Order
from tools.hearing.faster_whisper import WHISPER_FOLDER
from tools.resampling import StreamResampler
from tools.speaking.kokoro_onnx import KOKORO_FILES

MISHEARINGS = 2
PATIENCE_MS = 240_000
"""For a reply on a machine that does other work beside."""

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.alone]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice() -> AsyncIterator[Voice]:
    need_speech()
    for file in (f"{WHISPER_FOLDER}/model.bin", *KOKORO_FILES):
        speech_model(file)
    async with open_voice(Settings(), ["en", "es"], lambda _: None) as opened:
        yield opened


async def said(voice: Voice, text: str, language: str) -> Samples:
    """A sentence as the kiosk itself would say it."""
    return np.concatenate([piece.audio.samples async for piece in voice.speaker.speak(text, language)])


async def test_a_spoken_request_is_answered_by_voice(voice: Voice) -> None:
    kiosk = SmallTalkKiosk()
    async with served(kiosk, voice) as server, server.client() as client:
        await client.speak(silence(500))
        await client.speak(await said(voice, "Do you have a red umbrella?", "en"))
        await client.speak(silence(3_500))
        response = (await client.until("response.done"))["response"]
        assert response["status"] == "completed"
        assert "red umbrella" in kiosk.sessions[0].heard[0].casefold()
        resampler = StreamResampler(WIRE_HZ, HEARING_HZ)
        answer = Audio(
            np.concatenate((resampler.resample(client.audio().astype(np.int16)), resampler.flush())), HEARING_HZ
        )
        heard = await voice.recogniser.transcribe(answer, ["en"])
        assert "here are the shoes" in heard.text.casefold()


async def test_a_request_in_another_language_is_heard_in_it(voice: Voice) -> None:
    kiosk = SmallTalkKiosk()
    async with served(kiosk, voice) as server, server.client() as client:
        await client.speak(
            np.concatenate((silence(300), await said(voice, "Busco unas botas negras.", "es"), silence(3_500)))
        )
        await client.until("response.created")
        [caption] = [event for event in client.of("kiosk.caption") if event["role"] == "customer" and event["is_final"]]
        assert caption["language"] == "es"
        assert "botas" in caption["text"].casefold()


async def test_noise_and_silence_are_not_answered(voice: Voice) -> None:
    kiosk = SmallTalkKiosk()
    async with served(kiosk, voice) as server, server.client() as client:
        hiss = np.random.default_rng(3).normal(0, 700, WIRE_HZ * 4).astype(np.int16)
        await client.speak(np.concatenate((hiss, silence(3_500))))
        await client.speak(np.concatenate((await said(voice, "Do you have a red umbrella?", "en"), silence(3_500))))
        await client.until("response.done")
        assert len(kiosk.sessions[0].heard) == 1


@needs_chromium
async def test_the_owners_dialogue_spoken_ends_with_a_sale(
    home_with_usual_cache: Path, tmp_path: Path, voice: Voice
) -> None:
    """Real ears, mouth, model and browser; the customer speaks as the kiosk does."""
    file = tmp_path / "customer.wav"
    write_wav(file, silence(1_000))
    async with (
        open_kiosk(Settings().in_home(home_with_usual_cache)) as kiosk,
        served(kiosk, voice) as server,
        browser(*microphone_of(file)) as chromium,
        screen(chromium) as shown,
    ):
        page = shown.page

        async def say(text: str) -> None:
            write_wav(file, await said(voice, text, "en"))
            count = await page.locator(".caption.kiosk").count()
            await page.click("#microphone")
            await expect(page.locator(".caption.kiosk").nth(count)).to_be_visible(timeout=PATIENCE_MS)
            await expect(page.locator("#microphone")).to_have_attribute("data-doing", "speak", timeout=PATIENCE_MS)

        async def say_until(text: str, place: str, wanted: str) -> None:
            """A customer who was misheard says it again: a machine that has no time to spare garbles its microphone."""
            for _ in range(MISHEARINGS):
                await say(text)
                with contextlib.suppress(AssertionError):
                    await expect(page.locator(place)).to_contain_text(wanted)
                    return
            await say(text)
            await expect(page.locator(place)).to_contain_text(wanted)

        await shown.open(server.port, fragment="customer=C001")
        await say_until(OWNERS_WISH, ".product h3", "Corvane Mombasa Lace-Up")
        await say_until("I want to buy it.", "#total", "$116.95")
        await say_until("Yes, I confirm.", "#stage", "Paid. Please take your goods.")
        with DatabaseSession(kiosk.engine) as database:
            [order] = database.exec(select(Order)).all()
        assert (order.state, order.customer_id, order.total_minor) == ("closed", "C001", 11_695)
