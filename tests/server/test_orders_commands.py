"""The `orders` commands on a real database file."""

import io
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from server.error_boundary import ErrorBoundary
from server.orders_commands import app
from tests.databases import PostgresqlDatabases
from tools.checkout_table import Event, State
from tools.database import KeptSession, Kiosk, Order, Product, Stock, Variant, open_database
from tools.kept_sessions import KeptSessions
from tools.ledger import EventDetail, append, load_order
from tools.money import Money
from tools.order import OrderLineView, OrderView, consent_hash
from tools.schema import migrate

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def run(*arguments: str) -> tuple[int, str]:
    output, code = io.StringIO(), 0
    with redirect_stdout(output), redirect_stderr(output):
        code = ErrorBoundary().run(app, "orders", list(arguments))
    return code, output.getvalue()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    engine = open_database(path)
    migrate(engine)
    price = Money(amount_minor=500, currency="USD")
    line = OrderLineView(
        sku="A",
        product_id="P",
        name="Brand Model",
        colour="red",
        size="M",
        quantity=2,
        unit_price=price,
        list_price=price,
    )
    order = OrderView(
        order_id="O1",
        kiosk_id="K1",
        session_id="s",
        customer_id=None,
        state=State.CART,
        lines=(line,),
        total=price.times(2),
        consent_hash=consent_hash("O1", [line]),
        expires_at=NOW,
        created_at=NOW,
    )
    with Session(engine) as session:
        session.add(Kiosk(kiosk_id="K1", name="One"))
        session.add(
            Product(
                product_id="P",
                brand="Brand",
                model="Model",
                category="thing",
                description="",
                list_price_minor=500,
                currency="USD",
            )
        )
        session.flush()
        session.add(Variant(sku="A", product_id="P", colour="red", size="M"))
        session.flush()
        session.add(Stock(kiosk_id="K1", sku="A", on_hand=3))
        session.flush()
        append(session, order, Event.RESERVED, "k", EventDetail(order=order), NOW)
        session.commit()
    return path


def test_list_and_show(database: Path) -> None:
    code, output = run("list", "--database", str(database))
    assert code == 0
    assert "O1" in output
    assert "10.00 USD" in output
    assert run("list", "--database", str(database), "--state", "closed") == (0, "There are no orders.\n")
    code, output = run("show", "O1", "--database", str(database))
    assert code == 0
    assert "2 x 5.00 USD" in output
    assert "cart -> reserved" in output


def test_recover_settles_what_was_left_open(database: Path, own_home: Path) -> None:
    own_home.mkdir()
    reopened(database)
    assert run("recover", "--database", str(database), "--kiosk", "K2") == (0, "No order was left open.\n")
    assert run("recover", "--database", str(database)) == (0, "O1 is expired\n")
    assert run("recover", "--database", str(database)) == (0, "No order was left open.\n")


def test_recover_leaves_an_order_whose_device_is_silent(
    database: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_home.mkdir()
    monkeypatch.setenv("WALKIOSK_TERMINAL", "127.0.0.1:1")
    code, output = run("recover", "--database", str(reopened(database)))
    assert (code, output) == (0, "O1 is confirmed: its device gives no answer\n")


def test_recover_forgets_talks_that_nobody_came_back_to(postgresql: PostgresqlDatabases, own_home: Path) -> None:
    own_home.mkdir()
    address = postgresql.new()
    engine = open_database(address)
    for session_id, lease_s in (("S1", -1), ("S2", -1), ("S3", 60)):
        KeptSessions(engine, lease_s).begin(session_id, f"key of {session_id}", "K1", "what a customer said")
    url = address.render_as_string(hide_password=False)
    forgotten = "2 talks that nobody came back to: forgotten\n"
    assert run("recover", "--database", url) == (0, f"No order was left open.\n{forgotten}")
    assert run("recover", "--database", url) == (0, "No order was left open.\n")
    with Session(engine) as session:
        assert session.exec(select(KeptSession.session_id)).all() == ["S3"]
    engine.dispose()
    postgresql.drop_all()


def reopened(database: Path) -> Path:
    """The order as a process left it that died right after the yes."""
    with Session(open_database(database)) as session:
        append(session, load_order(session, "O1"), Event.CONFIRMED, "yes", EventDetail(), NOW)
        session.get_one(Order, "O1").driver = "0" * 16
        session.commit()
    return database


def test_verify_finds_an_order_that_was_tampered_with(database: Path) -> None:
    assert run("verify", "--database", str(database)) == (0, "1 orders replayed, 0 differ from their ledger\n")
    with Session(open_database(database)) as session:
        session.get_one(Order, "O1").total_minor = 1
        session.commit()
    code, output = run("verify", "--database", str(database))
    assert code == 1
    assert "O1: total is" in output


@pytest.mark.parametrize("arguments", [("show", "nothing"), ("list",), ("verify",)])
def test_errors_are_one_sentence(tmp_path: Path, database: Path, arguments: tuple[str, ...]) -> None:
    missing = tmp_path / "missing.db"
    code, output = run(*arguments, "--database", str(database if arguments[0] == "show" else missing))
    assert code == 1
    assert output.startswith("There is no ")
    assert not missing.exists()


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"not a database" * 100)
    code, output = run("verify", "--database", str(path))
    assert code == 1
    assert "is not a store database" in output.replace("\n", " ")
