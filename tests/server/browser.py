"""A real Chromium for tests of the kiosk page, and what a test does with the page in it."""

import json
import shutil
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, WebSocket, async_playwright, expect

from server.realtime.client_events import WIRE_HZ
from tests.server.realtime_voice import silence
from tools.audio import Samples

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
MIN_TOUCH_PX = 48
PATIENCE_MS = 20_000

expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def browser(*flags: str) -> AsyncIterator[Browser]:
    """Chromium, without a window."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--mute-audio", *flags])
        try:
            yield chromium
        finally:
            await chromium.close()


class Screen:
    """The page as a customer has it, and the frames it sends and gets."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent: list[dict[str, Any]] = []
        self.got: list[dict[str, Any]] = []
        self.problems: list[str] = []
        page.on("websocket", self._watch)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)

    def _watch(self, websocket: WebSocket) -> None:
        websocket.on("framesent", lambda frame: self.sent.append(json.loads(frame)))
        websocket.on("framereceived", lambda frame: self.got.append(json.loads(frame)))

    def sent_of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a type that the page sent."""
        return [event for event in self.sent if event["type"] == kind]

    def got_of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a type that the page got."""
        return [event for event in self.got if event["type"] == kind]

    async def open(self, port: int, query: str = "", fragment: str = "") -> None:
        await self.page.goto(f"http://127.0.0.1:{port}/?{query}#{fragment}")
        await expect(self.page.locator("body")).to_have_attribute("data-ready", "")

    async def type(self, text: str) -> None:
        """Type something and wait until it was answered."""
        said = self.page.locator(".caption.kiosk")
        count = await said.count()
        await self.page.fill("#text", text)
        await self.page.press("#text", "Enter")
        await self.answered(count)

    async def answered(self, count: int) -> None:
        """The kiosk has said something beyond so many things, and all of it."""
        await expect(self.page.locator(".caption.kiosk").nth(count)).to_be_visible()
        await expect(self.page.locator("#status")).to_have_text("")

    async def touch(self, name: str, exact: bool = True) -> None:
        """Press the button of this name."""
        await self.page.get_by_role("button", name=name, exact=exact).click()

    async def text(self) -> str:
        """All that can be read."""
        return await self.page.inner_text("body")

    async def accessible(self) -> None:
        """Nothing serious by axe's rules, everything large enough for a finger, nothing beside the screen."""
        await self.page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))")
        found = (await Axe().run(self.page)).response["violations"]
        serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
        assert not serious, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in serious]
        sizes: list[Any] = await self.page.evaluate(
            """() => [...document.querySelectorAll('button, input, select, #clip a')]
                .filter((node) => node.checkVisibility())
                .map((node) => [node.outerHTML, (node.closest('label.switch') ?? node).getBoundingClientRect()])
                .map(([html, box]) => [html, box.width, box.height])"""
        )
        assert [size for size in sizes if min(size[1:]) < MIN_TOUCH_PX] == []
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@asynccontextmanager
async def screen(chromium: Browser, size: Sequence[int] = (1280, 800), **options: Any) -> AsyncIterator[Screen]:
    """A page of its own, with nothing kept from others; in the end nothing may have gone wrong in it."""
    width, height = size
    context = await chromium.new_context(viewport={"width": width, "height": height}, locale="en-US", **options)
    try:
        shown = Screen(await context.new_page())
        yield shown
        assert shown.problems == []
    finally:
        await context.close()


def write_wav(path: Path, speech: Samples) -> None:
    """What the microphone hears whenever it is opened: speech, then silence."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(WIRE_HZ)
        file.writeframes(np.concatenate([silence(1_000), speech, silence(60_000)]).astype("<i2").tobytes())


def microphone_of(path: Path) -> list[str]:
    """Flags of a browser whose microphone is a file."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}%noloop",
        "--autoplay-policy=no-user-gesture-required",
    ]
