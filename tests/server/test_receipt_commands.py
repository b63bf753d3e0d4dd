"""`orders receipt` and `orders refund` on a shop that sold something through the simulated terminal of the settings."""

import asyncio
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from sqlmodel import Session, select

from agent.devices import Devices, open_devices
from agent.settings import DEMO_STORE, Settings
from server.error_boundary import ErrorBoundary
from server.orders_commands import app
from tools.checkout import Checkout
from tools.checkout_table import State
from tools.database import LedgerEntry, utc_now
from tools.ledger import read_detail
from tools.order import CartItem, OrderView
from tools.payment import PaymentFault, SimulatedTerminal
from tools.pricing import Pricing
from tools.store_files import read_store
from tools.store_import import create_store, open_store

SKU = "P169-RED-ONE"


def run(*arguments: str) -> tuple[int, str]:
    output, code = io.StringIO(), 0
    with redirect_stdout(output), redirect_stderr(output):
        code = ErrorBoundary().run(app, "orders", list(arguments))
    return code, output.getvalue()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("template") / "store.db"
    create_store(database, read_store(DEMO_STORE))
    return database


class Sold:
    """A shop where one umbrella was sold and another is held."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.engine = open_store(database)
        devices = open_devices(Settings())
        self.terminal = devices.terminal
        self.checkout = Checkout(
            self.engine, Pricing(self.engine, utc_now), devices.terminal, devices.dispenser, utc_now
        )
        self.order, self.held = asyncio.run(self._trade())

    async def _trade(self) -> tuple[OrderView, OrderView]:
        cart = [CartItem(sku=SKU)]
        order = await self.checkout.open("K1", "s", None, cart, "1")
        held = await self.checkout.open("K1", "s", None, cart, "2")
        return await self.checkout.confirm(order.order_id, order.consent_hash, "yes"), held

    def run(self, command: str, *arguments: str) -> tuple[int, str]:
        return run(command, *arguments, "--database", str(self.database))


@pytest.fixture
def sold(own_home: Path, template: Path, tmp_path: Path) -> Sold:
    own_home.mkdir(parents=True)
    database = tmp_path / "store.db"
    database.write_bytes(template.read_bytes())
    return Sold(database)


def test_a_receipt_in_every_format(sold: Sold, tmp_path: Path) -> None:
    number = sold.order.order_id
    code, text = sold.run("receipt", number)
    assert code == 0
    assert "WalKiosk Cinema Store" in text
    assert "incl. Sales tax 8.875%" in text
    assert json.loads(sold.run("receipt", number, "--format", "json")[1])["number"] == number
    out = tmp_path / "receipt.html"
    assert sold.run("receipt", number, "--format", "html", "--out", str(out)) == (0, "")
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sold.run("receipt", number)[1] == text


def test_what_has_no_receipt_is_said(sold: Sold, tmp_path: Path) -> None:
    code, text = sold.run("receipt", sold.held.order_id)
    assert (code, "there is no receipt" in text.replace("\n", " ")) == (1, True)
    code, text = sold.run("receipt", sold.order.order_id, "--refund")
    assert (code, "there is no refund" in text.replace("\n", " ")) == (1, True)
    code, text = sold.run("receipt", sold.order.order_id, "--out", str(tmp_path / "no" / "such" / "folder"))
    assert (code, "cannot be written" in text.replace("\n", " ")) == (1, True)
    assert sold.run("receipt", "nothing")[0] == 1
    assert sold.run("receipt", sold.order.order_id, "--format", "pdf")[0] == 2


def test_a_refund_pays_back_once_and_says_who(sold: Sold) -> None:
    number = sold.order.order_id
    code, text = sold.run("refund", number, "--by", "Ada  Lund", "--yes")
    assert code == 0
    assert f"REFUND {number}-R1" in text
    assert "Approved by Ada Lund" in text
    assert SimulatedTerminal(Settings().home / "payments.jsonl").taken_minor(sold.order.payment_id) == 0
    with Session(sold.engine) as session:
        rows = session.exec(select(LedgerEntry).where(LedgerEntry.order_id == number)).all()
        assert [read_detail(row).by for row in rows if row.event == "refund_requested"] == ["Ada Lund"]
    assert sold.run("receipt", number, "--refund") == (0, text)
    code, again = sold.run("refund", number, "--by", "Bo", "--yes")
    assert (code, "was refunded already" in again.replace("\n", " ")) == (1, True)
    assert len([record for record in sold.terminal.records if record.operation == "refund"]) == 1


def test_a_refund_is_confirmed_first(sold: Sold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, text = sold.run("refund", sold.order.order_id, "--by", "Ada")
    assert code == 1
    assert "Pay back 29.95 USD" in text
    assert sold.checkout.view(sold.order.order_id).state is State.CLOSED
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert sold.run("refund", sold.order.order_id, "--by", "Ada")[0] == 0


@pytest.mark.parametrize("by", ["", "  ", "\x1b[31mAda"])
def test_a_refund_names_a_person(sold: Sold, by: str) -> None:
    assert sold.run("refund", sold.order.order_id, "--by", by, "--yes")[0] == 2
    assert sold.run("refund", sold.order.order_id, "--yes")[0] == 2
    assert sold.checkout.view(sold.order.order_id).state is State.CLOSED


def test_only_what_was_paid_is_refunded(sold: Sold) -> None:
    code, text = sold.run("refund", sold.held.order_id, "--by", "Ada", "--yes")
    assert (code, "only a closed order can be refunded" in text.replace("\n", " ")) == (1, True)


def test_a_refund_without_an_answer_is_finished_by_the_next_try(sold: Sold, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("server.operator_checkout.open_devices", _failing)
        code, text = sold.run("refund", sold.order.order_id, "--by", "Ada", "--yes")
    assert (code, "still under way" in text.replace("\n", " ")) == (1, True)
    assert sold.checkout.view(sold.order.order_id).state is State.REFUNDING
    code, text = sold.run("refund", sold.order.order_id, "--by", "Bo", "--yes")
    assert (code, "Approved by Ada" in text) == (0, True)


def _failing(settings: Settings) -> Devices:
    devices = open_devices(settings)
    assert isinstance(devices.terminal, SimulatedTerminal)
    devices.terminal.script([PaymentFault.TIMEOUT] * 2)
    return devices
