"""Checked store files come in and become the store database's rows, all of them or none; counts go out."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, bindparam, inspect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, col, delete, insert, select, update

from tools.database import (
    Customer,
    Kiosk,
    LoyaltyTier,
    Product,
    Promotion,
    Stock,
    StoreSetting,
    Variant,
    create_tables,
    open_database,
    utc_now,
    write_transaction,
)
from tools.errors import StoreError
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
    database: Path,
    files: StoreFiles,
    replace: bool = False,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> CreatedStore:
    """Make a new store database; StoreError when one is there, unless it may be replaced: it is then kept as a backup.

    The new one is filled beside its place and moved there when it is whole.
    """
    if database.exists() and not replace:
        raise StoreError(f"there is already a store at {database}; import into it, or replace it with --force")
    unfinished = database.with_name(f"{database.name}.unfinished")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        _remove_files(unfinished)
        summary = _fill(unfinished, files, progress)
        backup = _set_aside(database, now or utc_now()) if database.exists() else None
        unfinished.replace(database)
    except OSError as error:
        raise StoreError(f"the store at {database} cannot be written: {error.strerror}") from error
    finally:
        _remove_files(unfinished)
    return CreatedStore(summary=summary, backup=backup)


def open_store(database: Path) -> Engine:
    """The engine of a store database that is there; StoreError when it is missing, is none, or is too old.

    Tables that a newer version added are made.
    """
    if not database.is_file():
        raise StoreError(f"there is no store at {database}; make one with `walkiosk store init`")
    engine = open_database(database)
    try:
        with Session(engine) as session:
            session.exec(select(StoreSetting)).first()
        create_tables(engine)
        if missing := _missing_columns(engine):
            engine.dispose()
            raise StoreError(
                f"{database} was made by an older version (it lacks {', '.join(missing)}); "
                "make a new one with `walkiosk store init --force`, which keeps this one as a backup"
            )
    except (DBAPIError, sqlite3.DatabaseError) as error:
        engine.dispose()
        raise StoreError(f"{database} is not a store database") from error
    return engine


def _missing_columns(engine: Engine) -> list[str]:
    """Columns that this version needs and the database does not have, as table.column."""
    inspector = inspect(engine)
    missing: list[str] = []
    for table in SQLModel.metadata.sorted_tables:
        present = {column["name"] for column in inspector.get_columns(table.name)}
        missing += [f"{table.name}.{column.name}" for column in table.columns if column.name not in present]
    return missing


def _fill(path: Path, files: StoreFiles, progress: Progress | None) -> ImportSummary:
    engine = open_database(path)
    try:
        create_tables(engine)
        return import_store(engine, files, progress)
    except (DBAPIError, sqlite3.DatabaseError) as error:
        raise StoreError(f"the store database cannot be made: {error}") from error
    finally:
        engine.dispose()  # the last connection to close folds the write-ahead log into the file


def _set_aside(database: Path, now: datetime) -> Path:
    """Copy the store to a backup that carries the time, then remove it with its write-ahead log.

    A log that stayed behind would be replayed into the new file; the copy is made by SQLite so that it has the
    log's changes in it.
    """
    backup = database.with_name(f"{database.stem}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{database.suffix}")
    if backup.exists():
        raise StoreError(f"the backup {backup} is already there; try again in a second")
    try:
        source, target = sqlite3.connect(database), sqlite3.connect(backup)
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
    except sqlite3.DatabaseError as error:
        backup.unlink(missing_ok=True)
        raise StoreError(f"the store at {database} cannot be backed up and is left alone: {error}") from error
    _remove_files(database)
    return backup


def _remove_files(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


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
        parents={key: term.parent for key, term in files.vocabulary.categories.items() if term.parent},
        folder=str(files.folder.resolve()),
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
