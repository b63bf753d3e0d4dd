"""How a receipt looks: a Receipt comes in, text 40 columns wide, a printable HTML page or JSON goes out."""

import json
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Template

from tools.html_pages import html_pages
from tools.money import Money
from tools.receipt import Receipt

WIDTH = 40
JSON_VERSION = 1
_TEMPLATES = Path(__file__).parent / "data" / "receipts"


class ReceiptFormat(StrEnum):
    """What a receipt can be written as."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


def format_receipt(receipt: Receipt, wanted: ReceiptFormat) -> str:
    """The receipt in that format, ending with a line break."""
    return {ReceiptFormat.TEXT: as_text, ReceiptFormat.HTML: as_html, ReceiptFormat.JSON: as_json}[wanted](receipt)


def as_text(receipt: Receipt) -> str:
    """For a narrow printer: rows of at most 40 columns of fixed pitch."""
    rows = [*_wrap(receipt.store), *_wrap(receipt.address)]
    rows += _wrap(f"Tax no. {receipt.tax_number}" if receipt.tax_number else "")
    rows += [*_wrap(receipt.kiosk), _moment(receipt)]
    if receipt.kind == "refund":
        rows += [f"REFUND {receipt.number}", *_wrap(f"Approved by {receipt.by}" if receipt.by else "")]
    rows.append("-" * WIDTH)
    for line in receipt.lines:
        rows += _wrap(line.description)
        rows.append(_spread(f"  {line.quantity} x {_amount(line.unit_price)}", _amount(line.total)))
        if line.unit_price != line.list_price:
            reason = f" ({line.discount})" if line.discount else ""
            rows += [f"  {row}" for row in _wrap(f"list price {_amount(line.list_price)}{reason}", WIDTH - 2)]
    rows.append("-" * WIDTH)
    taxes = [(tax.label, _amount(tax.amount)) for tax in receipt.taxes]
    total = ("TOTAL PAID BACK" if receipt.kind == "refund" else "TOTAL", _total(receipt))
    if receipt.prices_include_tax:
        pairs = [total, *((f"  incl. {label}", amount) for label, amount in taxes)]
    else:
        pairs = [("Subtotal", _amount(receipt.subtotal)), *taxes, total]
    for left, right in pairs:
        rows += _pair(left, right)
    rows += [*_wrap(f"Order {receipt.order_id}"), *_wrap(f"Payment {receipt.payment_id}")]
    return "\n".join(rows) + "\n"


def as_html(receipt: Receipt) -> str:
    """A page of its own that prints on a roll 80 mm wide and on A4; nothing in it is fetched or run."""
    return _template().render(receipt=receipt, at=_moment(receipt))


def as_json(receipt: Receipt) -> str:
    """For machines: one object, all amounts whole numbers of the currency's minor unit (cents for USD).

    `version`, `kind` ("sale", "refund"), `number`, `order_id`, `payment_id`, `currency`, `at` (ISO 8601 with the
    store's offset), `store` {`name`, `address`, `tax_number`, `kiosk`}, `by` (of a refund), `lines` [{`sku`,
    `description`, `quantity`, `list_price_minor`, `unit_price_minor`, `discount`, `total_minor`}], `subtotal_minor`,
    `prices_include_tax`, `taxes` [{`name`, `percent` (decimal text), `on_minor`, `amount_minor`}], `total_minor`.
    Keys may be added; a change of those that are there raises `version`.
    """
    content: dict[str, Any] = {
        "version": JSON_VERSION,
        "kind": receipt.kind,
        "number": receipt.number,
        "order_id": receipt.order_id,
        "payment_id": receipt.payment_id,
        "currency": receipt.total.currency,
        "at": receipt.at.isoformat(),
        "store": {
            "name": receipt.store,
            "address": receipt.address,
            "tax_number": receipt.tax_number,
            "kiosk": receipt.kiosk,
        },
        "by": receipt.by,
        "lines": [
            {
                "sku": line.sku,
                "description": line.description,
                "quantity": line.quantity,
                "list_price_minor": line.list_price.amount_minor,
                "unit_price_minor": line.unit_price.amount_minor,
                "discount": line.discount,
                "total_minor": line.total.amount_minor,
            }
            for line in receipt.lines
        ],
        "subtotal_minor": receipt.subtotal.amount_minor,
        "prices_include_tax": receipt.prices_include_tax,
        "taxes": [
            {
                "name": tax.name,
                "percent": str(tax.percent),
                "on_minor": tax.on.amount_minor,
                "amount_minor": tax.amount.amount_minor,
            }
            for tax in receipt.taxes
        ],
        "total_minor": receipt.total.amount_minor,
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


@cache
def _template() -> Template:
    page = html_pages(_TEMPLATES)
    page.filters["amount"] = _amount
    return page.get_template("receipt.html.j2")


def _moment(receipt: Receipt) -> str:
    return f"{receipt.at:%Y-%m-%d %H:%M %Z}"


def _amount(money: Money) -> str:
    return f"{money.to_decimal():,}"


def _total(receipt: Receipt) -> str:
    return f"{_amount(receipt.total)} {receipt.total.currency}"


def _columns(text: str) -> int:
    """How many columns a printer with fixed pitch takes for a text; East Asian wide characters take two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def _spread(left: str, right: str) -> str:
    return left + " " * max(1, WIDTH - _columns(left) - _columns(right)) + right


def _pair(left: str, right: str) -> list[str]:
    """A name and its amount at the right edge; a long name gets rows of its own before."""
    if _columns(left) + _columns(right) < WIDTH:
        return [_spread(left, right)]
    return [*_wrap(left), _spread("", right)]


def _wrap(text: str, width: int = WIDTH) -> list[str]:
    """The text in rows of at most so many columns, broken between words where there are any."""
    rows, row = list[str](), ""
    for word in (piece for long in text.split() for piece in _pieces(long, width)):
        joined = f"{row} {word}" if row else word
        if _columns(joined) > width:
            rows.append(row)
            joined = word
        row = joined
    return [*rows, row] if row else rows


def _pieces(word: str, width: int) -> list[str]:
    """A word cut so that each piece fits on a row."""
    room = width if _columns(word) <= len(word) else width // 2
    return [word[start : start + room] for start in range(0, len(word), room)]
