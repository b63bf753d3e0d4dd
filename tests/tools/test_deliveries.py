"""Deliveries: what a file of them must be, that it is booked once however often it is sent, and taken back whole."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, Engine
from sqlmodel import Session, select

from tools.database import Stock, open_database
from tools.deliveries import book_delivery, check_delivery, read_delivery, undo_delivery
from tools.errors import DataError, StoreError
from tools.owner_files import OwnerFilesError
from tools.store_files import read_store
from tools.store_import import create_store, import_store, open_store

SMALL_STORE = Path(__file__).parent / "small_store"
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
BOOTS, LAMP = "P1-BLACK-42", "P4-ONE"


@pytest.fixture
def engine(database: URL) -> Engine:
    engine = open_database(database)
    import_store(engine, read_store(SMALL_STORE))
    return engine


def note_of(folder: Path, *rows: str, header: str = "kiosk_id,sku,pieces", name: str = "van.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def on_hand(engine: Engine, kiosk_id: str, sku: str) -> int:
    with Session(engine) as session:
        return session.get_one(Stock, (kiosk_id, sku)).on_hand


def all_on_hand(engine: Engine) -> dict[tuple[str, str], int]:
    with Session(engine) as session:
        return {(row.kiosk_id, row.sku): row.on_hand for row in session.exec(select(Stock))}


def test_a_delivery_is_booked_once(engine: Engine, tmp_path: Path) -> None:
    note = read_delivery(note_of(tmp_path, f"A,{BOOTS},5", f"B,{BOOTS},2", f"A,{LAMP},0"), "7")
    check_delivery(engine, note)
    assert on_hand(engine, "A", BOOTS) == 3
    book_delivery(engine, note, NOW)
    assert (on_hand(engine, "A", BOOTS), on_hand(engine, "B", BOOTS), on_hand(engine, "A", LAMP)) == (8, 3, 4)
    for again in (book_delivery, lambda engine, note, _: check_delivery(engine, note)):
        with pytest.raises(StoreError, match="7 was booked on 2026-03-04 05:06 UTC already and is not booked twice"):
            again(engine, note, NOW)
    assert on_hand(engine, "A", BOOTS) == 8


def test_a_file_without_a_number_is_known_by_its_contents(engine: Engine, tmp_path: Path) -> None:
    book_delivery(engine, read_delivery(note_of(tmp_path, f"A,{BOOTS},5", f"A,{LAMP},1")), NOW)
    same = read_delivery(note_of(tmp_path, f"A,{LAMP},1", f"A,{BOOTS},5", name="copy.csv"))
    with pytest.raises(StoreError, match="give it a --number of its own"):
        book_delivery(engine, same, NOW)
    book_delivery(engine, read_delivery(note_of(tmp_path, f"A,{BOOTS},5", f"A,{LAMP},1"), "second"), NOW)
    assert on_hand(engine, "A", BOOTS) == 13


def test_another_delivery_needs_another_number(engine: Engine, tmp_path: Path) -> None:
    header = "delivery,kiosk_id,sku,pieces,why"
    book_delivery(engine, read_delivery(note_of(tmp_path, f"9,A,{BOOTS},5,low", header=header)), NOW)
    with pytest.raises(StoreError, match="another delivery was booked as 9"):
        book_delivery(engine, read_delivery(note_of(tmp_path, f"9,A,{BOOTS},6,low", header=header)), NOW)
    assert on_hand(engine, "A", BOOTS) == 8


def test_a_delivery_is_taken_back_whole_and_can_be_booked_again(engine: Engine, tmp_path: Path) -> None:
    note = read_delivery(note_of(tmp_path, f"A,{BOOTS},5", f"A,{LAMP},1"), "7")
    before = all_on_hand(engine)
    with pytest.raises(StoreError, match="no delivery 7 is booked"):
        undo_delivery(engine, "7", NOW)
    book_delivery(engine, note, NOW)
    assert undo_delivery(engine, "7", NOW) == 6
    assert all_on_hand(engine) == before
    with pytest.raises(StoreError, match="no delivery 7 is booked"):
        undo_delivery(engine, "7", NOW)
    book_delivery(engine, note, NOW)
    assert on_hand(engine, "A", BOOTS) == 8


def test_what_was_sold_meanwhile_cannot_be_taken_back(engine: Engine, tmp_path: Path) -> None:
    book_delivery(engine, read_delivery(note_of(tmp_path, f"A,{BOOTS},5", f"A,{LAMP},1"), "7"), NOW)
    with Session(engine) as session:
        session.get_one(Stock, ("A", BOOTS)).reserved = 4
        session.commit()
    before = all_on_hand(engine)
    with pytest.raises(StoreError, match=f"not all of delivery 7 is still there to be taken out: {BOOTS} at A"):
        undo_delivery(engine, "7", NOW)
    assert all_on_hand(engine) == before


def test_many_at_once_book_a_delivery_once(engine: Engine, tmp_path: Path) -> None:
    note = read_delivery(note_of(tmp_path, f"A,{BOOTS},5", f"B,{BOOTS},2"), "7")

    def try_it(_: int) -> bool:
        try:
            book_delivery(engine, note, NOW)
        except StoreError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        booked = [*pool.map(try_it, range(8))]
    assert booked.count(True) == 1
    assert (on_hand(engine, "A", BOOTS), on_hand(engine, "B", BOOTS)) == (8, 3)


def test_a_row_that_cannot_be_booked_keeps_all_from_being_booked(engine: Engine, tmp_path: Path) -> None:
    rows = (f"A,{BOOTS},5", f"kiosk,{BOOTS},1", "A,P1-BLACK-24,1", "B,P4-ONE,1")
    before = all_on_hand(engine)
    with pytest.raises(OwnerFilesError) as raised:
        book_delivery(engine, read_delivery(note_of(tmp_path, *rows)), NOW)
    assert [str(problem) for problem in raised.value.problems] == [
        "van.csv:3:kiosk_id: unknown kiosk 'kiosk'",
        "van.csv:4:sku: unknown sku 'P1-BLACK-24'; did you mean 'P1-BLACK-42'?",
        "van.csv:5:sku: B has no slot for P4-ONE; add it to stock.csv and import that first",
    ]
    assert all_on_hand(engine) == before


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ((f"A,{BOOTS},five",), "van.csv:2:pieces"),
        ((f"A,{BOOTS},-5",), "van.csv:2:pieces"),
        ((f"A,{BOOTS},100001",), "van.csv:2:pieces"),
        ((f"A,{BOOTS},1.5",), "van.csv:2:pieces"),
        ((f"A,{BOOTS},5", f"A,{BOOTS},5"), f"van.csv:3:sku: {BOOTS} is there twice for A"),
        ((",,1",), "van.csv:2:kiosk_id"),
        ((f"A,{BOOTS}",), "van.csv:2: has 2 cells where the header has 3"),
    ],
)
def test_files_that_are_no_delivery(tmp_path: Path, rows: tuple[str, ...], problem: str) -> None:
    with pytest.raises(OwnerFilesError) as raised:
        read_delivery(note_of(tmp_path, *rows))
    assert problem in str(raised.value.problems[0])


def test_nothing_brought_and_numbers_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing was brought"):
        read_delivery(note_of(tmp_path, f"A,{BOOTS},0"))
    with pytest.raises(OwnerFilesError, match="the file is missing"):
        read_delivery(tmp_path / "none.csv")
    header = "delivery,kiosk_id,sku,pieces"
    with pytest.raises(DataError, match="more than one delivery: 1, 2"):
        read_delivery(note_of(tmp_path, f"1,A,{BOOTS},1", f"2,A,{LAMP},1", header=header))
    with pytest.raises(DataError, match="more than one delivery: 1, 3"):
        read_delivery(note_of(tmp_path, f"1,A,{BOOTS},1", header=header), "3")
    with pytest.raises(DataError, match="at most 60 plain characters"):
        read_delivery(note_of(tmp_path, f"A,{BOOTS},1"), "\x1b" * 9)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.db"
    create_store(path, read_store(SMALL_STORE))
    return path


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("book", "undo", "sell")), st.sampled_from("12")), max_size=12))
def test_stock_is_what_was_there_and_what_is_booked(
    template: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("steps")
    engine = open_store(Path(shutil.copy(template, folder)))
    pieces, booked, sold = {"1": 5, "2": 2}, set[str](), 0
    notes = {number: read_delivery(note_of(folder, f"A,{BOOTS},{count}"), number) for number, count in pieces.items()}
    for step, number in steps:
        held = 3 + sum(pieces[each] for each in booked) - sold
        try:
            if step == "book":
                book_delivery(engine, notes[number], NOW)
                assert number not in booked
                booked.add(number)
            elif step == "undo":
                undo_delivery(engine, number, NOW)
                assert number in booked
                assert held >= pieces[number]
                booked.remove(number)
            elif held:
                with Session(engine) as session:
                    session.get_one(Stock, ("A", BOOTS)).on_hand -= 1
                    session.commit()
                sold += 1
        except StoreError:
            assert (step == "book") == (number in booked) or held < pieces[number]
        assert on_hand(engine, "A", BOOTS) == 3 + sum(pieces[each] for each in booked) - sold
    engine.dispose()
