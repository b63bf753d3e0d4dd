"""Files of sales: what is read out of them, what is told of bad rows, and that memory does not grow with the file."""

import gzip
import random
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.errors import DataError
from tools.forecasting.sales import DailySales, SeriesKey
from tools.forecasting.sales_file import MAX_NAME_CHARACTERS, read_sales


def file_of(folder: Path, text: str | bytes, name: str = "sales.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rows_of(sales: DailySales) -> dict[tuple[str, str], float]:
    return {
        (str(sales.keys[series]), date.fromordinal(int(day)).isoformat()): float(units)
        for series, day, units in zip(sales.series, sales.day, sales.units, strict=True)
    }


def test_what_is_odd_is_told_with_its_lines(tmp_path: Path) -> None:
    text = """sku,date,units
A,2026-01-05,3
A,2026-01-05,2
A,2026-01-06,-1
A,someday,1
,2026-01-06,1
A,2026-01-07,many
A,2026-01-07
A,2026-01-08,nan
A,2026-01-08,9e99

A,05.01.2026,1
B,2026-01-09 08:26,4
B,2026-01-12,5
B,2026-01-12,-2
"""
    sales = read_sales(file_of(tmp_path, text))
    assert rows_of(sales) == {
        ("A", "2026-01-05"): 6, ("A", "2026-01-06"): 0, ("B", "2026-01-09"): 4, ("B", "2026-01-12"): 3,
    }  # fmt: skip
    assert (sales.until, list(sales.begins)) == (
        date(2026, 1, 12),
        [date(2026, 1, 5).toordinal(), date(2026, 1, 9).toordinal()],
    )
    told = [str(remark) for remark in sales.remarks]
    assert told == [
        "sales.csv: sku or kiosk is empty; left out (line 6)",
        "sales.csv: units is not a number; left out (line 7)",
        "sales.csv: has more or fewer cells than the header; left out (line 8)",
        "sales.csv: units is not a number below 1000000000; left out (lines 9, 10)",
        "sales.csv: date is not one; write it like 2026-12-31; left out (line 5)",
        "sales.csv: units is negative: taken for a return and set off against the sales of its day (lines 4, 15)",
        "sales.csv: repeats an earlier row's item and day: added up (lines 3, 12, 15)",
    ]


def test_only_the_first_lines_are_named(tmp_path: Path) -> None:
    text = "sku,date,units\n" + "A,2026-01-05,x\n" * 9 + "A,2026-01-05,1\n"
    [remark] = read_sales(file_of(tmp_path, text)).remarks
    assert str(remark).endswith("(lines 2, 3, 4, 5, 6 and 4 more)")


@pytest.mark.parametrize(
    "text",
    [
        "sku,date,units\nA,2026-01-05,3\n",
        "\ufeffSKU;Date;Units;Note\nA;2026-01-05;3;\n",
        "date\tunits\trevenue\tsku\r\n2026-01-05\t3.0\t9,99\tA\r\n",
        'note,sku,date,units\n"two\nlines, and a comma",A,2026-01-05,3\n',
    ],
)
def test_tables_of_several_kinds(tmp_path: Path, text: str) -> None:
    sales = read_sales(file_of(tmp_path, text))
    assert (rows_of(sales), sales.remarks) == ({("A", "2026-01-05"): 3}, ())


def test_gzip_and_kiosks_and_categories(tmp_path: Path) -> None:
    text = "sku,kiosk,category,date,units\nA,K1,tea,2026-01-05,3\nA,K2,tea,2026-01-05,1\nB,K1,,2026-01-06,2\n"
    sales = read_sales(file_of(tmp_path, gzip.compress(text.encode()), "sales.csv.gz"))
    assert sales.keys == (SeriesKey("A", "K1"), SeriesKey("A", "K2"), SeriesKey("B", "K1"))
    assert sales.categories == {"A": ("tea",)}
    assert rows_of(sales.of_kiosk("K2")) == {("A at K2", "2026-01-05"): 1}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "sales.csv:1: the column 'sku' is missing"),
        (b"sku,day,units\nA,2026-01-05,1\n", "the column 'date' is missing"),
        (b"sku,date,unit\nA,2026-01-05,1\n", "did you mean 'unit'?"),
        (b"sku,date,units\n", "has no row that can be used"),
        (b"sku,date,units\nA,someday,1\n", "has no row that can be used; date is not one"),
        (gzip.compress(b"sku,date,units\nA,2026-01-05,1\n" * 99, mtime=0)[:-20], "the file cannot be read"),
        (gzip.compress(random.Random(1).randbytes(999), mtime=0)[:500] + b"\0" * 400, "sales.csv"),
        ("sku,date,units\n".encode("utf-16"), "the column 'sku' is missing"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(DataError) as raised:
        read_sales(file_of(tmp_path, content))
    assert sentence in str(raised.value)


def test_no_file_and_no_file_but_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(DataError, match="the file cannot be read"):
            read_sales(path)


def test_names_that_are_none(tmp_path: Path) -> None:
    long = "L" * (MAX_NAME_CHARACTERS + 1)
    text = (
        f"sku,date,units\nA,2026-01-05,1\n{long},2026-01-05,1\nA\u202eB,2026-01-05,1\n".encode()
        + b"\xff,2026-01-05,1\n"
    )
    sales = read_sales(file_of(tmp_path, text))
    assert rows_of(sales) == {("A", "2026-01-05"): 1}
    assert [remark.lines for remark in sales.remarks] == [(3,), (4, 5)]


def test_an_open_quotation_mark_loses_what_it_swallows_and_says_so(tmp_path: Path) -> None:
    rows = "".join(f"B,2026-01-{day:02},1\n" for day in range(1, 10))
    text = f'sku,date,units\nA,2026-01-05,1\n"C,2026-01-06,1\n{rows}"'
    sales = read_sales(file_of(tmp_path, text))
    assert rows_of(sales) == {("A", "2026-01-05"): 1}
    [remark] = sales.remarks
    assert (remark.lines, "quotation mark" in remark.what) == ((3,), True)
    endless = f'sku,date,units\nA,2026-01-05,1\n"{"x" * 200_000}\nB,2026-01-06,1\n'
    sales = read_sales(file_of(tmp_path, endless))
    assert ("A", "2026-01-05") in rows_of(sales)
    assert next(remark.lines for remark in sales.remarks) == (3,)


def test_memory_does_not_grow_with_the_width_of_the_file(tmp_path: Path) -> None:
    count, note = 30_000, "n" * 400
    path = tmp_path / "wide.csv"
    with path.open("w") as file:
        file.write("sku,date,units,note\n")
        for number in range(count):
            file.write(f"S{number % 50},2026-01-{number % 28 + 1:02} 10:{number % 60:02}:{number % 59:02},1,{note}\n")
    seen: list[int] = []
    tracemalloc.start()
    sales = read_sales(path, lambda done, total: seen.append(done))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sales.units.sum() == count
    assert peak < path.stat().st_size / 2


def test_progress_is_told(tmp_path: Path) -> None:
    path = file_of(tmp_path, "sku,date,units\n" + "A,2026-01-05,1\n" * 250_000)
    told: list[tuple[int, int]] = []
    read_sales(path, lambda done, total: told.append((done, total)))
    assert len(told) == 2
    assert 0 < told[0][0] < told[1][0] <= told[1][1] == path.stat().st_size


ROWS = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(1, 28), st.integers(-3, 9)).map(
        lambda row: f"{row[0]},2026-01-{row[1]:02},{row[2]}"
    ),
    min_size=1,
    max_size=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.randoms())
def test_the_order_of_rows_does_not_matter(tmp_path: Path, rows: list[str], chance: random.Random) -> None:
    shuffled = chance.sample(rows, len(rows))
    first, second = (
        read_sales(file_of(tmp_path, "sku,date,units\n" + "\n".join(some) + "\n")) for some in (rows, shuffled)
    )
    assert rows_of(first) == rows_of(second)
    assert min(rows_of(first).values()) >= 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='AB,;"\n\r\t0123456789-/.: x\x00é', max_size=200), st.booleans())
def test_no_content_is_too_odd(tmp_path: Path, content: str, zipped: bool) -> None:
    text = f"sku,date,units\n{content}".encode()
    path = file_of(tmp_path, gzip.compress(text) if zipped else text)
    try:
        sales = read_sales(path)
    except DataError:
        return
    assert len(set(zip(sales.series, sales.day, strict=True))) == len(sales.units)
    assert (sales.units >= 0).all()
