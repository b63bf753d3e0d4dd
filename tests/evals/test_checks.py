"""Scoring: a dialogue passes only when the store ended as it should and the words were right."""

import json
import logging
import shutil
from pathlib import Path

import pytest

from agent.state import TurnReport
from evals.checks import check_turn, evidence_matches, line_matches, matches_exactly, plain
from evals.dialogue import DialogueRun, Stage, run_dialogue
from evals.report import percentile, summarise
from evals.scenario import ExpectedEvidence, ExpectedLine, ExpectedTurn, Scenario, StoreChange
from evals.store_state import OrderLineState, StoreTemplate, apply_change, read_state
from evals.suite import SuiteOptions, choose, run_suite
from server.error_boundary import ErrorBoundary
from tests.evals.small_shop import SKU, SmallShop, fill, open_small_shop
from tools.database import Promotion, open_database, read_transaction, utc_now
from tools.errors import OperatorError
from tools.evidence import Evidence
from tools.money import Money


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that is filled once and copied for each test."""
    path = tmp_path_factory.mktemp("filled") / "store.db"
    engine = open_database(path)
    fill(engine)
    engine.dispose()
    return path


@pytest.fixture
def shop(filled: Path, tmp_path: Path) -> SmallShop:
    return SmallShop(open_database(Path(shutil.copy(filled, tmp_path / "store.db"))))


@pytest.fixture
def stage(shop: SmallShop, tmp_path: Path) -> Stage:
    template = StoreTemplate(tmp_path / "store.db", tmp_path / "template.db")
    return Stage(engine=shop.engine, template=template, terminal=shop.terminal, dispenser=shop.dispenser)


async def played(shop: SmallShop, stage: Stage, *turns: str | dict, **rest: object) -> DialogueRun:
    listed = [turn if isinstance(turn, dict) else {"say": turn} for turn in turns]
    scenario = Scenario.model_validate({"id": "one", "turns": listed, **rest})
    return await run_dialogue(shop.new_session, stage, scenario)


async def test_a_sale_passes_and_each_run_starts_fresh(shop: SmallShop, stage: Stage) -> None:
    expect = {
        "orders": [{"state": "closed", "lines": [{"product": "P1", "colour": "black"}], "total_minor": 9_995}],
        "sold": [{"sku": SKU}],
        "stock": {SKU: -1, "K2/" + SKU: 0},
        "said": ["paid: $99.95"],
        "tools_ran": ["confirm_order"],
    }
    for _ in range(2):
        run = await played(shop, stage, "hello", "buy", customer="C1", expect=expect)
        assert run.passed, run.failures
    assert shop.opened == shop.closed == 2
    assert len(run.turn_ms) == 2


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        ({"sold": []}, "found ['1 P1-BLACK-42']"),
        ({"orders": [{"state": "cancelled"}]}, "closed: 1 P1-BLACK-42 for 9995 USD"),
        ({"orders": [{"state": "closed", "lines": [{"sku": SKU, "quantity": 2}]}]}, "expected orders"),
        ({"stock": {SKU: -2}}, "should have changed by -2, it changed by -1"),
        ({"stock": {"NONE": 0}}, "no kiosk has NONE"),
        ({"feedback": 1}, "expected 1 pieces"),
        ({"feedback": [{"has": "quick"}]}, "found none"),
    ],
)
async def test_a_wrong_end_is_told(shop: SmallShop, stage: Stage, expect: dict, problem: str) -> None:
    run = await played(shop, stage, "buy", expect=expect)
    assert not run.end_state_is_right
    assert any(problem in failure.problem for failure in run.failures)


async def test_words_and_tools_over_the_whole_dialogue(shop: SmallShop, stage: Stage) -> None:
    expect = {"said": ["goodbye"], "never_said": ["PAID"], "tools_never": ["confirm_order"], "tools_ran": ["search"]}
    run = await played(shop, stage, "buy", expect=expect)
    assert run.end_state_is_right
    assert [failure.kind for failure in run.failures] == ["said"] * 4


async def test_feedback_is_found(shop: SmallShop, stage: Stage) -> None:
    expect = {"feedback": [{"has": "quick", "rating": 5, "about_order": False}]}
    assert (await played(shop, stage, "praise", expect=expect)).passed


async def test_goods_that_go_without_an_order_are_noticed(shop: SmallShop, stage: Stage) -> None:
    run = await played(shop, stage, "steal")
    assert [failure.problem for failure in run.failures] == [f"the stock of K1/{SKU} changed by -1, but 0 came out"]


async def test_a_turn_without_reply_or_with_an_error_fails_and_the_dialogue_goes_on(
    shop: SmallShop, stage: Stage
) -> None:
    run = await played(shop, stage, "mute", "crash", "hello")
    assert [(failure.turn, failure.problem) for failure in run.failures] == [
        (1, "there was no reply"),
        (2, "the turn ended in RuntimeError: a defect"),
    ]
    assert [turn.utterance for turn in run.turns] == ["mute", "crash", "hello"]


async def test_hardware_fails_as_scripted_and_works_again_in_the_next_dialogue(shop: SmallShop, stage: Stage) -> None:
    declined = await played(shop, stage, "buy", store={"terminal": ["decline", "decline"]}, expect={"sold": []})
    assert declined.passed, declined.failures
    assert (await played(shop, stage, "buy", expect={"sold": [{"sku": SKU}]})).passed


async def test_store_changes_before_and_between_turns_are_not_blamed_on_the_dialogue(
    shop: SmallShop, stage: Stage
) -> None:
    turns = ({"say": "hello"}, {"say": "buy", "store": {"stock": {"P1": 9}}})
    run = await played(shop, stage, *turns, store={"stock": {"K2/P1": 0}}, expect={"stock": {SKU: -1}})
    assert run.passed, run.failures


@pytest.mark.parametrize("rest", [{"customer": "C9"}, {"store": {"stock": {"P9": 1}}}])
async def test_a_scenario_that_cannot_be_played_has_failed(shop: SmallShop, stage: Stage, rest: dict) -> None:
    run = await played(shop, stage, "hello", **rest)
    assert not run.end_state_is_right
    assert "could not be played" in run.failures[0].problem
    assert shop.opened == shop.closed


async def test_the_next_customer_is_someone_else(shop: SmallShop, stage: Stage) -> None:
    turns = ({"say": "hello"}, {"say": "buy", "next_customer": {"kiosk": "K2"}})
    run = await played(shop, stage, *turns, customer="C1", expect={"stock": {f"K2/{SKU}": -1}})
    assert run.passed, run.failures
    assert shop.opened == shop.closed == 2


def test_promotions_move_with_the_date(shop: SmallShop) -> None:
    today = utc_now().date()
    apply_change(shop.engine, StoreChange.model_validate({"date": "2020-02-28"}), "K1")
    with read_transaction(shop.engine) as session:
        promotion = session.get(Promotion, "R1")
        assert promotion is not None
        assert promotion.ends_on == today


def test_unknown_goods_are_an_error(shop: SmallShop) -> None:
    for change in ({"stock": {"P9": 1}}, {"prices": {"P9": 1}}):
        with pytest.raises(OperatorError, match="P9"):
            apply_change(shop.engine, StoreChange.model_validate(change), "K1")


def test_restoring_brings_back_everything(shop: SmallShop, stage: Stage) -> None:
    before = read_state(shop.engine)
    apply_change(shop.engine, StoreChange.model_validate({"stock": {"P1": 0}}), "K1")
    assert read_state(shop.engine) != before
    stage.set()
    assert read_state(shop.engine) == before


def report(**fields: object) -> TurnReport:
    return TurnReport.model_validate(
        {"utterance": "", "language": "en", "intent": "find", "reply": "A reply", **fields}
    )


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        ({"intent": ["buy", "price"]}, "the intent should be buy or price, it was find"),
        ({"language": "es"}, "the language should be es"),
        ({"reply_has": "nothing"}, "the reply should have 'nothing', it was 'A reply'"),
        ({"reply_has_any": ["b", "c"]}, "should have one of ['b', 'c']"),
        ({"reply_lacks": "A REPLY"}, "should not have"),
        ({"reply_matches": "^x"}, "should match '^x'"),
        ({"products": "P1"}, "P1 should be shown, shown was nothing"),
        ({"first_product": "P1"}, "P1 should be shown first"),
        ({"in_stock": True}, "should be in stock"),
        ({"price_minor": 5}, "the first price should be 5, it was none"),
        ({"tools": "search"}, "the tool search should run"),
        ({"checkout_stage": "reserved"}, "the checkout should be reserved, it was none"),
        ({"cart": [{"sku": "A"}]}, "it was empty"),
        ({"evidence_has": {"kind": "price"}}, "no evidence is"),
    ],
)
def test_a_wrong_turn_is_told(expect: dict, problem: str) -> None:
    [failure] = check_turn(ExpectedTurn.model_validate(expect), report(), 3)
    assert problem in failure.problem
    assert failure.turn == 3


def test_a_right_turn_has_no_failures() -> None:
    expect = {
        "intent": "find",
        "reply_has": "costs $5.00",
        "checkout_stage": "none",
        "no_products": True,
        "cart": [],
        "evidence_has": {"kind": "price", "facts": {"price": "5.00 USD", "sizes": "L", "here": "true"}},
    }
    price = {"amount_minor": 500, "currency": "USD"}
    evidence = [{"kind": "price", "subject": "P1", "facts": {"price": price, "sizes": ("M", "L"), "here": True}}]
    given = report(reply="It  COSTS\u00a0$5.00.", evidence=evidence)
    assert check_turn(ExpectedTurn.model_validate(expect), given, 1) == []


def test_evidence_of_another_amount_does_not_match() -> None:
    item = Evidence(kind="price", subject="P1", facts={"price": Money(amount_minor=500, currency="USD")})
    assert evidence_matches(ExpectedEvidence(facts={"price": "500"}), item)
    assert not evidence_matches(ExpectedEvidence(facts={"price": "50.0 USD"}), item)
    assert not evidence_matches(ExpectedEvidence(facts={"total": "500"}), item)


def test_pairs_are_found_whatever_the_order() -> None:
    lines = [
        OrderLineState(sku=sku, product_id=sku[:2], colour="", size="", quantity=1, dispensed=0)
        for sku in ("P1-A", "P1-B")
    ]
    assert matches_exactly([ExpectedLine(product="P1"), ExpectedLine(sku="P1-A")], lines, line_matches)
    assert not matches_exactly([ExpectedLine(sku="P1-A"), ExpectedLine(sku="P1-A")], lines, line_matches)
    assert not matches_exactly([ExpectedLine(product="P1")], lines, line_matches)


def test_plain_text_ignores_case_and_kinds_of_space() -> None:
    assert plain("1\u202f000\u00a0€  STRASSE") == plain("1 000 € straße")


def run_of(scenario: str, passed: bool, *turn_ms: float) -> DialogueRun:
    return DialogueRun(
        scenario=scenario,
        tags=(),
        repeat=1,
        started_at=utc_now(),
        passed=passed,
        failures=[],
        turn_ms=list(turn_ms),
        turns=[],
    )


def test_summary_counts_runs_and_steady_scenarios() -> None:
    summary = summarise([run_of("a", True, 1, 2), run_of("a", False, 3), run_of("b", True, 4)])
    assert (summary.runs, summary.passed, summary.scenarios, summary.steady) == (3, 2, 2, 1)
    assert (summary.p50_ms, summary.p95_ms) == (2, 4)
    assert percentile([], 50) == 0


def scenarios(*ids_and_tags: tuple[str, str]) -> list[Scenario]:
    return [
        Scenario.model_validate({"id": name, "tags": tag, "turns": [{"say": "hello"}]}) for name, tag in ids_and_tags
    ]


def test_scenarios_are_chosen_by_pattern_tag_and_sample() -> None:
    known = scenarios(("buy-one", "buy"), ("buy-two", "buy"), ("find-one", "find"), ("find-two", "find"))
    assert [item.id for item in choose(known, "one", [], 0)] == ["buy-one", "find-one"]
    assert [item.id for item in choose(known, "buy-*", [], 0)] == ["buy-one", "buy-two"]
    assert [item.id for item in choose(known, "", ["find"], 0)] == ["find-one", "find-two"]
    assert [item.id for item in choose(known, "", [], 2)] == ["buy-one", "find-one"]
    with pytest.raises(OperatorError, match="no scenario"):
        choose(known, "xyz", [], 0)


def test_what_nobody_could_say_is_not_spoken() -> None:
    endless = Scenario.model_validate({"id": "endless", "turns": [{"say": "blah ", "times": 300}]})
    known = [*scenarios(("short", "buy")), endless]
    assert [item.id for item in choose(known, "", [], 0, is_spoken=True)] == ["short"]
    assert choose(known, "", [], 0) == known


@pytest.mark.parametrize(("require", "code"), [(0.5, 0), (0.9, 1)])
def test_a_suite_is_played_logged_and_judged(
    require: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WALKIOSK_HOME", str(tmp_path / "home"))
    handlers = logging.getLogger().handlers[:]
    chosen = [
        Scenario.model_validate(
            {"id": "good", "tags": ["buy"], "turns": [{"say": "buy"}], "expect": {"sold": [{"sku": SKU}]}}
        ),
        Scenario.model_validate({"id": "bad", "turns": [{"say": "hello"}], "expect": {"said": ["never"]}}),
    ]
    options = SuiteOptions(repeat=2, out=tmp_path / "out" / "runs.jsonl", require=require)
    try:
        assert run_suite(chosen, options, ErrorBoundary(), open_small_shop) == code
    finally:
        logging.getLogger().handlers[:] = handlers
    lines = [json.loads(line) for line in (tmp_path / "out" / "runs.jsonl").read_text().splitlines()]
    assert [(line["scenario"], line["repeat"]) for line in lines] == [("good", 1), ("bad", 1), ("good", 2), ("bad", 2)]
    assert lines[0]["turns"][0]["intent"] == "buy"
    out = " ".join(capsys.readouterr().out.split())
    assert "2 of 4 runs passed (50.0%)" in out
    assert "1 of 2 scenarios passed every run" in out
    assert "'never' was never said" in out
    assert not list((tmp_path / "home").glob("store.db*"))
