"""What a customer talked over: a question that was not heard gets no yes, what was done is told, and tools are seen."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agent.bootstrap import Kiosk, open_kiosk
from agent.scripted_model import ScriptedModel
from agent.session import Session
from agent.settings import Settings
from agent.state import SentenceReady, ToolCallRecord, TurnEvent, TurnFinished, TurnReport
from tools.payment import PaymentFault

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORMS: dict[str, Mapping[str, Any]] = {
    "show me umbrellas": {"intent": "find", "item": "umbrellas"},
    "how much for me?": {"intent": "price"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kiosk(make_home: Callable[[], Path]) -> AsyncIterator[Kiosk]:
    async with open_kiosk(Settings().in_home(make_home()), model=ScriptedModel(FORMS)) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def session(kiosk: Kiosk) -> AsyncIterator[Session]:
    """A customer who is asked whether to charge for an umbrella."""
    opened = kiosk.new_session("K1", None, "en")
    for text in ("show me umbrellas", "the first one", "I'll take it"):
        report = await turn(opened, text)
    assert report.checkout_stage == "reserved"
    yield opened
    await opened.close()


async def events(session: Session, text: str) -> list[TurnEvent]:
    return [event async for event in session.say(text)]


async def turn(session: Session, text: str) -> TurnReport:
    last = (await events(session, text))[-1]
    assert isinstance(last, TurnFinished)
    return last.report


async def test_a_yes_before_the_total_was_heard_is_asked_for_again(session: Session) -> None:
    session.was_heard(1)
    asked = await turn(session, "yes")
    assert asked.checkout_stage == "reserved"
    assert asked.reply.count("Shall I charge that?") == 1
    assert (await turn(session, "yes")).checkout_stage == "closed"


async def test_a_yes_to_an_answer_that_asked_again_unheard_is_none(session: Session) -> None:
    await turn(session, "how much for me?")
    session.was_heard(0)
    assert (await turn(session, "yes")).checkout_stage == "reserved"


async def test_what_was_heard_to_the_end_is_not_said_again(session: Session) -> None:
    session.was_heard(99)
    assert (await turn(session, "yes")).checkout_stage == "closed"


async def test_what_was_paid_unheard_is_told_first_thing(session: Session) -> None:
    paid = await turn(session, "yes")
    assert session.has_effects
    session.was_heard(0)
    assert (await turn(session, "how much for me?")).reply.startswith(paid.reply)


async def test_a_declined_card_is_told_and_the_question_asked_anew(kiosk: Kiosk, session: Session) -> None:
    kiosk.terminal.script([PaymentFault.DECLINE])
    declined = await turn(session, "yes")
    session.was_heard(0)
    asked = await turn(session, "yes")
    assert asked.reply.startswith(declined.reply)
    assert "confirm_order" not in [call.name for call in asked.tool_calls]
    assert (await turn(session, "yes")).checkout_stage == "closed"


async def test_nothing_unheard_outlives_its_customer(session: Session) -> None:
    await turn(session, "yes")
    session.was_heard(0)
    assert (await session.close())[0].startswith("Paid: $")
    assert await session.close() == ()


async def test_tools_are_seen_as_they_run_before_what_is_said_of_them(session: Session) -> None:
    kinds = [type(event) for event in await events(session, "show me umbrellas")]
    assert kinds[0] is ToolCallRecord
    assert kinds[-1] is TurnFinished
    assert kinds.index(SentenceReady) > max(place for place, kind in enumerate(kinds) if kind is ToolCallRecord)


async def test_a_chosen_language_stays(session: Session) -> None:
    await session.choose_language("de")
    assert session.language == "de"
    assert (await turn(session, "show me umbrellas")).language == "de"
