"""A small shop to test the checkout on: one kiosk database, prices that can be moved, devices that can fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import URL, Engine
from sqlmodel import Session, select

from tools.cart_pricing import PriceQuoter
from tools.checkout import Checkout
from tools.checkout_table import FINAL_STATES, HOLDING_STATES, Event, State
from tools.database import Kiosk, Order, Product, Stock, StoreSetting, Variant, open_database
from tools.dispenser import SimulatedDispenser
from tools.ledger import differences, entries_of, load_order, read_detail
from tools.liveness import Liveness, open_liveness
from tools.money import Money
from tools.order import CartItem, OrderView, ProductQuantity
from tools.payment import SimulatedTerminal
from tools.store_facts import StoreFacts, as_settings

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PRICES_MINOR = {"P1": 4995, "P2": 1050, "P3": 700, "P4": 325, "P5": 100}
ON_HAND = {"A": 5, "B": 2, "C": 1, "D": 60, "E": 500}
WRONG = "E"
"""What comes out when the wrong item does; nobody buys it."""
KIOSKS = ("K1", "K2")


FACTS = StoreFacts(
    name="Test Shop",
    currency="USD",
    country="US",
    timezone="America/New_York",
    languages=("en",),
    parents={"thing": "anything"},
    imported_at=START,
)


def usd(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="USD")


@dataclass(frozen=True)
class TestQuote:
    __test__ = False

    unit_price: Money
    list_price: Money
    reason: str = ""


@dataclass
class PriceList:
    """Prices by product, without promotions."""

    minor: dict[str, int] = field(default_factory=lambda: dict(PRICES_MINOR))

    def quote_within(self, _: Session, wanted: Sequence[ProductQuantity], customer_id: str | None) -> list[TestQuote]:
        prices = [usd(self.minor[each.product_id]) for each in wanted]
        return [TestQuote(unit_price=price, list_price=price) for price in prices]


@dataclass
class Clock:
    """A clock that moves when told to."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Shop:
    """The checkout with everything around it."""

    engine: Engine
    prices: PriceList = field(default_factory=PriceList)
    clock: Clock = field(default_factory=Clock)
    terminal: SimulatedTerminal = field(default_factory=SimulatedTerminal)
    dispenser: SimulatedDispenser = field(default_factory=SimulatedDispenser)
    device_timeout_s: float = 5.0
    quoter: PriceQuoter | None = None
    """In the place of the price list, if there is one."""

    process: Liveness | None = None
    """The process that this is a checkout of, if several share one."""

    def __post_init__(self) -> None:
        self.dispenser.wrong_sku = WRONG
        self.living: list[Liveness] = []
        self.checkout = self.another()

    def restarted(self) -> Checkout:
        """A checkout as a fresh process would have it, once all others are dead: the same database and devices."""
        while self.living:
            self.living.pop().close()
        return self.another()

    def another(self) -> Checkout:
        """A checkout as a further process would have it, beside those that live."""
        liveness = self.process or open_liveness(self.engine)
        self.living.append(liveness)
        return Checkout(
            self.engine,
            self.quoter or self.prices,
            self.terminal,
            self.dispenser,
            self.clock,
            device_timeout_s=self.device_timeout_s,
            liveness=liveness,
        )

    async def open(self, *items: tuple[str, int], key: str = "1", kiosk: str = "K1", session: str = "s") -> OrderView:
        cart = [CartItem(sku=sku, quantity=quantity) for sku, quantity in items]
        return await self.checkout.open(kiosk, session, None, cart, key)

    def set_facts(self, **changes: object) -> None:
        """Change settings of the shop, as an import does."""
        facts = as_settings(FACTS.model_copy(update=changes))
        with Session(self.engine) as session:
            for key, value in facts.items():
                session.merge(StoreSetting(key=key, value=value))
            session.commit()

    def stock(self, sku: str, kiosk: str = "K1") -> tuple[int, int]:
        """On hand and reserved."""
        with Session(self.engine) as session:
            row = session.get_one(Stock, (kiosk, sku))
            return row.on_hand, row.reserved

    def orders(self) -> list[OrderView]:
        with Session(self.engine) as session:
            return [load_order(session, order_id) for order_id in session.exec(select(Order.order_id)).all()]

    def wrong_pieces(self, order_id: str, sku: str | None = None) -> int:
        """How many pieces (of one variant) came out for an order that it had not asked for, by its ledger."""
        with Session(self.engine) as session:
            details = [read_detail(row) for row in entries_of(session, order_id) if row.event == Event.WRONG_ITEM]
        return sum(detail.count or 0 for detail in details if sku in (None, detail.seen_sku))

    def require_conserved(self) -> None:
        """Money taken = goods out, stock conserved, nothing pending for a finished order, ledger = stored state."""
        orders = self.orders()
        with Session(self.engine) as session:
            for order in orders:
                found = differences(session, order.order_id)
                assert not found, found
        for order in orders:
            dropped = [record for record in self.dispenser.records if record.key.startswith(f"{order.order_id}/")]
            if order.state in FINAL_STATES | {State.RESERVED}:
                right = sum(record.count for record in dropped if record.came_out == record.sku)
                assert right == sum(line.dispensed for line in order.lines)
                assert sum(record.count for record in dropped) - right == self.wrong_pieces(order.order_id)
                payments = {
                    record.payment_id
                    for record in self.terminal.records
                    if record.operation == "authorise" and record.key.startswith(f"{order.order_id}/")
                }
                assert not any(self.terminal.is_pending(payment) for payment in payments)
                taken = sum(self.terminal.taken_minor(payment) for payment in payments)
                is_free = order.state in (State.REFUNDED, State.UNPAID)
                assert taken == (0 if is_free else order.dispensed_total.amount_minor)
        for kiosk in KIOSKS:
            for sku, initial in ON_HAND.items():
                lines = [
                    (order, line)
                    for order in orders
                    if order.kiosk_id == kiosk
                    for line in order.lines
                    if line.sku == sku
                ]
                gone = sum(line.dispensed for _, line in lines)
                gone += sum(self.wrong_pieces(order.order_id, sku) for order in orders if order.kiosk_id == kiosk)
                held = sum(line.quantity - line.dispensed for order, line in lines if order.state in HOLDING_STATES)
                assert self.stock(sku, kiosk) == (initial - gone, held)


def make_shop(database: URL, device_timeout_s: float = 5.0) -> Shop:
    """Two kiosks with the same variants, in a database that has empty tables; C is age-restricted."""
    engine = open_database(database)
    with Session(engine) as session:
        session.add_all([StoreSetting(key=key, value=value) for key, value in as_settings(FACTS).items()])
        session.add_all([Kiosk(kiosk_id=kiosk, name=f"Kiosk {kiosk}", location="Hall") for kiosk in KIOSKS])
        for number, sku in enumerate(ON_HAND, start=1):
            session.add(
                Product(
                    product_id=f"P{number}",
                    brand="Brand",
                    model=f"Model {number}",
                    category="thing",
                    description="",
                    list_price_minor=PRICES_MINOR[f"P{number}"],
                    currency="USD",
                    min_age=18 if sku == "C" else 0,
                )
            )
        session.flush()
        session.add_all(
            [
                Variant(sku=sku, product_id=f"P{number}", colour="red", size="M")
                for number, sku in enumerate(ON_HAND, start=1)
            ]
        )
        session.flush()
        for kiosk in KIOSKS:
            session.add_all(
                [Stock(kiosk_id=kiosk, sku=sku, slot=f"S-{sku}", on_hand=count) for sku, count in ON_HAND.items()]
            )
        session.commit()
    return Shop(engine, device_timeout_s=device_timeout_s)
