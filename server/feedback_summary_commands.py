"""`walkiosk ops feedback`: a store and a period come in, what its customers say goes to the terminal."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agent.settings import Settings
from server.database_option import DatabaseOption, database_of
from server.error_boundary import ErrorBoundary
from server.terminal_text import neutral

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tools.feedback_themes.comments import Period
    from tools.feedback_themes.summary import FeedbackSummary


def summarise_feedback(
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="DAY|Nd|Nw", help="From this day (2026-11-01), or so many days or weeks back.")
    ] = "4w",
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Up to and with this day.", show_default="now")
    ] = None,
    kiosk: Annotated[str | None, typer.Option(metavar="ID", help="Only this machine's.", show_default="all")] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="The language to read it in.", show_default="the shop's first")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON, for scripts.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many themes, the most urgent.")] = 15,
    without_model: Annotated[
        bool, typer.Option("--without-model", help="Quotes only, no sentences: done in seconds.")
    ] = False,
    store_dir: Annotated[
        Path | None, typer.Option("--store", metavar="FOLDER", help="The shop's folder, for its own themes.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Sum up what customers said, the most urgent first, beside the period before of the same length.

    Comments are sorted into themes by their meaning, in any language; every count is one of comments, every sentence
    is supported by some. What was worked out is kept, so that the next day only what is new takes time.
    """
    settings = Settings()
    if store_dir is not None:
        settings = settings.model_copy(update={"store_dir": store_dir})
    context.ensure_object(ErrorBoundary).log_to(settings.home)
    from server.feedback_text import format_summary
    from server.period_option import period_of
    from tools.database import utc_now
    from tools.database_address import name_of
    from tools.feedback_themes.comments import read_shop
    from tools.feedback_themes.kept_summary import keep_summary
    from tools.store_import import opened_store

    with opened_store(database_of(database)) as engine:
        zone = ZoneInfo(read_shop(engine, kiosk).timezone)
        period = period_of(since, until, utc_now(), zone)
        summary = asyncio.run(_summarise(settings, engine, period, kiosk, language, with_model=not without_model))
        keep_summary(settings.feedback_cache, name_of(engine.url), summary, utc_now())
    typer.echo(summary.model_dump_json(indent=2) if as_json else format_summary(summary, zone, limit))
    for note in summary.notes:
        typer.echo(f"Note: {neutral(note)}", err=True)


async def _summarise(
    settings: Settings, engine: "Engine", period: "Period", kiosk: str | None, language: str | None, *, with_model: bool
) -> "FeedbackSummary":
    from agent.bootstrap import open_feedback_summariser
    from agent.summarise_feedback import FeedbackRequest

    with _bar() as bar:
        async with open_feedback_summariser(
            settings, engine, with_model=with_model, notice=bar.tell, progress=bar.move
        ) as summariser:
            return await summariser.summarise(FeedbackRequest(period, kiosk, language), bar.tell)


class _Bar:
    """A line on stderr that says what is being done, and how much of it where that is known."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("Reading the feedback", total=None)

    def tell(self, text: str) -> None:
        self._progress.update(self._task, description=neutral(text[:1].upper() + text[1:]), total=None, completed=0)

    def move(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)


@contextmanager
def _bar() -> Iterator[_Bar]:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress)
