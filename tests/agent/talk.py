"""A session that a test talks to: an utterance comes in, the turn's report goes out."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session as DatabaseSession
from sqlmodel import select

from agent.bootstrap import Kiosk
from agent.session import Session
from agent.state import SentenceReady, TurnFinished, TurnReport
from tools.database import Order

UMBRELLA = ("show me umbrellas", "the first one", "I'll take it")
UMBRELLA_FORMS: dict[str, Mapping[str, Any]] = {UMBRELLA[0]: {"intent": "find", "item": "umbrellas"}}
"""What a scripted model has to know for `UMBRELLA`."""


class Talk:
    """One customer's talk. Every turn is to say something, and to report what it said."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.is_farewell = False
        """Whether the last turn was the customer's goodbye."""

    async def __call__(self, text: str) -> TurnReport:
        sentences: list[str] = []
        async for event in self.session.say(text):
            if isinstance(event, SentenceReady):
                sentences.append(event.text)
            elif isinstance(event, TurnFinished):
                assert event.report.reply == " ".join(sentences)
                assert event.report.reply
                self.is_farewell = event.is_farewell
                return event.report
        raise AssertionError("the turn had no end")

    async def hold_umbrella(self) -> TurnReport:
        """Come as far as the question whether to charge for one umbrella."""
        *before, last = UMBRELLA
        for text in before:
            await self(text)
        held = await self(last)
        assert held.checkout_stage == "reserved"
        return held


def orders(kiosk: Kiosk, talk: Talk) -> list[Order]:
    """The orders made in a talk."""
    with DatabaseSession(kiosk.engine) as database:
        return list(database.exec(select(Order).where(Order.session_id == talk.session.session_id)).all())
