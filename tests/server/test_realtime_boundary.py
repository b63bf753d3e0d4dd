"""What one customer said over the wire is out of reach of the next: in the talk, on disk, in the log and in memory."""

import gc
import json
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from agent.bootstrap import Kiosk, open_kiosk
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from server.realtime.talk import Talk
from tests.agent.test_customer_boundary import CANARIES, FORMS, LAST_CUSTOMER, NEXT_CUSTOMER, leaks
from tests.server.realtime_server import Clock, served
from tests.server.realtime_voice import small_voice, tone

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLIENTS_OWN_LOG = ("websockets.client", "openai")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kiosk(make_home: Callable[[], Path]) -> AsyncIterator[Kiosk]:
    async with open_kiosk(Settings().in_home(make_home()), model=ScriptedModel(FORMS)) as opened:
        yield opened


@pytest.mark.parametrize("way", ["left", "lost"])
async def test_nothing_of_a_customer_is_left_by_the_server(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in CLIENTS_OWN_LOG:
        caplog.set_level(logging.WARNING, logger=name)
    voice, recogniser, speaker = small_voice()
    clock = Clock()
    async with served(kiosk, voice, clock=clock) as server:
        async with server.client("customer=C001") as client:
            await client.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
            await client.until("session.updated")
            for text in LAST_CUSTOMER:
                await client.say(text)
            assert client.of("kiosk.checkout")[-1]["stage"] == "reserved"
            recogniser.transcripts.append("my card is 4111 1111 1111 1111, Zibblethorpe")
            await client.speak(tone(600))
            await client.websocket.send("Quandrovelt is no JSON")
            assert "quandrovelt" not in json.dumps(await client.error()).lower()
            assert "4111" not in json.dumps(client.events)
            if way == "left":
                await client.send("kiosk.session.end")
                await client.closed()
        if way == "lost":
            await server.lost_client()
            clock.now_s += 61
            await server.sweep()
        assert len(server.talks) == 0
        assert speaker.forgotten == 1
        assert not leaks(kiosk.settings.home, CANARIES)
        logged = caplog.text.lower()
        assert not [word for word in (*CANARIES, "c001") if word in logged]
        gc.collect()
        assert not [talk for talk in gc.get_objects() if isinstance(talk, Talk)]

        async with server.client() as client:
            for text in NEXT_CUSTOMER:
                await client.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
                await client.say(text)
            shown = json.dumps([event for event in client.events if event["type"].startswith("kiosk.")]).lower()
            assert not [word for word in (*CANARIES, "c001") if word in shown]
            assert not client.of("kiosk.products")
