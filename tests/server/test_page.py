"""The kiosk page in a real browser, over a real websocket: everything by text, touch, keyboard and voice."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from agent.bootstrap import open_kiosk
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from agent.state import AgeCheck, TurnEvent, TurnFinished
from server.realtime.client_events import WIRE_HZ
from tests.chaos.proxy import Cable
from tests.server.browser import Screen, browser, microphone_of, needs_chromium, screen, write_wav
from tests.server.realtime_server import Served, SmallTalkKiosk, SmallTalkSession, served
from tests.server.realtime_voice import small_voice, tone
from tests.server.test_realtime_client import FORMS, OWNERS_WISH
from tools.audio import Samples

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]

PATIENCE_S = 60.0
EVIL = "<img src=x onerror=\"document.title='evil'\"><b>bold</b>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def kiosk() -> SmallTalkKiosk:
    return SmallTalkKiosk()


@pytest_asyncio.fixture(loop_scope="module")
async def server(kiosk: SmallTalkKiosk) -> AsyncIterator[Served]:
    async with served(kiosk) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def shown(chromium: Browser, server: Served) -> AsyncIterator[Screen]:
    async with screen(chromium) as opened:
        await opened.open(server.port)
        yield opened


async def test_everything_by_text_without_a_microphone(shown: Screen, kiosk: SmallTalkKiosk) -> None:
    page = shown.page
    await expect(page.get_by_role("heading", name="Hello! What are you looking for?")).to_be_visible()
    await expect(page.locator("#microphone")).to_be_hidden()
    await shown.accessible()
    await shown.type("black shoes")
    assert await page.locator(".caption p").all_inner_texts() == [
        "black shoes",
        "You said black shoes. Here are the shoes.",
    ]
    await expect(page.locator(".product")).to_contain_text("$89.96")
    await expect(page.locator(".product")).to_contain_text("Size 42")
    picture = page.get_by_role("img", name="Some One — acted in → A Film; A Film — has scene → The First")
    await expect(picture).to_be_visible()
    await expect(page.locator("#lines")).to_contain_text("2 × Shoe")
    await expect(page.locator(".steps .now")).to_have_text("Order")
    await shown.accessible()
    await page.click("#no")
    await shown.answered(1)
    assert kiosk.sessions[0].heard == ["black shoes", "no"]


async def test_a_language_is_chosen_by_touch_and_the_buttons_speak_it(shown: Screen, kiosk: SmallTalkKiosk) -> None:
    page = shown.page
    await shown.touch("Español")
    await expect(page.get_by_role("heading", name="¡Hola! ¿Qué está buscando?")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "es"
    await shown.type("zapatos")
    await expect(page.locator(".product")).to_contain_text("Talla 42")
    await page.click("#yes")
    await shown.answered(1)
    await page.select_option("#language", "en")
    await expect(page.locator(".product")).to_contain_text("Size 42")
    await page.click("#yes")
    await shown.answered(2)
    assert kiosk.sessions[0].heard == ["zapatos", "sí", "yes"]


async def test_everything_by_keyboard(shown: Screen, kiosk: SmallTalkKiosk) -> None:
    page = shown.page

    async def tab_to(selector: str) -> None:
        for _ in range(30):
            await page.keyboard.press("Tab")
            if await page.evaluate("(to) => document.activeElement.matches(to)", selector):
                assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
                return
        raise AssertionError(f"{selector} cannot be reached")

    await tab_to("#text")
    await page.keyboard.type("whisky")
    await page.keyboard.press("Enter")
    await shown.answered(0)
    await tab_to("#captions")
    await tab_to("#yes")
    await page.keyboard.press("Enter")
    await shown.answered(1)
    await tab_to("#staff-name")
    await page.keyboard.type("Mia")
    await tab_to("#staff-pin")
    await page.keyboard.type("123456")
    await page.keyboard.press("Enter")
    await expect(page.locator("#age-note")).to_have_text("Approved.")
    assert kiosk.sessions[0].approved_by == ["Mia"]
    await tab_to("#leave")
    await page.keyboard.press("Enter")
    await expect(page.locator("#welcome")).to_be_visible()


async def test_staff_approve_with_their_pin_only(shown: Screen, kiosk: SmallTalkKiosk) -> None:
    page = shown.page
    await shown.type("whisky")
    await expect(page.locator("#age-goods")).to_contain_text("Ten-Year: only for people of 21 and over")
    await shown.accessible()
    for pin in ("1", "123456"):
        await page.fill("#staff-name", "Mia")
        await page.fill("#staff-pin", pin)
        await shown.touch("Approve")
        if pin == "1":
            await expect(page.locator("#age-note")).to_have_text("Name and PIN do not fit.")
            assert await page.input_value("#staff-pin") == ""
            assert kiosk.sessions[0].approved_by == []
    await expect(page.locator("#age-note")).to_have_text("Approved.")
    assert kiosk.sessions[0].approved_by == ["Mia"]


@pytest.mark.parametrize("way", ["goodbye", "left", "idle"])
async def test_the_next_customer_finds_nothing_of_the_last(
    shown: Screen, kiosk: SmallTalkKiosk, server: Served, way: str
) -> None:
    page = shown.page
    await shown.type("whisky zibblethorpe")
    await page.fill("#staff-name", "Mia zibblethorpe")
    if way == "goodbye":
        await page.fill("#text", "goodbye")
        await page.press("#text", "Enter")
        await expect(page.locator("#status")).to_have_text("Goodbye!")
        await page.mouse.click(5, 5)
    elif way == "left":
        await shown.touch("Start over")
    else:
        [seat] = server.talks._seats.values()  # pyright: ignore[reportPrivateUsage]
        server.talks.end_soon(seat.talk, "idle")
    await expect(page.locator("#welcome")).to_be_visible()
    await expect(page.locator("body")).to_have_attribute("data-ready", "")
    left = await page.evaluate(
        "document.documentElement.outerHTML + [...document.querySelectorAll('input')].map((input) => input.value)"
        " + document.cookie + JSON.stringify({...localStorage, ...sessionStorage}) + location + document.title"
    )
    assert "zibblethorpe" not in left
    assert kiosk.sessions[0].is_closed
    await shown.type("shoes")
    assert kiosk.sessions[-1].heard == ["shoes"]
    assert await page.locator(".caption").count() == 2


async def test_a_talk_goes_on_when_the_connection_was_cut(shown: Screen, kiosk: SmallTalkKiosk, server: Served) -> None:
    page = shown.page
    await shown.type("shoes")

    def cut() -> None:
        [seat] = server.talks._seats.values()  # pyright: ignore[reportPrivateUsage]
        assert seat.cut_off is not None
        seat.cut_off(1011)

    await page.fill("#text", "dawdle")
    await page.press("#text", "Enter")
    await kiosk.is_dawdling.wait()
    cut()
    await server.lost_client()
    await page.fill("#text", "socks")  # typed without a connection
    await page.press("#text", "Enter")
    kiosk.may_go_on.set()
    await expect(page.locator(".caption.kiosk")).to_have_count(3)
    await shown.answered(2)
    assert await page.locator(".caption.customer p").all_inner_texts() == ["shoes", "dawdle", "socks"]
    cut()
    await shown.type("hats")
    assert kiosk.sessions[0].heard == ["shoes", "dawdle", "socks", "hats"]
    assert len(kiosk.sessions) == 1


async def test_a_session_that_is_gone_is_cleared_away(shown: Screen, kiosk: SmallTalkKiosk, server: Served) -> None:
    page = shown.page
    await shown.type("shoes")
    [seat] = server.talks._seats.values()  # pyright: ignore[reportPrivateUsage]
    assert seat.cut_off is not None
    seat.key = "another"
    seat.cut_off(1011)
    await expect(page.locator("#trouble")).to_contain_text("The connection was lost")
    await expect(page.locator("#welcome")).to_be_visible()
    assert "shoes" not in await page.inner_text("main")
    await shown.type("hats")
    assert kiosk.sessions[-1].heard == ["hats"]


@pytest.fixture
def cable(server: Served) -> Iterator[Cable]:
    """What leads to the server."""
    laid = Cable(server.port)
    yield laid
    laid.close()


@pytest_asyncio.fixture(loop_scope="module")
async def cabled(chromium: Browser, cable: Cable) -> AsyncIterator[Screen]:
    """A page at the end of the cable, with a clock of ours and a customer who has said something."""
    async with screen(chromium) as shown:
        await shown.page.clock.install()
        await shown.open(cable.port)
        await shown.type("shoes")
        yield shown


async def time_passes_until(shown: Screen, selector: str) -> None:
    """Time goes on quickly in the page until this is to be seen."""
    async with asyncio.timeout(PATIENCE_S):
        while not await shown.page.locator(selector).is_visible():
            await shown.page.clock.fast_forward(1_000)


async def lose(cabled: Screen, cable: Cable) -> None:
    """Cut the cable until the talk is over and the page has given up for now."""
    cable.cut()
    await expect(cabled.page.locator("#trouble")).to_be_visible()
    await time_passes_until(cabled, "#welcome")
    await time_passes_until(cabled, "#retry")


async def test_the_page_says_that_there_is_no_connection_and_can_be_told_to_try_again(
    cabled: Screen, kiosk: SmallTalkKiosk, cable: Cable
) -> None:
    page, trouble = cabled.page, cabled.page.locator("#trouble")
    cable.cut()
    await expect(page.locator("#trouble-text")).to_have_text("One moment, I am reconnecting …")
    await expect(trouble).to_have_role("alert")
    await cabled.accessible()
    await time_passes_until(cabled, "#retry")
    await expect(page.locator("#trouble-text")).to_have_text("No connection. Trying again …")
    await cabled.accessible()
    await page.fill("#text", "socks")
    await page.press("#text", "Enter")
    await expect(page.locator(".caption.customer.partial p")).to_have_text("socks")
    await page.select_option("#language", "es")
    await expect(page.locator("#status")).to_have_text("One moment, then please try again.")
    assert await page.input_value("#language") == "en"
    cable.mend()
    await cabled.touch("Try again")
    await cabled.answered(1)
    await expect(trouble).to_be_hidden()
    assert await page.locator(".caption.customer:not(.partial) p").all_inner_texts() == ["shoes", "socks"]
    assert [session.heard for session in kiosk.sessions] == [["shoes", "socks"]]
    cabled.problems.clear()  # the browser notes each attempt to connect


async def test_a_server_that_fell_silent_is_left_for_whichever_answers(
    cabled: Screen, kiosk: SmallTalkKiosk, cable: Cable
) -> None:
    page = cabled.page
    cable.freeze()
    await page.fill("#text", "socks")
    await page.press("#text", "Enter")
    await page.clock.fast_forward(10_000)
    await cabled.answered(1)
    assert await page.locator(".caption.customer:not(.partial) p").all_inner_texts() == ["shoes", "socks"]
    assert [session.heard for session in kiosk.sessions] == [["shoes", "socks"]]


async def test_a_talk_that_no_server_came_back_for_is_over_and_the_page_says_so(
    cabled: Screen, kiosk: SmallTalkKiosk, cable: Cable
) -> None:
    page, told = cabled.page, cabled.page.locator("#trouble-text")
    await lose(cabled, cable)
    await expect(told).to_contain_text("The connection was lost and the conversation has ended.")
    assert "shoes" not in await page.inner_text("main")
    cable.mend()
    await cabled.touch("Try again")
    await expect(page.locator("#retry")).to_be_hidden()
    await expect(told).to_contain_text("The connection was lost")
    await cabled.type("hats")
    await expect(told).to_be_hidden()
    assert [session.heard for session in kiosk.sessions] == [["shoes"], ["hats"]]
    cabled.problems.clear()  # the browser notes each attempt to connect


async def test_what_is_typed_before_there_is_a_session_is_answered_when_there_is_one(
    cabled: Screen, kiosk: SmallTalkKiosk, cable: Cable
) -> None:
    page = cabled.page
    await lose(cabled, cable)
    await page.fill("#text", "hats")
    await page.press("#text", "Enter")
    await expect(page.locator("#trouble-text")).to_have_text("No connection. Trying again …")
    cable.mend()
    await cabled.touch("Try again")
    await expect(page.locator(".caption.customer:not(.partial) p")).to_have_text(["hats"])
    await cabled.type("socks")
    assert [session.heard for session in kiosk.sessions] == [["shoes"], ["hats", "socks"]]
    cabled.problems.clear()  # the browser notes each attempt to connect


async def test_whoever_leaves_a_server_that_fell_silent_leaves_nothing_on_the_screen(
    cabled: Screen, cable: Cable
) -> None:
    page = cabled.page
    cable.freeze()
    await cabled.touch("Start over")
    await page.clock.fast_forward(10_000)
    await expect(page.locator("#welcome")).to_be_visible()
    assert "shoes" not in await page.inner_text("main")


class EvilSession(SmallTalkSession):
    """Names everything in markup."""

    async def say(
        self,
        text: str,
        may_act: Callable[[], Awaitable[None]] | None = None,
        on_begin: Callable[[], asyncio.Future[None]] | None = None,
    ) -> AsyncGenerator[TurnEvent, None]:
        async for event in super().say(text, may_act, on_begin):
            if isinstance(event, TurnFinished):
                report = event.report
                step = report.proof[0].model_copy(
                    update={"source": report.proof[0].source.model_copy(update={"name": EVIL}), "relation": EVIL}
                )
                named = {
                    "products": [product.model_copy(update={"name": EVIL}) for product in report.products],
                    "cart": [line.model_copy(update={"name": EVIL}) for line in report.cart],
                    "proof": [step],
                    "order_id": EVIL,
                }
                self.age_check = AgeCheck(product_ids=("P9",), names=(EVIL,), min_age=21)
                event = event.model_copy(update={"report": report.model_copy(update=named)})
            yield event


class EvilKiosk(SmallTalkKiosk):
    def new_session(
        self, kiosk_id: str | None = None, customer_id: str | None = None, language: str | None = None
    ) -> SmallTalkSession:
        self.sessions.append(EvilSession(self, kiosk_id or "K1", customer_id, language or "en"))
        return self.sessions[-1]


async def test_text_from_the_server_is_never_markup(chromium: Browser) -> None:
    async with served(EvilKiosk()) as server, screen(chromium) as shown:
        page = shown.page
        await shown.open(server.port)
        said = f"{EVIL} javascript:alert(1) see https://clips.example/1?a=<b>, or http://clips.example/2."
        await shown.type(said)
        for place in (".caption.customer", ".caption.kiosk", ".product h3", "#lines", "#age-goods"):
            await expect(page.locator(place)).to_contain_text(EVIL)
        assert EVIL in await page.locator("svg.path title").text_content()
        assert await page.locator("img").count() == 1  # the page's own
        assert await page.title() == "WalKiosk"
        links = page.locator("main a")
        for link in await links.all():
            assert re.match("https?://", await link.get_attribute("href") or "")
            assert await link.get_attribute("rel") == "noopener noreferrer"
        assert await page.locator(".caption.customer a").all_inner_texts() == [
            "https://clips.example/1?a=",
            "http://clips.example/2",
        ]
        await expect(page.get_by_role("link", name="Watch the clip")).to_have_attribute(
            "href", "https://clips.example/1?a="
        )


@pytest.mark.parametrize("size", [(640, 400), (360, 640), (1080, 1920), (1920, 1080)])
async def test_nothing_is_lost_on_any_screen_nor_at_twice_the_size(
    chromium: Browser, server: Served, size: tuple[int, int]
) -> None:
    """(640, 400) is what a screen of 1280 × 800 has at 200 %."""
    async with screen(chromium, size, device_scale_factor=2 if size == (640, 400) else 1) as shown:
        page = shown.page
        await shown.open(server.port)
        await shown.accessible()
        await shown.type("whisky")
        await shown.accessible()
        for control in await page.locator("button:visible, input:visible, select:visible").all():
            await control.scroll_into_view_if_needed()
            assert await control.evaluate(
                """(node) => {
                    const { x, y, width, height } = node.getBoundingClientRect();
                    const there = document.elementFromPoint(x + width / 2, y + height / 2);
                    return node === there || node.contains(there);
                }"""
            ), await control.get_attribute("id")


@pytest.mark.parametrize("options", [{"forced_colors": "active"}, {"contrast": "more"}, {"reduced_motion": "reduce"}])
async def test_the_page_keeps_to_what_the_customers_system_asks_for(
    chromium: Browser, server: Served, options: dict[str, str]
) -> None:
    async with screen(chromium, **options) as shown:
        await shown.open(server.port)
        await shown.type("shoes")
        await shown.accessible()
        if "reduced_motion" in options:
            assert await shown.page.evaluate("document.getAnimations().length") == 0


async def test_the_owners_dialogue_by_text_ends_with_a_sale(chromium: Browser, make_home: Callable[[], Path]) -> None:
    model = ScriptedModel(FORMS)
    async with (
        open_kiosk(Settings().in_home(make_home()), model=model) as kiosk,
        served(kiosk) as server,
        screen(chromium) as shown,
    ):
        page = shown.page
        await shown.open(server.port, fragment="customer=C001")
        assert "C001" not in page.url
        await shown.type(OWNERS_WISH)
        await expect(page.locator(".product h3")).to_have_text("Corvane Mombasa Lace-Up")
        await expect(page.get_by_role("link", name="Watch the clip")).to_be_visible()
        assert "Leonardo DiCaprio — acted in → Inception" in (await page.locator("svg.path title").text_content() or "")
        await shown.accessible()
        await shown.touch("Buy: Corvane Mombasa Lace-Up")
        await shown.answered(1)
        await expect(page.locator("#total")).to_contain_text("$116.95")
        await shown.accessible()
        await shown.touch("Yes, pay $116.95")
        await shown.answered(2)
        await expect(page.locator("#stage")).to_contain_text("Paid. Please take your goods.")
        await expect(page.locator("#lines")).to_contain_text("Corvane Mombasa Lace-Up")
        await expect(page.locator("#answers")).to_be_hidden()
        await shown.accessible()
        await shown.type("it was quick and friendly")
        await shown.touch("Start over")
        await expect(page.locator("#welcome")).to_be_visible()
        await shown.type("show me umbrellas")
        await shown.page.locator(".product button").first.click()
        await shown.answered(1)
        await expect(page.locator(".product")).to_have_count(1)


# by voice


async def test_the_kiosks_words_are_shown_as_they_are_heard(chromium: Browser, kiosk: SmallTalkKiosk) -> None:
    voice, _, _ = small_voice()
    async with served(kiosk, voice) as server, screen(chromium) as shown:
        page = shown.page
        await shown.open(server.port)
        await shown.accessible()
        said = "some " * 20 + "shoes"
        await page.fill("#text", said)
        await page.press("#text", "Enter")
        words = page.locator(".caption.kiosk p")
        await expect(words).to_have_text(re.compile("^You said some"))
        assert len(await words.inner_text()) < len(said)
        await expect(words).to_have_text(f"You said {said}. Here are the shoes.", timeout=60_000)
        reports = shown.sent_of("kiosk.playout")
        ends = [report["audio_end_ms"] for report in reports]
        assert ends == sorted(ends)
        assert len(ends) > 5
        await expect(page.locator("#microphone")).to_have_attribute("data-doing", "speak")
        last = shown.sent_of("kiosk.playout")[-1]
        assert last["is_over"]
        assert abs(last["audio_end_ms"] - 20 * (len(f"You said {said}.") + len("Here are the shoes."))) <= 2


async def test_a_touch_silences_the_kiosk_and_it_keeps_what_was_heard(chromium: Browser, kiosk: SmallTalkKiosk) -> None:
    voice, _, _ = small_voice()
    async with served(kiosk, voice) as server, screen(chromium) as shown:
        page = shown.page
        await shown.open(server.port)
        await page.fill("#text", "some " * 60)
        await page.press("#text", "Enter")
        await expect(page.locator(".caption.kiosk p")).to_have_text(re.compile("^You said some"))
        await shown.touch("Sound")
        await expect(page.locator("#microphone")).to_have_attribute("data-doing", "speak")
        [heard] = kiosk.sessions[0].was_heard_counts
        assert heard == 0
        await shown.type("hats")
        assert (await page.locator(".caption.kiosk p").all_inner_texts())[-1] == "You said hats. Here are the shoes."
        assert shown.sent_of("session.update")[0]["session"]["output_modalities"] == ["text"]


def babble() -> Samples:
    """Something that sounds like a voice to echo and noise cancellers: loud in syllables."""
    syllable = np.hanning(WIRE_HZ // 5)
    return np.concatenate([tone(200) * 2.5 * syllable for _ in range(6)]).astype(np.int16)


@pytest.mark.parametrize("mode", ["press", "open"])
async def test_a_customer_is_heard(kiosk: SmallTalkKiosk, tmp_path: Path, mode: str) -> None:
    write_wav(tmp_path / "voice.wav", babble())
    voice, recogniser, _ = small_voice()
    recogniser.transcripts.append("black shoes")
    flags = microphone_of(tmp_path / "voice.wav")
    async with browser(*flags) as chromium, served(kiosk, voice) as server, screen(chromium) as shown:
        page = shown.page
        if mode == "press":
            await shown.open(server.port)
            await shown.touch("Touch and speak")
        else:
            await shown.open(server.port, "microphone=open")  # a word is enough to begin
        await expect(page.locator(".caption.customer p")).to_have_text("black shoes")
        await expect(page.locator(".caption.kiosk p")).to_have_text("You said black shoes. Here are the shoes.")
        assert kiosk.sessions[0].heard == ["black shoes"]
        assert recogniser.heard[0].duration_s > 0.5
        await expect(page.locator("#microphone")).to_have_attribute(
            "aria-pressed", "false" if mode == "press" else "true"
        )
        frames = shown.sent_of("input_audio_buffer.append")
        assert {len(frame["audio"]) for frame in frames} == {2_560}  # 40 ms


async def test_without_a_microphone_it_says_so(chromium: Browser, kiosk: SmallTalkKiosk) -> None:
    voice, _, _ = small_voice()
    async with served(kiosk, voice) as server, screen(chromium) as shown:
        await shown.open(server.port)
        await shown.touch("Touch and speak")
        await expect(shown.page.locator("#status")).to_contain_text("You can type instead")
