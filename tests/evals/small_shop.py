"""A kiosk for the tests of the evals: a real database and simulated hardware behind a session of a few fixed words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Engine

from agent.settings import Settings
from agent.state import ProductCard, SentenceReady, ToolCallRecord, TurnEvent, TurnFinished, TurnReport
from tools.database import (
    Customer,
    Feedback,
    Kiosk,
    Order,
    OrderLine,
    Product,
    Promotion,
    Stock,
    Variant,
    open_database,
    read_transaction,
    write_transaction,
)
from tools.dispenser import SimulatedDispenser
from tools.errors import CustomerError
from tools.money import Money
from tools.payment import SimulatedTerminal
from tools.schema import migrate

SKU = "P1-BLACK-42"
PRICE = Money(amount_minor=9_995, currency="USD")


def fill(engine: Engine) -> None:
    migrate(engine)
    with write_transaction(engine) as session:
        session.add(Kiosk(kiosk_id="K1", name="Lobby"))
        session.add(Kiosk(kiosk_id="K2", name="Gate"))
        session.add(Customer(customer_id="C1", name="Ada"))
        session.add(
            Product(
                product_id="P1",
                brand="A",
                model="B",
                category="shoes",
                description="",
                list_price_minor=PRICE.amount_minor,
                currency="USD",
            )
        )
        session.flush()
        session.add(Variant(sku=SKU, product_id="P1", colour="black", size="42"))
        session.add(
            Promotion(
                promotion_id="R1",
                name="Sale",
                percent_off="10",
                starts_on=date(2020, 2, 1),
                ends_on=date(2020, 2, 28),
            )
        )
        session.flush()
        session.add(Stock(kiosk_id="K1", sku=SKU, slot="A1", on_hand=3))
        session.add(Stock(kiosk_id="K2", sku=SKU, slot="A1", on_hand=1))


@dataclass
class SmallSession:
    shop: "SmallShop"
    kiosk_id: str
    customer_id: str | None
    language: str
    number: int
    calls: list[ToolCallRecord] = field(default_factory=list)

    async def say(self, text: str) -> AsyncIterator[TurnEvent]:
        self.calls = []
        reply = "I have the A B."
        if text == "crash":
            raise RuntimeError("a defect")
        if text == "buy":
            reply = await self._buy()
        if text == "steal":
            self._take_from_shelf()
        if text == "praise":
            with write_transaction(self.shop.engine) as session:
                session.add(Feedback(kiosk_id=self.kiosk_id, language="en", text="Very quick!", rating=5))
            reply = "Thank you."
        if text == "mute":
            reply = ""
        yield SentenceReady(text=reply)
        card = ProductCard(sku=SKU, product_id="P1", name="A B", price_minor=9_995, currency="USD", in_stock=True)
        yield TurnFinished(
            report=TurnReport(
                utterance=text,
                language=self.language,
                intent="buy" if text == "buy" else "find",
                reply=reply,
                products=[card],
                tool_calls=self.calls,
            )
        )

    async def _buy(self) -> str:
        self.calls.append(ToolCallRecord(name="confirm_order", arguments={}, outcome="ok", ms=1))
        order_id = f"O{len(self.shop.terminal.records)}"
        paid = await self.shop.terminal.authorise(PRICE, f"{order_id}:pay")
        if not paid.approved:
            return "Declined."
        await self.shop.terminal.capture(paid.payment_id, PRICE, f"{order_id}:capture")
        with write_transaction(self.shop.engine) as session:
            session.add(
                Order(
                    order_id=order_id,
                    kiosk_id=self.kiosk_id,
                    session_id=str(self.number),
                    customer_id=self.customer_id,
                    state="closed",
                    total_minor=PRICE.amount_minor,
                    currency="USD",
                    payment_id=paid.payment_id,
                    captured_minor=PRICE.amount_minor,
                )
            )
            session.flush()
            session.add(
                OrderLine(
                    order_id=order_id,
                    sku=SKU,
                    quantity=1,
                    unit_price_minor=PRICE.amount_minor,
                    list_price_minor=PRICE.amount_minor,
                    dispensed=1,
                )
            )
        self._take_from_shelf()
        return "Paid: $99.95."

    def _take_from_shelf(self) -> None:
        with write_transaction(self.shop.engine) as session:
            stock = session.get(Stock, (self.kiosk_id, SKU))
            assert stock is not None
            stock.on_hand -= 1
            session.add(stock)

    async def close(self) -> None:
        self.shop.closed += 1


@dataclass
class SmallShop:
    engine: Engine
    terminal: SimulatedTerminal = field(default_factory=SimulatedTerminal)
    dispenser: SimulatedDispenser = field(default_factory=SimulatedDispenser)
    opened: int = 0
    closed: int = 0

    def new_session(
        self, kiosk_id: str | None = None, customer_id: str | None = None, language: str | None = None
    ) -> SmallSession:
        if customer_id:
            with read_transaction(self.engine) as session:
                if session.get(Customer, customer_id) is None:
                    raise CustomerError("unknown-customer", customer_id=customer_id)
        self.opened += 1
        return SmallSession(self, kiosk_id or "K1", customer_id, language or "en", self.opened)

    def customers(self) -> list[tuple[str, str]]:
        return [("C1", "Ada")]

    def kiosks(self) -> list[tuple[str, str]]:
        return [("K1", "Lobby"), ("K2", "Gate")]


@asynccontextmanager
async def open_small_shop(settings: Settings, notice: object) -> AsyncIterator[SmallShop]:
    engine = open_database(settings.database)
    fill(engine)
    try:
        yield SmallShop(engine)
    finally:
        engine.dispose()
