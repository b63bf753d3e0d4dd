"""`walkiosk ops forecast`: sales come in, a table of forecasts goes to a file, how good they are to the terminal."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agent.settings import Settings
from server.database_option import DatabaseOption, database_of
from server.output_file import require_writable
from server.progress_bar import Tell, progress_bar
from server.terminal_text import neutral
from tools.database import utc_now
from tools.forecasting.accuracy import Accuracy, BacktestReport
from tools.forecasting.backtest import SEASONAL_NAIVE
from tools.forecasting.choices_file import kept_choices, read_choices, write_choices
from tools.forecasting.forecast import MAX_HORIZON, make_forecast
from tools.forecasting.forecast_file import write_forecast
from tools.forecasting.history import as_history
from tools.forecasting.periods import Frequency
from tools.forecasting.sales import DailySales, Remark
from tools.forecasting.sales_file import read_sales
from tools.forecasting.spreading import open_engine
from tools.forecasting.store_forecast import CHOICES_FILE
from tools.forecasting.store_sales import read_store_sales
from tools.store_import import opened_store

DEFAULT_HORIZONS = {Frequency.WEEK: 4, Frequency.DAY: 28}


def forecast(
    sales: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A table with the columns sku, date and units, and perhaps kiosk and category; may be gzipped. "
            "If left out, the store's own sales.",
        ),
    ] = None,
    freq: Annotated[Frequency, typer.Option(help="W: weeks, dated by their Monday; D: days.")] = Frequency.WEEK,
    horizon: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_HORIZON, help="How many of them.", show_default="4 weeks or 28 days"),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Where to: sku,date,forecast,mean,lo80,hi80; forecast is the median.")
    ] = Path("forecast.csv"),
    all_quantiles: Annotated[bool, typer.Option("--quantiles", help="Add the columns q10 to q90.")] = False,
    backtest: Annotated[
        bool,
        typer.Option(
            "--backtest/--no-backtest",
            help="Look back over the last 12 weeks, choose by that what to forecast each series by, and report.",
        ),
    ] = True,
    choices: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep here what a backtest chose; --no-backtest forecasts by it.",
            show_default="for the store's own weeks a file in the user's data folder",
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Spread the work: dask, ray or spark, or an address as dask://host:8786."),
    ] = None,
    kiosk: Annotated[str | None, typer.Option(metavar="ID", help="Only this machine's sales.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Forecast what will sell: the median, the mean, and the interval that holds four of five outcomes."""
    is_usual = sales is None and kiosk is None and freq is Frequency.WEEK
    own_choices = Settings().home / CHOICES_FILE if is_usual else None
    require_writable(out)
    with progress_bar() as tell, open_engine(engine) if engine else nullcontext() as cluster:
        history = as_history(_read(sales, database, kiosk, tell), freq)
        say_remarks(history.remarks)
        chosen = None
        if not backtest:
            chosen = read_choices(history, choices) if choices else kept_choices(history, own_choices)
        run = make_forecast(history, horizon or DEFAULT_HORIZONS[freq], chosen, cluster, tell)
        rows = write_forecast(run.forecast, out, all_quantiles)
        if backtest and (kept := choices or own_choices):
            write_choices(run.choices, history, kept)
    if run.report:
        say_report(run.report)
    elif backtest:
        typer.echo("There is too little history to look back: nothing is known of how good this is.", err=True)
    typer.echo(f"Wrote {rows} rows for {len(history.keys)} series to {out}")


def _read(path: Path | None, database: str | None, kiosk: str | None, tell: Tell) -> DailySales:
    if path is not None:
        return read_sales(path, lambda done, total: tell("Reading", done, total)).of_kiosk(kiosk)
    with opened_store(database_of(database)) as engine:
        return read_store_sales(engine, utc_now(), kiosk)


def say_remarks(remarks: Iterable[Remark]) -> None:
    """Tell what was odd about the sales."""
    for remark in remarks:
        typer.echo(neutral(str(remark)), err=True)


def say_report(report: BacktestReport) -> None:
    """Print a backtest's figures as a table."""
    typer.echo(f"{report.series} series forecast {report.origins} times in the last weeks, {report.horizon} ahead:")
    columns = ("WAPE", "of series", "RMSSE", "80 % held", "pinball", "of series", "bias")
    table = Table("forecast by", *columns, box=None)
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for way in report.ways:
        table.add_row(way.name, *_cells(way))
    Console().print(table)
    typer.echo("WAPE: of all series together, and the mean of series; pinball loss: by that of the last 8 weeks' own.")
    if not any(way.name == SEASONAL_NAIVE for way in report.ways):
        typer.echo("There is no season before the first of these moments yet: no seasonal naive.")
    for what, counts in (("Forecast", report.chosen), ("Mean", report.chosen_means)):
        typer.echo(f"{what} of each series by: " + ", ".join(f"{name} {count}" for name, count in counts.items()))


def _cells(way: Accuracy) -> Iterator[str]:
    for value in (way.wape, way.mean_series_wape, way.rmsse):
        yield "" if value is None else f"{value:.3f}"
    yield "" if way.coverage is None else f"{way.coverage:.1%}"
    for value in (way.quantile_loss, way.series_quantile_loss):
        yield "" if value is None else f"{value:.3f}"
    yield "" if way.bias is None else f"{way.bias:+.1%}"
