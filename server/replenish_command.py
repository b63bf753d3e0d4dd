"""`walkiosk ops replenish` and `receive`: orders of goods go to the terminal and a file, deliveries into the stock."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine

from agent.settings import Settings
from server.database_option import DatabaseOption, database_of
from server.output_file import require_writable
from server.progress_bar import Tell, progress_bar
from server.terminal_text import neutral
from tools.database import utc_now
from tools.deliveries import book_delivery, check_delivery, read_delivery, undo_delivery
from tools.forecasting.forecast import Forecast, no_forecast
from tools.forecasting.periods import Frequency
from tools.forecasting.sales import TooFewSales
from tools.forecasting.store_forecast import CHOICES_FILE, forecast_store
from tools.order_file import order_number, write_order
from tools.replenishment import ReplenishmentLine, read_slots, replenish, weeks_ahead
from tools.store_import import opened_store

MAX_SHOWN = 40


def replenish_kiosks(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the order as a table, for the van and for `receive`.")
    ] = None,
    kiosk: Annotated[str | None, typer.Option(metavar="ID", help="Only this machine.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Say what to bring to each kiosk, and why: what its slots must hold until the next but one goods come.

    Lead time, days between orders, service level, slot capacity and pack size stand in store.yaml (`replenishment`).
    What was ordered and has not come yet is not known: receive it first.
    """
    now = utc_now()
    if out:
        require_writable(out)
    with opened_store(database_of(database)) as engine, progress_bar() as tell:
        slots = read_slots(engine, kiosk)
        remarks, forecast = _forecast(engine, now, weeks_ahead(slots), kiosk, tell)
    for remark in remarks:
        typer.echo(neutral(remark), err=True)
    lines = replenish(forecast, slots)
    if out:
        number = order_number(now)
        write_order(lines, number, out)
        typer.echo(f"Wrote the order {number} to {out}; book what came of it with `walkiosk ops receive {out}`")
    ordered = [line for line in lines if line.pieces]
    blocked = sum(line.is_blocked for line in lines)
    without_room = f"; {blocked} more have no room" if blocked else ""
    pieces = sum(line.pieces for line in ordered)
    typer.echo(f"{pieces} pieces for {len(ordered)} of {len(lines)} slots{without_room}")
    _say_lines(ordered)


def _forecast(engine: Engine, now: datetime, weeks: int, kiosk: str | None, tell: Tell) -> tuple[list[str], Forecast]:
    """What is to be said about the sales, and what they will be; of a shop that sold nothing yet nothing is known."""
    choices = Settings().home / CHOICES_FILE
    try:
        run = forecast_store(engine, now, weeks, choices_file=choices, kiosk_id=kiosk, progress=tell)
    except TooFewSales as error:
        remark = f"{error}; slots are filled up to the least that store.yaml says"
        return [remark], no_forecast(now.date(), Frequency.WEEK, weeks)
    return [str(remark) for remark in run.history.remarks], run.forecast


def _say_lines(lines: Sequence[ReplenishmentLine]) -> None:
    if not lines:
        return
    table = Table("kiosk", "slot", "sku", "bring", "out before it comes", "why", box=None)
    for column in (3, 4):
        table.columns[column].justify = "right"
    for line in lines[:MAX_SHOWN]:
        cells = (line.kiosk_id, line.slot, line.sku, str(line.pieces), f"{line.stock_out_risk:.0%}", line.why)
        table.add_row(*(escape(neutral(cell)) for cell in cells))
    Console().print(table)
    if len(lines) > MAX_SHOWN:
        typer.echo(f"… and {len(lines) - MAX_SHOWN} more; --out writes all of them")


def receive(
    file: Annotated[
        Path | None,
        typer.Argument(help="A table with the columns kiosk_id, sku and pieces, and perhaps delivery: its number."),
    ] = None,
    number: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="The delivery's number, if the file has none.")
    ] = None,
    undo: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Take a delivery that was booked out of the stock again.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and book nothing.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Book a delivery into the stock, all of it or nothing, and no delivery twice."""
    if (file is None) == (undo is None):
        raise typer.BadParameter("give a file, or --undo with a delivery's number")
    if undo is not None and (number or dry_run):
        raise typer.BadParameter("--undo goes with neither --number nor --dry-run")
    with opened_store(database_of(database)) as engine:
        if undo is not None:
            pieces = undo_delivery(engine, undo, utc_now())
            typer.echo(f"The delivery {neutral(undo)} is no longer booked: {pieces} pieces less")
            return
        assert file is not None
        note = read_delivery(file, number)
        if dry_run:
            check_delivery(engine, note)
        else:
            book_delivery(engine, note, utc_now())
    what = f"{note.pieces} pieces of {len(note.goods)} rows"
    if dry_run:
        typer.echo(f"The delivery {neutral(note.number)} can be booked: {what}. Nothing was booked")
        return
    typer.echo(f"Booked the delivery {neutral(note.number)}: {what}")
    typer.echo(f"`walkiosk ops receive --undo {neutral(note.number)}` takes it back")
