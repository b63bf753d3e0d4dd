"""The store's tables and the engine that opens them; SQLite in write-ahead mode by default."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import DDL, Engine, UniqueConstraint, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, Session, SQLModel, create_engine

from tools.errors import StoreError


def utc_now() -> datetime:
    """The moment now, with its zone."""
    return datetime.now(UTC)


class Product(SQLModel, table=True):
    """A style as the catalogue lists it; what can be bought are its variants."""

    product_id: str = Field(primary_key=True)
    brand: str
    model: str
    category: str = Field(index=True)
    description: str
    material: str = ""
    list_price_minor: int
    currency: str
    min_age: int = 0
    tags: str = ""

    @property
    def name(self) -> str:
        """Brand and model, as it stands on a card."""
        return f"{self.brand} {self.model}"


class Variant(SQLModel, table=True):
    """One colour and size of a product; `sku` is what is stocked, sold and dispensed.

    `position` is its place among the product's variants in the catalogue: sizes have no other order (S, M, L).
    """

    sku: str = Field(primary_key=True)
    product_id: str = Field(foreign_key="product.product_id", index=True)
    colour: str
    size: str
    position: int = 0


class Kiosk(SQLModel, table=True):
    """One machine."""

    kiosk_id: str = Field(primary_key=True)
    name: str
    location: str = ""


class Stock(SQLModel, table=True):
    """How many of a variant one kiosk holds. Sellable = on_hand - reserved, never below zero."""

    kiosk_id: str = Field(primary_key=True, foreign_key="kiosk.kiosk_id")
    sku: str = Field(primary_key=True, foreign_key="variant.sku", index=True)
    slot: str = ""
    on_hand: int = 0
    reserved: int = 0


class Customer(SQLModel, table=True):
    """Someone the shop knows. Sizes are kept as `group=size` pairs, e.g. `shoes=43|tops=L`."""

    customer_id: str = Field(primary_key=True)
    name: str
    language: str = "en"
    loyalty_tier: str = ""
    sizes: str = ""


class LoyaltyTier(SQLModel, table=True):
    """A tier and what it takes off the list price of everything."""

    tier: str = Field(primary_key=True)
    discount_percent: str


class Promotion(SQLModel, table=True):
    """A dated offer; empty conditions match everything. `ends_on` is the last day it holds."""

    promotion_id: str = Field(primary_key=True)
    name: str
    percent_off: str
    category: str = ""
    product_id: str = ""
    tier: str = ""
    min_quantity: int = 1
    starts_on: date
    ends_on: date


class StoreSetting(SQLModel, table=True):
    """One setting of the store (name, currency, time zone, …) out of store.yaml."""

    key: str = Field(primary_key=True)
    value: str


class Order(SQLModel, table=True):
    """An order's current state; the ledger is the truth it can be rebuilt from.

    `driver` is the process that is asking devices for it just now (`tools/liveness.py`); empty when none is.
    """

    __tablename__ = "orders"  # type: ignore[assignment]  # ORDER is a word of SQL

    order_id: str = Field(primary_key=True)
    kiosk_id: str
    session_id: str = Field(index=True)
    customer_id: str | None = None
    state: str
    total_minor: int
    currency: str
    consent_hash: str = ""
    expires_at: datetime | None = None
    created_at: datetime = Field(default_factory=utc_now)
    payment_id: str = ""
    attempt: int = 0
    captured_minor: int = 0
    trouble: str = ""
    age_approved_by: str = ""
    driver: str = ""


class OrderLine(SQLModel, table=True):
    """What an order is for: a variant as it was named then, how many, the price of one, and how many came out."""

    order_id: str = Field(primary_key=True, foreign_key="orders.order_id")
    sku: str = Field(primary_key=True)
    quantity: int
    unit_price_minor: int
    list_price_minor: int
    position: int = 0
    product_id: str = ""
    name: str = ""
    colour: str = ""
    size: str = ""
    slot: str = ""
    dispensed: int = 0


class LedgerEntry(SQLModel, table=True):
    """One transition of one order. Rows are only ever added; a key is used once."""

    __table_args__ = (UniqueConstraint("order_id", "sequence"),)

    entry_id: int | None = Field(default=None, primary_key=True)
    order_id: str = Field(index=True)
    sequence: int
    event: str
    state_before: str
    state_after: str
    idempotency_key: str = Field(unique=True)
    detail: str = "{}"
    at: datetime = Field(default_factory=utc_now)


for _change in ("UPDATE", "DELETE"):  # rows of the ledger are only ever added, whoever writes
    event.listen(
        LedgerEntry.__table__,  # type: ignore[attr-defined]
        "after_create",
        DDL(
            f"CREATE TRIGGER ledger_keeps_on_{_change.lower()} BEFORE {_change} ON ledgerentry "
            "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        ).execute_if(dialect="sqlite"),
    )


class Feedback(SQLModel, table=True):
    """What a customer said about an order or the shop, in their words."""

    feedback_id: int | None = Field(default=None, primary_key=True)
    kiosk_id: str
    order_id: str | None = None
    language: str
    text: str
    rating: int | None = None
    at: datetime = Field(default_factory=utc_now)


def open_database(path: Path | None) -> Engine:
    """An engine on the SQLite file at `path`, or on memory for None; tables are made by `create_tables`."""
    engine = create_engine(f"sqlite:///{path}" if path else "sqlite://", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection, _record) -> None:  # type: ignore[no-untyped-def]
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.close()

    return engine


@contextmanager
def write_transaction(engine: Engine) -> Generator[Session, None, None]:
    """A session that holds the write lock from its start and commits at the end; StoreError when the database fails.

    Without the early lock two SQLite writers could both read first and one would then fail to upgrade.
    """
    try:
        with Session(engine, expire_on_commit=False) as session:
            if engine.dialect.name == "sqlite":
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session
            session.commit()
    except DBAPIError as error:
        raise StoreError(f"the store database refused a change: {error.orig}") from error


@contextmanager
def read_transaction(engine: Engine) -> Generator[Session, None, None]:
    """A session for reading only; StoreError when the database fails."""
    try:
        with Session(engine) as session:
            yield session
    except DBAPIError as error:
        raise StoreError(f"the store database could not be read: {error.orig}") from error


def create_tables(engine: Engine) -> None:
    """Make the tables that are not there yet."""
    SQLModel.metadata.create_all(engine)
