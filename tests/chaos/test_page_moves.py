"""The kiosk page in a real browser while its server is killed or stopped: another one goes on, and the customer too."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from proxy import Cable
from two_servers import PATIENCE_S, TwoServers

from agent.settings import Settings
from server.realtime.voice import Voice
from server.speech import open_voice
from tests.server.browser import Screen, browser, microphone_of, needs_chromium, screen, write_wav
from tests.server.realtime_voice import silence
from tests.spoken import PATIENCE_MS, SpeakingCustomer, need_voice

pytestmark = [pytest.mark.chaos, needs_chromium]

WATCH = """() => {
    window.told = [];
    const places = ["trouble-text", "status"].map((id) => document.getElementById(id));
    const note = () => window.told.push(...places.map((place) => place.textContent));
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""Notes all that the page tells of itself from now on."""


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture
async def voice() -> AsyncIterator[Voice]:
    """The customer's."""
    need_voice()
    async with open_voice(Settings(), ["en"], lambda _: None) as opened:
        yield opened


@pytest.fixture
def address(two_servers: TwoServers) -> Iterator[Cable]:
    """What is before the servers: the page knows no other address."""
    cable = Cable(two_servers.first.port)
    yield cable
    cable.close()


async def until_card_is_wanted(shop: TwoServers, shown: Screen) -> None:
    """A customer says yes to an umbrella, and has the card in their hand."""
    shop.terminal.is_asked.clear()
    shop.terminal.may_pay.clear()
    for words in ("show me umbrellas", "the first one", "I'll take it"):
        await shown.type(words)
    await expect(shown.page.locator("#lines")).to_contain_text("1 ×")
    await shown.page.click("#yes")
    async with asyncio.timeout(PATIENCE_S):
        await shop.terminal.is_asked.wait()


async def customers_words(shown: Screen) -> list[str]:
    return await shown.page.locator(".caption.customer p").all_inner_texts()


async def test_the_customer_goes_on_when_the_server_is_killed_and_notices_nothing_of_one_that_stops(
    two_servers: TwoServers, chromium: Browser, address: Cable
) -> None:
    shop, first, second = two_servers, two_servers.first, two_servers.second
    bought = ["show me umbrellas", "the first one", "I'll take it", "yes"]
    async with screen(chromium) as shown:
        page, paid = shown.page, shown.page.locator("#stage")
        await shown.open(address.port, "kiosk=K1&language=en")
        await until_card_is_wanted(shop, shown)
        await first.end(signal.SIGKILL)
        await expect(page.locator("#trouble-text")).to_have_text("One moment, I am reconnecting …")
        assert await customers_words(shown) == bought
        await expect(page.locator("#lines")).to_contain_text("1 ×")
        await page.fill("#text", "show me hats")
        await page.press("#text", "Enter")
        await expect(page.locator(".caption.customer.partial")).to_contain_text("show me hats")
        shop.terminal.may_pay.set()
        address.lead_to(second.port)
        await expect(paid).to_contain_text("Paid. Please take your goods.")
        await expect(page.locator("#trouble")).to_be_hidden()
        await expect(page.locator(".product h3").first).to_contain_text("1. ")
        await expect(page.locator("#status")).to_have_text("")
        assert await customers_words(shown) == [*bought, "show me hats"]
        await expect(page.locator(".caption.kiosk")).to_have_count(len(bought) + 1)
        assert await page.locator(".caption.partial").count() == 0
        assert shop.sold() == ["closed"]

        await first.start()
        await shown.touch("Start over")
        await expect(page.locator("#welcome")).to_be_visible()
        await expect(page.locator("body")).to_have_attribute("data-ready", "")
        shown.problems.clear()  # the browser notes each attempt to connect
        await until_card_is_wanted(shop, shown)
        await page.evaluate(WATCH)
        assert second.process is not None
        second.process.send_signal(signal.SIGTERM)
        address.lead_to(first.port)
        shop.terminal.may_pay.set()
        await expect(paid).to_contain_text("Paid. Please take your goods.")
        assert await second.end(signal.SIGTERM) == 0
        await shown.type("show me hats")
        assert await customers_words(shown) == [*bought, "show me hats"]
        assert set(await page.evaluate("window.told")) == {"", "One moment …"}
    assert shop.sold() == ["closed", "closed"]


@pytest.mark.parametrize("two_servers", [True], indirect=True, ids=["spoken"])
async def test_who_speaks_goes_on_by_voice(
    two_servers: TwoServers, address: Cable, voice: Voice, tmp_path: Path
) -> None:
    """Servers are killed while the kiosk speaks and while the customer does: nothing is told twice or forgotten."""
    shop, first, second = two_servers, two_servers.first, two_servers.second
    file = tmp_path / "customer.wav"
    write_wav(file, silence(1_000))
    async with browser(*microphone_of(file)) as chromium, screen(chromium) as shown:
        page, kiosk, microphone = shown.page, shown.page.locator(".caption.kiosk"), shown.page.locator("#microphone")
        customer = SpeakingCustomer(shown, voice, file)
        await shown.open(address.port, "kiosk=K1&language=en")
        await customer.begin("Show me umbrellas.")
        await expect(microphone).to_have_attribute("data-doing", "interrupt", timeout=PATIENCE_MS)
        await expect(kiosk).to_have_count(1)
        await first.end(signal.SIGKILL)
        address.lead_to(second.port)
        await expect(page.locator("#trouble")).to_be_hidden()
        await expect(microphone).to_have_attribute("data-doing", "speak", timeout=PATIENCE_MS)
        await expect(page.locator(".product h3").first).to_contain_text("1. ")
        await expect(kiosk).to_contain_text("Which one would you like?")
        assert [moved["is_answered_anew"] for moved in shown.got_of("kiosk.resumed")] == [True]

        await first.start()
        await customer.begin("Would you show me all of the umbrellas in the shop that are made for a storm?")
        await expect(page.locator("#microphone-label")).to_have_text("Done speaking")
        await second.end(signal.SIGKILL)
        address.lead_to(first.port)
        await expect(page.locator("#status")).to_have_text("I did not hear anything. Touch the microphone and speak.")
        await expect(kiosk).to_have_count(1)
        await customer.say_until("The first one, please.", ".product h3", "Compact")
        await customer.say_until("I'll take it.", "#lines", "1 ×")
        shop.terminal.may_pay.set()
        await customer.say_until("Yes, I confirm.", "#stage", "Paid. Please take your goods.")
        shown.problems.clear()  # the browser notes each attempt to connect
    assert shop.sold() == ["closed"]
