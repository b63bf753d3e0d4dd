"""`walkiosk ops report`: the store comes in, the morning report goes to a file as one page."""

from pathlib import Path
from typing import Annotated

import typer

from agent.settings import Settings
from server.database_option import DatabaseOption, database_of
from server.error_boundary import ErrorBoundary
from server.output_file import require_writable
from server.progress_bar import progress_bar
from server.report_making import LAST_WEEK, ReportRequest, make_page
from server.terminal_text import neutral
from tools.database import utc_now
from tools.errors import OperatorError
from tools.whole_file import replacing_text


def report(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to: one HTML file, to be read or printed.")] = Path(
        "report.html"
    ),
    since: Annotated[
        str,
        typer.Option(metavar="DAY|Nd|Nw", help="From this day (2026-11-01), or so many days or weeks before today."),
    ] = LAST_WEEK,
    kiosk: Annotated[str | None, typer.Option(metavar="ID", help="Only this machine.", show_default="all")] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="The language to read it in.", show_default="the shop's first")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Write the morning report: what is urgent, what to bring, what was missing, sales, forecasts, feedback, health.

    It needs no language model: what customers say is taken from the last `walkiosk ops feedback`. A part that cannot
    be made says why in its place.
    """
    require_writable(out)
    settings = Settings()
    context.ensure_object(ErrorBoundary).log_to(settings.home)
    request = ReportRequest(since=since, kiosk_id=kiosk, language=language)
    with progress_bar() as tell:
        made = make_page(settings, database_of(database), request, utc_now(), tell)
    try:
        with replacing_text(out) as file:
            file.write(made.html)
    except OSError as error:
        raise OperatorError(f"the report cannot be written to {out}: {error.strerror}") from error
    for section, problem in made.problems.items():
        typer.echo(neutral(f"Without {section}: {problem}"), err=True)
    typer.echo(f"Wrote the report to {out}")
