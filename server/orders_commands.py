"""The `orders` commands: the store database comes in, its orders and whether their ledger holds go to the terminal."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_data_path
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlmodel import Session, col, select

from agent.devices import open_devices
from agent.settings import Settings
from server.terminal_text import neutral
from tools.checkout import Checkout
from tools.checkout_table import FINAL_STATES, State
from tools.database import Order, read_transaction, utc_now
from tools.ledger import differences, entries_of, load_order, read_detail
from tools.liveness import open_liveness
from tools.money import Money
from tools.pricing import Pricing
from tools.store_import import open_store

app = typer.Typer(help="Look at the orders and check them against their ledger.", no_args_is_help=True)

Database = Annotated[
    Path,
    typer.Option("--database", envvar="WALKIOSK_DATABASE", help="The store database.", show_default="the user's own"),
]
DEFAULT_DATABASE = user_data_path("walkiosk") / "store.db"


@app.command("list")
def list_orders(
    database: Database = DEFAULT_DATABASE,
    state: Annotated[State | None, typer.Option(help="Only orders in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest first.")] = 50,
) -> None:
    """The newest orders, one a line."""
    with _reading(database) as session:
        statement = select(Order).order_by(col(Order.created_at).desc()).limit(limit)
        rows = session.exec(statement.where(Order.state == state) if state else statement).all()
    if not rows:
        typer.echo("There are no orders.")
        return
    table = Table("order", "created (UTC)", "kiosk", "state", "total", "trouble", box=None)
    for row in rows:
        total = _amount(Money(amount_minor=row.total_minor, currency=row.currency))
        cells = (row.order_id, _moment(row.created_at), row.kiosk_id, row.state, total, row.trouble)
        table.add_row(*(escape(neutral(cell)) for cell in cells))
    Console().print(table)


@app.command("show")
def show_order(order_id: str, database: Database = DEFAULT_DATABASE) -> None:
    """One order: its lines and every row of its ledger."""
    with _reading(database) as session:
        order = load_order(session, order_id)
        entries = entries_of(session, order_id)
        details = [read_detail(entry) for entry in entries]
    captured = _amount(order.captured) if order.captured else "nothing"
    typer.echo(f"Order {order.order_id} at {order.kiosk_id}: {order.state}, total {_amount(order.total)}")
    typer.echo(f"Paid: {captured}" + (f" (payment {order.payment_id})" if order.payment_id else ""))
    for line in order.lines:
        named = neutral(", ".join(part for part in (line.name, line.colour, line.size) if part))
        typer.echo(f"  {line.sku}  {line.quantity} x {_amount(line.unit_price)}  {named}  (came out: {line.dispensed})")
    for entry, detail in zip(entries, details, strict=True):
        seen = "" if detail.seen_sku is None else f"came out: {detail.seen_sku or 'something unknown'}"
        notes = [f"{detail.sku} x {detail.count}" if detail.sku else "", seen, detail.trouble or "", detail.by or ""]
        note = "  ".join(note for note in notes if note)
        step = f"{entry.state_before} -> {entry.state_after}"
        typer.echo(f"  {entry.sequence:>3}  {_moment(entry.at)}  {entry.event:<17} {step:<26} {note}".rstrip())


@app.command("verify")
def verify_orders(database: Database = DEFAULT_DATABASE) -> None:
    """Replay the ledger of every order and compare; exit status 1 when one differs."""
    wrong = 0
    with _reading(database) as session:
        order_ids = session.exec(select(Order.order_id).order_by(col(Order.created_at))).all()
        for order_id in order_ids:
            found = differences(session, order_id)
            wrong += bool(found)
            for difference in found:
                typer.echo(f"{order_id}: {difference}")
    typer.echo(f"{len(order_ids)} orders replayed, {wrong} differ from their ledger")
    if wrong:
        raise typer.Exit(1)


@app.command("recover")
def recover_orders(
    database: Database = DEFAULT_DATABASE,
    kiosk: Annotated[str | None, typer.Option(help="Only this machine's orders.", show_default="all")] = None,
) -> None:
    """Settle the orders that a dead process or a silent device left open; kiosks may go on running meanwhile."""
    settings = Settings()
    at, devices = kiosk or settings.settled_kiosk, open_devices(settings)
    engine = open_store(database)
    liveness = open_liveness(engine)
    try:
        pricing = Pricing(engine, utc_now)
        checkout = Checkout(engine, pricing, devices.terminal, devices.dispenser, utc_now, liveness=liveness)
        orders = asyncio.run(checkout.recover(at))
    finally:
        liveness.close()
        engine.dispose()
    for order in orders:
        waits = order.state not in FINAL_STATES and order.state is not State.RESERVED
        typer.echo(f"{order.order_id} is {order.state}" + (": its device gives no answer" if waits else ""))
    if not orders:
        typer.echo("No order was left open.")


@contextmanager
def _reading(database: Path) -> Generator[Session, None, None]:
    """A session on a store that is there; StoreError otherwise."""
    engine = open_store(database)
    try:
        with read_transaction(engine) as session:
            yield session
    finally:
        engine.dispose()


def _amount(money: Money) -> str:
    return f"{money.to_decimal()} {money.currency}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
