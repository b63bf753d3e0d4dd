"""The `orders` commands: the store database comes in, its orders and whether their ledger holds go to the terminal."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlmodel import Session, col, select

from agent.settings import Settings
from server.database_option import DatabaseOption, database_of
from server.operator_checkout import operator_checkout
from server.refunding import refund, refundable
from server.terminal_text import neutral
from tools.checkout_table import FINAL_STATES, State
from tools.database import Order, read_transaction
from tools.database_address import is_postgresql
from tools.errors import OperatorError
from tools.kept_sessions import KeptSessions
from tools.ledger import differences, entries_of, load_order, read_detail
from tools.money import Money
from tools.receipt import write_receipt, write_refund_receipt
from tools.receipt_formats import ReceiptFormat, as_text, format_receipt
from tools.store_import import opened_store

app = typer.Typer(help="Look at the orders and check them against their ledger.", no_args_is_help=True)


@app.command("list")
def list_orders(
    database: DatabaseOption = None,
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
def show_order(order_id: str, database: DatabaseOption = None) -> None:
    """One order: its lines and every row of its ledger."""
    with _reading(database) as session:
        order = load_order(session, order_id)
        entries = entries_of(session, order_id)
        details = [read_detail(entry) for entry in entries]
    captured = _amount(order.captured) if order.captured else "nothing"
    typer.echo(f"Order {order.order_id} at {order.kiosk_id}: {order.state}, total {_amount(order.total)}")
    typer.echo(f"Paid: {captured}" + (f" (payment {order.payment_id})" if order.payment_id else ""))
    if order.age_approved_by:
        typer.echo(f"Age checked by: {neutral(order.age_approved_by)}")
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
def verify_orders(database: DatabaseOption = None) -> None:
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


@app.command("receipt")
def print_receipt(
    order_id: Annotated[str, typer.Argument(metavar="ORDER", help="The order's number.")],
    database: DatabaseOption = None,
    format_: Annotated[
        ReceiptFormat,
        typer.Option(
            "--format", help="text: 40 columns; html: a page for an 80 mm roll or A4; json: amounts in minor units."
        ),
    ] = ReceiptFormat.TEXT,
    of_refund: Annotated[bool, typer.Option("--refund", help="The receipt of the order's refund.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it to a file, as UTF-8.")] = None,
) -> None:
    """Print the receipt of a paid order again: the same to the byte as the first time."""
    with _reading(database) as session:
        receipt = write_refund_receipt(session, order_id) if of_refund else write_receipt(session, order_id)
    text = format_receipt(receipt, format_)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise OperatorError(f"the receipt cannot be written to {out}: {error.strerror}") from error


@app.command("refund")
def refund_order(
    order_id: Annotated[str, typer.Argument(metavar="ORDER", help="The order's number.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who decides it; kept in the ledger and on the receipt.")],
    database: DatabaseOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Pay back all that a closed order paid, and print the refund's receipt. The goods are not booked back.

    Only whole orders are refunded. Running it again for the same order never pays twice.
    """
    by = " ".join(by.split())
    if not by or neutral(by) != by:
        raise typer.BadParameter("say who decides it, in plain letters", param_hint="--by")
    with opened_store(database_of(database)) as engine:
        order = refundable(engine, order_id)
        paid = _amount(order.captured) if order.captured else "nothing"
        if not yes:
            typer.confirm(f"Pay back {paid} for order {order_id} (payment {order.payment_id})?", abort=True)
        typer.echo(as_text(refund(engine, order_id, by)), nl=False)


@app.command("recover")
def recover_orders(
    database: DatabaseOption = None,
    kiosk: Annotated[str | None, typer.Option(help="Only this machine's orders.", show_default="all")] = None,
) -> None:
    """Settle the orders that a dead process or a silent device left open; kiosks may go on running meanwhile.

    Without --kiosk, talks that servers left and nobody came back to are forgotten, as a server would do if one ran.
    """
    address = database_of(database)
    with opened_store(address) as engine, operator_checkout(engine) as checkout:
        orders = asyncio.run(checkout.recover(kiosk or Settings().settled_kiosk))
        talks = KeptSessions(engine, lease_s=0).forget_left() if kiosk is None and is_postgresql(address) else 0
    for order in orders:
        waits = order.state not in FINAL_STATES and order.state is not State.RESERVED
        typer.echo(f"{order.order_id} is {order.state}" + (": its device gives no answer" if waits else ""))
    if not orders:
        typer.echo("No order was left open.")
    if talks:
        typer.echo(f"{talks} talk{'' if talks == 1 else 's'} that nobody came back to: forgotten")


@contextmanager
def _reading(database: str | None) -> Generator[Session, None, None]:
    """A session on a store that is there; StoreError otherwise."""
    with opened_store(database_of(database)) as engine, read_transaction(engine) as session:
        yield session


def _amount(money: Money) -> str:
    return f"{money.to_decimal()} {money.currency}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
