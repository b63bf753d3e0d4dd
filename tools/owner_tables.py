"""Comma separated tables that a shop's owner wrote: a file comes in, rows of checked cells with their lines go out."""

import csv
import io
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from tools.errors import MoneyError
from tools.money import parse_money
from tools.owner_files import Problems, read_text, suggestion, unfit_character

MAX_ROWS = 200_000
MAX_CELL_CHARACTERS = 2_000
MAX_WHOLE_NUMBER = 1_000_000
MAX_PRICE_MINOR = 10**12
LIST_SEPARATOR = "|"


@dataclass(frozen=True)
class Row:
    """One row of a table. Each reader notes what is wrong with its cell and then gives a harmless value."""

    file: str
    line: int
    cells: dict[str, str]
    problems: Problems

    def refuse(self, column: str, problem: str) -> None:
        """Note a problem with a cell."""
        self.problems.add(problem, self.file, self.line, column)

    def optional(self, column: str) -> str:
        """The cell's text, perhaps empty."""
        return self.cells[column]

    def required(self, column: str) -> str:
        """The cell's text, which must not be empty."""
        if not self.cells[column]:
            self.refuse(column, "must not be empty")
        return self.cells[column]

    def identifier(self, column: str, taken: set[str]) -> str:
        """The cell's text as an id that no other row has; it is then taken."""
        value = self.required(column)
        if value and value in taken:
            self.refuse(column, f"{value!r} is there twice")
        taken.add(value)
        return value

    def items(self, column: str) -> tuple[str, ...]:
        """The cell's items, separated by |, each once."""
        items = [item.strip() for item in self.cells[column].split(LIST_SEPARATOR)] if self.cells[column] else []
        if "" in items:
            self.refuse(column, "has an empty item between the separators |")
        if len(set(items)) < len(items):
            self.refuse(column, "names an item twice")
        return tuple(dict.fromkeys(item for item in items if item))

    def known(self, column: str, what: str, names: Iterable[str] | None, value: str | None = None) -> str:
        """The cell (or one `value` out of it), which must be among `names` unless it is empty or they are unknown."""
        value = self.cells[column] if value is None else value
        names = names if names is None or isinstance(names, Container) else tuple(names)
        if value and names is not None and value not in names:
            self.refuse(column, f"unknown {what} {value!r}{suggestion(value, names)}")
        return value

    def whole(self, column: str, default: int | None = None, least: int = 0, most: int = MAX_WHOLE_NUMBER) -> int:
        """The cell as a whole number from `least` to `most`; `default` stands for an empty cell."""
        text = self.cells[column]
        if not text and default is not None:
            return default
        if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20):
            self.refuse(column, f"not a whole number: {text!r}")
            return least
        if not least <= int(text) <= most:
            self.refuse(column, f"must lie between {least} and {most}: {text}")
            return least
        return int(text)

    def price_minor(self, column: str, currency: str) -> int:
        """The cell as a price above zero in minor units of the currency."""
        try:
            amount_minor = parse_money(self.cells[column], currency).amount_minor
        except (MoneyError, ArithmeticError):
            self.refuse(column, f"not a price in {currency}: {self.cells[column]!r}; write it like 129.95")
            return 0
        if not 0 < amount_minor <= MAX_PRICE_MINOR:
            self.refuse(column, f"a price must lie above zero and below a limit: {self.cells[column]!r}")
        return amount_minor

    def percent(self, column: str) -> str:
        """The cell as decimal text of a percentage above 0 and up to 100."""
        text = self.cells[column]
        if not is_percent(text) or Decimal(text) == 0:
            self.refuse(column, f"not a percentage above 0 and up to 100: {text!r}")
        return text

    def day(self, column: str) -> date:
        """The cell as a day, written 2026-12-31."""
        try:
            return date.fromisoformat(self.cells[column])
        except ValueError:
            self.refuse(column, f"not a day: {self.cells[column]!r}; write it like 2026-12-31")
            return date.min


def is_percent(text: str) -> bool:
    """Whether the text is a plain decimal from 0 to 100 with at most 4 decimals."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    exponent = number.as_tuple().exponent
    return number.is_finite() and 0 <= number <= 100 and isinstance(exponent, int) and exponent >= -4


def read_table(path: Path, columns: Sequence[str], problems: Problems, others_too: bool = False) -> Iterator[Row]:
    """The rows of a table with exactly these columns, in any order; rows that are not sound are noted and left out.

    With `others_too` it may have further columns, which are passed over.
    """
    text = read_text(path, problems)
    if text is None:
        return
    records = _records(text, path.name, problems)
    line, header = next(records, (1, []))
    header = [name.strip() for name in header]
    if not _header_is_right(header, columns, path.name, line, problems, others_too):
        return
    count = 0
    for line, cells in records:
        count += 1
        if count > MAX_ROWS:
            problems.add(f"more than {MAX_ROWS} rows", path.name, line)
            return
        if len(cells) != len(header):
            problems.add(f"has {len(cells)} cells where the header has {len(header)}", path.name, line)
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name in columns}
        if _cells_are_sound(row, path.name, line, problems):
            yield Row(path.name, line, row, problems)


def _records(text: str, file: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """The records of the text, blank lines left out, each with the line that it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add(f"quotation marks or separators are wrong here: {error}", file, line)


def _header_is_right(
    header: list[str], columns: Sequence[str], file: str, line: int, problems: Problems, others_too: bool
) -> bool:
    if len(header) == 1 and len(columns) > 1 and any(mark in header[0] for mark in ";\t"):
        problems.add("columns must be separated by commas", file, line)
        return False
    before = len(problems)
    missing = [name for name in columns if name not in header]
    for name in header:
        if name not in columns and not others_too:
            problems.add(f"unknown column {name!r}{suggestion(name, missing)}", file, line, name[:40])
    for name in missing:
        problems.add(f"the column {name!r} is missing", file, line)
    for name in sorted({name for name in header if header.count(name) > 1 and (name in columns or not others_too)}):
        problems.add(f"the column {name!r} is there twice", file, line, name[:40])
    return len(problems) == before


def _cells_are_sound(row: dict[str, str], file: str, line: int, problems: Problems) -> bool:
    before = len(problems)
    for column, cell in row.items():
        if len(cell) > MAX_CELL_CHARACTERS:
            problems.add(f"longer than {MAX_CELL_CHARACTERS} characters", file, line, column)
        elif (unfit := unfit_character(cell)) is not None:
            problems.add(f"has the control character {unfit}", file, line, column)
    return len(problems) == before
