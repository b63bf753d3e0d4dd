"""The checkout against devices that fail: whatever happens, what was paid is what came out."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from checkout_fixtures import ON_HAND, WRONG, Clock, Shop, make_shop, usd
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import URL

from tests.databases import Databases
from tools.age_approval import AgeApproval
from tools.checkout import Checkout, RefundRefused
from tools.checkout_table import FINAL_STATES, IllegalTransition, State
from tools.dispenser import Dispensed, DispenseFault, SimulatedDispenser
from tools.errors import CustomerError, ModelError, OperatorError
from tools.ledger import KeyReused, UnknownOrder
from tools.money import Money
from tools.order import CartItem, OrderView
from tools.payment import PaymentFault, PaymentRecord, SimulatedTerminal
from tools.receipt_formats import as_text


@pytest.fixture
def shop(database: URL) -> Iterator[Shop]:
    shop = make_shop(database)
    yield shop
    shop.require_conserved()


async def buy(shop: Shop, *items: tuple[str, int], key: str = "1") -> OrderView:
    order = await shop.open(*items, key=key)
    return await shop.checkout.confirm(order.order_id, order.consent_hash, f"yes-{key}")


async def test_a_sale_charges_once_and_books_the_goods_out(shop: Shop) -> None:
    order = await shop.open(("A", 2), ("B", 1))
    assert (order.state, order.total) == (State.RESERVED, usd(2 * 4995 + 1050))
    assert shop.stock("A") == (5, 2)

    closed = await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")

    assert (closed.state, closed.captured) == (State.CLOSED, order.total)
    assert shop.stock("A") == (3, 0)
    assert shop.dispenser.dropped("K1") == {"A": 2, "B": 1}
    assert [record.operation for record in shop.terminal.records] == ["authorise", "capture"]


async def test_the_same_confirmation_twenty_times_at_once_charges_once(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    results = await asyncio.gather(
        *(shop.checkout.confirm(order.order_id, order.consent_hash, f"yes-{n % 3}") for n in range(20))
    )
    assert all(result == results[0] for result in results)
    assert [record.operation for record in shop.terminal.records] == ["authorise", "capture"]
    again = await shop.restarted().confirm(order.order_id, order.consent_hash, "yes-0")
    assert again == results[0]


async def test_fifty_customers_after_the_last_pieces(shop: Shop) -> None:
    opened = await asyncio.gather(*(shop.open(("A", 1), session=f"s{n}") for n in range(50)), return_exceptions=True)
    refusals = [result.message for result in opened if isinstance(result, CustomerError)]
    assert len([result for result in opened if isinstance(result, OrderView)]) == ON_HAND["A"]
    assert refusals == ["out-of-stock"] * (50 - ON_HAND["A"])


async def test_opening_again_with_the_same_key_gives_the_same_order(shop: Shop) -> None:
    first, second = await asyncio.gather(shop.open(("A", 1)), shop.open(("A", 1)))
    assert first == second
    assert shop.stock("A") == (5, 1)
    with pytest.raises(KeyReused):
        await shop.open(("A", 2))


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([("B", 3)], "out-of-stock"),
        ([("A", 6), ("A", 6)], "too-many"),
        ([], "buy-what"),
        ([("C", 1)], "age-restricted"),
    ],
)
async def test_refusals_reserve_nothing(shop: Shop, items: list[tuple[str, int]], message: str) -> None:
    with pytest.raises(CustomerError) as refused:
        await shop.open(*items)
    assert refused.value.message == message


async def test_a_line_that_is_out_of_stock_leaves_the_others_free(shop: Shop) -> None:
    with pytest.raises(CustomerError):
        await shop.open(("A", 1), ("B", 3))
    assert shop.stock("A") == (5, 0)


async def test_an_unknown_sku_is_the_callers_mistake(shop: Shop) -> None:
    with pytest.raises(ModelError):
        await shop.open(("nothing", 1))
    with pytest.raises(UnknownOrder):
        shop.checkout.view("nothing")


async def test_staff_may_approve_what_is_age_restricted(shop: Shop) -> None:
    approval = AgeApproval(by="staff-7", product_ids=("P3",), until=shop.clock() + timedelta(minutes=10))
    order = await shop.checkout.open("K1", "s", None, [CartItem(sku="C")], "1", approval)
    assert (await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")).age_approved_by == "staff-7"


async def test_a_change_voids_the_yes(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    changed = await shop.checkout.change(order.order_id, [CartItem(sku="A", quantity=2)], "c1")
    assert await shop.checkout.change(order.order_id, [CartItem(sku="A", quantity=2)], "c1") == changed
    assert changed.consent_hash != order.consent_hash
    assert shop.stock("A") == (5, 2)
    with pytest.raises(CustomerError, match="consent-void"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert shop.terminal.records == ()
    await shop.checkout.confirm(order.order_id, changed.consent_hash, "yes")


async def test_a_change_to_more_than_there_is_keeps_the_old_reservation(shop: Shop) -> None:
    order = await shop.open(("B", 2))
    with pytest.raises(CustomerError, match="out-of-stock"):
        await shop.checkout.change(order.order_id, [CartItem(sku="B", quantity=3)], "c1")
    assert shop.checkout.view(order.order_id) == order


async def test_a_price_that_moved_asks_again(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    shop.prices.minor["P1"] = 5995
    for _ in range(2):
        with pytest.raises(CustomerError, match="price-changed") as refused:
            await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
        assert refused.value.facts["total"] == usd(5995)
    now = shop.checkout.view(order.order_id)
    assert (now.state, now.total) == (State.RESERVED, usd(5995))
    closed = await shop.checkout.confirm(order.order_id, now.consent_hash, "yes again")
    assert closed.captured == usd(5995)


async def test_a_declined_payment_may_be_tried_again(shop: Shop) -> None:
    shop.terminal.script([PaymentFault.DECLINE])
    order = await shop.open(("A", 1))
    for _ in range(2):
        with pytest.raises(CustomerError, match="payment-declined"):
            await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    assert len(shop.terminal.records) == 1
    assert shop.checkout.view(order.order_id).state is State.RESERVED
    assert (await shop.checkout.confirm(order.order_id, order.consent_hash, "again")).state is State.CLOSED
    assert (await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")).state is State.CLOSED


async def test_an_old_yes_is_void_after_a_decline_and_a_change(shop: Shop) -> None:
    shop.terminal.script([PaymentFault.DECLINE])
    order = await shop.open(("A", 1))
    with pytest.raises(CustomerError):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    await shop.checkout.change(order.order_id, [CartItem(sku="B")], "c1")
    with pytest.raises(CustomerError, match="consent-void"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")


async def test_a_key_belongs_to_one_yes(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    with pytest.raises(KeyReused):
        await shop.checkout.confirm(order.order_id, "0" * 64, "yes")


async def test_another_sessions_order_does_not_exist(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    order_id, checkout, ours = order.order_id, shop.checkout, order.session_id
    with pytest.raises(UnknownOrder):
        await checkout.confirm(order_id, order.consent_hash, "yes", session_id="another")
    for items in ([CartItem(sku="B")], []):
        with pytest.raises(UnknownOrder):
            await checkout.change(order_id, items, "change", session_id="another")
    with pytest.raises(UnknownOrder):
        await checkout.cancel(order_id, "no", session_id="another")
    with pytest.raises(UnknownOrder):
        checkout.view(order_id, "another")
    assert checkout.view(order_id, ours) == order
    closed = await checkout.confirm(order_id, order.consent_hash, "yes", session_id=ours)
    assert closed.state is State.CLOSED


async def test_an_answer_lost_after_it_took_effect_charges_and_dispenses_once(shop: Shop) -> None:
    shop.terminal.script([PaymentFault.ANSWER_LOST, PaymentFault.ANSWER_LOST])
    shop.dispenser.script([DispenseFault.ANSWER_LOST])
    assert (await buy(shop, ("A", 2))).state is State.CLOSED
    assert [record.operation for record in shop.terminal.records] == ["authorise", "capture"]
    assert shop.dispenser.dropped("K1") == {"A": 2}


async def test_a_jam_before_anything_came_out_charges_nothing(shop: Shop) -> None:
    shop.dispenser.script([DispenseFault.JAM])
    with pytest.raises(CustomerError, match="dispense-failed") as refused:
        await buy(shop, ("A", 2), ("B", 1))
    order = shop.checkout.view(str(refused.value.facts["order_id"]))
    assert (order.state, order.captured) == (State.VOIDED, None)
    assert shop.stock("A") == (5, 0)
    with pytest.raises(OperatorError):
        shop.checkout.receipt(order.order_id)


async def test_a_jam_half_way_charges_for_what_came_out(shop: Shop) -> None:
    shop.dispenser.script([None, DispenseFault.JAM_ON_LAST])
    with pytest.raises(CustomerError, match="dispense-partial") as refused:
        await buy(shop, ("A", 1), ("B", 2))
    assert (refused.value.facts["dispensed"], refused.value.facts["missing"]) == (2, 1)
    order = shop.checkout.view(str(refused.value.facts["order_id"]))
    assert (order.state, order.captured) == (State.CLOSED, usd(4995 + 1050))
    assert [line.quantity for line in shop.checkout.receipt(order.order_id).lines] == [1, 1]


async def test_a_terminal_without_answer_leaves_the_order_for_recovery(shop: Shop) -> None:
    shop.terminal.script([PaymentFault.TIMEOUT] * 2)
    with pytest.raises(CustomerError, match="payment-unclear") as refused:
        await buy(shop, ("A", 1))
    assert shop.checkout.view(str(refused.value.facts["order_id"])).state is State.CONFIRMED
    (order,) = await shop.restarted().recover()
    assert order.state is State.RESERVED
    shop.clock.pass_time(601)
    assert await shop.checkout.expire_overdue(shop.clock()) == [order.order_id]


async def test_a_capture_without_answer_is_made_up_for_later(shop: Shop) -> None:
    shop.terminal.script([None, PaymentFault.TIMEOUT, PaymentFault.TIMEOUT])
    order = await buy(shop, ("A", 1))
    assert order.state is State.DISPENSED
    assert [recovered.state for recovered in await shop.restarted().recover()] == [State.CLOSED]


async def test_cancelling_gives_the_goods_back(shop: Shop) -> None:
    order = await shop.open(("A", 3))
    cancelled = await shop.checkout.cancel(order.order_id, "no")
    assert await shop.checkout.cancel(order.order_id, "no again") == cancelled
    assert (cancelled.state, shop.stock("A")) == (State.CANCELLED, (5, 0))
    with pytest.raises(CustomerError, match="order-cancelled"):
        await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    with pytest.raises(IllegalTransition):
        await shop.checkout.change(order.order_id, [CartItem(sku="A")], "c")


async def test_cancelling_is_too_late_once_dispensed(shop: Shop) -> None:
    order = await buy(shop, ("A", 1))
    with pytest.raises(CustomerError, match="too-late-to-cancel"):
        await shop.checkout.cancel(order.order_id, "no")


async def test_a_reservation_runs_out(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    shop.clock.pass_time(600)
    for _ in range(2):
        with pytest.raises(CustomerError, match="order-expired"):
            await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
        with pytest.raises(CustomerError, match="order-expired"):
            await shop.checkout.change(order.order_id, [CartItem(sku="A")], "c")
    assert shop.stock("A") == (5, 0)
    assert await shop.checkout.expire_overdue(shop.clock()) == []


async def test_a_refund_pays_back_once(shop: Shop) -> None:
    order = await buy(shop, ("A", 1))
    shop.terminal.script([PaymentFault.ANSWER_LOST])
    refunded = await shop.checkout.refund(order.order_id, "staff-7", "r1")
    assert await shop.checkout.refund(order.order_id, "staff-7", "r2") == refunded
    assert refunded.state is State.REFUNDED
    assert shop.checkout.refund_receipt(order.order_id).total == order.total


async def test_a_refund_that_the_terminal_refuses_leaves_the_sale_and_may_be_tried_again(shop: Shop) -> None:
    order = await buy(shop, ("A", 1))
    shop.terminal.script([PaymentFault.DECLINE])
    with pytest.raises(RefundRefused):
        await shop.checkout.refund(order.order_id, "staff-7", "r1")
    assert shop.checkout.view(order.order_id).state is State.CLOSED
    assert shop.terminal.taken_minor(order.payment_id) == order.total.amount_minor
    with pytest.raises(OperatorError):
        shop.checkout.refund_receipt(order.order_id)
    refunded = await shop.checkout.refund(order.order_id, "staff-7", "r2")
    assert (refunded.state, shop.terminal.taken_minor(order.payment_id)) == (State.REFUNDED, 0)


async def test_the_receipt_is_aligned_and_in_the_stores_time(shop: Shop) -> None:
    order = await buy(shop, ("A", 2), ("B", 1))
    receipt = shop.checkout.receipt(order.order_id)
    assert receipt == shop.checkout.receipt(order.order_id)
    assert as_text(receipt).splitlines() == [
        "Test Shop",
        "Kiosk K1 Hall",
        "2026-03-01 04:00 EST",
        "-" * 40,
        "Brand Model 1, red, M",
        "  2 x 49.95                        99.90",
        "Brand Model 2, red, M",
        "  1 x 10.50                        10.50",
        "-" * 40,
        "TOTAL                         110.40 USD",
        f"Order {order.order_id}",
        f"Payment {order.payment_id}",
    ]


class SlowTerminal(SimulatedTerminal):
    """A terminal that waits for the customer's card before it authorises."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.card = asyncio.Event(), asyncio.Event()

    async def authorise(self, amount: Money, key: str) -> PaymentRecord:
        self.asked.set()
        await self.card.wait()
        return await super().authorise(amount, key)


async def test_a_confirmation_outlives_the_task_that_asked_for_it(shop: Shop) -> None:
    terminal = shop.terminal = SlowTerminal()
    shop.checkout = shop.restarted()
    order = await shop.open(("A", 1))
    asking = asyncio.create_task(shop.checkout.confirm(order.order_id, order.consent_hash, "yes"))
    await terminal.asked.wait()
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    terminal.card.set()
    await shop.checkout.wait_until_idle()
    assert shop.checkout.view(order.order_id).state is State.CLOSED


async def test_cancelling_while_the_card_is_awaited_charges_nothing(shop: Shop) -> None:
    terminal = shop.terminal = SlowTerminal()
    shop.checkout = shop.restarted()
    order = await shop.open(("A", 1))
    confirming = asyncio.create_task(shop.checkout.confirm(order.order_id, order.consent_hash, "yes"))
    await terminal.asked.wait()
    cancelling = asyncio.create_task(shop.checkout.cancel(order.order_id, "no"))
    while shop.checkout.view(order.order_id).state is not State.CANCELLING:  # noqa: ASYNC110  a row appears
        await asyncio.sleep(0)
    terminal.card.set()
    with pytest.raises(CustomerError, match="order-cancelled"):
        await confirming
    assert (await cancelling).state is State.VOIDED
    assert shop.dispenser.records == ()


class SlowDispenser(SimulatedDispenser):
    """A dispenser that never answers in time, though it drops the goods if told so."""

    def __init__(self, drops: bool) -> None:
        super().__init__()
        self._drops = drops

    async def dispense(self, kiosk_id: str, slot: str, sku: str, quantity: int, key: str) -> Dispensed:
        if self._drops:
            await super().dispense(kiosk_id, slot, sku, quantity, key)
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize("drops", [True, False])
async def test_a_dispenser_that_hangs(database: URL, drops: bool) -> None:
    shop = make_shop(database, device_timeout_s=0.01)
    shop.dispenser = SlowDispenser(drops)
    shop.checkout = shop.restarted()
    if drops:
        assert (await buy(shop, ("A", 1))).state is State.CLOSED
    else:
        with pytest.raises(CustomerError, match="dispense-unclear"):
            await buy(shop, ("A", 1))
        assert [order.state for order in await shop.restarted().recover()] == [State.VOIDED]
    shop.require_conserved()


class ProcessDied(Exception):
    """The kiosk's process ends here."""


class Lifeline:
    """Counts the moments a process could die at, and lets it die at one of them."""

    def __init__(self, dies_at: int) -> None:
        self.left = dies_at

    def pass_moment(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise ProcessDied


class MortalClock(Clock):
    """Asked for the time before each row of the ledger: dying here loses the row, not what the device did."""

    lifeline: Lifeline

    def __call__(self) -> datetime:
        self.lifeline.pass_moment()
        return super().__call__()


class MortalTerminal(SimulatedTerminal):
    """A terminal whose kiosk may die before the request is sent and before the answer arrives."""

    lifeline: Lifeline

    def _perform(self, *request: Any) -> PaymentRecord:
        self.lifeline.pass_moment()
        record = super()._perform(*request)
        self.lifeline.pass_moment()
        return record


class MortalDispenser(SimulatedDispenser):
    """A dispenser whose kiosk may die before the request is sent and before the answer arrives."""

    lifeline: Lifeline

    async def dispense(self, kiosk_id: str, slot: str, sku: str, quantity: int, key: str) -> Dispensed:
        self.lifeline.pass_moment()
        record = await super().dispense(kiosk_id, slot, sku, quantity, key)
        self.lifeline.pass_moment()
        return record


@pytest.mark.parametrize("dies_at", range(1, 25))
@pytest.mark.parametrize("faults", [[], [None, DispenseFault.JAM], [None, DispenseFault.WRONG_ITEM]])
async def test_a_crash_at_any_moment_is_recovered_from(
    database: URL, dies_at: int, faults: list[DispenseFault | None]
) -> None:
    shop = make_shop(database)
    clock, terminal, dispenser = MortalClock(), MortalTerminal(), MortalDispenser()
    clock.lifeline = terminal.lifeline = dispenser.lifeline = Lifeline(dies_at)
    shop.clock, shop.terminal, shop.dispenser = clock, terminal, dispenser
    shop.checkout = shop.restarted()
    dispenser.wrong_sku = WRONG
    dispenser.script(faults)
    with suppress(ProcessDied, CustomerError):
        await buy(shop, ("A", 2), ("B", 1))

    clock.lifeline = terminal.lifeline = dispenser.lifeline = Lifeline(0)
    await shop.restarted().recover("K2")
    await shop.restarted().recover("K1")
    clock.pass_time(601)
    await shop.restarted().recover()

    assert {order.state for order in shop.orders()} <= FINAL_STATES
    shop.require_conserved()


async def test_two_processes_that_drive_one_order_charge_once(shop: Shop) -> None:
    order = await shop.open(("A", 1))
    other = shop.another()
    first, second = await asyncio.gather(
        shop.checkout.confirm(order.order_id, order.consent_hash, "yes"),
        other.confirm(order.order_id, order.consent_hash, "yes too"),
    )
    assert first.state is second.state is State.CLOSED
    assert [record.operation for record in shop.terminal.records] == ["authorise", "capture"]
    assert shop.dispenser.dropped("K1") == {"A": 1}


async def test_an_authorisation_that_arrives_after_recovery_is_refused(shop: Shop) -> None:
    terminal = shop.terminal = SlowTerminal()
    shop.checkout = shop.another()
    order = await shop.open(("A", 1))
    confirming = asyncio.create_task(shop.checkout.confirm(order.order_id, order.consent_hash, "yes"))
    await terminal.asked.wait()

    assert [recovered.state for recovered in await shop.restarted().recover()] == [State.RESERVED]
    terminal.card.set()

    with pytest.raises(CustomerError, match="payment-declined"):
        await confirming
    assert terminal.records == ()


async def test_recovery_leaves_an_order_to_the_living_process_that_drives_it(shop: Shop) -> None:
    terminal = shop.terminal = SlowTerminal()
    shop.checkout = shop.another()
    order = await shop.open(("A", 1))
    confirming = asyncio.create_task(shop.checkout.confirm(order.order_id, order.consent_hash, "yes"))
    await terminal.asked.wait()
    for _ in range(2):
        assert await shop.another().recover() == []
        assert await shop.checkout.recover() == []
    terminal.card.set()
    assert (await confirming).state is State.CLOSED


async def test_recovery_leaves_an_order_alone_that_was_just_confirmed_in_the_same_process(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.open(("A", 1))
    loop, accept, recovered = asyncio.get_running_loop(), shop.checkout._accept, list[OrderView]()

    def accept_then_recover(*arguments: str) -> object:
        accepted = accept(*arguments)
        recovered.extend(asyncio.run_coroutine_threadsafe(shop.checkout.recover(), loop).result())
        return accepted

    monkeypatch.setattr(shop.checkout, "_accept", accept_then_recover)
    assert (await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")).state is State.CLOSED
    assert recovered == []


async def test_an_order_that_waits_for_a_device_may_be_recovered_by_anyone(shop: Shop) -> None:
    shop.terminal.script([PaymentFault.TIMEOUT] * 2)
    with pytest.raises(CustomerError, match="payment-unclear"):
        await buy(shop, ("A", 1))
    assert [order.state for order in await shop.another().recover()] == [State.RESERVED]


async def test_an_order_cancelled_in_one_process_is_let_go_by_the_one_that_drives_it(shop: Shop) -> None:
    terminal = shop.terminal = SlowTerminal()
    shop.checkout = shop.another()
    order = await shop.open(("A", 1))
    confirming = asyncio.create_task(shop.checkout.confirm(order.order_id, order.consent_hash, "yes"))
    await terminal.asked.wait()
    cancelling = asyncio.create_task(shop.another().cancel(order.order_id, "no"))
    while shop.checkout.view(order.order_id).state is not State.CANCELLING:  # noqa: ASYNC110  a row appears
        await asyncio.sleep(0.01)
    terminal.card.set()
    with pytest.raises(CustomerError, match="order-cancelled"):
        await confirming
    assert (await cancelling).state is State.VOIDED


async def test_goods_whose_payment_lapsed_end_unpaid(shop: Shop) -> None:
    shop.terminal.script([None, PaymentFault.EXPIRED])
    with pytest.raises(CustomerError, match="goods-unpaid") as refused:
        await buy(shop, ("A", 1))
    order = shop.checkout.view(str(refused.value.facts["order_id"]))
    assert (order.state, order.captured) == (State.UNPAID, None)
    with pytest.raises(CustomerError, match="too-late-to-cancel"):
        await shop.checkout.cancel(order.order_id, "no")
    with pytest.raises(OperatorError):
        shop.checkout.receipt(order.order_id)


async def test_a_payment_that_is_gone_counts_as_let_go(shop: Shop) -> None:
    shop.dispenser.script([DispenseFault.JAM])
    shop.terminal.script([None, PaymentFault.EXPIRED])
    with pytest.raises(CustomerError, match="dispense-failed"):
        await buy(shop, ("A", 1))
    assert [order.state for order in shop.orders()] == [State.VOIDED]


async def test_the_wrong_item_is_not_charged_and_ends_the_order(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop.dispenser.script([None, DispenseFault.WRONG_ITEM])
    with pytest.raises(CustomerError, match="dispense-partial") as refused:
        await buy(shop, ("A", 1), ("B", 2), ("D", 1))
    assert refused.value.facts["paid"] == usd(4995)
    order = shop.checkout.view(str(refused.value.facts["order_id"]))
    assert (order.state, order.captured) == (State.CLOSED, usd(4995))
    assert (shop.stock("B"), shop.stock(WRONG), shop.stock("D")) == ((2, 0), (498, 0), (60, 0))
    assert "staff wanted at kiosk K1: E came out in place of B" in caplog.text


async def test_a_wrong_item_that_nobody_can_name_costs_nothing(shop: Shop) -> None:
    shop.dispenser.wrong_sku = ""
    shop.dispenser.script([DispenseFault.WRONG_ITEM])
    with pytest.raises(CustomerError, match="dispense-failed"):
        await buy(shop, ("A", 1))
    assert [order.state for order in shop.orders()] == [State.VOIDED]


async def test_what_others_reserved_stays_theirs_when_it_comes_out_wrongly(database: URL) -> None:
    shop = make_shop(database)
    shop.dispenser.wrong_sku = "B"
    await shop.open(("B", 2), session="other")
    shop.dispenser.script([DispenseFault.WRONG_ITEM])
    with pytest.raises(CustomerError, match="dispense-failed"):
        await buy(shop, ("A", 1))
    assert shop.stock("B") == (2, 2)


TERMINAL_FAULTS = st.lists(st.sampled_from([None, *PaymentFault]), max_size=4)
DISPENSER_FAULTS = st.lists(st.sampled_from([None, *DispenseFault]), max_size=3)


class CheckoutMachine(RuleBasedStateMachine):
    """Customers, staff and a restarting kiosk do what they like with a few orders while devices fail."""

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self.databases = databases
        self.shop = make_shop(databases.new())
        self.loop = asyncio.new_event_loop()
        self.number = 0

    def teardown(self) -> None:
        self.shop.clock.pass_time(601)
        for _ in range(2):  # faults that are still scripted may cost the first recovery an answer
            self.loop.run_until_complete(self.restart_devices().recover())
        assert {order.state for order in self.shop.orders()} <= FINAL_STATES
        self.shop.require_conserved()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        while self.shop.living:
            self.shop.living.pop().close()
        self.shop.engine.dispose()
        self.databases.drop_all()

    def restart_devices(self) -> Checkout:
        self.shop.terminal.clear_script()
        self.shop.dispenser.clear_script()
        return self.shop.restarted()

    def attempt(self, work: Coroutine[object, object, object]) -> None:
        """Do it; a refusal or an illegal transition is an answer as good as any."""
        with suppress(CustomerError, IllegalTransition, RefundRefused):
            self.loop.run_until_complete(work)

    def order(self, pick: int) -> OrderView | None:
        orders = sorted(self.shop.orders(), key=lambda order: order.created_at)
        return orders[pick % len(orders)] if orders else None

    def key(self) -> str:
        self.number += 1
        return str(self.number)

    @rule(items=st.lists(st.tuples(st.sampled_from("ABD"), st.integers(1, 3)), min_size=1, max_size=2))
    def open(self, items: list[tuple[str, int]]) -> None:
        self.attempt(self.shop.open(*items, key=self.key()))

    @initialize(purchases=st.lists(st.tuples(TERMINAL_FAULTS, DISPENSER_FAULTS), min_size=2, max_size=4))
    def a_busy_morning(self, purchases: list[tuple[list[PaymentFault | None], list[DispenseFault | None]]]) -> None:
        for terminal_faults, dispenser_faults in purchases:
            self.buy_through_faults([("D", 2), ("A", 1)], terminal_faults, dispenser_faults)

    @rule(
        items=st.lists(st.tuples(st.sampled_from("ABD"), st.integers(1, 3)), min_size=1, max_size=2),
        terminal_faults=TERMINAL_FAULTS,
        dispenser_faults=DISPENSER_FAULTS,
    )
    def buy_through_faults(
        self,
        items: list[tuple[str, int]],
        terminal_faults: list[PaymentFault | None],
        dispenser_faults: list[DispenseFault | None],
    ) -> None:
        self.shop.terminal.script(terminal_faults)
        self.shop.dispenser.script(dispenser_faults)
        self.attempt(buy(self.shop, *items, key=self.key()))

    @rule(pick=st.integers(0, 9), sku=st.sampled_from("ABD"), quantity=st.integers(1, 3))
    def change(self, pick: int, sku: str, quantity: int) -> None:
        if order := self.order(pick):
            item = CartItem(sku=sku, quantity=quantity)
            self.attempt(self.shop.checkout.change(order.order_id, [item], self.key()))

    @rule(pick=st.integers(0, 9), times=st.integers(1, 3))
    def confirm(self, pick: int, times: int) -> None:
        if order := self.order(pick):
            key = self.key()
            for _ in range(times):
                self.attempt(self.shop.checkout.confirm(order.order_id, order.consent_hash, key))

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        if order := self.order(pick):
            self.attempt(self.shop.checkout.cancel(order.order_id, self.key()))

    @rule(pick=st.integers(0, 9))
    def refund(self, pick: int) -> None:
        if order := self.order(pick):
            self.attempt(self.shop.checkout.refund(order.order_id, "staff", self.key()))

    @rule(terminal_faults=TERMINAL_FAULTS, dispenser_faults=DISPENSER_FAULTS)
    def devices_will_fail(
        self, terminal_faults: list[PaymentFault | None], dispenser_faults: list[DispenseFault | None]
    ) -> None:
        self.shop.terminal.script(terminal_faults)
        self.shop.dispenser.script(dispenser_faults)

    @rule(product=st.sampled_from(["P1", "P2"]), price=st.integers(1, 9999))
    def price_moves(self, product: str, price: int) -> None:
        self.shop.prices.minor[product] = price

    @rule(seconds=st.integers(1, 700))
    def time_passes(self, seconds: int) -> None:
        self.shop.clock.pass_time(seconds)
        self.attempt(self.shop.checkout.expire_overdue(self.shop.clock()))

    @rule()
    def restart(self) -> None:
        self.shop.checkout = self.shop.restarted()
        self.attempt(self.shop.checkout.recover())

    @rule()
    def another_process_recovers(self) -> None:
        self.attempt(self.shop.another().recover())

    @rule(terminal_faults=TERMINAL_FAULTS, dispenser_faults=DISPENSER_FAULTS)
    def two_processes_at_once(
        self, terminal_faults: list[PaymentFault | None], dispenser_faults: list[DispenseFault | None]
    ) -> None:
        self.shop.terminal.script(terminal_faults)
        self.shop.dispenser.script(dispenser_faults)
        here, there = self.shop.checkout, self.shop.another()

        async def both() -> None:
            await asyncio.gather(
                buy(self.shop, ("D", 2), ("A", 1), key=self.key()),
                there.recover(),
                here.recover(),
                there.recover(),
                return_exceptions=True,
            )

        self.attempt(both())

    @invariant()
    def everything_adds_up(self) -> None:
        self.shop.require_conserved()


def test_whatever_happens_adds_up(databases: Databases) -> None:
    run_state_machine_as_test(
        lambda: CheckoutMachine(databases),
        settings=settings(
            max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
