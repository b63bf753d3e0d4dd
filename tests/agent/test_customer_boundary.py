"""What one customer said and did is out of reach of the next: in the talk, on disk and in the log."""

import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agent.bootstrap import Kiosk, open_kiosk
from agent.scripted_model import ScriptedModel
from agent.session import Session
from agent.settings import Settings
from agent.state import TurnFinished, TurnReport

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARIES = ("quandrovelt", "zibblethorpe", "4111 1111 1111 1111", "4111111111111111", "q.velt@example.org")
NAME = "James Carter"
FORMS: dict[str, Mapping[str, Any]] = {
    "my name is Quandrovelt and I live in Zibblethorpe": {"intent": "chat", "reply": "Nice to meet you, Quandrovelt!"},
    "do you have the hat that Quandrovelt wore in Zibblethorpe?": {
        "intent": "find",
        "item": "hat",
        "worn_by": "Quandrovelt",
        "film": "Zibblethorpe",
    },
    "show me umbrellas": {"intent": "find", "item": "umbrellas"},
    "please send Zibblethorpe security": {"intent": "staff"},
    "write to q.velt@example.org or charge 4111 1111 1111 1111": {"intent": "chat", "reply": "I cannot write mail."},
    "what did I just look at?": {"intent": "compare"},
    "what was the film called?": {"intent": "fact", "asked": "film"},
    "how much for me?": {"intent": "price"},
}
LAST_CUSTOMER = (
    "my name is Quandrovelt and I live in Zibblethorpe",
    "do you have the hat that Quandrovelt wore in Zibblethorpe?",
    "please send Zibblethorpe security",
    "write to q.velt@example.org or charge 4111 1111 1111 1111",
    "show me umbrellas",
    "the first one",
    "I'll take it",
)
NEXT_CUSTOMER = (
    "yes",
    "what did I just look at?",
    "what was the film called?",
    "the first one",
    "how much for me?",
    "I'll take it",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kiosk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kiosk]:
    settings = Settings().model_copy(update={"home": tmp_path_factory.mktemp("home"), "database_override": None})
    async with open_kiosk(settings, model=ScriptedModel(FORMS)) as opened:
        yield opened


async def say(session: Session, text: str) -> tuple[TurnReport, bool]:
    async for event in session.say(text):
        if isinstance(event, TurnFinished):
            return event.report, event.is_farewell
    raise AssertionError("the turn had no end")


def leaks(folder: Path, words: tuple[str, ...]) -> list[str]:
    """Files under the folder that hold one of the words in any case, whether or not they still count as data."""
    return [
        f"{word} in {file.relative_to(folder)}"
        for file in folder.rglob("*")
        if file.is_file()
        for word in words
        if word.encode() in file.read_bytes().lower()
    ]


async def test_nothing_of_a_customer_is_left_when_they_walk_off(kiosk: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    session = kiosk.new_session("K1", "C001", "en")
    for text in LAST_CUSTOMER:
        report, _ = await say(session, text)
    assert report.checkout_stage == "reserved"
    assert leaks(kiosk.settings.home, ("umbrella",)), "the test must be able to find what is kept"
    assert not leaks(kiosk.settings.home, CANARIES), "a crash would leave it there"
    await session.close()

    assert not leaks(kiosk.settings.home, CANARIES)
    logged = caplog.text.lower()
    assert not [word for word in (*CANARIES, NAME.lower()) if word in logged]
    assert not [word for word in CANARIES if word in repr(vars(session)).lower()]

    following = kiosk.new_session("K1", None, "en")
    for text in NEXT_CUSTOMER:
        report, _ = await say(following, text)
        shown = report.model_dump_json().lower()
        assert not report.products
        assert not report.cart
        assert not [word for word in (*CANARIES, NAME.lower(), "c001") if word in shown]
    await following.close()


async def test_a_goodbye_ends_the_session_and_gives_up_the_order(kiosk: Kiosk) -> None:
    session = kiosk.new_session("K1", "C001", "en")
    for text in ("show me umbrellas", "the first one", "I'll take it"):
        _, is_farewell = await say(session, text)
        assert not is_farewell
    report, is_farewell = await say(session, "goodbye")
    assert is_farewell
    assert report.checkout_stage == "cancelled"
    await session.close()
    session = kiosk.new_session("K1", None, "en")
    assert (await say(session, "bye bye"))[1]
    await session.close()


async def test_goods_held_by_who_walked_off_can_be_bought_by_the_next(kiosk: Kiosk) -> None:
    for _ in range(2):
        session = kiosk.new_session("K1", None, "en")
        for text in ("show me umbrellas", "the first one", "I'll take it"):
            report, _ = await say(session, text)
        assert report.checkout_stage == "reserved"
        await session.close()
