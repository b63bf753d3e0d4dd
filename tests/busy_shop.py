"""A shop that has been selling for months: a store folder comes in, a database with its orders and troubles goes out.

Rows are written as the checkout would have left them, as far as reports read them.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from tools.checkout_table import Event, State
from tools.database import Feedback, LedgerEntry, Order, OrderLine, Product, Stock, StoreSetting, Variant
from tools.health import HealthBook, Signal
from tools.ledger import EventDetail
from tools.store_files import read_store
from tools.store_import import create_store, open_store
from tools.unmet_wishes import Lack, VainWish, WishBook

NOW = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)
WEEKDAY_WEIGHTS = (0.6, 0.7, 0.8, 0.9, 1.5, 1.7, 1.1)


def busy_shop(
    folder: Path, database: Path, days: int = 120, orders_a_day: float = 30, now: datetime = NOW, variants: int = 200
) -> Engine:
    """A store in a new SQLite file that has sold for so many days, the last of them yesterday."""
    create_store(database, read_store(folder))
    engine = open_store(database)
    generator = np.random.default_rng(7)
    with Session(engine) as session:
        long_ago = now - timedelta(days=days + 30)
        session.connection().execute(update(Stock).values(listed_at=long_ago))
        session.merge(StoreSetting(key="imported_at", value=long_ago.isoformat()))
        rows = session.exec(
            select(Stock, Variant, Product)
            .join(Variant, col(Variant.sku) == col(Stock.sku))
            .join(Product, col(Product.product_id) == col(Variant.product_id))
            .order_by(col(Stock.kiosk_id), col(Stock.sku))
        ).all()
        chosen = [rows[place] for place in generator.permutation(len(rows))[:variants]]
        weights = 1 / np.arange(1, len(chosen) + 1) ** 0.7
        for ago in range(days, 0, -1):
            day = now - timedelta(days=ago)
            trend = 1 + 0.3 * np.sin(2 * np.pi * ago / 90)
            count = generator.poisson(orders_a_day * WEEKDAY_WEIGHTS[day.weekday()] * trend)
            for number, place in enumerate(generator.choice(len(chosen), size=count, p=weights / weights.sum())):
                stock, variant, product = chosen[place]
                at = day.replace(hour=15, minute=0) + timedelta(minutes=int(generator.integers(0, 420)))
                _sell(session, f"S{ago}-{number}", stock, variant, product, at)
            session.flush()
        session.commit()
    return engine


def _sell(session: Session, order_id: str, stock: Stock, variant: Variant, product: Product, at: datetime) -> None:
    session.add_all(order(order_id, stock.kiosk_id, variant.sku, product, at))
    session.add(_dispensed(order_id, variant.sku, at))


def order(
    order_id: str,
    kiosk_id: str,
    sku: str,
    product: Product,
    at: datetime,
    state: State = State.CLOSED,
    trouble: str = "",
    dispensed: int = 1,
    slot: str = "A01",
) -> Sequence[Order | OrderLine]:
    """An order of one piece, and its line."""
    price = product.list_price_minor
    is_paid = state in (State.CLOSED, State.REFUNDED)
    head = Order(
        order_id=order_id,
        kiosk_id=kiosk_id,
        session_id=order_id,
        state=state,
        total_minor=price,
        currency=product.currency,
        created_at=at,
        captured_minor=price if is_paid else 0,
        trouble=trouble,
    )
    line = OrderLine(
        order_id=order_id,
        sku=sku,
        quantity=1,
        unit_price_minor=price,
        list_price_minor=price,
        product_id=product.product_id,
        name=product.name,
        slot=slot,
        dispensed=dispensed,
    )
    return head, line


def _dispensed(order_id: str, sku: str, at: datetime) -> LedgerEntry:
    detail = EventDetail(sku=sku, count=1).model_dump(mode="json", exclude_none=True)
    return LedgerEntry(
        order_id=order_id,
        sequence=1,
        event=Event.LINE_DISPENSED,
        state_before=State.DISPENSING,
        state_after=State.DISPENSING,
        idempotency_key=f"{order_id}/1",
        detail=json.dumps(detail),
        at=at,
    )


def add_troubles(engine: Engine, now: datetime = NOW) -> None:
    """Jammed slots, an order left open, one that went out unpaid, empty slots, wishes in vain and failing parts."""
    with Session(engine, expire_on_commit=False) as session:
        stock = session.exec(select(Stock).order_by(col(Stock.kiosk_id), col(Stock.sku)).limit(40)).all()
        first = stock[0]
        variant = session.get_one(Variant, first.sku)
        product = session.get_one(Product, variant.product_id)
        for number in range(3):
            at = now - timedelta(hours=5 + 20 * number)
            jam = order(f"JAM{number}", first.kiosk_id, first.sku, product, at, State.VOIDED, "dispense-failed", 0)
            session.add_all(jam)
        at = now - timedelta(minutes=95)
        session.add_all(order("OPEN1", first.kiosk_id, first.sku, product, at, State.DISPENSING, "", 0))
        at = now - timedelta(hours=30)
        session.add_all(order("UNPAID1", first.kiosk_id, first.sku, product, at, State.UNPAID))
        session.commit()
    wishes = WishBook(engine, lambda: now - timedelta(hours=4))
    one = VainWish(
        lack=Lack.SOLD_OUT, product_id=product.product_id, sku=first.sku, category=product.category, size=variant.size
    )
    for _ in range(4):
        wishes.note(first.kiosk_id, [one])
    wishes.note(first.kiosk_id, [VainWish(lack=Lack.NOT_SOLD, category=product.category, colour="green")])
    _count(engine, first.kiosk_id, now - timedelta(hours=3))


def _count(engine: Engine, kiosk_id: str, at: datetime) -> None:
    health = HealthBook(engine, lambda: at)
    for ms in (300, 400, 900, 1_200, 2_500, 4_200):
        health.count(kiosk_id, Signal.TURN, ms, times=20)
        health.count(kiosk_id, Signal.SPOKEN, ms + 700, times=15)
    health.count(kiosk_id, Signal.MODEL_ANSWERED, 1_100, times=60)
    health.count(kiosk_id, Signal.MODEL_FAILED, 12_000, times=4)
    health.count(kiosk_id, Signal.HEARD, 350, times=88)
    health.count(kiosk_id, Signal.HEARING_FAILED, times=2)
    health.save()


def add_feedback(engine: Engine, kiosk_id: str, said: Sequence[tuple[str, int | None]], now: datetime = NOW) -> None:
    """Comments with ratings, an hour apart."""
    with Session(engine) as session:
        for number, (text, rating) in enumerate(said):
            at = now - timedelta(hours=number + 1)
            session.add(Feedback(kiosk_id=kiosk_id, language="en", text=text, rating=rating, at=at))
        session.commit()
