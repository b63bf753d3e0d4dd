"""A session by voice with the real models: speech goes over a real websocket, and what comes back is heard."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
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
from tests.spoken import SpeakingCustomer, need_voice, said
from tools.audio import HEARING_HZ, Audio
from tools.database import Order
from tools.resampling import StreamResampler

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.alone]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice() -> AsyncIterator[Voice]:
    need_voice()
    async with open_voice(Settings(), ["en", "es"], lambda _: None) as opened:
        yield opened


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
        customer = SpeakingCustomer(shown, voice, file)
        await shown.open(server.port, fragment="customer=C001")
        await customer.say_until(OWNERS_WISH, ".product h3", "Corvane Mombasa Lace-Up")
        await customer.say_until("I want to buy it.", "#total", "$116.95")
        await customer.say_until("Yes, I confirm.", "#stage", "Paid. Please take your goods.")
        with DatabaseSession(kiosk.engine) as database:
            [order] = database.exec(select(Order)).all()
        assert (order.state, order.customer_id, order.total_minor) == ("closed", "C001", 11_695)
