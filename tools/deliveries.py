"""Deliveries: a table of what was brought comes in, and is booked into the stock, once; or taken out of it again."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select, update

from tools import stock_holds
from tools.database import (
    Delivery,
    DeliveryLine,
    Kiosk,
    Stock,
    Variant,
    insert_into,
    read_transaction,
    write_transaction,
)
from tools.errors import DataError, StoreError
from tools.owner_files import Problems, suggestion
from tools.owner_tables import Row, read_table

DELIVERY_COLUMNS = ("kiosk_id", "sku", "pieces")
MAX_NUMBER_CHARACTERS = 60
MAX_NAMED = 5


class BroughtGoods(BaseModel):
    """Pieces of a variant that were brought to a kiosk, and the line of the file that says so."""

    model_config = ConfigDict(frozen=True)

    kiosk_id: str
    sku: str
    pieces: int
    line: int


@dataclass(frozen=True)
class DeliveryNote:
    """A delivery as a file has it. `number` is its own, or made out of its contents if it has none."""

    file: str
    number: str
    contents: str
    goods: tuple[BroughtGoods, ...]

    @property
    def pieces(self) -> int:
        """How many were brought in all."""
        return sum(one.pieces for one in self.goods)


def read_delivery(path: Path, number: str | None = None) -> DeliveryNote:
    """The delivery in a table with the columns kiosk_id, sku and pieces, and perhaps delivery (its number) and others.

    `number` is the delivery's if the file has none. Rows of no pieces are passed over. OwnerFilesError with all
    problems; DataError when nothing was brought or the number is none.
    """
    problems, goods, numbers = Problems(), list[BroughtGoods](), set[str]()
    has_numbers = _has_numbers(path)
    seen: set[tuple[str, str]] = set()
    for row in read_table(path, (*DELIVERY_COLUMNS, "delivery") if has_numbers else DELIVERY_COLUMNS, problems, True):
        if has_numbers:
            numbers.add(row.required("delivery"))
        if (one := _brought(row, seen)).pieces:
            goods.append(one)
    problems.raise_if_any()
    if not goods:
        raise DataError("nothing was brought: there is no row with pieces", path.name)
    numbers |= {number} if number else set()
    if len(numbers) > 1:
        raise DataError(f"more than one delivery: {', '.join(sorted(numbers)[:MAX_NAMED])}", path.name)
    contents = _fingerprint(goods)
    named = next(iter(numbers), f"contents-{contents[:12]}")
    if len(named) > MAX_NUMBER_CHARACTERS or not named.isprintable():
        raise DataError(f"the number of a delivery has at most {MAX_NUMBER_CHARACTERS} plain characters", path.name)
    return DeliveryNote(path.name, named, contents, tuple(goods))


def _has_numbers(path: Path) -> bool:
    """Whether the file has a column `delivery`; what else may be wrong with it is found when it is read."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return "delivery" in [name.strip() for name in file.readline(10_000).split(",")]
    except OSError:
        return False


def _brought(row: Row, seen: set[tuple[str, str]]) -> BroughtGoods:
    place = (row.required("kiosk_id"), row.required("sku"))
    if place in seen:
        row.refuse("sku", f"{place[1]} is there twice for {place[0]}")
    seen.add(place)
    return BroughtGoods(kiosk_id=place[0], sku=place[1], pieces=row.whole("pieces", most=100_000), line=row.line)


def _fingerprint(goods: Iterable[BroughtGoods]) -> str:
    lines = sorted(f"{one.kiosk_id}\t{one.sku}\t{one.pieces}" for one in goods)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check_delivery(engine: Engine, note: DeliveryNote) -> None:
    """OwnerFilesError or StoreError for what would keep a delivery from being booked now."""
    with read_transaction(engine) as session:
        _require_known(session, note)
        _refuse_booked(session.get(Delivery, note.number), note)


def book_delivery(engine: Engine, note: DeliveryNote, now: datetime) -> None:
    """Book a delivery into the stock, all or nothing; OwnerFilesError or StoreError when it cannot be, or was before.

    One that was undone can be booked again.
    """
    with write_transaction(engine) as session:
        _require_known(session, note)
        if not _claim(session, note, now):
            _refuse_booked(session.get(Delivery, note.number), note)
        # In one order for everyone: no deadlock.
        for one in sorted(note.goods, key=lambda one: (one.kiosk_id, one.sku)):
            if not stock_holds.bring(session, one.kiosk_id, one.sku, one.pieces):
                raise StoreError(f"the stock row of {one.sku} at {one.kiosk_id} is gone; nothing was booked")


def undo_delivery(engine: Engine, number: str, now: datetime) -> int:
    """Take a booked delivery out of the stock again, all or nothing; how many pieces that were.

    StoreError when it was not booked, or when pieces of it are sold or reserved by now.
    """
    with write_transaction(engine) as session:
        undone = update(Delivery).where(col(Delivery.number) == number, col(Delivery.undone_at).is_(None))
        if session.connection().execute(undone.values(undone_at=now)).rowcount != 1:
            raise StoreError(f"no delivery {number} is booked")
        lines = session.exec(
            select(DeliveryLine)
            .where(DeliveryLine.number == number)
            .order_by(col(DeliveryLine.kiosk_id), col(DeliveryLine.sku))
        ).all()
        gone = [line for line in lines if not stock_holds.bring(session, line.kiosk_id, line.sku, -line.pieces)]
        if gone:
            named = ", ".join(f"{line.sku} at {line.kiosk_id}" for line in gone[:MAX_NAMED])
            more = f" and {len(gone) - MAX_NAMED} more" if len(gone) > MAX_NAMED else ""
            raise StoreError(f"not all of delivery {number} is still there to be taken out: {named}{more}")
        return sum(line.pieces for line in lines)


def _require_known(session: Session, note: DeliveryNote) -> None:
    """OwnerFilesError when a kiosk or a variant is not known, or the kiosk has no slot for it."""
    problems = Problems()
    kiosks = set(session.exec(select(Kiosk.kiosk_id)))
    variants = set(session.exec(select(Variant.sku)))
    stocked = {(row.kiosk_id, row.sku) for row in session.exec(select(Stock))}
    for one in note.goods:
        if one.kiosk_id not in kiosks:
            near = suggestion(one.kiosk_id, kiosks)
            problems.add(f"unknown kiosk {one.kiosk_id!r}{near}", note.file, one.line, "kiosk_id")
        elif one.sku not in variants:
            problems.add(f"unknown sku {one.sku!r}{suggestion(one.sku, variants)}", note.file, one.line, "sku")
        elif (one.kiosk_id, one.sku) not in stocked:
            how = "add it to stock.csv and import that first"
            problems.add(f"{one.kiosk_id} has no slot for {one.sku}; {how}", note.file, one.line, "sku")
    problems.raise_if_any()


def _refuse_booked(booked: Delivery | None, note: DeliveryNote) -> None:
    """StoreError for a delivery that is booked already."""
    if booked is None or booked.undone_at is not None:
        return
    when = f"{booked.booked_at:%Y-%m-%d %H:%M} UTC"
    if booked.contents != note.contents:
        raise StoreError(f"another delivery was booked as {note.number} on {when}; give this one another --number")
    raise StoreError(
        f"the delivery {note.number} was booked on {when} already and is not booked twice; "
        "if this is another one with the same goods, give it a --number of its own"
    )


def _claim(session: Session, note: DeliveryNote, now: datetime) -> bool:
    """Note the delivery as booked; whether it was not before."""
    connection = session.connection()
    row = {"number": note.number, "contents": note.contents, "booked_at": now}
    added = (
        insert_into(session, Delivery)
        .values(row)
        .on_conflict_do_nothing(index_elements=["number"])
        .returning(col(Delivery.number))
    )
    if connection.execute(added).first() is None:
        again = update(Delivery).where(col(Delivery.number) == note.number, col(Delivery.undone_at).is_not(None))
        changed = connection.execute(again.values(contents=note.contents, booked_at=now, undone_at=None))
        if changed.rowcount != 1:
            return False
        connection.execute(delete(DeliveryLine).where(col(DeliveryLine.number) == note.number))
    session.add_all(
        DeliveryLine(number=note.number, kiosk_id=one.kiosk_id, sku=one.sku, pieces=one.pieces) for one in note.goods
    )
    session.flush()
    return True
