"""The simulated devices keep their word: one effect per key, also after a restart, whatever is lost."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.dispenser import DispenseFault, SimulatedDispenser
from tools.errors import HardwareError
from tools.money import Money
from tools.payment import PaymentFault, SimulatedTerminal

TEN = Money(amount_minor=1000, currency="USD")
NINE = Money(amount_minor=900, currency="USD")


async def test_the_same_key_takes_effect_once() -> None:
    terminal = SimulatedTerminal()
    first = await terminal.authorise(TEN, "a")
    assert await terminal.authorise(TEN, "a") == first == await terminal.lookup("a")
    assert await terminal.capture(first.payment_id, NINE, "c") == await terminal.capture(first.payment_id, NINE, "c")
    assert (len(terminal.records), terminal.taken_minor(first.payment_id)) == (2, 900)
    with pytest.raises(HardwareError):
        await terminal.void(first.payment_id, "a")


async def test_money_cannot_be_taken_twice_or_above_what_was_authorised() -> None:
    terminal = SimulatedTerminal()
    payment = (await terminal.authorise(NINE, "a")).payment_id
    assert not (await terminal.capture(payment, TEN, "c1")).approved
    assert (await terminal.capture(payment, NINE, "c2")).approved
    assert not (await terminal.capture(payment, NINE, "c3")).approved
    assert not (await terminal.void(payment, "v")).approved
    assert (await terminal.refund(payment, "r1")).approved
    assert not (await terminal.refund(payment, "r2")).approved
    assert terminal.taken_minor(payment) == 0


async def test_a_voided_payment_cannot_be_captured() -> None:
    terminal = SimulatedTerminal()
    payment = (await terminal.authorise(TEN, "a")).payment_id
    assert terminal.is_pending(payment)
    assert (await terminal.void(payment, "v")).approved
    assert not (await terminal.capture(payment, TEN, "c")).approved
    assert not terminal.is_pending(payment)


async def test_faults_come_in_the_order_they_were_scripted() -> None:
    terminal = SimulatedTerminal()
    terminal.script([PaymentFault.DECLINE, PaymentFault.TIMEOUT, PaymentFault.ANSWER_LOST, None])
    assert not (await terminal.authorise(TEN, "a")).approved
    with pytest.raises(TimeoutError):
        await terminal.authorise(TEN, "b")
    assert await terminal.lookup("b") is None
    with pytest.raises(TimeoutError):
        await terminal.authorise(TEN, "c")
    assert await terminal.lookup("c") == await terminal.authorise(TEN, "c")


async def test_an_unknown_payment_cannot_be_undone() -> None:
    with pytest.raises(HardwareError):
        await SimulatedTerminal().refund("nothing", "r")


async def test_a_restarted_terminal_remembers(tmp_path: Path) -> None:
    journal = tmp_path / "terminal.jsonl"
    first = await SimulatedTerminal(journal).authorise(TEN, "a")
    with journal.open("a") as file:
        file.write('{"key": "torn')
    restarted = SimulatedTerminal(journal)
    assert await restarted.authorise(TEN, "a") == first
    assert (await restarted.capture(first.payment_id, TEN, "c")).approved
    assert SimulatedTerminal(journal).taken_minor(first.payment_id) == 1000
    both = SimulatedTerminal(journal), SimulatedTerminal(journal)
    assert await both[0].authorise(NINE, "b") == await both[1].authorise(NINE, "b") == await both[0].lookup("b")
    journal.write_text("nonsense\n")
    with pytest.raises(HardwareError, match=r"terminal\.jsonl, record 1"):
        SimulatedTerminal(journal)


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from([None, *DispenseFault])), max_size=12))
async def test_a_dispenser_drops_at_most_what_each_key_asked_for(
    requests: list[tuple[str, DispenseFault | None]],
) -> None:
    dispenser = SimulatedDispenser()
    for key, fault in requests:
        dispenser.script([fault])
        before = await dispenser.lookup(key)
        try:
            record = await dispenser.dispense("K1", "S1", "A", 3, key)
        except TimeoutError:
            continue
        assert before in (None, record)
    keys = {key for key, _ in requests}
    assert len(dispenser.records) <= len(keys)
    assert dispenser.dropped("K1")["A"] <= 3 * len(keys)


async def test_a_dispensers_key_belongs_to_its_goods(tmp_path: Path) -> None:
    journal = tmp_path / "dispenser.jsonl"
    await SimulatedDispenser(journal).dispense("K1", "S1", "A", 1, "k")
    with pytest.raises(HardwareError):
        await SimulatedDispenser(journal).dispense("K1", "S1", "B", 1, "k")


async def test_what_was_abandoned_is_never_done(tmp_path: Path) -> None:
    terminal, dispenser = SimulatedTerminal(tmp_path / "t.jsonl"), SimulatedDispenser(tmp_path / "d.jsonl")
    done = await terminal.authorise(TEN, "a")
    assert await terminal.abandon("a") == done
    for _ in range(2):
        assert await terminal.abandon("b") is None
        assert await dispenser.abandon("b") is None
    restarted = SimulatedTerminal(tmp_path / "t.jsonl"), SimulatedDispenser(tmp_path / "d.jsonl")
    assert not (await restarted[0].authorise(TEN, "b")).approved
    assert (await restarted[1].dispense("K1", "S1", "A", 2, "b")).count == 0
    assert await restarted[0].lookup("b") is await restarted[1].lookup("b") is None
    assert (restarted[0].records, restarted[1].records) == ((done,), ())


async def test_an_authorisation_that_lapsed_cannot_be_captured_but_counts_as_let_go() -> None:
    terminal = SimulatedTerminal()
    terminal.script([None, PaymentFault.EXPIRED])
    payment = (await terminal.authorise(TEN, "a")).payment_id
    assert not (await terminal.capture(payment, TEN, "c")).approved
    assert not terminal.is_pending(payment)
    assert (await terminal.void(payment, "v")).approved
    assert not (await terminal.capture(payment, TEN, "c")).approved
