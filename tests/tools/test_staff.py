"""Staff and their PINs: only the right one approves, and guessing is stopped."""

from pathlib import Path

import pytest
from checkout_fixtures import Clock
from typer.testing import CliRunner

from server.store_commands import app
from tools.errors import OperatorError
from tools.owner_files import OwnerFilesError
from tools.staff import APPROVAL_HOLDS, LOCKOUT, MAX_TRIES, PinRefused, StaffBook, hash_pin
from tools.store_files import read_store

SMALL_STORE = Path(__file__).parent / "small_store"
PIN = "271828"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> StaffBook:
    (tmp_path / "staff.csv").write_text(f"name,pin_hash\nAda Lund,{hash_pin(PIN)}\nBo,{hash_pin('314159')}\n")
    return StaffBook(tmp_path, clock)


def test_the_right_pin_approves_these_goods_for_a_while(book: StaffBook, clock: Clock) -> None:
    approval = book.approve("Ada Lund", PIN, ["P1"])
    assert (approval.by, approval.product_ids, approval.until) == ("Ada Lund", ("P1",), clock() + APPROVAL_HOLDS)


@pytest.mark.parametrize(
    ("name", "pin"),
    [("Ada Lund", "314159"), ("Bo", PIN), ("ada lund", PIN), ("Nobody", PIN), ("", ""), ("Ada Lund", ""),
     ("Ada Lund", PIN * 20), ("Ada Lund", "\ud800" * 6), pytest.param("Ada Lund", hash_pin(PIN)[:60], id="hash")],
)  # fmt: skip
def test_nothing_else_does(book: StaffBook, name: str, pin: str) -> None:
    with pytest.raises(PinRefused, match="do not fit"):
        book.approve(name, pin, ["P1"])


def test_guessing_locks_everyone_out_for_a_while(book: StaffBook, clock: Clock) -> None:
    for number in range(MAX_TRIES):
        with pytest.raises(PinRefused, match="do not fit"):
            book.approve(("Ada Lund", "Bo", "Nobody")[number % 3], "000000", ["P1"])
    with pytest.raises(PinRefused, match="too many"):
        book.approve("Ada Lund", PIN, ["P1"])
    clock.pass_time(LOCKOUT.total_seconds())
    assert book.approve("Ada Lund", PIN, ["P1"]).by == "Ada Lund"


def test_the_right_pin_forgives_slips(book: StaffBook) -> None:
    for _ in range(3):
        for _ in range(MAX_TRIES - 1):
            with pytest.raises(PinRefused, match="do not fit"):
                book.approve("Bo", "000000", ["P1"])
        book.approve("Bo", "314159", ["P1"])


def test_someone_who_left_approves_nothing(book: StaffBook, tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text(f"name,pin_hash\nBo,{hash_pin('314159')}\n")
    with pytest.raises(PinRefused):
        book.approve("Ada Lund", PIN, ["P1"])


def test_a_shop_without_staff_or_with_a_spoilt_file_approves_nothing(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(OperatorError, match="no staff on file"):
        StaffBook(tmp_path, clock).approve("Ada", PIN, ["P1"])
    (tmp_path / "staff.csv").write_text(f"name,pin_hash\nAda,{PIN}\n")
    with pytest.raises(OperatorError, match=r"staff\.csv:2:pin_hash: not the hash of a PIN"):
        StaffBook(tmp_path, clock).approve("Ada", PIN, ["P1"])


def test_a_pin_is_salted_and_not_too_short() -> None:
    assert hash_pin(PIN) != hash_pin(PIN)
    assert PIN not in hash_pin(PIN)
    for pin in ("12345", "1" * 65):
        with pytest.raises(OperatorError, match="6 to 64"):
            hash_pin(pin)


def test_store_check_reads_the_staff(tmp_path: Path) -> None:
    for path in SMALL_STORE.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert read_store(tmp_path).staff == ()
    (tmp_path / "staff.csv").write_text(f"name,pin_hash\nAda,{hash_pin(PIN)}\nAda,123456\n")
    with pytest.raises(OwnerFilesError) as found:
        read_store(tmp_path)
    assert [(problem.line, problem.column) for problem in found.value.problems] == [(3, "name"), (3, "pin_hash")]


def test_the_command_makes_a_row_that_works(tmp_path: Path, clock: Clock) -> None:
    made = CliRunner().invoke(app, ["staff-pin", "Lund, Ada"], input=f"{PIN}\n{PIN}\n")
    assert made.exit_code == 0
    [row] = [line for line in made.stdout.splitlines() if "scrypt$" in line]
    assert PIN not in made.output
    (tmp_path / "staff.csv").write_text(f"name,pin_hash\n{row}\n")
    assert StaffBook(tmp_path, clock).approve("Lund, Ada", PIN, ["P1"]).by == "Lund, Ada"
    assert CliRunner().invoke(app, ["staff-pin", "Ada"], input="1\n1\n").exit_code == 1
    assert CliRunner().invoke(app, ["staff-pin", " "], input=f"{PIN}\n{PIN}\n").exit_code == 1
