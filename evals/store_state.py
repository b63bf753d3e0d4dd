"""The store that a dialogue plays in: put back to its first state, changed as a scenario says, and read at the end."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from evals.scenario import StoreChange
from tools.database import (
    Feedback,
    Kiosk,
    Order,
    OrderLine,
    Product,
    Promotion,
    Stock,
    Variant,
    read_transaction,
    utc_now,
    write_transaction,
)
from tools.errors import OperatorError


class _State(BaseModel):
    model_config = ConfigDict(frozen=True)


class OrderLineState(_State):
    """A line as the database has it."""

    sku: str
    product_id: str
    colour: str
    size: str
    quantity: int
    dispensed: int


class OrderState(_State):
    """An order as the database has it."""

    order_id: str
    kiosk_id: str
    session_id: str
    customer_id: str | None
    state: str
    total_minor: int
    currency: str
    payment_id: str
    captured_minor: int
    lines: tuple[OrderLineState, ...]


class FeedbackState(_State):
    """A feedback as the database has it."""

    text: str
    rating: int | None
    order_id: str | None


class StockState(_State):
    """What a kiosk holds of a variant."""

    on_hand: int
    reserved: int


class StoreState(_State):
    """All of the store that a dialogue may change. Stock is by `KIOSK/SKU`."""

    orders: tuple[OrderState, ...]
    feedback: tuple[FeedbackState, ...]
    stock: dict[str, StockState]


class StoreTemplate:
    """A copy of the database file as it is now, that it can be put back to while others keep it open."""

    def __init__(self, database: Path, copy: Path) -> None:
        self._database, self._copy = database, copy
        _copy_database(database, copy)

    def restore(self) -> None:
        """Make the database what it was; nobody may be in a transaction. OperatorError when it cannot be."""
        _copy_database(self._copy, self._database)


def _copy_database(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
            original.backup(copy)
    except sqlite3.Error as error:
        raise OperatorError(f"the store database could not be copied to {target.name}: {error}") from error


def read_state(engine: Engine) -> StoreState:
    """The store as it stands."""
    with read_transaction(engine) as session:
        variants = {variant.sku: variant for variant in session.exec(select(Variant))}
        lines: dict[str, list[OrderLineState]] = {}
        for line in session.exec(select(OrderLine).order_by(col(OrderLine.position), col(OrderLine.sku))):
            lines.setdefault(line.order_id, []).append(_line_state(line, variants))
        return StoreState(
            orders=tuple(
                OrderState(**order.model_dump(include=_ORDER_FIELDS), lines=tuple(lines.get(order.order_id, ())))
                for order in session.exec(select(Order).order_by(col(Order.created_at)))
            ),
            feedback=tuple(
                FeedbackState(text=item.text, rating=item.rating, order_id=item.order_id)
                for item in session.exec(select(Feedback).order_by(col(Feedback.feedback_id)))
            ),
            stock={
                f"{item.kiosk_id}/{item.sku}": StockState(on_hand=item.on_hand, reserved=item.reserved)
                for item in session.exec(select(Stock))
            },
        )


_ORDER_FIELDS = {*OrderState.model_fields} - {"lines"}


def _line_state(line: OrderLine, variants: dict[str, Variant]) -> OrderLineState:
    variant = variants.get(line.sku)
    return OrderLineState(
        sku=line.sku,
        product_id=line.product_id or (variant.product_id if variant else ""),
        colour=line.colour or (variant.colour if variant else ""),
        size=line.size or (variant.size if variant else ""),
        quantity=line.quantity,
        dispensed=line.dispensed,
    )


def with_stock_moved(state: StoreState, old: StoreState, new: StoreState) -> StoreState:
    """The state as if the change from `old` to `new` had been there from the beginning."""
    stock = dict(state.stock)
    for key, now in new.stock.items():
        was, first = old.stock.get(key), stock.get(key)
        if was is None or first is None:
            stock[key] = now
        else:
            stock[key] = StockState(on_hand=first.on_hand + now.on_hand - was.on_hand, reserved=first.reserved)
    return state.model_copy(update={"stock": stock})


def first_kiosk(engine: Engine) -> str:
    """The machine that a session is at when none is named."""
    with read_transaction(engine) as session:
        kiosk = session.exec(select(Kiosk).order_by(col(Kiosk.kiosk_id))).first()
    if kiosk is None:
        raise OperatorError("the store has no kiosk")
    return kiosk.kiosk_id


def apply_change(engine: Engine, change: StoreChange, kiosk_id: str) -> None:
    """Change stock, prices, descriptions and promotions; OperatorError for goods that the store does not have."""
    with write_transaction(engine) as session:
        for key, on_hand in change.stock.items():
            kiosk, _, goods = key.rpartition("/")
            for sku in _skus(session, goods):
                _set_stock(session, kiosk or kiosk_id, sku, on_hand)
        for product_id, price_minor in change.prices.items():
            product = _product(session, product_id)
            product.list_price_minor = price_minor
            session.add(product)
        for product_id, description in change.descriptions.items():
            product = _product(session, product_id)
            product.description = description
            session.add(product)
        if change.date is not None:
            moved = utc_now().date() - change.date
            for promotion in session.exec(select(Promotion)):
                promotion.starts_on += moved
                promotion.ends_on += moved
                session.add(promotion)


def _set_stock(session: Session, kiosk_id: str, sku: str, on_hand: int) -> None:
    stock = session.get(Stock, (kiosk_id, sku)) or Stock(kiosk_id=kiosk_id, sku=sku, slot="E1")
    stock.on_hand = on_hand
    session.add(stock)


def _skus(session: Session, goods: str) -> Iterable[str]:
    found = session.exec(
        select(Variant.sku).where((col(Variant.sku) == goods) | (col(Variant.product_id) == goods))
    ).all()
    if not found:
        raise OperatorError(f"the store has no variant or product {goods!r}")
    return found


def _product(session: Session, product_id: str) -> Product:
    product = session.get(Product, product_id)
    if product is None:
        raise OperatorError(f"the store has no product {product_id!r}")
    return product
