"""What must not shake the checkout: impossible carts, forged yeses, a database that is locked or full half-way."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import connect

import pytest
from checkout_fixtures import Shop, make_shop
from pydantic import ValidationError
from sqlalchemy import event
from sqlmodel import Session

from tests.databases import SqliteDatabases
from tools.checkout_table import FINAL_STATES, State
from tools.database import Feedback
from tools.errors import CustomerError, ModelError, StoreError
from tools.ledger import KeyReused, UnknownOrder
from tools.order import MAX_LINES, MAX_QUANTITY, CartItem, merge_items
from tools.payment import PaymentRecord, SimulatedTerminal


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = make_shop(SqliteDatabases(tmp_path).new())
    yield shop
    shop.require_conserved()


# carts


@pytest.mark.parametrize("quantity", [-1, 0, MAX_QUANTITY + 1, 10**30, 1.5, "many"])
def test_no_cart_can_be_written_with_such_a_quantity(quantity: object) -> None:
    with pytest.raises(ValidationError):
        CartItem.model_validate({"sku": "A", "quantity": quantity})


@pytest.mark.parametrize("sku", ["", "x" * 101])
def test_no_cart_can_be_written_with_such_a_sku(sku: str) -> None:
    with pytest.raises(ValidationError):
        CartItem(sku=sku)


def test_no_shop_sells_without_bounds() -> None:
    with pytest.raises(CustomerError, match="too-many"):
        merge_items([CartItem(sku="A", quantity=MAX_QUANTITY)] * 2)
    with pytest.raises(CustomerError, match="too-many"):
        merge_items([CartItem(sku=str(number)) for number in range(MAX_LINES + 1)])


@pytest.mark.parametrize("sku", ["nothing", "A'; DROP TABLE orders; --", "A\x00", "Ａ"])
async def test_an_unknown_sku_reserves_nothing(shop: Shop, sku: str) -> None:
    with pytest.raises(ModelError, match="there is no SKU"):
        await shop.open(("A", 1), (sku, 1))
    order = await shop.open(("A", 1))
    with pytest.raises(ModelError, match="there is no SKU"):
        await shop.checkout.change(order.order_id, [CartItem(sku=sku)], "c")
    assert shop.checkout.view(order.order_id) == order


async def test_an_unknown_kiosk_holds_nothing(shop: Shop) -> None:
    with pytest.raises(CustomerError, match="out-of-stock"):
        await shop.open(("A", 1), kiosk="K9")


# keys and hashes


async def test_a_key_belongs_to_one_cart(shop: Shop) -> None:
    order = await shop.open(("A", 1), key="k")
    with pytest.raises(KeyReused):
        await shop.open(("B", 1), key="k")
    with pytest.raises(KeyReused):
        await shop.open(("A", 1), key="k", kiosk="K2")
    await shop.checkout.change(order.order_id, [CartItem(sku="A", quantity=2)], "k")
    with pytest.raises(KeyReused):
        await shop.checkout.change(order.order_id, [CartItem(sku="A", quantity=3)], "k")
    assert (shop.stock("A"), shop.stock("B")) == ((5, 2), (2, 0))


@pytest.mark.parametrize("forge", [str.upper, lambda value: value[:-1] + "0", lambda _: "", lambda value: value + " "])
async def test_a_forged_hash_moves_no_money(shop: Shop, forge: object) -> None:
    assert callable(forge)
    order = await shop.open(("A", 1))
    forged = forge(order.consent_hash)
    if forged == order.consent_hash:
        forged = order.consent_hash[:-1] + "1"
    with pytest.raises(CustomerError, match="consent-void"):
        await shop.checkout.confirm(order.order_id, forged, "yes")
    assert shop.terminal.records == ()
    assert shop.checkout.view(order.order_id) == order


async def test_the_yes_to_one_order_is_none_to_another(shop: Shop) -> None:
    one, other = await shop.open(("A", 1), key="1"), await shop.open(("A", 1), key="2")
    with pytest.raises(CustomerError, match="consent-void"):
        await shop.checkout.confirm(other.order_id, one.consent_hash, "yes")
    with pytest.raises(UnknownOrder):
        await shop.checkout.confirm("nothing", one.consent_hash, "yes")
    assert shop.terminal.records == ()


# a database that fails


def impatient(shop: Shop) -> None:
    """Let no connection wait for a lock for long."""
    shop.engine.dispose()

    @event.listens_for(shop.engine, "connect")
    def _configure(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA busy_timeout=20")


@contextmanager
def locked(shop: Shop) -> Iterator[None]:
    """Another program holds the database's write lock."""
    assert shop.engine.url.database
    with closing(connect(shop.engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_locked_database_refuses_and_leaves_everything_as_it_was(shop: Shop) -> None:
    impatient(shop)
    order = await shop.open(("A", 1))
    with locked(shop):
        for attempt in (
            shop.open(("B", 1), key="2"),
            shop.checkout.change(order.order_id, [CartItem(sku="B")], "c"),
            shop.checkout.confirm(order.order_id, order.consent_hash, "yes"),
            shop.checkout.cancel(order.order_id, "no"),
        ):
            with pytest.raises(StoreError, match="locked"):
                await attempt
        assert shop.checkout.view(order.order_id) == order
    assert shop.terminal.records == ()
    assert (await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")).state is State.CLOSED


class BetweenRows(SimulatedTerminal):
    """A terminal during whose work something happens to the database."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.shop = shop
        self.at = ""
        self.trouble = locked(shop)

    def _perform(self, *request: object) -> PaymentRecord:
        record = super()._perform(*request)  # type: ignore[arg-type]
        if request[0] == self.at:
            self.at = ""
            self.trouble.__enter__()
        return record


@pytest.mark.parametrize(("at", "ends"), [("authorise", State.VOIDED), ("capture", State.CLOSED)])
async def test_a_lock_that_comes_while_money_moves_is_recovered_from(shop: Shop, at: str, ends: State) -> None:
    impatient(shop)
    terminal = shop.terminal = BetweenRows(shop)
    shop.checkout = shop.restarted()
    order = await shop.open(("A", 1))
    terminal.at = at
    with pytest.raises(StoreError, match="locked"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    terminal.trouble.__exit__(None, None, None)
    assert shop.checkout.view(order.order_id).state not in FINAL_STATES
    assert [recovered.state for recovered in await shop.restarted().recover()] == [ends]


class Disk:
    """Lets the database grow no further, or grow again."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.pages = shop, 0
        event.listen(shop.engine, "checkout", self._limit)

    def _limit(self, connection, _record, _proxy) -> None:  # type: ignore[no-untyped-def]
        connection.execute(f"PRAGMA max_page_count={self.pages or 2**30}")

    def fill(self) -> None:
        """Take what room is left."""
        with Session(self.shop.engine) as session:
            self.pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        for size in (100_000, 2_000, 100, 1):
            with pytest.raises(Exception, match="full"):  # noqa: PT012
                while True:
                    with Session(self.shop.engine) as session:
                        session.add(Feedback(kiosk_id="K1", language="en", text="x" * size))
                        session.commit()

    def clear(self) -> None:
        """There is room again."""
        self.pages = 0


async def test_a_full_disk_refuses_and_loses_nothing(shop: Shop) -> None:
    disk = Disk(shop)
    disk.fill()
    opened = 0
    with pytest.raises(StoreError, match="full"):  # noqa: PT012
        while True:
            await shop.open(("D", 1), key=str(opened))
            opened += 1
    assert shop.stock("D") == (60, opened)
    shop.require_conserved()
    disk.clear()
    order = await shop.open(("D", 1), key="with room")
    assert (await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")).state is State.CLOSED


class FillingTerminal(SimulatedTerminal):
    """A terminal during whose authorisation the disk fills up."""

    disk: Disk

    def _perform(self, *request: object) -> PaymentRecord:
        record = super()._perform(*request)  # type: ignore[arg-type]
        if request[0] == "authorise":
            self.disk.fill()
        return record


async def test_a_disk_that_fills_up_while_money_moves_is_recovered_from(shop: Shop) -> None:
    disk = Disk(shop)
    terminal = shop.terminal = FillingTerminal()
    terminal.disk = disk
    shop.checkout = shop.restarted()
    order = await shop.open(*((sku, 1) for sku in "ABD"))
    with pytest.raises(StoreError, match="full"):  # noqa: PT012
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
        for number in range(1_000):  # the rows of one sale may still have found room in a page
            another = await shop.open(("D", 1), key=f"more {number}")
            await shop.checkout.cancel(another.order_id, "no")
    shop.require_conserved()
    disk.clear()
    await shop.restarted().recover()
    shop.clock.pass_time(601)
    await shop.restarted().recover()
    assert {order.state for order in shop.orders()} <= FINAL_STATES
