"""What the owner should look at first: the sections' figures come in, the matters that cannot wait go out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from tools.feedback_themes.taxonomy import Tone
from tools.feedback_themes.urgency import Trend
from tools.money import Money
from tools.morning_report.orders_to_place import OrdersToPlace
from tools.morning_report.sales import SalesFigures
from tools.morning_report.scope import Scope
from tools.morning_report.shortages import Shortages
from tools.morning_report.troubles import Troubles
from tools.morning_report.voices import Voices
from tools.morning_report.wellbeing import Part, Wellbeing

MOST_MATTERS = 8
OFTEN = 3
"""A slot that failed so often will fail again."""
FAILED_SHARE = 0.02
ENOUGH_USES = 20
"""Of fewer uses a share says nothing."""
SLOW_MS = 8_000
FALL = 0.7
"""Sales below so much of those before are worth a look, if there were enough of them."""
ENOUGH_ORDERS = 20
SILENT_FOR = timedelta(days=2)
USUAL_ORDERS_A_DAY = 2.0


class Level(StrEnum):
    """How soon: at once, today, or when there is time."""

    NOW = "now"
    TODAY = "today"
    SOON = "soon"


@dataclass(frozen=True)
class Matter:
    """Something to look at: `what` names the message that says it, `facts` fill that in, `section` tells more of it."""

    level: Level
    what: str
    section: str
    weight: float = 0.0
    facts: Mapping[str, int | float | str | Money] = field(default_factory=dict[str, int])


_ORDER = {Level.NOW: 0, Level.TODAY: 1, Level.SOON: 2}


def most_urgent(
    scope: Scope,
    *,
    orders: OrdersToPlace | None,
    shortages: Shortages | None,
    troubles: Troubles | None,
    sales: SalesFigures | None,
    voices: Voices | None,
    wellbeing: Wellbeing | None,
) -> tuple[Matter, ...]:
    """The matters, the most urgent first; sections that are missing add none."""
    found = [
        *(_of_troubles(troubles) if troubles else ()),
        *(_of_sales(scope, sales) if sales else ()),
        *(_of_voices(voices) if voices else ()),
        *(_of_shortages(shortages) if shortages else ()),
        *(_of_orders(orders) if orders else ()),
        *(_of_wellbeing(wellbeing) if wellbeing else ()),
    ]
    return tuple(sorted(found, key=lambda matter: (_ORDER[matter.level], -matter.weight)))[:MOST_MATTERS]


def _of_troubles(troubles: Troubles) -> Iterator[Matter]:
    if troubles.open_in_all:
        yield Matter(Level.NOW, "open-orders", "troubles", 3, {"count": troubles.open_in_all})
    if troubles.unpaid_in_all:
        yield Matter(Level.NOW, "unpaid-orders", "troubles", 2, {"count": troubles.unpaid_in_all})
    for slot in troubles.jammed:
        level = Level.NOW if slot.failures >= OFTEN else Level.TODAY
        facts = {"slot": slot.slot, "kiosk": slot.kiosk, "name": slot.name, "count": slot.failures}
        yield Matter(level, "jammed-slot", "troubles", slot.failures / 100, facts)


def _of_sales(scope: Scope, sales: SalesFigures) -> Iterator[Matter]:
    days = max(len(sales.days), 1)
    for kiosk in sales.kiosks:
        last = sales.last_sale_at.get(kiosk.key)
        usual = max(kiosk.before.orders, kiosk.now.orders) / days
        if last and scope.now - last >= SILENT_FOR and usual >= USUAL_ORDERS_A_DAY:
            facts = {"kiosk": kiosk.name, "days": (scope.now - last).days}
            yield Matter(Level.NOW, "silent-kiosk", "sales", 4, facts)
    before, now = sales.total.before, sales.total.now
    if before.orders >= ENOUGH_ORDERS and now.revenue.amount_minor < FALL * before.revenue.amount_minor:
        fall = 1 - now.revenue.amount_minor / before.revenue.amount_minor
        yield Matter(Level.SOON, "sales-fell", "sales", fall, {"share": fall})


def _of_voices(voices: Voices) -> Iterator[Matter]:
    for theme in voices.themes:
        if theme.tone is not Tone.COMPLAINT:
            continue
        facts = {"theme": theme.label, "count": theme.voices}
        if theme.severity >= 3:
            yield Matter(Level.NOW, "severe-theme", "voices", 5, facts)
        elif theme.severity == 2 or theme.trend in (Trend.NEW, Trend.GROWING):
            yield Matter(Level.TODAY, "growing-theme", "voices", theme.urgency / 100, facts)


def _of_shortages(shortages: Shortages) -> Iterator[Matter]:
    lost = shortages.lost_a_week
    if shortages.empty_now and lost and lost.amount_minor:
        facts = {"count": shortages.empty_now, "lost": lost}
        yield Matter(Level.TODAY, "empty-slots", "shortages", 0.9, facts)
    if shortages.wishes >= OFTEN:
        yield Matter(Level.SOON, "vain-wishes", "shortages", 0.5, {"count": shortages.wishes})


def _of_orders(orders: OrdersToPlace) -> Iterator[Matter]:
    if orders.at_risk:
        yield Matter(Level.TODAY, "will-run-out", "orders", 0.8, {"count": orders.at_risk, "pieces": orders.pieces})
    elif orders.pieces:
        yield Matter(Level.SOON, "bring-goods", "orders", 0.9, {"pieces": orders.pieces})


def _of_wellbeing(wellbeing: Wellbeing) -> Iterator[Matter]:
    total = wellbeing.total
    parts: dict[str, Part] = {"model": total.model, "hearing": total.hearing, "speaking": total.speaking}
    for name, part in parts.items():
        if part.used >= ENOUGH_USES and part.failed_share >= FAILED_SHARE:
            level = Level.NOW if part.failed_share >= 0.5 else Level.TODAY
            yield Matter(level, f"{name}-fails", "wellbeing", part.failed_share, {"share": part.failed_share})
    if total.turns.failed:
        yield Matter(Level.TODAY, "turns-fail", "wellbeing", 0.3, {"count": total.turns.failed})
    if total.turns.used >= ENOUGH_USES and total.turns.most_ms and total.turns.most_ms >= SLOW_MS:
        yield Matter(Level.SOON, "slow-replies", "wellbeing", 0.2, {"seconds": total.turns.most_ms / 1000})
