"""Payments by Stripe against localstripe, a process that speaks a part of Stripe's interface.

localstripe knows neither idempotency keys nor lapsed authorisations, lists the oldest first and pays back twice: what
hangs on those (a repeated request with the same key, a late one after `abandon`, a second refund) is not tested here.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from checkout_fixtures import make_shop

from tests.databases import SqliteDatabases
from tools.checkout_table import State
from tools.dispenser import DispenseFault
from tools.errors import CustomerError, HardwareError, MoneyError
from tools.money import Money
from tools.stripe_terminal import KEY, StripeTerminal, stripe_amount

pytest.importorskip("localstripe")
SECRET = "sk_test_12345"
TEN = Money(amount_minor=1000, currency="USD")
NINE = Money(amount_minor=900, currency="USD")


@pytest.fixture(scope="module")
def api_base() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(base, trust_env=False)
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield base
    server.kill()
    server.wait()


@pytest.fixture
def terminal(api_base: str) -> StripeTerminal:
    return StripeTerminal(SECRET, "pm_card_visa", api_base)


def intent(api_base: str, payment_id: str) -> Any:
    return stripe.StripeClient(SECRET, base_addresses={"api": api_base}).v1.payment_intents.retrieve(payment_id)


async def test_a_payment_is_set_aside_taken_and_given_back(terminal: StripeTerminal, api_base: str) -> None:
    paid = await terminal.authorise(TEN, "o1/1/authorise")
    assert (paid.approved, paid.amount, paid.operation) == (True, TEN, "authorise")
    assert intent(api_base, paid.payment_id).status == "requires_capture"
    assert intent(api_base, paid.payment_id).metadata[KEY] == "o1/1/authorise"
    assert await terminal.lookup("o1/1/authorise") == await terminal.abandon("o1/1/authorise") == paid
    for _ in range(2):
        captured = await terminal.capture(paid.payment_id, NINE, "o1/1/capture")
        assert (captured.approved, captured.amount) == (True, NINE)
    assert intent(api_base, paid.payment_id).status == "succeeded"
    assert not (await terminal.void(paid.payment_id, "o1/1/void")).approved
    assert (await terminal.refund(paid.payment_id, "o1/1/refund")).approved


async def test_a_payment_is_let_go_and_that_is_harmless_again(terminal: StripeTerminal, api_base: str) -> None:
    paid = await terminal.authorise(TEN, "o2/1/authorise")
    for _ in range(2):
        assert (await terminal.void(paid.payment_id, "o2/1/void")).approved
    assert intent(api_base, paid.payment_id).status == "canceled"
    assert await terminal.lookup("o2/1/authorise") is await terminal.abandon("o2/1/authorise") is None
    assert not (await terminal.capture(paid.payment_id, TEN, "o2/1/capture")).approved


async def test_a_declined_card_is_no_error(api_base: str) -> None:
    terminal = StripeTerminal(SECRET, "pm_card_chargeCustomerFail", api_base)
    assert not (await terminal.authorise(TEN, "o3/1/authorise")).approved
    assert await terminal.lookup("o3/1/authorise") is None
    assert await terminal.abandon("o3/1/authorise") is None


async def test_an_abandoned_key_leaves_an_intent_that_charges_nobody(terminal: StripeTerminal, api_base: str) -> None:
    for _ in range(2):
        assert await terminal.abandon("o4/1/authorise") is None
    intents = stripe.StripeClient(SECRET, base_addresses={"api": api_base}).v1.payment_intents.list({"limit": 100})
    (blank,) = [found for found in intents.data if getattr(found.metadata, KEY, None) == "o4/1/authorise"]
    assert (blank.status, blank.payment_method) == ("canceled", None)


async def test_an_intent_is_found_among_more_than_a_page(
    terminal: StripeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.stripe_terminal.PAGE", 3)
    first = await terminal.authorise(TEN, "o5/1/authorise")
    for number in range(7):
        await terminal.authorise(TEN, f"o5/{number}/other")
    assert await terminal.lookup("o5/1/authorise") == first


async def test_no_answer_from_stripe_is_a_hardware_error(terminal: StripeTerminal, api_base: str) -> None:
    with pytest.raises(HardwareError, match="Stripe did not"):
        await terminal.capture("pi_nothing", TEN, "o6/1/capture")
    for broken in (
        StripeTerminal("not a key", "pm_card_visa", api_base),
        StripeTerminal(SECRET, "pm_nothing", api_base),
        StripeTerminal(SECRET, "pm_card_visa", "http://127.0.0.1:1"),
    ):
        with pytest.raises(HardwareError, match="Stripe did not authorise"):
            await broken.authorise(TEN, "o6/1/authorise")


async def test_a_sale_by_stripe(terminal: StripeTerminal, api_base: str, tmp_path: Path) -> None:
    shop = make_shop(SqliteDatabases(tmp_path).new())
    shop.terminal = terminal  # type: ignore[assignment]
    shop.checkout = shop.restarted()
    shop.dispenser.script([None, DispenseFault.JAM])
    order = await shop.open(("A", 1), ("B", 1))
    with pytest.raises(CustomerError, match="dispense-partial"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    closed = shop.checkout.view(order.order_id)
    assert (closed.state, intent(api_base, closed.payment_id).status) == (State.CLOSED, "succeeded")


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [(1295, "USD", 1295), (500, "JPY", 500), (500, "ISK", 50_000), (12_340, "KWD", 12_340), (5, "MGA", 5)],
)
def test_amounts_are_in_the_unit_stripe_counts_in(minor: int, currency: str, expected: int) -> None:
    assert stripe_amount(Money(amount_minor=minor, currency=currency)) == expected


def test_an_amount_too_fine_for_stripe_is_an_error() -> None:
    with pytest.raises(MoneyError):
        stripe_amount(Money(amount_minor=12_345, currency="KWD"))
