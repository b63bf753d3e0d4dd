"""Scenario files: what is written comes out typed, and every mistake is named with its place."""

from pathlib import Path

import pytest

import evals
from agent.settings import DEMO_STORE
from evals.scenario import Scenario, StoreChange, load_scenarios
from tools.errors import OperatorError
from tools.owner_files import OwnerFilesError
from tools.store_files import read_store

WHOLE = """
id: whole
tags: [buy, graph]
customer: C1
kiosk: K1
language: es
store:
  stock: {P1: 0, K2/P1-BLACK-42: 3}
  prices: {P1: 100}
  date: 2026-11-20
  terminal: decline
  dispenser: [ok, jam]
turns:
  - say: "  hola "
    expect: {intent: find, reply_has: Hola, products: [P1], no_products: false, reply_matches: "a|b"}
  - {say: x, times: 10000, store: {stock: {P1: 2}}}
  - say: ""
    next_customer: {customer: C2}
expect:
  orders: [{state: closed, lines: [{product: P1, size: "42"}], total_minor: 100}]
  sold: []
  stock: {P1-BLACK-42: -1}
  feedback: [{has: quick, rating: 5}]
  never_said: [secret]
"""


def write(folder: Path, text: str, name: str = "one.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_whole_scenario_is_read(tmp_path: Path) -> None:
    [scenario] = load_scenarios(write(tmp_path, WHOLE))
    assert scenario.turns[0].say == "  hola "
    assert scenario.turns[0].expect.intent == ("find",)
    assert len(scenario.turns[1].utterance) == 10_000
    assert scenario.turns[2].next_customer is not None
    assert scenario.store.stock == {"P1": 0, "K2/P1-BLACK-42": 3}
    assert scenario.store.terminal == ("decline",)
    assert scenario.expect.sold == []
    assert scenario.expect.stock == {"P1-BLACK-42": -1}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("tursn: []", r"one\.yaml:3:1: unknown key 'tursn'; did you mean 'turns'\?"),
        ("expect: {order: []}", r"one\.yaml:3:\d+: unknown key 'expect.order'"),
        ("store: {terminal: explode}", r"one\.yaml:3:\d+: store.terminal: 'explode' is none of ok, decline"),
        ("store: {stock: {P1: many}}", r"one\.yaml:3:\d+: store.stock.P1: "),
        ("expect: {sold: [{quantity: 1}]}", r"one\.yaml:3:\d+: expect.sold.0: a line needs a sku or a product"),
        ("id: again", r"one\.yaml:3:1: 'id' is there twice"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(OwnerFilesError, match=problem):
        load_scenarios(write(tmp_path, f"id: one\nturns: [{{say: hello}}]\n{line}\n"))


def test_bad_regular_expression_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(OwnerFilesError, match="not a regular expression"):
        load_scenarios(write(tmp_path, "id: one\nturns: [{say: hello, expect: {reply_matches: '('}}]\n"))


def test_an_id_belongs_to_one_scenario(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        write(tmp_path, "id: same\nturns: [{say: hello}]\n", name)
    with pytest.raises(OwnerFilesError, match=r"b\.yaml:1:1: another scenario has the id 'same'"):
        load_scenarios(tmp_path)


def test_no_scenarios_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="no scenarios"):
        load_scenarios(tmp_path)
    with pytest.raises(OwnerFilesError, match="missing"):
        load_scenarios(tmp_path / "none.yaml")


def test_the_projects_own_scenarios_are_well_written() -> None:
    assert load_scenarios(Path(evals.__file__).parent / "scenarios")


def changes_in(scenario: Scenario) -> list[StoreChange]:
    return [scenario.store, *(turn.store for turn in scenario.turns if turn.store)]


def goods_in(scenario: Scenario) -> set[str]:
    """Every product and SKU that a scenario names, without kiosks."""
    expected = [turn.expect for turn in scenario.turns]
    orders = [line for order in scenario.expect.orders or [] for line in order.lines or []]
    lines = [*orders, *(scenario.expect.sold or []), *(line for turn in expected for line in turn.cart or [])]
    named = [goods for turn in expected for goods in (*turn.products, *turn.products_lack, turn.first_product)]
    named += [goods for change in changes_in(scenario) for goods in (*change.stock, *change.prices)]
    named += [goods for change in changes_in(scenario) for goods in change.descriptions]
    named += [*scenario.expect.stock, *(line.sku for line in lines), *(line.product for line in lines)]
    return {goods.rpartition("/")[2] for goods in named if goods}


def people_in(scenario: Scenario) -> set[str]:
    later = [turn.next_customer.customer for turn in scenario.turns if turn.next_customer]
    return {customer for customer in (scenario.customer, *later) if customer}


def test_the_projects_own_scenarios_name_only_what_the_demo_store_has() -> None:
    store = read_store(DEMO_STORE)
    goods = {variant.sku for variant in store.variants} | {product.product_id for product in store.products}
    people = {customer.customer_id for customer in store.customers}
    kiosks = {kiosk.id for kiosk in store.store.kiosks}
    for scenario in load_scenarios(Path(evals.__file__).parent / "scenarios"):
        assert goods_in(scenario) <= goods, scenario.id
        assert people_in(scenario) <= people, scenario.id
        assert {scenario.kiosk or "", *(key.rpartition("/")[0] for key in scenario.expect.stock)} <= {"", *kiosks}
