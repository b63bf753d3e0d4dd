"""Wishes that a kiosk could not meet: what was asked for in vain comes in and is kept, and is counted up again.

Only the shop's own keys are kept, never a customer's words, and nothing that leads to who it was.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import col, select

from tools.database import UnmetWish, read_transaction, utc_now, write_transaction
from tools.session_claim import SessionClaim, is_first_time

MAX_KEY_CHARACTERS = 80
MAX_READ = 100_000


class Lack(StrEnum):
    """Why a wish was not met: there was none left, it is not made in that size or colour, or the shop has none."""

    SOLD_OUT = "sold_out"
    NOT_MADE = "not_made"
    NOT_SOLD = "not_sold"


class VainWish(BaseModel):
    """What was asked for in vain; what was not said is empty."""

    model_config = ConfigDict(frozen=True)

    lack: Lack
    product_id: str = ""
    sku: str = ""
    category: str = ""
    colour: str = ""
    size: str = ""
    material: str = ""


@dataclass(frozen=True)
class WishAt:
    """A wish, where and when."""

    wish: VainWish
    kiosk_id: str
    at: datetime


class WishBook:
    """Where wishes are written down."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now) -> None:
        self._engine, self._now = engine, now

    def note(
        self, kiosk_id: str, wishes: Sequence[VainWish], claim: SessionClaim | None = None, idempotency_key: str = ""
    ) -> None:
        """Keep wishes of one customer; a session that goes on at another server keeps them once for one key.

        Raises SessionTakenOver where the claim on it is no longer the newest, StoreError when they cannot be kept.
        """
        rows = [
            UnmetWish.model_validate(
                {name: str(value)[:MAX_KEY_CHARACTERS] for name, value in wish.model_dump(mode="json").items()}
                | {"kiosk_id": kiosk_id, "at": self._now()}
            )
            for wish in wishes
        ]
        with write_transaction(self._engine) as session:
            if is_first_time(session, claim, idempotency_key):
                session.add_all(rows)


def read_vain_wishes(
    engine: Engine, since: datetime, until: datetime, kiosk_id: str | None = None
) -> tuple[WishAt, ...]:
    """The wishes of a time at one kiosk or at all, the latest first; at most MAX_READ of them."""
    statement = (
        select(UnmetWish)
        .where(col(UnmetWish.at) >= since, col(UnmetWish.at) < until)
        .order_by(col(UnmetWish.at).desc())
        .limit(MAX_READ)
    )
    if kiosk_id is not None:
        statement = statement.where(UnmetWish.kiosk_id == kiosk_id)
    with read_transaction(engine) as session:
        return tuple(_read(session.exec(statement)))


def _read(rows: Iterator[UnmetWish]) -> Iterator[WishAt]:
    known = {str(lack) for lack in Lack}
    for row in rows:
        if row.lack in known:
            wish = VainWish.model_validate(row.model_dump(include=set(VainWish.model_fields)))
            yield WishAt(wish, row.kiosk_id, row.at)
