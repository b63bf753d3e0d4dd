"""The morning report as one page: a report comes in, HTML that fetches nothing and runs nothing goes out."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from jinja2 import Template
from markupsafe import Markup

from server.report_page import plots
from server.report_page.plots import CurvePlot, draw_curve, draw_days, highest
from server.report_page.wording import Wording
from tools.html_pages import html_pages
from tools.morning_report.outlook import Curve
from tools.morning_report.report import MorningReport
from tools.morning_report.sales import SalesFigures

FOLDER = Path(__file__).parent
SECTIONS = ("urgent", "orders", "shortages", "troubles", "voices", "sales", "outlook", "wellbeing")


@dataclass(frozen=True)
class DrawnCurve:
    """A plot with what it is of, a note below that, and what it shows in words."""

    name: str
    note: str
    alt: str
    plot: CurvePlot


def style_sheet() -> str:
    """The page's style."""
    return (FOLDER / "report.css").read_text(encoding="utf-8")


@cache
def fence() -> str:
    """The policy that lets the page have its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style_sheet().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def render(report: MorningReport, kiosk_names: Mapping[str, str], language: str | None = None) -> str:
    """The page in a language, or in the shop's first; in English where there are no texts in it."""
    zone = ZoneInfo(report.timezone)
    wording = Wording(language or report.language, zone)
    sales, outlook = report.sales.found, report.outlook.found
    summary = report.voices.found.summary if report.voices.found else None
    last = timedelta(microseconds=1)
    return _template().render(
        report=report,
        w=wording,
        t=wording.text,
        css=Markup(style_sheet()),  # noqa: S704  it is ours
        fence=fence(),
        sections=SECTIONS,
        made_on=report.made_at.astimezone(zone).date(),
        first_day=report.period.since.astimezone(zone).date(),
        last_day=(report.period.until - last).astimezone(zone).date(),
        summary_days=[at.astimezone(zone).date() for at in (summary.since, summary.until - last)] if summary else [],
        kiosk_names=kiosk_names,
        days=_days(report, sales, wording) if sales else None,
        days_alt=_days_alt(sales, wording) if sales else "",
        kiosk_curves=_drawn(outlook.kiosks, wording) if outlook else [],
        product_curves=_drawn(outlook.products, wording) if outlook else [],
        width=plots.WIDTH,
        height=plots.HEIGHT,
        left=plots.LEFT,
        right=plots.RIGHT,
        top=plots.TOP,
        bottom=plots.BOTTOM,
    )


def _days(report: MorningReport, sales: SalesFigures, wording: Wording) -> plots.BarPlot:
    scale = 10 ** get_currency_precision(report.currency)

    def shown(day: date) -> str:
        return wording.weekday(day) if len(sales.days) <= plots.MOST_DAY_LABELS else wording.short_day(day)

    return draw_days(sales.days, scale, shown, wording.short_number)


def _days_alt(sales: SalesFigures, wording: Wording) -> str:
    values = "; ".join(f"{wording.weekday(day.day)} {wording.money(day.revenue, whole=True)}" for day in sales.days)
    return wording.text("sales-by-day-alt", days=len(sales.days), values=values)


def _drawn(curves: Sequence[Curve], wording: Wording) -> list[DrawnCurve]:
    """The plots, all with the same axes."""
    top = highest(curves)
    return [
        DrawnCurve(
            name=curve.name,
            note=wording.text("curve-note", expected=wording.number(curve.expected), weeks=len(curve.ahead)),
            alt=_in_words(curve, wording),
            plot=draw_curve(curve, top, wording.short_day, wording.short_number),
        )
        for curve in curves
    ]


def _in_words(curve: Curve, wording: Wording) -> str:
    sold = curve.past[-1].pieces if curve.past else None
    week = curve.ahead[0]
    facts = {
        "name": curve.name,
        "week": wording.short_day(week.monday),
        "median": wording.number(week.median),
        "low": wording.number(week.low),
        "high": wording.number(week.high),
        "weeks": len(curve.ahead),
        "expected": wording.number(curve.expected),
    }
    if sold is None:
        return wording.text("curve-alt-new", **facts)
    return wording.text("curve-alt", sold=wording.number(sold), **facts)


@cache
def _template() -> Template:
    return html_pages(FOLDER).get_template("report.html.j2")
