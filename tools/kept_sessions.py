"""Sessions kept in the store's database: what a server remembers of one comes in, and any server can go on with it.

A server holds its sessions by renewing those that it knows; one that is not renewed for `lease_s` is lost to whoever
ends it. Who has a session's key takes it over at once, whoever holds it. All times are the database's.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Engine, Executable, bindparam, delete, func, insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import col, select

from tools.database import KeptSession, write_transaction
from tools.database_failures import explain
from tools.errors import StoreError
from tools.session_claim import TAKEN_OVER, SessionClaim, SessionTakenOver

Answer = TypeVar("Answer")
Values = Mapping[str, object]

AT_ONCE = 20
"""So many sessions that were left behind are taken at once, so that several servers share them."""


@dataclass(frozen=True)
class TakenSession:
    """A session that this server may go on with, and what was remembered of it."""

    claim: SessionClaim
    state: str


class KeptSessions:
    """The sessions of one PostgreSQL database, for one server. Methods may be called from any thread.

    All raise StoreError when the database fails.
    """

    def __init__(self, engine: Engine, lease_s: float) -> None:
        self._engine, self._autocommit = engine, engine.execution_options(isolation_level="AUTOCOMMIT")
        self._server = uuid.uuid4().hex
        # Every turn keeps its session twice, so that the statement is built once.
        self._expiry = func.clock_timestamp() + timedelta(seconds=lease_s)
        held = col(KeptSession.session_id) == bindparam("held_id"), col(KeptSession.claim) == bindparam("held_claim")
        self._keep = update(KeptSession).where(*held).values(state=bindparam("kept"), expires_at=self._expiry)
        self._release = self._keep.values(server="")
        self._end = delete(KeptSession).where(*held)

    def begin(self, session_id: str, resume_key: str, kiosk_id: str, state: str) -> SessionClaim:
        """Keep a new session; the first claim on it."""
        row = {
            "session_id": session_id,
            "resume_key": resume_key,
            "kiosk_id": kiosk_id,
            "state": state,
            "last_effect": "",
        }
        self._run(insert(KeptSession).values(**row, server=self._server, claim=1, expires_at=self._expiry))
        return SessionClaim(session_id, 1)

    def keep(self, claim: SessionClaim, state: str) -> None:
        """Remember this of the session; SessionTakenOver where it is no longer ours."""
        self._change(self._keep, claim, state)

    def release(self, claim: SessionClaim, state: str) -> None:
        """Leave the session, as it is, to the server that its client comes to; SessionTakenOver as above."""
        self._change(self._release, claim, state)

    def end(self, claim: SessionClaim) -> None:
        """Forget the session, unless somebody else has it now."""
        self._run(self._end, _held(claim))

    def take(self, resume_key: str, kiosk_id: str | None) -> TakenSession | None:
        """Take the session with this key over (at this kiosk); None when there is none any more.

        What this server has already keeps its claim.
        """
        with write_transaction(self._engine) as session:
            wanted = select(KeptSession).where(
                col(KeptSession.resume_key) == resume_key, col(KeptSession.expires_at) > func.clock_timestamp()
            )
            row = session.exec(wanted.with_for_update()).first()
            if row is None or kiosk_id not in (None, row.kiosk_id):
                return None
            number, state = row.claim, row.state
            if row.server != self._server:
                number += 1
                change = update(KeptSession).where(col(KeptSession.session_id) == row.session_id)
                session.connection().execute(change.values(claim=number, server=self._server, expires_at=self._expiry))
            return TakenSession(SessionClaim(row.session_id, number), state)

    def renew(self, claims: Collection[SessionClaim]) -> set[SessionClaim]:
        """Hold these for a while longer; those of them that this server still has.

        What it has without knowing, as the answer of the database was lost, runs out and is taken as left.
        """
        known = col(KeptSession.session_id).in_([claim.session_id for claim in claims])
        ours = update(KeptSession).where(known, col(KeptSession.server) == self._server)
        change = ours.values(expires_at=self._expiry)
        rows = self._rows(change.returning(col(KeptSession.session_id), col(KeptSession.claim)))
        return {SessionClaim(*row) for row in rows}

    def take_left(self) -> list[TakenSession]:
        """Take sessions over that no server renewed and no client came back to, to end them."""
        left = (
            select(KeptSession.session_id)
            .where(col(KeptSession.expires_at) <= func.clock_timestamp())
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        change = (
            update(KeptSession)
            .where(col(KeptSession.session_id).in_(left))
            .values(claim=col(KeptSession.claim) + 1, server=self._server, expires_at=self._expiry)
            .returning(col(KeptSession.session_id), col(KeptSession.claim), col(KeptSession.state))
        )
        return [TakenSession(SessionClaim(session_id, claim), state) for session_id, claim, state in self._rows(change)]

    def forget_left(self) -> int:
        """Delete the sessions that nobody renewed, where no server runs that would end them; how many there were."""
        return self._run(delete(KeptSession).where(col(KeptSession.expires_at) <= func.clock_timestamp()))

    def _change(self, statement: Executable, claim: SessionClaim, state: str) -> None:
        if self._run(statement, {**_held(claim), "kept": state}) != 1:
            raise SessionTakenOver(TAKEN_OVER)

    def _run(self, statement: Executable, values: Values | None = None) -> int:
        """Run one statement; how many rows it changed."""
        return self._execute(statement, values, lambda result: result.rowcount)

    def _rows(self, statement: Executable) -> Sequence[Any]:
        return self._execute(statement, None, lambda result: result.all())

    def _execute(
        self, statement: Executable, values: Values | None, read: Callable[[CursorResult[Any]], Answer]
    ) -> Answer:
        """One statement is its own transaction: no round trips to begin and commit one."""
        try:
            with self._autocommit.connect() as connection:
                return read(connection.execute(statement, values))
        except (DBAPIError, PoolTimeout) as error:
            raise StoreError(explain(error)) from error


def _held(claim: SessionClaim) -> Values:
    return {"held_id": claim.session_id, "held_claim": claim.number}
