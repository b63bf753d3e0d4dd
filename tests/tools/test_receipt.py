"""Receipts: the same to the byte however often and however late they are printed, in every format."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from checkout_fixtures import START, Shop, TestQuote, make_shop, usd
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL
from sqlmodel import Session, delete, select

from tools.database import Kiosk, Product, Stock, Variant
from tools.dispenser import DispenseFault
from tools.errors import CustomerError, OperatorError
from tools.order import OrderView, ProductQuantity
from tools.receipt import Receipt, ReceiptLine
from tools.receipt_formats import WIDTH, ReceiptFormat, as_html, as_json, as_text, format_receipt
from tools.taxes import Tax, TaxAmount

VAT = Tax(name="VAT", percent=Decimal(19))
SHOP = {"address": "1 Main Street, Oslo <&>", "tax_number": "NO 123", "taxes": (VAT,)}
VOID_ELEMENTS = {"meta", "br"}


@pytest.fixture
def shop(database: URL) -> Iterator[Shop]:
    shop = make_shop(database)
    yield shop
    shop.require_conserved()


async def sell(shop: Shop, *items: tuple[str, int]) -> OrderView:
    order = await shop.open(*items)
    return await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")


class Reduced:
    """Prices with a discount on the first product."""

    def quote_within(self, _: Session, wanted: Sequence[ProductQuantity], customer_id: str | None) -> list[TestQuote]:
        reduced = TestQuote(unit_price=usd(4000), list_price=usd(4995), reason="Winter sale −20%")
        full = TestQuote(unit_price=usd(1050), list_price=usd(1050))
        return [reduced if each.product_id == "P1" else full for each in wanted]


async def test_a_receipt_with_tax_within_the_prices(shop: Shop) -> None:
    shop.set_facts(**SHOP)
    shop.quoter = Reduced()
    shop.checkout = shop.restarted()
    order = await sell(shop, ("A", 2), ("B", 1))
    assert as_text(shop.checkout.receipt(order.order_id)).splitlines() == [
        "Test Shop",
        "1 Main Street, Oslo <&>",
        "Tax no. NO 123",
        "Kiosk K1 Hall",
        "2026-03-01 04:00 EST",
        "-" * 40,
        "Brand Model 1, red, M",
        "  2 x 40.00                        80.00",
        "  list price 49.95 (Winter sale −20%)",
        "Brand Model 2, red, M",
        "  1 x 10.50                        10.50",
        "-" * 40,
        "TOTAL                          90.50 USD",
        "  incl. VAT 19%                    14.45",
        f"Order {order.order_id}",
        f"Payment {order.payment_id}",
    ]


async def test_a_receipt_with_tax_on_top(shop: Shop) -> None:
    shop.set_facts(prices_include_tax=False, taxes=(VAT,))
    order = await sell(shop, ("B", 2))
    rows = as_text(shop.checkout.receipt(order.order_id)).splitlines()
    assert rows[rows.index("-" * 40, 5) + 1 : -2] == [
        "Subtotal                           21.00",
        "VAT 19%                             3.99",
        "TOTAL                          24.99 USD",
    ]


async def test_a_reprint_is_the_same_whatever_has_changed_since(database: URL) -> None:
    shop = make_shop(database)
    shop.set_facts(**SHOP)
    order = await sell(shop, ("A", 1))
    first = [format_receipt(shop.checkout.receipt(order.order_id), wanted) for wanted in ReceiptFormat]

    shop.set_facts(name="Another name", taxes=(), timezone="Asia/Tokyo", prices_include_tax=False)
    shop.prices.minor["P1"] = 1
    shop.clock.pass_time(400 * 86_400)
    with Session(shop.engine) as session:
        for kiosk in session.exec(select(Kiosk)):
            kiosk.name = "moved"
        for table in (Stock, Variant, Product):
            session.exec(delete(table))
        session.commit()
    later = shop.restarted()
    assert [format_receipt(later.receipt(order.order_id), wanted) for wanted in ReceiptFormat] == first
    await later.refund(order.order_id, "Ada", "r")
    assert [format_receipt(later.receipt(order.order_id), wanted) for wanted in ReceiptFormat] == first


async def test_a_refund_has_a_receipt_of_its_own(shop: Shop) -> None:
    shop.set_facts(**SHOP)
    order = await sell(shop, ("A", 1))
    with pytest.raises(OperatorError, match="there is no refund"):
        shop.checkout.refund_receipt(order.order_id)
    shop.clock.pass_time(3_600)
    await shop.checkout.refund(order.order_id, "Ada Lund", "r")
    refund = shop.checkout.refund_receipt(order.order_id)
    assert (refund.kind, refund.number, refund.by) == ("refund", f"{order.order_id}-R1", "Ada Lund")
    assert (refund.total, refund.at - START) == (order.total, timedelta(hours=1))
    text = as_text(refund)
    for part in (f"REFUND {order.order_id}-R1", "Approved by Ada Lund", "TOTAL PAID BACK", "05:00 EST", "VAT 19%"):
        assert part in text
    assert "Total paid back" in as_html(refund)
    shop.clock.pass_time(3_600)
    assert as_json(shop.restarted().refund_receipt(order.order_id)) == as_json(refund)


async def test_what_was_not_paid_has_no_receipt(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    with pytest.raises(OperatorError, match="is reserved: there is no receipt"):
        shop.checkout.receipt(order.order_id)


async def test_a_partial_sale_is_on_the_receipt_as_it_came_out(shop: Shop) -> None:
    shop.set_facts(**SHOP)
    shop.dispenser.script([DispenseFault.JAM_ON_LAST])
    order = await shop.open(("A", 2))
    with pytest.raises(CustomerError, match="dispense-partial"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    receipt = shop.checkout.receipt(order.order_id)
    assert [line.quantity for line in receipt.lines] == [1]
    assert (receipt.subtotal, receipt.total, receipt.taxes[0].amount) == (usd(4995), usd(4995), usd(798))


async def test_json_has_the_keys_that_are_promised(shop: Shop) -> None:
    shop.set_facts(**SHOP)
    order = await sell(shop, ("A", 2))
    content = json.loads(as_json(shop.checkout.receipt(order.order_id)))
    assert content == {
        "version": 1,
        "kind": "sale",
        "number": order.order_id,
        "order_id": order.order_id,
        "payment_id": order.payment_id,
        "currency": "USD",
        "at": "2026-03-01T04:00:00-05:00",
        "store": {
            "name": "Test Shop",
            "address": "1 Main Street, Oslo <&>",
            "tax_number": "NO 123",
            "kiosk": "Kiosk K1 Hall",
        },
        "by": "",
        "lines": [
            {
                "sku": "A",
                "description": "Brand Model 1, red, M",
                "quantity": 2,
                "list_price_minor": 4995,
                "unit_price_minor": 4995,
                "discount": "",
                "total_minor": 9990,
            }
        ],
        "subtotal_minor": 9990,
        "prices_include_tax": True,
        "taxes": [{"name": "VAT", "percent": "19", "on_minor": 9990, "amount_minor": 1595}],
        "total_minor": 9990,
    }


class Page(HTMLParser):
    """Holds a page to what a strict reader of HTML asks for: every element closed, in order, and quoted text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID_ELEMENTS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_html_is_whole_and_needs_nothing_from_elsewhere(shop: Shop) -> None:
    shop.set_facts(**SHOP)
    order = await sell(shop, ("A", 1))
    html = as_html(shop.checkout.receipt(order.order_id))
    page = Page(html)
    assert html.startswith("<!DOCTYPE html>\n")
    assert page.seen[0] == ("html", {"lang": "en"})
    assert not {tag for tag, _ in page.seen} & {"script", "link", "img", "iframe", "object", "form"}
    assert not {name for _, attributes in page.seen for name in attributes} & {"src", "href", "onclick", "style"}
    assert "url(" not in html
    assert "@import" not in html
    for part in ("1 Main Street, Oslo <&>", "49.95 USD", "incl. VAT 19%", order.order_id, order.payment_id):
        assert part in page.text


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=60) | st.sampled_from(
    ["<script>alert(1)</script>", "東京都千代田区丸の内一丁目九番一号東京駅構内グランスタ", "a" * 90, ""]
)
MONEY = st.integers(0, 10**9).map(usd)


@given(
    st.builds(
        Receipt,
        kind=st.sampled_from(["sale", "refund"]),
        number=st.just("O1"),
        order_id=st.just("O1"),
        store=TEXTS,
        address=TEXTS,
        tax_number=TEXTS,
        kiosk=TEXTS,
        at=st.just(START.astimezone(ZoneInfo("Europe/Oslo"))),
        lines=st.lists(
            st.builds(
                ReceiptLine,
                sku=st.just("A"),
                description=TEXTS,
                quantity=st.integers(1, 100),
                list_price=MONEY,
                unit_price=MONEY,
                discount=TEXTS,
                total=MONEY,
            ),
            max_size=3,
        ).map(tuple),
        subtotal=MONEY,
        prices_include_tax=st.booleans(),
        taxes=st.lists(
            st.builds(TaxAmount, name=TEXTS, percent=st.just(Decimal(7)), label=TEXTS, on=MONEY, amount=MONEY),
            max_size=3,
        ).map(tuple),
        total=MONEY,
        payment_id=st.just("pay-1"),
        by=TEXTS,
    )
)
def test_no_text_breaks_a_format(receipt: Receipt) -> None:
    for row in as_text(receipt).splitlines():
        assert len(row) <= WIDTH
    page = Page(as_html(receipt))
    assert "script" not in {tag for tag, _ in page.seen}
    assert json.loads(as_json(receipt))["total_minor"] == receipt.total.amount_minor
