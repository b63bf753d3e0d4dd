"""A kiosk of a few lines for the tests of the text front ends: it echoes, counts, fails and dawdles on request."""

import asyncio
from collections.abc import AsyncIterator

from agent.state import (
    AgeCheck,
    CartLine,
    ProductCard,
    SentenceReady,
    ToolCallRecord,
    TurnEvent,
    TurnFinished,
    TurnReport,
)
from tools.errors import CustomerError, ModelServerError
from tools.evidence import Evidence
from tools.money import Money
from tools.path_query import Node, ProofStep
from tools.staff import PinRefused

CUSTOMERS = {"C1": "Ada", "C2": "Björn"}
KIOSKS = {"K1": "Lobby", "K2": "Gate"}
EVIL = "\x1b[31mred[/red] [bold]not markup[/bold]\x07\u202e"


def proof() -> list[ProofStep]:
    person = Node(id="p", type="Person", name="Some One")
    film = Node(id="f", type="Film", name="A Film")
    scene = Node(id="s", type="Scene", name="The First")
    return [
        ProofStep(source=person, relation="acted_in", target=film),
        ProofStep(source=film, relation="has_scene", target=scene),
    ]


def full_report(utterance: str, language: str) -> TurnReport:
    money = Money(amount_minor=8_996, currency="USD")
    return TurnReport(
        utterance=utterance,
        language=language,
        intent="find",
        reply=f"You said {utterance}.",
        tool_calls=[ToolCallRecord(name="search", arguments={"text": utterance}, outcome="ok", ms=1.5)],
        evidence=[Evidence(id="e1", kind="price", subject="P1", facts={"price": money, "sizes": ("41", "42")})],
        products=[
            ProductCard(
                sku="P1-BLACK-42",
                name=f"Shoe {EVIL}",
                price_minor=8_996,
                list_price_minor=9_995,
                currency="USD",
                in_stock=True,
                product_id="P1",
                colour="black",
                size="42",
            )
        ],
        proof=proof(),
        cart=[CartLine(sku="P1-BLACK-42", name="Shoe", quantity=2, unit_price_minor=8_996, currency="USD")],
        checkout_stage="reserved",
        order_id="ORDER1",
        timings_ms={"understand": 12.0, "total": 20.0},
    )


class SmallSession:
    def __init__(self, kiosk: "SmallKiosk", kiosk_id: str, customer_id: str | None, language: str) -> None:
        self._kiosk = kiosk
        self.kiosk_id, self.customer_id, self.language = kiosk_id, customer_id, language
        self.is_closed = False
        self.heard: list[str] = []
        self.age_check: AgeCheck | None = None
        self.approvals: list[str] = []

    async def say(self, text: str) -> AsyncIterator[TurnEvent]:
        self.heard.append(text)
        if "fail" in text:
            raise ModelServerError("the language model server is gone")
        if "crash" in text:
            raise RuntimeError("a defect")
        if "whisky" in text:
            self.age_check = AgeCheck(product_ids=("P9",), names=("Ten-Year",), min_age=21)
        if "dawdle" in text:
            self._kiosk.is_dawdling.set()
            await asyncio.Event().wait()
        report = full_report(text, self.language)
        yield SentenceReady(text=report.reply)
        yield SentenceReady(text=f"Beware of {EVIL}!")
        yield TurnFinished(report=report, is_farewell=text == "goodbye")

    async def approve_age(self, name: str, pin: str) -> None:
        if pin != "123456":
            raise PinRefused("this name and PIN do not fit")
        self.approvals.append(name)

    async def close(self) -> tuple[str, ...]:
        self.is_closed = True
        return ()


class PaidUnheard(SmallSession):
    """Somebody paid, and left before they heard of it."""

    async def close(self) -> tuple[str, ...]:
        await super().close()
        return ("Paid: take your goods from slot A05.",)


class SmallKiosk:
    def __init__(self) -> None:
        self.sessions: list[SmallSession] = []
        self.is_dawdling = asyncio.Event()
        self.session_type = SmallSession

    def new_session(
        self, kiosk_id: str | None = None, customer_id: str | None = None, language: str | None = None
    ) -> SmallSession:
        if customer_id and customer_id not in CUSTOMERS:
            raise CustomerError("unknown-customer", customer_id=customer_id)
        if kiosk_id and kiosk_id not in KIOSKS:
            raise CustomerError("unknown-kiosk", kiosk_id=kiosk_id)
        session = self.session_type(self, kiosk_id or "K1", customer_id, language or "en")
        self.sessions.append(session)
        return session

    def customers(self) -> list[tuple[str, str]]:
        return list(CUSTOMERS.items())

    def kiosks(self) -> list[tuple[str, str]]:
        return list(KIOSKS.items())
