"""Reads what customers said in a period: a store and a period come in, clean comments with whose they are go out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, func
from sqlmodel import col, select

from tools.database import Feedback, Kiosk, Order, read_transaction
from tools.errors import OperatorError
from tools.feedback import MAX_CHARACTERS, clean
from tools.redaction import redact
from tools.store_facts import StoreFacts, read_store_facts

MAX_COMMENTS = 50_000
SAME_VOICE_WITHIN = timedelta(hours=1)
"""The same words at the same kiosk within this time of each other are taken for one customer's."""


@dataclass(frozen=True)
class Period:
    """From a moment up to, but without, another; both with their zone."""

    since: datetime
    until: datetime

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        return Period(self.since - (self.until - self.since), self.since)

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.since <= moment < self.until


@dataclass(frozen=True)
class Comment:
    """One row of feedback, on one line and without personal numbers.

    `voice` is the same for all that one customer said, as far as orders and repetitions tell.
    """

    feedback_id: int
    kiosk_id: str
    order_id: str | None
    language: str
    text: str
    rating: int | None
    at: datetime
    voice: str


@dataclass(frozen=True)
class CommentsRead:
    """The comments, the oldest first; how many older ones there are beyond the limit; the moment of the first ever."""

    comments: tuple[Comment, ...]
    left_out: int
    first_at: datetime | None


def read_comments(engine: Engine, period: Period, kiosk_id: str | None = None) -> CommentsRead:
    """All comments of a period, of one kiosk or of all; the newest MAX_COMMENTS where there are more."""
    statement = (
        select(Feedback, Order.customer_id, Order.session_id)
        .join(Order, col(Order.order_id) == col(Feedback.order_id), isouter=True)
        .where(col(Feedback.at) >= period.since, col(Feedback.at) < period.until)
        .order_by(col(Feedback.at).desc(), col(Feedback.feedback_id).desc())
        .limit(MAX_COMMENTS)
    )
    count = select(func.count()).where(col(Feedback.at) >= period.since, col(Feedback.at) < period.until)
    first = select(Feedback.at).order_by(col(Feedback.at)).limit(1)
    if kiosk_id is not None:
        statement = statement.where(Feedback.kiosk_id == kiosk_id)
        count = count.where(Feedback.kiosk_id == kiosk_id)
        first = first.where(Feedback.kiosk_id == kiosk_id)
    with read_transaction(engine) as session:
        rows = session.exec(statement).all()
        total = session.exec(count).one()
        first_at = session.exec(first).first()
    comments = [_comment(row, customer_id, session_id) for row, customer_id, session_id in reversed(rows)]
    return CommentsRead(_with_voices(comments), max(0, total - len(comments)), first_at)


def read_shop(engine: Engine, kiosk_id: str | None) -> StoreFacts:
    """What the store knows of the shop; OperatorError, saying which there are, for a kiosk that it does not have."""
    with read_transaction(engine) as session:
        kiosks = sorted(session.exec(select(Kiosk.kiosk_id)).all())
        facts = read_store_facts(session)
    if kiosk_id is not None and kiosk_id not in kiosks:
        raise OperatorError(f"there is no kiosk {kiosk_id!r}; this store has {', '.join(kiosks) or 'none'}")
    return facts


def _comment(row: Feedback, customer_id: str | None, session_id: str | None) -> Comment:
    voice = f"customer {customer_id}" if customer_id else f"session {session_id}" if session_id else ""
    if not voice and row.order_id:
        voice = f"order {row.order_id}"
    return Comment(
        feedback_id=row.feedback_id or 0,
        kiosk_id=row.kiosk_id,
        order_id=row.order_id,
        language=row.language,
        text=redact(clean(row.text))[:MAX_CHARACTERS],
        rating=row.rating if row.rating in range(1, 6) else None,
        at=row.at,
        voice=voice,
    )


def _with_voices(comments: Sequence[Comment]) -> tuple[Comment, ...]:
    """The comments with a voice for those that no order gives one."""
    latest: dict[tuple[str, str], Comment] = {}
    voiced: list[Comment] = []
    for comment in comments:
        own = comment
        if not comment.voice:
            said = (comment.kiosk_id, "".join(sign for sign in comment.text.casefold() if sign.isalpha()))
            earlier = latest.get(said)
            again = earlier is not None and comment.at - earlier.at <= SAME_VOICE_WITHIN
            voice = earlier.voice if earlier is not None and again else f"feedback {comment.feedback_id}"
            own = replace(comment, voice=voice)
            latest[said] = own
        voiced.append(own)
    return tuple(voiced)
