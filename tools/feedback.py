"""Feedback: a customer's words about an order or the shop come in, and are kept without anything personal."""

import unicodedata

from sqlalchemy import Engine
from sqlmodel import col, select

from tools.database import Feedback, read_transaction, write_transaction
from tools.errors import CustomerError, ModelError
from tools.redaction import redact
from tools.session_claim import SessionClaim, is_first_time

MAX_CHARACTERS = 2_000
RATINGS = range(1, 6)


class FeedbackBook:
    """Where feedback is written down and read again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        kiosk_id: str,
        order_id: str | None,
        language: str,
        text: str,
        rating: int | None = None,
        claim: SessionClaim | None = None,
        idempotency_key: str = "",
    ) -> Feedback:
        """Keep the words, cut to 2,000 characters, and a rating of 1 (bad) to 5 (good) if one was given.

        A session that goes on at another server keeps them once for one key. Raises SessionTakenOver where the claim on
        it is no longer the newest, ModelError for another rating, and CustomerError("not-heard") when there is nothing
        to keep.
        """
        if rating is not None and rating not in RATINGS:
            raise ModelError(f"a rating is a whole number from 1 to 5, not {rating}")
        words = redact(clean(text))[:MAX_CHARACTERS]
        if not words and rating is None:
            raise CustomerError("not-heard")
        entry = Feedback(kiosk_id=kiosk_id, order_id=order_id, language=language, text=words, rating=rating)
        with write_transaction(self._engine) as session:
            if is_first_time(session, claim, idempotency_key):
                session.add(entry)
        return entry

    def recent(self, limit: int = 100) -> list[Feedback]:
        """The latest feedback, newest first."""
        with read_transaction(self._engine) as session:
            rows = session.exec(select(Feedback).order_by(col(Feedback.feedback_id).desc()).limit(max(0, limit)))
            return list(rows.all())


def clean(text: str) -> str:
    """The text on one line, without control characters or marks that turn the direction of writing around."""
    kept = (character for character in text[: 4 * MAX_CHARACTERS] if character.isspace() or not _is_control(character))
    return " ".join("".join(kept).split())


def _is_control(character: str) -> bool:
    # joiners (also Cf) are part of Hindi words and of emoji and stay
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")
        or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
