"""The store's tables and the engine that opens them, on a SQLite file or a PostgreSQL server."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import (
    URL,
    BigInteger,
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    TypeDecorator,
    UniqueConstraint,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Field, Session, SQLModel, create_engine

from tools.database_address import is_postgresql, read_address
from tools.database_failures import explain
from tools.errors import StoreError


def utc_now() -> datetime:
    """The moment now, with its zone."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """A moment that goes in with its zone and comes back in UTC, also from SQLite, which forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC; ValueError for a moment without a zone."""
        del dialect
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Product(SQLModel, table=True):
    """A style as the catalogue lists it; what can be bought are its variants."""

    __table_args__ = (CheckConstraint("list_price_minor >= 0", "product_price_not_negative"),)

    product_id: str = Field(primary_key=True)
    brand: str
    model: str
    category: str = Field(index=True)
    description: str
    material: str = ""
    list_price_minor: int = Field(sa_type=BigInteger)
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
    """How many of a variant one kiosk holds. Sellable = on_hand - reserved, never below zero.

    `listed_at` is when the row was made; None in stores of an older version.
    """

    __table_args__ = (CheckConstraint("0 <= reserved AND reserved <= on_hand", "stock_reserved_is_there"),)

    kiosk_id: str = Field(primary_key=True, foreign_key="kiosk.kiosk_id")
    sku: str = Field(primary_key=True, foreign_key="variant.sku", index=True)
    slot: str = ""
    on_hand: int = 0
    reserved: int = 0
    listed_at: datetime | None = Field(default=None, sa_type=Moment, sa_column_kwargs={"default": utc_now})


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
    """An order's current state; the ledger is the truth it can be rebuilt from. `terms` are a SaleTerms as JSON.

    `driver` is the process that is asking devices for it just now (`tools/liveness.py`); empty when none is.
    """

    __tablename__ = "orders"  # type: ignore[assignment]  # ORDER is a word of SQL
    __table_args__ = (
        CheckConstraint("0 <= captured_minor AND captured_minor <= total_minor", "order_paid_at_most_total"),
    )

    order_id: str = Field(primary_key=True)
    kiosk_id: str
    session_id: str = Field(index=True)
    customer_id: str | None = Field(default=None, index=True)
    state: str
    total_minor: int = Field(sa_type=BigInteger)
    currency: str
    consent_hash: str = ""
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(default_factory=utc_now, sa_type=Moment)
    payment_id: str = ""
    attempt: int = 0
    captured_minor: int = Field(default=0, sa_type=BigInteger)
    trouble: str = ""
    age_approved_by: str = ""
    terms: str = Field(default="{}", sa_column_kwargs={"server_default": "{}"})
    sequence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    driver: str = Field(default="", sa_column_kwargs={"server_default": ""})


class OrderLine(SQLModel, table=True):
    """What an order is for: a variant as it was named then, how many, the price of one, and how many came out."""

    __table_args__ = (
        CheckConstraint("quantity > 0", "order_line_quantity_positive"),
        CheckConstraint("0 <= dispensed AND dispensed <= quantity", "order_line_dispensed_at_most_quantity"),
        CheckConstraint("unit_price_minor >= 0 AND list_price_minor >= 0", "order_line_price_not_negative"),
    )

    order_id: str = Field(primary_key=True, foreign_key="orders.order_id")
    sku: str = Field(primary_key=True)
    quantity: int
    unit_price_minor: int = Field(sa_type=BigInteger)
    list_price_minor: int = Field(sa_type=BigInteger)
    discount: str = Field(default="", sa_column_kwargs={"server_default": ""})
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
    at: datetime = Field(default_factory=utc_now, sa_type=Moment)


class Feedback(SQLModel, table=True):
    """What a customer said about an order or the shop, in their words."""

    feedback_id: int | None = Field(default=None, primary_key=True)
    kiosk_id: str
    order_id: str | None = None
    language: str
    text: str
    rating: int | None = None
    at: datetime = Field(default_factory=utc_now, sa_type=Moment)


class Delivery(SQLModel, table=True):
    """Goods that were brought and are booked into the stock, once for each number; `contents` is their fingerprint."""

    number: str = Field(primary_key=True)
    contents: str
    booked_at: datetime = Field(default_factory=utc_now, sa_type=Moment)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


class DeliveryLine(SQLModel, table=True):
    """How many pieces of a variant a delivery brought to a kiosk."""

    __table_args__ = (CheckConstraint("pieces > 0", "delivery_line_pieces_positive"),)

    number: str = Field(primary_key=True, foreign_key="delivery.number")
    kiosk_id: str = Field(primary_key=True)
    sku: str = Field(primary_key=True)
    pieces: int


class UnmetWish(SQLModel, table=True):
    """What a customer asked a kiosk for and did not get: `lack` says why, the rest is in the shop's own keys.

    Neither the customer nor their words are kept; what is not known of the wish is empty.
    """

    wish_id: int | None = Field(default=None, primary_key=True)
    kiosk_id: str
    lack: str
    product_id: str = ""
    sku: str = ""
    category: str = ""
    colour: str = ""
    size: str = ""
    material: str = ""
    at: datetime = Field(default_factory=utc_now, sa_type=Moment, index=True)


class HealthCount(SQLModel, table=True):
    """How often something happened at a kiosk within an hour, by how long it took at most; 0 ms where nothing took."""

    kiosk_id: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=Moment)
    signal: str = Field(primary_key=True)
    up_to_ms: int = Field(default=0, primary_key=True)
    count: int = Field(sa_type=BigInteger)


class GraphVersion(SQLModel, table=True):
    """The files that a version of the knowledge graph is made of (a zip), and how much they hold (a GraphSummary)."""

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    published_at: datetime = Field(default_factory=utc_now, sa_type=Moment)
    files_sha256: str
    files: bytes
    summary: str


class CurrentGraph(SQLModel, table=True):
    """The version that every server of the store answers from; one row, none before the first was published."""

    __table_args__ = (CheckConstraint("place = 1", "current_graph_is_one"),)

    place: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(foreign_key="graphversion.number")


class KeptSession(SQLModel, table=True):
    """A customer's session as any server can go on with it (`tools/kept_sessions.py`); the row goes when it ends.

    `claim` grows with each server that takes it over: who has a smaller one may not act for it any more. `server` is
    the one that renews `expires_at`, by the database's clock. `state` is what the server made of it, as JSON;
    `last_effect` the key of what the session last did that keeps no key of its own.
    """

    session_id: str = Field(primary_key=True)
    resume_key: str = Field(unique=True)
    kiosk_id: str
    server: str = Field(index=True)
    claim: int = Field(sa_type=BigInteger)
    expires_at: datetime = Field(sa_type=Moment, index=True)
    state: str
    last_effect: str = ""


def open_database(database: URL | Path | str | None) -> Engine:
    """An engine on a SQLite path or a database URL, or on memory for None; `tools.schema` makes the tables.

    Nothing is asked of the database yet. StoreError for an address that is none.
    """
    address = URL.create("sqlite") if database is None else read_address(database)
    return _postgresql(address) if is_postgresql(address) else _sqlite(address)


def _sqlite(address: URL) -> Engine:
    engine = create_engine(address, connect_args={"check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection, _record) -> None:  # type: ignore[no-untyped-def]
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.close()

    return engine


def postgresql_options(address: URL) -> dict[str, str]:
    """How long to wait for the server (s, the last in ms) and what each connection begins with.

    What the address says itself stands, and its `options` come after ours.
    """
    defaults = {
        "connect_timeout": "5",
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "20000",
        "application_name": "walkiosk",
    }
    begin_with = "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=30s"
    begin_with += " -c idle_in_transaction_session_timeout=60s"
    options = " ".join([begin_with, *address.normalized_query.get("options", ())])
    return {name: value for name, value in defaults.items() if name not in address.query} | {"options": options}


def _postgresql(address: URL) -> Engine:
    try:
        return create_engine(
            address,
            isolation_level="READ COMMITTED",
            connect_args=postgresql_options(address),
            pool_pre_ping=True,
            pool_use_lifo=True,  # the fewer are in use, the sooner each of them knows its statements
            pool_size=8,
            max_overflow=24,
            pool_timeout=10,
            hide_parameters=True,
        )
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs the extra `production`: pip install 'walkiosk[production]'") from error


@contextmanager
def write_transaction(engine: Engine) -> Generator[Session, None, None]:
    """A session that commits at the end; StoreError when the database fails, and then nothing is changed.

    On SQLite it holds the write lock from its start: two writers could else both read first and one would then fail
    to upgrade. On PostgreSQL writers run side by side, so what is read to be changed is locked as it is read.
    """
    with _failures_explained(), Session(engine, expire_on_commit=False) as session:
        if engine.dialect.name == "sqlite":
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        yield session
        session.commit()


@contextmanager
def read_transaction(engine: Engine) -> Generator[Session, None, None]:
    """A session for reading only; StoreError when the database fails.

    Each statement sees the store as it is then, on both databases; what has to fit together is read by one.
    """
    with _failures_explained(), _reading_connection(engine) as connection, Session(connection) as session:
        yield session


@contextmanager
def shared_reads(engine: Engine) -> Generator[None, None, None]:
    """Let all read transactions within, in this thread or task, share one connection; StoreError when there is none.

    To take one out of the pool is a round trip to the server, as much as many a statement. Start no thread or task
    within: it would go on with a connection that may be closed.
    """
    with _failures_explained(), _reading_connection(engine) as connection:
        before = _shared_connection.set(connection)
        try:
            yield
        finally:
            _shared_connection.reset(before)


_shared_connection: ContextVar[Connection | None] = ContextVar("shared connection", default=None)


@contextmanager
def _reading_connection(engine: Engine) -> Generator[Connection, None, None]:
    """The one that is shared, else one of the pool's."""
    shared = _shared_connection.get()
    if shared is not None and shared.engine is engine:
        yield shared
        return
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # spares two round trips that would add nothing
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def _failures_explained() -> Generator[None, None, None]:
    """What the database fails with, as a StoreError."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        raise StoreError(explain(error)) from error


def insert_into(session: Session, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what happens to a row that is there already, in the words of the session's database."""
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    return insert[session.get_bind().dialect.name](table)
