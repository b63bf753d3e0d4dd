"""`walkiosk ops replenish` and `receive` on a small store: from what is sold to what is booked, and back."""

import csv
import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from server.cli import app
from server.error_boundary import ErrorBoundary
from tools.database import Order, OrderLine, Stock, utc_now
from tools.store_import import open_store

BOOTS = "P1-BLACK-42"


@pytest.fixture
def database(tmp_path: Path, own_home: Path, small_shop: Callable[[Path], Path]) -> Path:
    del own_home
    return small_shop(tmp_path / "store.db")


def run(database: Path, command: str, *arguments: str) -> tuple[int, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        code = ErrorBoundary().run(app, "walkiosk", ["ops", command, "--database", str(database), *arguments])
    return code, output.getvalue(), " ".join(errors.getvalue().split())


def sell_boots(database: Path, days: int) -> None:
    """A pair a day at A until yesterday."""
    engine = open_store(database)
    with Session(engine) as session:
        for row in session.exec(select(Stock)):
            row.listed_at = None
        for day in range(1, days + 1):
            at = utc_now() - timedelta(days=day)
            session.add(
                Order(
                    order_id=f"O{day}", kiosk_id="A", session_id="s", state="closed", total_minor=1, currency="EUR",
                    created_at=at,
                )
            )  # fmt: skip
            session.flush()
            session.add(
                OrderLine(
                    order_id=f"O{day}", sku=BOOTS, quantity=1, dispensed=1, unit_price_minor=1, list_price_minor=1
                )
            )
        session.commit()
    engine.dispose()


def on_hand(database: Path) -> dict[tuple[str, str], int]:
    engine = open_store(database)
    with Session(engine) as session:
        held = {(row.kiosk_id, row.sku): row.on_hand for row in session.exec(select(Stock))}
    engine.dispose()
    return held


def test_a_shop_that_sold_nothing_is_filled_to_its_least(database: Path, tmp_path: Path) -> None:
    out = tmp_path / "order.csv"
    code, output, errors = run(database, "replenish", "--out", str(out))
    assert code == 0
    assert "nothing was sold yet until yesterday" in errors
    assert "1 pieces for 1 of 7 slots" in output
    assert [row["sku"] for row in csv.DictReader(out.read_text().splitlines())] == ["P1-GREEN-43"]


def test_from_the_order_to_the_stock_and_back(database: Path, tmp_path: Path) -> None:
    sell_boots(database, 70)
    out, before = tmp_path / "order.csv", on_hand(database)
    code, output, _ = run(database, "replenish", "--kiosk", "A", "--out", str(out))
    assert code == 0
    rows = {row["sku"]: row for row in csv.DictReader(out.read_text().splitlines())}
    assert rows[BOOTS]["pieces"] == "7"  # a slot of 10, with 3 in it
    assert "the slot holds only 10" in rows[BOOTS]["why"]
    assert {row["kiosk_id"] for row in rows.values()} == {"A"}
    number = rows[BOOTS]["delivery"]
    code, output, _ = run(database, "receive", str(out), "--dry-run")
    assert (code, "Nothing was booked" in output) == (0, True)
    assert on_hand(database) == before
    assert run(database, "receive", str(out))[0] == 0
    assert on_hand(database)["A", BOOTS] == 10
    code, _, errors = run(database, "receive", str(out))
    assert code == 1
    assert f"{number} was booked on" in errors
    assert on_hand(database)["A", BOOTS] == 10
    code, output, _ = run(database, "receive", "--undo", number)
    assert (code, f"The delivery {number} is no longer booked" in output) == (0, True)
    assert on_hand(database) == before


@pytest.mark.parametrize(
    ("command", "arguments", "code", "sentence"),
    [
        ("replenish", ("--kiosk", "Z"), 1, "there is no kiosk Z"),
        ("replenish", ("--out", "nowhere/order.csv"), 1, "there is no folder nowhere"),
        ("receive", (), 2, "give a file, or --undo"),
        ("receive", ("none.csv",), 1, "none.csv: the file is missing"),
        ("receive", ("--undo", "7"), 1, "no delivery 7 is booked"),
        ("receive", ("--undo", "7", "--dry-run"), 2, "--undo goes with neither"),
    ],
)
def test_what_cannot_be_is_said(
    database: Path, command: str, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    found, output, errors = run(database, command, *arguments)
    assert (found, output) == (code, "")
    assert sentence.lower() in errors.lower()
    assert "Traceback" not in errors
