"""What is ordered for a slot: enough for the service level, in whole packs, no more than it holds; and why."""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from tools.database import Stock
from tools.deliveries import read_delivery
from tools.errors import OperatorError
from tools.forecasting.forecast import Forecast, no_forecast
from tools.forecasting.periods import Frequency, period_of
from tools.forecasting.pooled import LEVELS
from tools.forecasting.sales import SeriesKey
from tools.order_file import order_number, write_order
from tools.owner_files import OwnerFilesError
from tools.replenishment import Demand, Slot, demand_over, demands_of, order_for, read_slots, replenish, weeks_ahead
from tools.replenishment_rules import ReplenishmentRule, ReplenishmentRules, ReplenishmentTerms
from tools.store_files import read_store
from tools.store_import import create_store, open_store

SMALL_STORE = Path(__file__).parent / "small_store"
MONDAY = date(2026, 3, 2)


def forecast_of(
    means: Mapping[SeriesKey, Sequence[float]], spread: float = 0.5, frequency: Frequency = Frequency.WEEK
) -> Forecast:
    """A forecast with intervals as wide as a share of the mean to either side."""
    mean = np.array([*means.values()], float)
    around = 1 + spread * np.linspace(-1, 1, len(LEVELS))
    return Forecast(frequency, period_of(MONDAY, frequency), (*means,), mean * around[:, None, None], mean, frozenset())


def slot(on_hand: int = 0, reserved: int = 0, **terms: int | str) -> Slot:
    return Slot("K1", "A", "Thing", "A1", on_hand, reserved, ReplenishmentTerms.model_validate(terms))


def line_for(wanted: Slot, *means: float, spread: float = 0.5, is_closed: bool = False):
    forecast = forecast_of({SeriesKey("A", "K1"): means}, spread)
    return order_for(wanted, demands_of(forecast, {SeriesKey("A", "K1"): 0}, wanted), is_closed)


def test_a_demand_lasts_as_often_as_it_says() -> None:
    chance = np.random.default_rng(1)
    for mean, variance in ((0.4, 0.4), (3.0, 3.0), (3.0, 12.0), (40.0, 300.0)):
        demand = Demand(mean, variance)
        sold = (
            chance.poisson(mean, 20_000)
            if variance == mean
            else chance.negative_binomial(mean**2 / (variance - mean), mean / variance, 20_000)
        )
        for share in (0.5, 0.9, 0.95):
            enough = demand.at_most(share)
            assert (sold <= enough).mean() >= share - 0.01
            assert enough == 0 or (sold <= enough - 1).mean() <= share + 0.01
            assert demand.chance_above(enough) == pytest.approx((sold > enough).mean(), abs=0.02)
    assert (Demand(0, 0).at_most(0.99), Demand(0, 0).chance_above(0)) == (0, 0.0)


def test_demand_goes_over_days_and_beyond_the_forecast() -> None:
    forecast = forecast_of({SeriesKey("A", "K1"): (7.0, 14.0)})
    assert demand_over(forecast, 0, 0).mean == 0
    assert demand_over(forecast, 0, 3).mean == pytest.approx(3)
    assert demand_over(forecast, 0, 9).mean == pytest.approx(7 + 4)
    assert demand_over(forecast, 0, 21).mean == pytest.approx(7 + 14 + 14)
    daily = forecast_of({SeriesKey("A", "K1"): (1.0, 2.0)}, frequency=Frequency.DAY)
    assert demand_over(daily, 0, 4).mean == pytest.approx(1 + 2 + 2 + 2)


def test_a_slot_is_filled_for_the_days_it_must_last_and_says_why() -> None:
    line = line_for(slot(on_hand=3, reserved=1, slot_capacity=30), 7.0, 7.0)
    assert line.fill_up_to == 18
    assert line.pieces == 16
    assert line.expected == pytest.approx(9)
    assert line.why == (
        "sells 7.0 a week (mostly 3 to 12); 95 % of 9 days need at most 18; 3 there, 1 of them reserved"
    )
    assert 0.5 < line.stock_out_risk < 0.8


@pytest.mark.parametrize(
    ("wanted", "pieces", "reason"),
    [
        (slot(slot_capacity=30, pack_size=6), 18, "packs of 6"),
        (slot(slot_capacity=10), 10, "the slot holds only 10"),
        (slot(slot_capacity=10, pack_size=6), 6, "room for 10"),
        (slot(on_hand=8, slot_capacity=10, pack_size=6), 0, "room for 2 only: nothing can be brought"),
        (slot(on_hand=30, slot_capacity=30), 0, "30 there"),
        (slot(on_hand=12, reserved=12, slot_capacity=30), 18, "12 of them reserved"),
        (slot(slot_capacity=30, least=25), 25, "never fewer than 25"),
    ],
)
def test_packs_slots_and_the_least(wanted: Slot, pieces: int, reason: str) -> None:
    line = line_for(wanted, 7.0)
    assert line.pieces == pieces
    assert reason in line.why


def test_nothing_for_a_closed_kiosk_and_the_least_of_what_never_sold() -> None:
    closed = line_for(slot(), 7.0, is_closed=True)
    assert (closed.pieces, closed.stock_out_risk) == (0, 0)
    assert "taken for closed" in closed.why
    unknown = replenish(no_forecast(MONDAY, Frequency.WEEK, 2), [slot(least=2), slot(on_hand=2, least=2)])
    assert [line.pieces for line in unknown] == [2, 0]
    assert unknown[0].why == "no sales are expected; 0 there; never fewer than 2"


def test_forecasts_for_orders_go_as_far_as_the_slowest_goods_take_and_no_further_than_a_year() -> None:
    assert weeks_ahead([]) == 4
    assert weeks_ahead([slot(), slot(lead_time_days=30, review_days=6), slot(lead_time_days=1)]) == 6
    assert weeks_ahead([slot(lead_time_days=365, review_days=365)]) == 52


TERMS = st.fixed_dictionaries(
    {
        "lead_time_days": st.integers(0, 30),
        "review_days": st.integers(1, 30),
        "service_percent": st.sampled_from(("50", "90", "95", "99.9")),
        "slot_capacity": st.integers(1, 60),
        "pack_size": st.integers(1, 25),
        "least": st.integers(0, 10),
    }
)


@given(
    TERMS, st.integers(0, 80), st.integers(0, 80), st.lists(st.floats(0, 40), min_size=1, max_size=4), st.floats(0, 1)
)
def test_any_order_fits(
    terms: dict[str, int | str], held: int, reserved: int, means: list[float], spread: float
) -> None:
    wanted = slot(on_hand=held, reserved=min(held, reserved), **terms)
    line = line_for(wanted, *means, spread=spread)
    assert line.pieces >= 0
    assert line.pieces % wanted.terms.pack_size == 0
    assert line.pieces == 0 or held + line.pieces <= wanted.terms.slot_capacity
    assert line.fill_up_to <= wanted.terms.slot_capacity
    if line.pieces:
        assert wanted.sellable + line.pieces - wanted.terms.pack_size < line.fill_up_to
    else:
        room = wanted.terms.slot_capacity - held
        assert wanted.sellable >= line.fill_up_to or room < wanted.terms.pack_size
    assert 0 <= line.stock_out_risk <= 1
    assert line.why


@given(st.floats(0, 30), st.floats(0, 1), st.integers(0, 20))
def test_a_higher_service_level_orders_no_less(mean: float, spread: float, held: int) -> None:
    orders = [
        line_for(slot(on_hand=held, slot_capacity=500, service_percent=service), mean, spread=spread).pieces
        for service in ("50", "80", "95", "99")
    ]
    assert orders == sorted(orders)


def test_later_rules_outweigh_earlier_ones() -> None:
    rules = ReplenishmentRules(
        slot_capacity=8,
        rules=(
            ReplenishmentRule(category="footwear", pack_size=2, least=3),
            ReplenishmentRule(kiosk="B", lead_time_days=5),
            ReplenishmentRule(sku="P1-BLACK-42", pack_size=4),
        ),
    )
    terms = rules.terms_for("B", "P1-BLACK-42", "P1", ("boots", "footwear"))
    assert (terms.pack_size, terms.least, terms.lead_time_days, terms.slot_capacity) == (4, 3, 5, 8)
    assert terms.protected_days == 12
    other = rules.terms_for("A", "P4-ONE", "P4", ("lamps",))
    assert (other.pack_size, other.least, other.lead_time_days) == (1, 1, 2)


def write_shop(folder: Path, replenishment: str) -> Path:
    shop = folder / "shop"
    shop.mkdir()
    for path in SMALL_STORE.iterdir():
        (shop / path.name).write_bytes(path.read_bytes())
    with (shop / "store.yaml").open("a", encoding="utf-8") as file:
        file.write(replenishment)
    return shop


def test_terms_stand_in_the_shops_file(tmp_path: Path) -> None:
    text = "replenishment: {slot_capacity: 20, rules: [{category: footwear, pack_size: 2}, {kiosk: B, least: 0}]}\n"
    create_store(tmp_path / "store.db", read_store(write_shop(tmp_path, text)))
    engine = open_store(tmp_path / "store.db")
    slots = {(each.kiosk_id, each.sku): each for each in read_slots(engine)}
    assert slots["A", "P1-BLACK-42"].terms == ReplenishmentTerms(slot_capacity=20, pack_size=2)
    assert slots["B", "P1-BLACK-42"].terms == ReplenishmentTerms(slot_capacity=20, pack_size=2, least=0)
    assert slots["A", "P4-ONE"].terms == ReplenishmentTerms(slot_capacity=20)
    assert slots["A", "P3-GREEN-M"].name == "Lune Halden, green, M"
    assert {each.kiosk_id for each in read_slots(engine, "B")} == {"B"}
    with Session(engine) as session:
        session.get_one(Stock, ("A", "P4-ONE")).reserved = 1
        session.commit()
    assert {each.sku: each.sellable for each in read_slots(engine, "A")}["P4-ONE"] == 3
    engine.dispose()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{pack_size: 0}", "pack_size"),
        ("{service_percent: 100}", "service_percent"),
        ("{colour: red}", "colour"),
        ("{rules: [{category: footwaer, pack_size: 2}]}", "footwear"),
        ("{rules: [{kiosk: Z, pack_size: 2}]}", "unknown kiosk 'Z'"),
        ("{rules: [{sku: P1-BLACK-24, pack_size: 2}]}", "unknown sku 'P1-BLACK-24'; did you mean 'P1-BLACK-42'?"),
        ("{rules: [{product_id: P9, pack_size: 2}]}", "unknown product_id 'P9'"),
        ("{rules: [{kiosk: A}]}", "a rule must say something"),
    ],
)
def test_terms_that_are_wrong_are_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(OwnerFilesError) as raised:
        read_store(write_shop(tmp_path, f"replenishment: {text}\n"))
    assert problem in " ".join(str(each) for each in raised.value.problems)


def test_an_order_is_a_table_that_a_delivery_is_received_by(tmp_path: Path) -> None:
    forecast = forecast_of({SeriesKey("A", "K1"): (7.0,), SeriesKey("B", "K1"): (70.0,), SeriesKey("C", "K1"): (0.0,)})
    terms = ReplenishmentTerms(slot_capacity=200, least=0)
    slots = [Slot("K1", sku, name, "", 0, 0, terms) for sku, name in (("A", "=1+1"), ("B", 'a "b", c'), ("C", "c"))]
    lines = replenish(forecast, slots)
    assert [line.sku for line in lines] == ["B", "A", "C"]
    path = tmp_path / "order.csv"
    number = order_number(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert write_order(lines, number, path) == 2
    rows = [*csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    assert [(row["sku"], row["name"], row["why"]) for row in rows] == [
        ("B", 'a "b", c', lines[0].why),
        ("A", "'=1+1", lines[1].why),
    ]
    note = read_delivery(path)
    assert (note.number, note.pieces) == ("20260304-050607", sum(line.pieces for line in lines))
    with pytest.raises(OperatorError, match="cannot be written"):
        write_order(lines, number, tmp_path)
