"""The page where a talk has moved to another server, event by event: what it shows of answers that broke off.

The page is real, in a real browser; its wire is scripted, as no server can be made to die between two of its events.
"""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import WebSocketRoute, expect

from server.realtime.kiosk_events import KioskCaption, KioskResumed, KioskSession
from server.realtime.phrases import button_phrases
from server.realtime.server_events import (
    ResponseCreated,
    ResponseDone,
    ResponseState,
    ServerEvent,
    SpeechStarted,
    SpeechStopped,
)
from tests.server.browser import Screen, browser, needs_chromium, screen
from tests.server.realtime_server import SmallTalkKiosk, served

pytestmark = needs_chromium

RESPONSE = ResponseState(id="resp_1", output_modalities=["text"])
CREATED, DONE = ResponseCreated(response=RESPONSE), ResponseDone(response=RESPONSE)
SPEAKING = SpeechStarted(audio_start_ms=0, item_id="said_1")
SILENT = SpeechStopped(audio_end_ms=900, item_id="said_1")


class ScriptedWire:
    """What the page connects to; it sends what a test says, and dies when it says so."""

    def __init__(self, shown: Screen) -> None:
        self.shown = shown
        self._routes: asyncio.Queue[WebSocketRoute] = asyncio.Queue()
        self._numbers = itertools.count(1)

    async def open(self, port: int) -> None:
        await self.shown.page.route_web_socket(re.compile("/v1/realtime"), self._routes.put_nowait)
        opening = asyncio.create_task(self.shown.open(port, "language=en"))
        self._route = await self._routes.get()
        self.tell(
            KioskSession(
                session_id="sess_1",
                kiosk_id="K1",
                language="en",
                languages=["en"],
                phrases=button_phrases(["en"]),
                is_spoken=True,
                resume_token="secret",
                resume_s=60,
                idle_s=180,
            )
        )
        await opening

    def tell(self, *events: ServerEvent) -> None:
        for event in events:
            frame = event.model_dump(mode="json") | {"event_id": f"event_{next(self._numbers)}"}
            self._route.send(json.dumps(frame))

    async def move(self, is_answered_anew: bool = True, is_complete: bool = True) -> None:
        """The server dies, and the page comes to another one."""
        await self._route.close()
        self._route = await self._routes.get()
        self.tell(
            KioskResumed(session_id="sess_1", is_complete=is_complete, is_moved=True, is_answered_anew=is_answered_anew)
        )

    async def shows(self, *captions: str) -> None:
        await expect(self.shown.page.locator(".caption p")).to_have_text(list(captions))

    async def says(self, status: str) -> None:
        await expect(self.shown.page.locator("#status")).to_have_text(status)


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[ScriptedWire]:
    async with browser() as chromium, served(SmallTalkKiosk()) as server, screen(chromium) as shown:
        scripted = ScriptedWire(shown)
        await scripted.open(server.port)
        yield scripted


def said(item_id: str, text: str) -> KioskCaption:
    return KioskCaption(role="customer", item_id=item_id, text=text, language="en")


def told(item_id: str, text: str) -> KioskCaption:
    return KioskCaption(role="kiosk", item_id=item_id, text=text, language="en")


async def test_an_answer_given_anew_takes_the_place_of_the_one_that_broke_off(wire: ScriptedWire) -> None:
    wire.tell(said("u1", "hats"), CREATED, told("a1", "I have"))
    await wire.shows("hats", "I have")
    await wire.move()
    await wire.shows("hats", "I have")
    wire.tell(CREATED, told("b1", "I have two"), told("b1", " hats."), DONE)
    await wire.shows("hats", "I have two hats.")
    wire.tell(said("u2", "shoes"), CREATED, told("a2", "No shoes."), DONE)
    await wire.shows("hats", "I have two hats.", "shoes", "No shoes.")


async def test_its_place_is_above_what_was_said_meanwhile(wire: ScriptedWire) -> None:
    wire.tell(said("u1", "hats"), CREATED, told("a1", "I have"), said("u2", "shoes"))
    await wire.shows("hats", "I have", "shoes")
    await wire.move()
    wire.tell(CREATED, told("b1", "Two hats."), DONE, CREATED, told("a2", "No shoes."), DONE)
    await wire.shows("hats", "Two hats.", "shoes", "No shoes.")


async def test_an_answer_that_was_whole_stays_when_the_next_one_broke_off_before_its_first_word(
    wire: ScriptedWire,
) -> None:
    wire.tell(said("u1", "yes"), CREATED, said("u2", "hats"), told("a1", "Paid."), DONE, CREATED)
    await wire.shows("yes", "hats", "Paid.")
    await wire.move()
    wire.tell(CREATED, told("b2", "Two hats."), DONE)
    await wire.shows("yes", "hats", "Paid.", "Two hats.")


async def test_servers_may_die_one_after_the_other(wire: ScriptedWire) -> None:
    wire.tell(said("u1", "hats"), CREATED, told("a1", "I have"))
    await wire.move()
    wire.tell(CREATED)
    await wire.move()
    wire.tell(CREATED, told("c1", "Two hats."), DONE)
    await wire.shows("hats", "Two hats.")


async def test_nothing_is_replaced_where_the_page_may_have_missed_events(wire: ScriptedWire) -> None:
    wire.tell(said("u1", "hats"), CREATED, told("a1", "I have"))
    await wire.move(is_complete=False)
    wire.tell(CREATED, told("b1", "Two hats."), DONE)
    await wire.shows("hats", "I have", "Two hats.")


async def test_who_was_just_speaking_is_told_that_nothing_was_heard(wire: ScriptedWire) -> None:
    nothing_heard = "I did not hear anything. Touch the microphone and speak."
    wire.tell(SPEAKING)
    await wire.move(is_answered_anew=False)
    await wire.says(nothing_heard)
    wire.tell(SPEAKING, SILENT)
    await wire.says("")
    await wire.move(is_answered_anew=False)
    await wire.says(nothing_heard)
    wire.tell(SPEAKING, SILENT, CREATED)
    await wire.says("One moment …")
    await wire.move(is_answered_anew=False)
    await wire.says(nothing_heard)
    wire.tell(SPEAKING, SILENT, CREATED, told("a1", "Two hats."))
    await wire.move()
    await wire.says("")
    wire.tell(CREATED, told("b1", "Two hats."), DONE)
    await wire.shows("Two hats.")
    wire.tell(SPEAKING)  # over the answer
    await wire.says("")
    wire.tell(SILENT, CREATED, DONE)
    await wire.move(is_answered_anew=False)
    await wire.says("")
