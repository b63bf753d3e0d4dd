"""The morning report as a whole: a scope comes in, its sections go out; one that fails says why, the rest is made."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from tools.errors import WalkioskError
from tools.feedback_themes.comments import Period
from tools.forecasting.forecast import no_forecast
from tools.forecasting.periods import Frequency
from tools.forecasting.sales import TooFewSales
from tools.forecasting.spreading import Progress
from tools.morning_report.orders_to_place import OrdersToPlace, plan_orders
from tools.morning_report.outlook import Outlook, read_outlook
from tools.morning_report.sales import SalesFigures, read_sales_figures
from tools.morning_report.scope import Scope
from tools.morning_report.shortages import Shortages, read_shortages
from tools.morning_report.troubles import Troubles, read_troubles
from tools.morning_report.urgent import Matter, most_urgent
from tools.morning_report.voices import Voices, read_voices
from tools.morning_report.wellbeing import Wellbeing, read_wellbeing
from tools.replenishment import LEAST_WEEKS

log = logging.getLogger(__name__)
Found = TypeVar("Found")
UNEXPECTED = "it failed unexpectedly; the log says more"


@dataclass(frozen=True)
class Section(Generic[Found]):
    """What was found out for a section, or, where that failed, a sentence that says why, and what was raised."""

    found: Found | None
    problem: str = ""
    cause: Exception | None = None


@dataclass(frozen=True)
class MorningReport:
    """The sections, and what of them is most urgent."""

    shop: str
    currency: str
    timezone: str
    language: str
    kiosk: str | None
    """The name of the kiosk that the report is about; None for all."""
    period: Period
    made_at: datetime
    urgent: tuple[Matter, ...]
    orders: Section[OrdersToPlace]
    shortages: Section[Shortages]
    troubles: Section[Troubles]
    sales: Section[SalesFigures]
    outlook: Section[Outlook]
    voices: Section[Voices]
    wellbeing: Section[Wellbeing]

    @property
    def problems(self) -> dict[str, str]:
        """Why sections are missing, by their names."""
        names = ("orders", "shortages", "troubles", "sales", "outlook", "voices", "wellbeing")
        sections: dict[str, Section[object]] = {name: getattr(self, name) for name in names}
        return {name: section.problem for name, section in sections.items() if section.problem}


@dataclass(frozen=True)
class Places:
    """Where other commands keep what the report takes over: the choices of forecasts, the summaries of feedback."""

    choices_file: Path
    feedback_cache: Path


def make_report(scope: Scope, places: Places, progress: Progress | None = None) -> MorningReport:
    """The report. Never raises for a section: what is missing says so in its place."""
    outlook = _section("outlook", lambda: read_outlook(scope, places.choices_file, progress))
    forecast = outlook.found.slots if outlook.found else None
    orders = _orders(scope, outlook)
    shortages = _section("shortages", lambda: read_shortages(scope, forecast))
    troubles = _section("troubles", lambda: read_troubles(scope))
    sales = _section("sales", lambda: read_sales_figures(scope))
    voices = _section("voices", lambda: read_voices(scope, places.feedback_cache))
    wellbeing = _section("wellbeing", lambda: read_wellbeing(scope))
    return MorningReport(
        shop=scope.facts.name,
        currency=scope.facts.currency,
        timezone=scope.facts.timezone,
        language=scope.facts.languages[0],
        kiosk=scope.kiosk_name(scope.kiosk_id) if scope.kiosk_id else None,
        period=scope.period,
        made_at=scope.now,
        urgent=most_urgent(
            scope,
            orders=orders.found,
            shortages=shortages.found,
            troubles=troubles.found,
            sales=sales.found,
            voices=voices.found,
            wellbeing=wellbeing.found,
        ),
        orders=orders,
        shortages=shortages,
        troubles=troubles,
        sales=sales,
        outlook=outlook,
        voices=voices,
        wellbeing=wellbeing,
    )


def _orders(scope: Scope, outlook: Section[Outlook]) -> Section[OrdersToPlace]:
    """By the forecast; a shop that sold too little for one fills its slots to their least, as `replenish` does."""
    if outlook.found is not None:
        forecast = outlook.found.slots
    elif isinstance(outlook.cause, TooFewSales):
        forecast = no_forecast(scope.now.date(), Frequency.WEEK, LEAST_WEEKS)
    else:
        return Section(None, outlook.problem, outlook.cause)
    return _section("orders", lambda: plan_orders(scope, forecast))


def _section(name: str, work: Callable[[], Found]) -> Section[Found]:
    try:
        return Section(work())
    except WalkioskError as error:
        log.warning("the report has no %s: %s", name, error)
        return Section(None, str(error), error)
    except ImportError as error:
        log.warning("the report has no %s: %s", name, error)
        return Section(None, f"{error.name or 'a library'} is not installed: pip install 'walkiosk[ops]'", error)
    except Exception as error:
        log.exception("the report has no %s", name)
        return Section(None, UNEXPECTED, error)
