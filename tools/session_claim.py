"""Who may act for a session: a claim comes in, and what was claimed by another server since is refused.

Servers are told apart by numbers that only the database gives out, never by their clocks.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from tools.database import KeptSession
from tools.errors import WalkioskError

TAKEN_OVER = "another server goes on with this session, or it is over"


@dataclass(frozen=True)
class SessionClaim:
    """A server's right to act for a session, until another server takes the session over with a larger number."""

    session_id: str
    number: int


class SessionTakenOver(WalkioskError):
    """Another server goes on with the session, or it is over: this one may do nothing more for it."""


def require_held(session: Session, claim: SessionClaim | None) -> None:
    """In the caller's transaction: SessionTakenOver unless the claim is the newest.

    Nobody can take the session over before the transaction ends. None stands for a session that no other server knows.
    """
    if claim is None:
        return
    newest = session.exec(
        select(KeptSession.claim).where(col(KeptSession.session_id) == claim.session_id).with_for_update(read=True)
    ).first()
    if newest != claim.number:
        raise SessionTakenOver(TAKEN_OVER)


def is_first_time(session: Session, claim: SessionClaim | None, key: str) -> bool:
    """In the transaction of a change that keeps no key: whether the session has not made it yet; it is noted with it.

    Only the last such change is remembered, and only as long as the session lasts: a turn makes one at most.
    SessionTakenOver as above.
    """
    if claim is None:
        return True
    wanted = select(KeptSession).where(col(KeptSession.session_id) == claim.session_id)
    kept = session.exec(wanted.with_for_update()).first()
    if kept is None or kept.claim != claim.number:
        raise SessionTakenOver(TAKEN_OVER)
    is_first = kept.last_effect != key
    kept.last_effect = key
    return is_first
