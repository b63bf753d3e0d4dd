"""`walkiosk ops forecast` on files and on a store: the table it writes, the figures it tells, and its sentences."""

import csv
import gzip
import io
from contextlib import redirect_stderr, redirect_stdout
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.cli import app
from server.error_boundary import ErrorBoundary
from tools.store_files import read_store
from tools.store_import import create_store

SMALL_STORE = Path(__file__).parent.parent / "tools" / "small_store"
MONDAY = date(2025, 1, 6)


def run(*arguments: str) -> tuple[int, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        code = ErrorBoundary().run(app, "walkiosk", ["ops", "forecast", *arguments])
    return code, output.getvalue(), " ".join(errors.getvalue().split())


@pytest.fixture
def sales(tmp_path: Path, own_home: Path) -> Path:
    """Three items over thirty weeks, zipped, with a row that is none."""
    del own_home
    rows = ["sku,date,units", "A,someday,1"]
    for day in range(30 * 7):
        when = MONDAY + timedelta(days=day)
        rows += [f"A,{when},{2 + day % 3}", f"C,{when:%d.%m.%Y},1"] + [f"B,{when},1"] * (day % 9 == 0)
    path = tmp_path / "sales.csv.gz"
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    return path


def test_a_file_in_and_a_file_out(sales: Path, tmp_path: Path) -> None:
    out, choices = tmp_path / "out.csv", tmp_path / "choices.json"
    kept = ("--choices", str(choices))
    code, output, errors = run("--sales", str(sales), "--freq", "W", "--horizon", "3", "--out", str(out), *kept)
    assert (code, errors) == (0, "sales.csv.gz: date is not one; write it like 2026-12-31; left out (line 2)")
    rows = [*csv.DictReader(out.read_text().splitlines())]
    assert [*rows[0]] == ["sku", "date", "forecast", "mean", "lo80", "hi80"]
    weeks = [(MONDAY + timedelta(weeks=30 + week)).isoformat() for week in range(3)]
    assert [(row["sku"], row["date"]) for row in rows] == [(sku, week) for sku in "ABC" for week in weeks]
    assert float(rows[0]["mean"]) == pytest.approx(21, rel=0.1)
    for way in ("chosen per series", "mean of 8 weeks", "naive", "WAPE", "RMSSE", "80 %"):
        assert way in " ".join(output.split())
    assert "no seasonal naive" in output
    assert output.endswith(f"Wrote 9 rows for 3 series to {out}\n")
    again = tmp_path / "again.csv"
    arguments = ("--sales", str(sales), "--horizon", "3", "--out", str(again), "--no-backtest", *kept)
    assert run(*arguments)[:2] == (0, f"Wrote 9 rows for 3 series to {again}\n")
    assert again.read_text() == out.read_text()


def test_days(sales: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    arguments = ("--sales", str(sales), "--freq", "D", "--horizon", "5", "--out", str(out), "--no-backtest")
    assert run(*arguments)[0] == 0
    dates = [row["date"] for row in csv.DictReader(out.read_text().splitlines()) if row["sku"] == "C"]
    assert dates == [(MONDAY + timedelta(days=210 + day)).isoformat() for day in range(5)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--sales", "none.csv"), "none.csv: the file cannot be read: No such file or directory"),
        (("--sales", "SALES", "--kiosk", "K9"), "there are no sales of a kiosk K9"),
        (("--sales", "SALES", "--engine", "hadoop"), "there is no engine 'hadoop'"),
        (("--sales", "SALES", "--out", "nowhere/out.csv"), "there is no folder nowhere to write out.csv to"),
        (("--sales", "SALES", "--no-backtest", "--choices", "none.json"), "none.json: the file cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence(sales: Path, arguments: tuple[str, ...], sentence: str) -> None:
    code, output, errors = run(*(str(sales) if each == "SALES" else each for each in arguments))
    assert (code, output) == (1, "")
    assert sentence.lower() in errors.lower()
    assert "Traceback" not in errors


def test_too_little_to_look_back(tmp_path: Path, own_home: Path) -> None:
    del own_home
    path, out = tmp_path / "sales.csv", tmp_path / "out.csv"
    path.write_text("sku,date,units\n" + "".join(f"A,2026-01-{day:02},1\n" for day in range(5, 26)))
    code, _, errors = run("--sales", str(path), "--out", str(out))
    assert code == 0
    assert "too little history to look back" in errors
    path.write_text("sku,date,units\nA,2026-01-07,1\n")
    code, _, errors = run("--sales", str(path), "--out", str(out))
    assert code == 1
    assert "do not cover one whole week" in errors


def test_a_store_that_sold_nothing(tmp_path: Path, own_home: Path) -> None:
    del own_home
    create_store(tmp_path / "store.db", read_store(SMALL_STORE))
    code, output, errors = run("--database", str(tmp_path / "store.db"), "--out", str(tmp_path / "out.csv"))
    assert (code, output) == (1, "")
    assert "nothing was sold yet" in errors.lower()
