"""The figures of the morning report, each section on a real store whose rows are counted by hand."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.busy_shop import add_feedback, order
from tools.checkout_table import State
from tools.database import Product, Stock, StoreSetting
from tools.database_address import name_of
from tools.errors import OperatorError
from tools.feedback_themes.comments import Period
from tools.feedback_themes.kept_summary import keep_summary, last_summary
from tools.feedback_themes.summary import FeedbackSummary, ThemeSummary, ToneCounts
from tools.feedback_themes.taxonomy import Tone
from tools.feedback_themes.urgency import Trend
from tools.health import HealthBook, Signal
from tools.morning_report.report import Places, make_report
from tools.morning_report.sales import read_sales_figures
from tools.morning_report.scope import Scope, open_scope, read_facts
from tools.morning_report.shortages import read_shortages
from tools.morning_report.troubles import read_troubles
from tools.morning_report.urgent import Level
from tools.morning_report.voices import read_voices
from tools.morning_report.wellbeing import read_wellbeing
from tools.store_import import open_store
from tools.unmet_wishes import Lack, VainWish, WishBook

MIDNIGHT = datetime(2026, 11, 26, 23, tzinfo=UTC)
"""In Oslo, where the shop is."""
NOW = MIDNIGHT + timedelta(hours=8)
WEEK = Period(MIDNIGHT - timedelta(days=7), MIDNIGHT)


@pytest.fixture
def engine(tmp_path: Path, small_shop: Callable[[Path], Path]) -> Iterator[Engine]:
    engine = open_store(small_shop(tmp_path / "store.db"))
    with Session(engine) as session:
        session.merge(StoreSetting(key="imported_at", value=(NOW - timedelta(days=3)).isoformat()))
        for row in session.exec(select(Stock)):
            row.listed_at = NOW - timedelta(days=40)
        session.commit()
    yield engine
    engine.dispose()


def scope_of(engine: Engine, kiosk_id: str | None = None) -> Scope:
    return open_scope(engine, read_facts(engine), WEEK, NOW, kiosk_id)


def sell(engine: Engine, *sales: tuple[str, str, str, datetime, State, str, int]) -> None:
    """Orders: number, kiosk, SKU, when, state, trouble, pieces that came out."""
    with Session(engine) as session:
        for order_id, kiosk, sku, at, state, trouble, dispensed in sales:
            product = session.get_one(Product, sku.split("-")[0])
            session.add_all(order(order_id, kiosk, sku, product, at, state, trouble, dispensed, slot=f"{kiosk}1"))
        session.commit()


def sold(order_id: str, kiosk: str, sku: str, at: datetime) -> tuple[str, str, str, datetime, State, str, int]:
    return (order_id, kiosk, sku, at, State.CLOSED, "", 1)


def test_sales_beside_the_week_before(engine: Engine) -> None:
    minute = timedelta(minutes=1)
    sell(
        engine,
        sold("1", "A", "P1-BLACK-42", MIDNIGHT - minute),
        sold("2", "A", "P1-BLACK-42", WEEK.since),
        sold("3", "B", "P4-ONE", WEEK.since + timedelta(days=2)),
        sold("4", "A", "P4-ONE", WEEK.since - minute),
        sold("5", "A", "P4-ONE", WEEK.before.since - minute),
        sold("6", "A", "P4-ONE", MIDNIGHT + minute),
        ("7", "A", "P2-BLACK-41", WEEK.since + minute, State.REFUNDED, "", 1),
        ("8", "A", "P2-BLACK-41", WEEK.since + minute, State.VOIDED, "dispense-failed", 0),
    )
    figures = read_sales_figures(scope_of(engine))
    assert (figures.total.now.orders, figures.total.now.revenue.amount_minor) == (3, 27_000)
    assert (figures.total.before.orders, figures.total.before.revenue.amount_minor) == (1, 3_000)
    assert [(one.key, one.now.pieces, one.before.pieces) for one in figures.kiosks] == [("A", 2, 1), ("B", 1, 0)]
    assert [(one.name, one.now.pieces) for one in figures.products] == [("Fjord Strider", 2), ("Lune Beam", 1)]
    assert [day.revenue.amount_minor for day in figures.days] == [12_000, 0, 3_000, 0, 0, 0, 12_000]
    assert [day.revenue_before.amount_minor for day in figures.days] == [0, 0, 0, 0, 0, 0, 3_000]
    assert (figures.refunds, figures.refunded.amount_minor, figures.had_before) == (1, 4_550, True)
    only_b = read_sales_figures(scope_of(engine, "B"))
    assert (only_b.total.now.orders, [one.key for one in only_b.kiosks]) == (1, ["B"])


def test_empty_slots_and_wishes_in_vain(engine: Engine) -> None:
    wish = VainWish(lack=Lack.SOLD_OUT, product_id="P1", sku="P1-GREEN-43", category="boots", colour="green", size="43")
    other = VainWish(lack=Lack.NOT_SOLD, category="lamps", colour="gold")
    book = WishBook(engine, lambda: datetime(2026, 11, 26, 12, tzinfo=UTC))
    book.note("A", [wish, other])
    book.note("B", [wish])
    shortages = read_shortages(scope_of(engine), None)
    [slot] = shortages.slots
    assert (slot.kiosk, slot.name, slot.is_empty_now, slot.lost) == ("Station", "Fjord Strider, green, 43", True, None)
    assert slot.lasted == timedelta(days=3)
    assert (shortages.empty_now, shortages.lost, shortages.wishes) == (1, None, 3)
    assert [(one.name, one.colour, one.kiosks, one.count, one.lack) for one in shortages.wanted] == [
        ("Fjord Strider", "green", ("Harbour", "Station"), 2, Lack.SOLD_OUT),
        ("", "gold", ("Station",), 1, Lack.NOT_SOLD),
    ]
    assert read_shortages(scope_of(engine, "B"), None).wishes == 1


def test_troubles_that_somebody_must_look_at(engine: Engine) -> None:
    long_ago = NOW - timedelta(days=60)
    sell(
        engine,
        ("open", "A", "P1-BLACK-42", long_ago, State.DISPENSING, "", 0),
        ("busy", "A", "P1-BLACK-42", NOW - timedelta(minutes=1), State.DISPENSING, "", 0),
        ("unpaid", "B", "P4-ONE", NOW - timedelta(hours=3), State.UNPAID, "", 1),
        ("jam1", "A", "P4-ONE", NOW - timedelta(hours=2), State.VOIDED, "dispense-failed", 0),
        ("jam2", "A", "P4-ONE", NOW - timedelta(hours=1), State.VOIDED, "dispense-failed", 0),
        ("jam0", "A", "P4-ONE", long_ago, State.VOIDED, "dispense-failed", 0),
        sold("fine", "A", "P4-ONE", NOW - timedelta(hours=1)),
    )
    troubles = read_troubles(scope_of(engine))
    assert [(one.order_id, one.goods) for one in troubles.open] == [("open", "1 × Fjord Strider, black, 42")]
    assert [one.order_id for one in troubles.unpaid] == ["unpaid"]
    assert [(one.kiosk, one.slot, one.failures) for one in troubles.jammed] == [("Station", "A1", 2)]
    assert (troubles.failed, troubles.failed_before, troubles.paid_orders) == (2, 0, 1)
    assert read_troubles(scope_of(engine, "B")).open == ()


def theme(label: str, severity: int, trend: Trend | None) -> ThemeSummary:
    return ThemeSummary(
        theme=label,
        label=label,
        tone=Tone.COMPLAINT,
        severity=severity,
        urgency=1,
        comments=4,
        voices=4,
        comments_before=0,
        voices_before=0,
        trend=trend,
        tones=ToneCounts(complaint=4),
        mean_rating=None,
        sentences=(),
        quotes=(),
        feedback_ids=(),
    )


def summary_until(until: datetime, *themes: ThemeSummary) -> FeedbackSummary:
    return FeedbackSummary(
        shop="Corner Goods",
        kiosk_id=None,
        language="en",
        since=until - timedelta(days=7),
        until=until,
        comments=4,
        voices=4,
        comments_before=0,
        tones=ToneCounts(complaint=4),
        mean_rating=None,
        themes=themes,
        unsorted_ids=(),
        nothing_ids=(),
        notes=(),
    )


def test_voices_are_the_last_summary_and_what_came_after_it(engine: Engine, tmp_path: Path) -> None:
    add_feedback(engine, "A", [("it jammed", 1), ("lovely", 5), ("an older one", 2)], NOW)
    voices = read_voices(scope_of(engine), tmp_path)
    assert (voices.summary, voices.comments, voices.latest[0].text) == (None, 3, "it jammed")
    made_at = NOW - timedelta(hours=2, minutes=30)
    store = name_of(engine.url)
    keep_summary(tmp_path, store, summary_until(made_at, theme("jams", 3, None)), made_at)
    voices = read_voices(scope_of(engine), tmp_path)
    assert ([one.label for one in voices.themes], voices.since_summary, voices.is_stale) == (["jams"], 2, False)
    assert read_voices(scope_of(engine, "A"), tmp_path).is_of_all_kiosks
    keep_summary(tmp_path, store, summary_until(NOW - timedelta(days=2)), NOW - timedelta(days=2))
    assert read_voices(scope_of(engine), tmp_path).is_stale


def test_a_kept_summary_that_is_damaged_counts_as_none(tmp_path: Path) -> None:
    keep_summary(tmp_path, "store", summary_until(NOW), NOW)
    [file] = tmp_path.iterdir()
    file.write_text("{", encoding="utf-8")
    assert last_summary(tmp_path, "store") is None


def test_health_is_told_by_kiosk(engine: Engine) -> None:
    for at, kiosk in ((NOW - timedelta(hours=1), "A"), (NOW - timedelta(days=9), "B")):
        book = HealthBook(engine, lambda at=at: at)
        book.count(kiosk, Signal.TURN, 400, times=9)
        book.count(kiosk, Signal.TURN_FAILED)
        book.save()
    wellbeing = read_wellbeing(scope_of(engine))
    assert [(one.name, one.turns.used, one.turns.failed) for one in wellbeing.kiosks] == [("Station", 10, 1)]
    assert (wellbeing.total.turns.failed_share, wellbeing.before.turns.used) == (0.1, 10)


def test_the_most_urgent_comes_first(engine: Engine, tmp_path: Path) -> None:
    sell(
        engine,
        ("open", "A", "P1-BLACK-42", NOW - timedelta(hours=1), State.DISPENSING, "", 0),
        *((f"jam{n}", "A", "P4-ONE", NOW - timedelta(hours=2), State.VOIDED, "dispense-failed", 0) for n in range(2)),
    )
    themes = (theme("slow", 1, Trend.NEW), theme("hurt", 3, None))
    keep_summary(tmp_path, name_of(engine.url), summary_until(NOW, *themes), NOW)
    report = make_report(scope_of(engine), Places(tmp_path / "none", tmp_path))
    assert [(matter.level, matter.what) for matter in report.urgent] == [
        (Level.NOW, "severe-theme"),
        (Level.NOW, "open-orders"),
        (Level.TODAY, "jammed-slot"),
        (Level.TODAY, "growing-theme"),
        (Level.SOON, "bring-goods"),  # nobody is known to miss what is not there
    ]


def test_a_shop_that_sold_nothing_has_a_report_without_forecasts(engine: Engine, tmp_path: Path) -> None:
    report = make_report(scope_of(engine), Places(tmp_path / "none", tmp_path))
    assert set(report.problems) == {"outlook"}
    assert "nothing was sold yet" in report.problems["outlook"]
    assert report.orders.found is not None
    [order] = report.orders.found.kiosks
    assert [(line.sku, line.pieces) for line in order.lines] == [("P1-GREEN-43", 1)]  # as `replenish` orders
    assert report.sales.found is not None
    assert report.sales.found.total.now.orders == 0


@pytest.mark.parametrize(
    ("table", "missing"),
    [("feedback", "voices"), ("healthcount", "wellbeing"), ("unmetwish", "shortages"), ("orderline", "sales")],
)
def test_a_part_that_fails_says_so_and_the_rest_is_made(
    engine: Engine, tmp_path: Path, table: str, missing: str
) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.commit()
    report = make_report(scope_of(engine), Places(tmp_path / "none", tmp_path))
    assert f"no such table: {table}" in report.problems[missing]
    assert len(report.problems) < 7


def test_a_kiosk_that_is_not_there(engine: Engine) -> None:
    with pytest.raises(OperatorError, match="this store has A, B"):
        scope_of(engine, "Z")
