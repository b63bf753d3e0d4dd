"""Makes the morning report: settings and what is asked for come in, the page and what is missing of it go out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from sqlalchemy import URL

from agent.settings import Settings
from server.period_option import period_of
from server.report_page.page import render
from tools.forecasting.spreading import Progress
from tools.forecasting.store_forecast import CHOICES_FILE
from tools.morning_report.report import Places, make_report
from tools.morning_report.scope import open_scope, read_facts
from tools.store_import import opened_store

LAST_WEEK = "7d"


class ReportRequest(BaseModel):
    """What is asked for: since when (a day, or so many days or weeks before today), one kiosk or all, a language."""

    model_config = ConfigDict(frozen=True)

    since: str = LAST_WEEK
    kiosk_id: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class MadePage:
    """The page, and why sections are missing from it, by their names."""

    html: str
    problems: Mapping[str, str]


def make_page(
    settings: Settings, database: URL, request: ReportRequest, now: datetime, progress: Progress | None = None
) -> MadePage:
    """The report of whole days up to yesterday, and of what is open now.

    OperatorError for a period or a kiosk that makes no sense, StoreError when the store cannot be opened.
    """
    with opened_store(database) as engine:
        facts = read_facts(engine)
        zone = ZoneInfo(facts.timezone)
        yesterday = (now.astimezone(zone) - timedelta(days=1)).date()
        period = period_of(request.since, yesterday.isoformat(), now, zone)
        scope = open_scope(engine, facts, period, now, request.kiosk_id)
        places = Places(settings.home / CHOICES_FILE, settings.feedback_cache)
        report = make_report(scope, places, progress)
        return MadePage(render(report, scope.kiosks, request.language), report.problems)
