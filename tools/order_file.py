"""Orders of goods as a table of commas: lines to order come in, a file goes out that a delivery can be received by."""

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tools.errors import OperatorError
from tools.replenishment import ReplenishmentLine
from tools.whole_file import replacing_text

ORDER_COLUMNS = ("delivery", "kiosk_id", "sku", "pieces", "slot", "name", "why")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def order_number(now: datetime) -> str:
    """The number that an order's delivery is known by."""
    return f"{now:%Y%m%d-%H%M%S}"


def write_order(lines: Iterable[ReplenishmentLine], number: str, path: Path) -> int:
    """Write the lines with something to order; how many they are. OperatorError when the file cannot be written.

    What was brought is written over `pieces` where it differs, and the file given to `walkiosk ops receive`.
    """
    ordered = [line for line in lines if line.pieces]
    try:
        with replacing_text(path) as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(ORDER_COLUMNS)
            for line in ordered:
                table.writerow(
                    [number, line.kiosk_id, line.sku, line.pieces, *map(_inert, (line.slot, line.name, line.why))]
                )
    except OSError as error:
        raise OperatorError(f"the order cannot be written to {path}: {error.strerror}") from error
    return len(ordered)


def _inert(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
