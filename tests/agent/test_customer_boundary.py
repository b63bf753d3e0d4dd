"""What one customer said and did is out of reach of the next: in the talk, on disk and in the log."""

import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agent.bootstrap import Kiosk, open_kiosk
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from tests.agent.talk import UMBRELLA, UMBRELLA_FORMS, Talk

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
    **UMBRELLA_FORMS,
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
    *UMBRELLA,
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
async def kiosk(make_home: Callable[[], Path]) -> AsyncIterator[Kiosk]:
    async with open_kiosk(Settings().in_home(make_home()), model=ScriptedModel(FORMS)) as opened:
        yield opened


def leaks(folder: Path, words: tuple[str, ...]) -> list[str]:
    """Files under the folder that hold one of the words in any case, whether or not they still count as data."""
    return [
        f"{word} in {file.relative_to(folder)}"
        for parent, _, names in os.walk(folder, followlinks=True)
        for file in (Path(parent) / name for name in names)
        if file.is_file()
        for word in words
        if word.encode() in file.read_bytes().lower()
    ]


async def test_nothing_of_a_customer_is_left_when_they_walk_off(kiosk: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    session = kiosk.new_session("K1", "C001", "en")
    talk = Talk(session)
    for text in LAST_CUSTOMER:
        report = await talk(text)
    assert report.checkout_stage == "reserved"
    assert leaks(kiosk.settings.home, ("umbrella",)), "the test must be able to find what is kept"
    assert not leaks(kiosk.settings.home, CANARIES), "a crash would leave it there"
    await session.close()

    assert not leaks(kiosk.settings.home, CANARIES)
    logged = caplog.text.lower()
    assert not [word for word in (*CANARIES, NAME.lower()) if word in logged]
    assert not [word for word in CANARIES if word in repr(vars(session)).lower()]

    following = Talk(kiosk.new_session("K1", None, "en"))
    for text in NEXT_CUSTOMER:
        report = await following(text)
        shown = report.model_dump_json().lower()
        assert not report.products
        assert not report.cart
        assert not [word for word in (*CANARIES, NAME.lower(), "c001") if word in shown]
    await following.session.close()


async def test_a_goodbye_ends_the_session_and_gives_up_the_order(kiosk: Kiosk) -> None:
    talk = Talk(kiosk.new_session("K1", "C001", "en"))
    for text in UMBRELLA:
        await talk(text)
        assert not talk.is_farewell
    report = await talk("goodbye")
    assert talk.is_farewell
    assert report.checkout_stage == "cancelled"
    await talk.session.close()
    talk = Talk(kiosk.new_session("K1", None, "en"))
    await talk("bye bye")
    assert talk.is_farewell
    await talk.session.close()


async def test_goods_held_by_who_walked_off_can_be_bought_by_the_next(kiosk: Kiosk) -> None:
    for _ in range(2):
        talk = Talk(kiosk.new_session("K1", None, "en"))
        await talk.hold_umbrella()
        await talk.session.close()
