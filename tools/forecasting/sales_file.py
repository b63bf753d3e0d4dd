"""Sales out of a table of commas, plain or gzipped: a file comes in, daily sales and what was odd about it go out.

A row that cannot be used is left out and told of with its line; the rest is used. Rows are read one by one into arrays,
so that ten million of them need less than a gigabyte.
"""

import csv
import gzip
import io
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, TextIO

import numpy as np

from tools.errors import DataError
from tools.forecasting.periods import Days
from tools.forecasting.sales import MAX_LINES_NAMED, DailySales, Remark, SeriesKey, SummedRows, sum_rows
from tools.forecasting.sales_dates import NO_DAY, UNCLEAR_DAY, read_days, without_time
from tools.owner_files import suggestion, unfit_character

MAX_ROWS = 100_000_000
MAX_SERIES = 200_000
MAX_DATES = 100_000
MAX_NAME_CHARACTERS = 200
MAX_UNITS = 1_000_000_000
ROWS_BETWEEN_REPORTS = 100_000
_OPEN_QUOTES = "a quotation mark is not closed here; left out with all up to where the next one stands"
NO_SERIES = -1
_SEPARATORS = ",;\t"
_GZIP = b"\x1f\x8b"

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are read."""


@dataclass
class _Oddities:
    """What is wrong with rows, by kind: how many there are and the first of them."""

    file: str
    lines: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, what: str, lines: Sequence[int]) -> None:
        self.counts[what] = self.counts.get(what, 0) + len(lines)
        named = self.lines.setdefault(what, [])
        named += lines[: MAX_LINES_NAMED - len(named)]

    def remarks(self) -> tuple[Remark, ...]:
        return tuple(Remark(what, self.counts[what], tuple(lines), self.file) for what, lines in self.lines.items())


@dataclass
class _Rows:
    """The rows so far: the number of each one's series and of its date's text, its units and its line.

    `names` are sku and kiosk as they stand in the file, with the number of their series, NO_SERIES where they are none.
    """

    series: "array[int]" = field(default_factory=lambda: array("i"))
    date: "array[int]" = field(default_factory=lambda: array("i"))
    units: "array[float]" = field(default_factory=lambda: array("d"))
    line: "array[int]" = field(default_factory=lambda: array("I"))
    names: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    keys: dict[SeriesKey, int] = field(default_factory=dict[SeriesKey, int])
    dates: dict[str, int] = field(default_factory=dict[str, int])
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True)
class _Columns:
    """Where the columns are; -1 for one that the file does not have."""

    sku: int
    date: int
    units: int
    kiosk: int
    category: int
    count: int


def read_sales(path: Path, progress: Progress | None = None) -> DailySales:
    """The sales in a file with the columns sku, date and units, and perhaps kiosk and category; others are passed over.

    DataError when it has no row that can be used.
    """
    odd = _Oddities(path.name)
    try:
        with _open(path) as (text, raw):
            rows = _read_rows(text, odd, lambda: progress(raw.tell(), path.stat().st_size) if progress else None)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"the file cannot be read: {reason}", path.name) from error
    return _as_sales(rows, odd, path.name)


@contextmanager
def _open(path: Path) -> Iterator[tuple[TextIO, BinaryIO]]:
    """The file as text, and as the bytes on disk that tell how far it is read."""
    with path.open("rb") as raw:
        is_zipped = raw.read(2) == _GZIP
        raw.seek(0)
        content = gzip.GzipFile(fileobj=raw) if is_zipped else raw
        with io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline="") as text:
            yield text, raw


def _read_rows(text: TextIO, odd: _Oddities, report: Callable[[], None]) -> _Rows:
    header = text.readline(10_000)
    separator = max(_SEPARATORS, key=header.count)
    columns = _find_columns([name.strip().lower() for name in next(csv.reader([header], delimiter=separator), [])], odd)
    rows, reader, line = _Rows(), csv.reader(text, delimiter=separator), 2
    while True:
        try:
            for cells in reader:
                if len(cells) == columns.count:
                    _read_row(cells, columns, line, rows, odd)
                elif reader.line_num + 1 > line:
                    odd.add(_OPEN_QUOTES, [line])
                elif cells:
                    odd.add("has more or fewer cells than the header; left out", [line])
                line = reader.line_num + 2
                if line % ROWS_BETWEEN_REPORTS == 0:
                    report()
                    if len(rows.units) > MAX_ROWS or len(rows.names) > MAX_SERIES:
                        raise DataError(f"more than {MAX_ROWS} rows or {MAX_SERIES} items", odd.file)
            return rows
        except csv.Error:  # longer than any cell may be
            odd.add(_OPEN_QUOTES, [line])
            line = reader.line_num + 2


def _find_columns(header: Sequence[str], odd: _Oddities) -> _Columns:
    for name in ("sku", "date", "units"):
        if name not in header:
            near = suggestion(name, header)
            raise DataError(f"the column {name!r} is missing (needed are sku, date, units){near}", odd.file, 1)
    where = {name: header.index(name) for name in header}
    kiosk = where.get("kiosk", where.get("kiosk_id", -1))
    return _Columns(where["sku"], where["date"], where["units"], kiosk, where.get("category", -1), len(header))


def _read_row(cells: Sequence[str], columns: _Columns, line: int, rows: _Rows, odd: _Oddities) -> None:
    try:
        units = float(cells[columns.units])
    except ValueError:
        odd.add("units is not a number; left out", [line])
        return
    if not -MAX_UNITS <= units <= MAX_UNITS:
        odd.add(f"units is not a number below {MAX_UNITS}; left out", [line])
        return
    name = (cells[columns.sku], cells[columns.kiosk] if columns.kiosk >= 0 else "")
    series = rows.names.get(name)
    if series is None:
        series = rows.names[name] = _new_series(name, cells, columns, rows)
    if series == NO_SERIES:
        odd.add(f"{_wrong_key(_key(name), columns.kiosk >= 0)}; left out", [line])
        return
    date = rows.dates.get(cells[columns.date])
    rows.series.append(series)
    rows.date.append(_date_number(cells[columns.date], rows.dates) if date is None else date)
    rows.units.append(units)
    rows.line.append(line)


def _key(name: tuple[str, str]) -> SeriesKey:
    return SeriesKey(name[0].strip(), name[1].strip())


def _new_series(name: tuple[str, str], cells: Sequence[str], columns: _Columns, rows: _Rows) -> int:
    """The number of the series that a name which was not met before belongs to."""
    key = _key(name)
    if _wrong_key(key, columns.kiosk >= 0) is not None:
        return NO_SERIES
    if columns.category >= 0 and (category := cells[columns.category].strip()):
        rows.categories[key.sku] = (category,)
    return rows.keys.setdefault(key, len(rows.keys))


def _date_number(text: str, dates: dict[str, int]) -> int:
    """The number of a date's text. A text with a time of day is not kept, as there may be one for every row."""
    day = without_time(text)
    return dates.setdefault(day if len(dates) < MAX_DATES or day in dates else "", len(dates))


def _wrong_key(key: SeriesKey, has_kiosks: bool) -> str | None:
    if not key.sku or (has_kiosks and not key.kiosk):
        return "sku or kiosk is empty"
    for name in (key.sku, key.kiosk):
        if len(name) > MAX_NAME_CHARACTERS:
            return f"a name is longer than {MAX_NAME_CHARACTERS} characters"
        if unfit_character(name) is not None or "\N{REPLACEMENT CHARACTER}" in name:
            return "a name has characters that cannot be printed or are not UTF-8"
    return None


def _as_sales(rows: _Rows, odd: _Oddities, file: str) -> DailySales:
    lines = np.asarray(rows.line)
    days = read_days([*rows.dates])[np.asarray(rows.date)]
    for day, what in (
        (NO_DAY, "date is not one; write it like 2026-12-31; left out"),
        (UNCLEAR_DAY, "date may begin with its day or its month; write it like 2026-12-31; left out"),
    ):
        _note(odd, what, lines[days == day])
    kept = days > 0
    series, units = np.asarray(rows.series)[kept], np.asarray(rows.units)[kept]
    _note(odd, "units is negative: taken for a return and set off against the sales of its day", lines[kept][units < 0])
    summed = sum_rows(series, days[kept], units)
    if not len(summed.units):
        raise DataError("has no row that can be used" + "".join(f"; {remark.what}" for remark in odd.remarks()), file)
    _note(odd, "repeats an earlier row's item and day: added up", lines[kept][summed.repeats])
    return _used(rows, summed, odd)


def _used(rows: _Rows, summed: SummedRows, odd: _Oddities) -> DailySales:
    """The sales with items in order of their names and without those that have no row."""
    keys = [*rows.keys]
    used = sorted({int(number) for number in summed.series}, key=keys.__getitem__)
    place = np.zeros(len(keys), np.int32)
    place[used] = np.arange(len(used))
    series = place[summed.series]
    order = np.lexsort((summed.day, series))
    begins = np.full(len(used), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(begins, series, summed.day)
    return DailySales(
        keys=tuple(keys[number] for number in used),
        series=series[order],
        day=summed.day[order],
        begins=begins,
        units=np.maximum(summed.units[order], 0),
        until=date.fromordinal(int(summed.day.max())),
        categories=rows.categories,
        remarks=odd.remarks(),
    )


def _note(odd: _Oddities, what: str, lines: Days) -> None:
    if len(lines):
        odd.add(what, [int(line) for line in np.sort(lines)])
