"""Checked store files come in and become the store database's rows, all of them or none; counts go out."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import URL, Engine, bindparam, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, SQLModel, col, delete, insert, select, update

from tools import sqlite_file
from tools.database import (
    Customer,
    Feedback,
    Kiosk,
    LedgerEntry,
    LoyaltyTier,
    Order,
    Product,
    Promotion,
    Stock,
    StoreSetting,
    Variant,
    open_database,
    utc_now,
    write_transaction,
)
from tools.database_address import file_of, is_postgresql, name_of, read_address
from tools.database_failures import explain
from tools.errors import StoreError
from tools.schema import Migration, migrate, require_current, revision_of, upgrade
from tools.store_facts import PurchaseLimit, StoreFacts, as_settings
from tools.store_files import StoreFiles
from tools.taxes import Tax

CHUNK_ROWS = 2_000
MAX_NAMED = 5

Key = tuple[Any, ...]
Progress = Callable[[int, int], None]
"""Told how many of how many rows are written."""


class ImportSummary(BaseModel):
    """What the store holds after an import, and how many variants left the catalogue with it."""

    model_config = ConfigDict(frozen=True)

    kiosks: int
    products: int
    variants: int
    stock_rows: int
    pieces: int
    customers: int
    promotions: int
    removed_variants: int


class CreatedStore(BaseModel):
    """A new store database, and where the one it replaced is kept."""

    model_config = ConfigDict(frozen=True)

    summary: ImportSummary
    backup: Path | None


class MigratedStore(BaseModel):
    """What was changed about a store's tables, and where the store is kept as it was before."""

    model_config = ConfigDict(frozen=True)

    migration: Migration
    backup: Path | None


@dataclass(frozen=True)
class _Table:
    """A table and all the rows it is to have; columns that the rows leave out keep their values."""

    model: type[SQLModel]
    rows: Sequence[Mapping[str, Any]]

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in inspect(self.model).primary_key)

    def keys(self) -> set[Key]:
        return {tuple(row[name] for name in self.key_names) for row in self.rows}


def import_store(engine: Engine, files: StoreFiles, progress: Progress | None = None) -> ImportSummary:
    """Make the database say what the files say, in one transaction; StoreError leaves it as it was.

    The files are the whole truth about the catalogue, prices, promotions, customers, machines and the count of
    pieces: what is no longer in them is removed. Orders, their ledger and feedback stay untouched, and so do
    `reserved` pieces: an import that would leave a machine fewer pieces than open orders hold is refused. A variant
    that left the catalogue needs no row of its own for old orders, whose lines say what was sold.
    """
    with write_transaction(engine) as session:
        return _import(session, files, progress)


def _import(session: Session, files: StoreFiles, progress: Progress | None) -> ImportSummary:
    if session.connection().dialect.name == "postgresql":  # nobody may reserve what is being counted
        session.execute(text("LOCK TABLE stock IN SHARE ROW EXCLUSIVE MODE"))
    tables = _tables(files)
    _refuse_below_reserved(session, files)
    present = {table.model: _present_keys(session, table) for table in tables}
    total, done = sum(len(table.rows) for table in tables), 0
    for table in tables:  # in the order of their references, so that what is referred to is there first
        for count in _write(session, table, present[table.model]):
            done += count
            if progress:
                progress(done, total)
    for table in reversed(tables):
        _remove(session, table, present[table.model] - table.keys())
    removed = len(present[Variant] - {(variant.sku,) for variant in files.variants})
    return _summary(files, removed)


def create_store(
    database: URL | Path | str,
    files: StoreFiles,
    replace: bool = False,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> CreatedStore:
    """Make a new store; StoreError when one is there, unless it may be replaced.

    A SQLite file is filled beside its place and moved there when it is whole; the one it replaces is kept as a backup.
    In PostgreSQL all is one transaction; there a store is replaced only as long as it holds no orders and no feedback,
    as no backup would be left of them.
    """
    address = read_address(database)
    if is_postgresql(address):
        return _create_on_server(address, files, replace, progress)
    return _create_file(file_of(address), files, replace, now or utc_now(), progress)


def _create_on_server(address: URL, files: StoreFiles, replace: bool, progress: Progress | None) -> CreatedStore:
    engine = open_database(address)
    try:
        with write_transaction(engine) as session:
            if upgrade(session.connection()).before is not None:
                _refuse_replacing(session, replace, name_of(address))
            return CreatedStore(summary=_import(session, files, progress), backup=None)
    finally:
        engine.dispose()


def _refuse_replacing(session: Session, replace: bool, place: str) -> None:
    if not replace:
        raise StoreError(f"there is already a store at {place}; import into it, or replace it with --force")
    for kind, model in (("orders", Order), ("ledger entries", LedgerEntry), ("feedback", Feedback)):
        if session.exec(select(model).limit(1)).first() is not None:
            raise StoreError(
                f"the store at {place} holds {kind} and is not replaced; change its catalogue with "
                "`walkiosk store import`, or make a new database for a new store"
            )


def _create_file(
    database: Path, files: StoreFiles, replace: bool, now: datetime, progress: Progress | None
) -> CreatedStore:
    if database.exists() and not replace:
        raise StoreError(f"there is already a store at {database}; import into it, or replace it with --force")
    unfinished = database.with_name(f"{database.name}.unfinished")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        sqlite_file.remove(unfinished)
        summary = _fill(unfinished, files, progress)
        backup = None
        if database.exists():
            backup = sqlite_file.back_up(database, now)
            sqlite_file.remove(database)
        unfinished.replace(database)
    except OSError as error:
        raise StoreError(f"the store at {database} cannot be written: {error.strerror}") from error
    finally:
        sqlite_file.remove(unfinished)
    return CreatedStore(summary=summary, backup=backup)


def _fill(path: Path, files: StoreFiles, progress: Progress | None) -> ImportSummary:
    engine = open_database(path)
    try:
        migrate(engine)
        return import_store(engine, files, progress)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"the store database cannot be made: {error}") from error
    finally:
        engine.dispose()  # the last connection to close folds the write-ahead log into the file


def open_store(database: URL | Path | str) -> Engine:
    """The engine of a store that is there; StoreError when it is missing, is none, or is of another version."""
    engine, revision = _reach(database)
    try:
        require_current(revision, name_of(engine.url))
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def opened_store(database: URL | Path | str) -> Iterator[Engine]:
    """As `open_store`, for as long as it is used."""
    engine = open_store(database)
    try:
        yield engine
    finally:
        engine.dispose()


def migrate_store(database: URL | Path | str, now: datetime | None = None) -> MigratedStore:
    """Bring a store that is there to this version; a SQLite file that has to change is backed up first."""
    engine, _ = _reach(database)
    backups: list[Path] = []

    def back_up() -> None:
        if not is_postgresql(engine.url):
            backups.append(sqlite_file.back_up(file_of(engine.url), now or utc_now()))

    try:
        migration = migrate(engine, back_up)
        return MigratedStore(migration=migration, backup=backups[0] if backups else None)
    finally:
        engine.dispose()


def _reach(database: URL | Path | str) -> tuple[Engine, str]:
    """The engine of a database that answers and has a store in it, and the store's revision; StoreError otherwise."""
    address = read_address(database)
    place = name_of(address)
    none_there = StoreError(f"there is no store at {place}; make one with `walkiosk store init`")
    if not is_postgresql(address) and not file_of(address).is_file():
        raise none_there
    engine = open_database(address)
    try:
        with engine.connect() as connection:
            revision = revision_of(connection)
    except OperationalError as error:
        engine.dispose()
        raise StoreError(explain(error)) from error
    except (DBAPIError, sqlite3.DatabaseError) as error:
        engine.dispose()
        raise StoreError(f"{place} is not a store database") from error
    if revision is None:
        engine.dispose()
        raise none_there if is_postgresql(address) else StoreError(f"{place} is not a store database")
    return engine, revision


def _tables(files: StoreFiles) -> list[_Table]:
    """All tables that files decide, in the order of their references."""
    store = files.store
    facts = StoreFacts(
        name=store.name,
        currency=store.currency,
        country=store.country,
        timezone=store.timezone,
        address=store.address,
        tax_number=store.tax_number,
        prices_include_tax=store.prices_include_tax,
        taxes=tuple(Tax.model_validate(tax.model_dump()) for tax in store.taxes),
        max_quantity=store.max_quantity,
        max_lines=store.max_lines,
        limits=tuple(PurchaseLimit(**limit.model_dump()) for limit in store.limits),
        languages=tuple(store.languages),
        wake_phrases=tuple(store.wake_phrases),
        size_groups={group: tuple(categories) for group, categories in store.size_groups.items()},
        replenishment=store.replenishment,
        parents={key: term.parent for key, term in files.vocabulary.categories.items() if term.parent},
        folder=str(files.folder.resolve()),
        fingerprint=files.fingerprint,
        imported_at=utc_now(),
    )
    kiosks = [{"kiosk_id": kiosk.id, "name": kiosk.name, "location": kiosk.location} for kiosk in store.kiosks]
    return [
        _Table(StoreSetting, [{"key": key, "value": value} for key, value in as_settings(facts).items()]),
        _Table(Kiosk, kiosks),
        _Table(LoyaltyTier, [tier.model_dump() for tier in store.loyalty_tiers]),
        _Table(Product, [{**product.model_dump(), "currency": store.currency} for product in files.products]),
        _Table(Variant, [variant.model_dump() for variant in files.variants]),
        _Table(Stock, [stock.model_dump() for stock in files.stock]),
        _Table(Customer, [customer.model_dump() for customer in files.customers]),
        _Table(Promotion, [promotion.model_dump() for promotion in files.promotions]),
    ]


def _refuse_below_reserved(session: Session, files: StoreFiles) -> None:
    """StoreError when open orders hold more pieces than the files leave."""
    on_hand = {(stock.kiosk_id, stock.sku): stock.on_hand for stock in files.stock}
    short: list[str] = []
    for stock in session.exec(select(Stock).where(Stock.reserved > 0)):
        left = on_hand.get((stock.kiosk_id, stock.sku), 0)
        if left < stock.reserved:
            short.append(f"{stock.sku} at {stock.kiosk_id} ({stock.reserved} reserved, {left} left)")
    if short:
        more = f" and {len(short) - MAX_NAMED} more" if len(short) > MAX_NAMED else ""
        raise StoreError(
            f"open orders hold more than the import would leave: {', '.join(short[:MAX_NAMED])}{more}; "
            "finish or cancel those orders first"
        )


def _present_keys(session: Session, table: _Table) -> set[Key]:
    columns = [getattr(table.model, name) for name in table.key_names]
    return {tuple(row) for row in session.execute(select(*columns))}


def _write(session: Session, table: _Table, present: set[Key]) -> Iterator[int]:
    """Add the new rows and change the others, in chunks; the sizes of the chunks come out."""
    new: list[Mapping[str, Any]] = []
    known: list[Mapping[str, Any]] = []
    for row in table.rows:
        (known if tuple(row[name] for name in table.key_names) in present else new).append(row)
    for statement, rows in ((insert(table.model), new), (update(table.model), known)):
        for start in range(0, len(rows), CHUNK_ROWS):
            chunk = rows[start : start + CHUNK_ROWS]
            session.execute(statement, chunk)
            yield len(chunk)


def _remove(session: Session, table: _Table, keys: set[Key]) -> None:
    """Delete the rows with these keys."""
    same = [col(getattr(table.model, name)) == bindparam(f"old_{name}") for name in table.key_names]
    rows = [{f"old_{name}": value for name, value in zip(table.key_names, key, strict=True)} for key in keys]
    if rows:
        session.connection().execute(delete(table.model).where(*same), rows)


def _summary(files: StoreFiles, removed_variants: int) -> ImportSummary:
    return ImportSummary(
        kiosks=len(files.store.kiosks),
        products=len(files.products),
        variants=len(files.variants),
        stock_rows=len(files.stock),
        pieces=sum(stock.on_hand for stock in files.stock),
        customers=len(files.customers),
        promotions=len(files.promotions),
        removed_variants=removed_variants,
    )
