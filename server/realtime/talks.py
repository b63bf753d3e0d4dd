"""All sessions of a server: kiosks come in, talks go out; ends those whose customer has left, whoever is connected.

Over PostgreSQL any server goes on with any session, and one server at a time has it.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from agent.observation import SessionBegan, SessionEnded
from server.realtime.keeping import Keeping, TalkState
from server.realtime.kiosk_events import EndReason
from server.realtime.outbox import Outbox, number_after
from server.realtime.problems import NORMAL, RESTART, TAKEN_OVER, TRY_LATER, ProtocolError
from server.realtime.roles import TalkKiosk
from server.realtime.talk import Talk
from server.realtime.voice import Voice
from server.server_settings import ServerSettings
from tools.errors import StoreError
from tools.kept_sessions import TakenSession
from tools.session_claim import SessionClaim, SessionTakenOver

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 1.0
RENEW_EVERY_S = 5.0
LEASE_MARGIN_S = 15.0
"""So much longer than its client may be away a session stays with a server that does not renew it."""


@dataclass
class Seat:
    """A talk, the key it is resumed by, and who is connected to it."""

    talk: Talk
    key: str
    cut_off: Callable[[int], None] | None = None
    """Closes the connection that there is with a code."""
    left_s: float = 0.0
    """When the last connection was lost."""


class Talks:
    """The sessions of one server. `idle_s` 0 means that nobody is ever taken to have left."""

    def __init__(
        self,
        kiosk: TalkKiosk,
        voice: Voice | None,
        settings: ServerSettings,
        idle_s: int,
        now_s: Callable[[], float],
    ) -> None:
        self._kiosk, self._voice, self._settings, self._idle_s, self._now_s = kiosk, voice, settings, idle_s, now_s
        self._kept = kiosk.kept_sessions(settings.resume_s + LEASE_MARGIN_S)
        self._taking = asyncio.Lock()
        self._unforgotten: set[SessionClaim] = set()
        """Ended, and still kept as the database failed."""
        self._left: set[SessionClaim] = set()
        """Left behind, here or by another server, and being ended here: nobody can come back to them."""
        self._renewed_s = float("-inf")
        self._seats: dict[str, Seat] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}
        self.is_draining = False

    def __len__(self) -> int:
        return len(self._seats)

    async def begin(self, kiosk_id: str | None, customer_id: str | None, language: str | None) -> Seat:
        """A talk for the next customer.

        Raises ProtocolError when there are too many, and OperatorError for what the shop does not know, or StoreError
        when its database fails.
        """
        if self.is_draining:
            raise ProtocolError("shutting_down", "the server is shutting down", close_code=TRY_LATER)
        if len(self._seats) >= self._settings.max_sessions:
            raise ProtocolError("too_many_sessions", "there are too many sessions now", close_code=TRY_LATER)
        session = self._kiosk.new_session(kiosk_id, customer_id, language)
        talk = Talk(session, self._kiosk, self._voice, self._settings, self._now_s, self.end_soon, self._drop_soon)
        secret = secrets.token_urlsafe(32)
        talk.open(secret, self._settings.resume_s, self._idle_s)
        seat = Seat(talk, _key(secret))
        if self._kept is not None:
            await talk.begin_keeping(self._kept, seat.key)
        self._seats[talk.session_id] = seat
        self._kiosk.observe(SessionBegan(talk.kiosk_id))
        return seat

    async def resume(self, token: str, kiosk_id: str | None, after: str | None) -> tuple[Seat, int]:
        """The talk of a lost connection and the number of the frame to go on with; who still holds it is cut off.

        `after` is the id of the last event that the client has. Raises ProtocolError when there is no such talk, and
        StoreError when the database that knows it fails.
        """
        if self.is_draining:
            raise ProtocolError("shutting_down", "the server is shutting down", close_code=TRY_LATER)
        key, wanted = _key(token), number_after(after) if after else None
        seat = next((seat for seat in self._seats.values() if seat.key == key), None)
        is_moved = False
        if self._kept is not None:
            async with self._taking:  # a client that tries twice at once finds what its first try has brought here
                seat, is_moved = await self._taken(key, kiosk_id, wanted)
        if seat is None or (kiosk_id is not None and seat.talk.kiosk_id != kiosk_id):
            raise ProtocolError("cannot_resume", "there is no such session any more", close_code=NORMAL)
        if seat.cut_off is not None:
            seat.cut_off(TAKEN_OVER)
        talk, outbox = seat.talk, seat.talk.outbox
        number = wanted if wanted is not None and outbox.first <= wanted <= outbox.next else None
        talk.resumed(is_complete=number is not None and outbox.is_whole_from(number), is_moved=is_moved)
        if number is not None and number < outbox.first:  # that very event took its place
            number = None
            talk.resumed(is_complete=False)
        return seat, outbox.first if number is None else number

    def end_soon(self, talk: Talk, reason: EndReason) -> None:
        """End a talk as soon as what runs now has come to a rest."""
        self._end(talk, reason, NORMAL)

    def sweep(self) -> None:
        """Begin to end the talks whose customer has left, one way or another."""
        now_s = self._now_s()
        for seat in list(self._seats.values()):
            if (reason := self._over(seat, now_s)) is not None:
                self._end(seat.talk, reason, NORMAL)

    async def renew(self) -> None:
        """Hold what this server has, drop what another has taken, end what a dead server left and nobody came back to.

        StoreError when the database fails.
        """
        if self._kept is None:
            return
        for claim in list(self._unforgotten):
            await self._forget(claim)
        had = {claim for seat in self._seats.values() if (claim := seat.talk.claim) is not None}
        lost = had - await asyncio.to_thread(self._kept.renew, had | self._left)
        for seat in list(self._seats.values()):
            if seat.talk.claim in lost:
                self._drop_soon(seat.talk)
        async with self._taking:  # no client finds one between its taking and our knowing of it
            for left in await asyncio.to_thread(self._kept.take_left):
                log.warning("a session that its server left behind is ended")
                self._left.add(left.claim)
                self._ending[left.claim.session_id] = asyncio.create_task(self._end_left(left))

    async def settle(self) -> None:
        """Wait until the talks that are ending have ended."""
        await asyncio.gather(*self._ending.values())

    async def keep_sweeping(self) -> None:
        """Sweep again and again until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            self.sweep()
            if self._now_s() - self._renewed_s > RENEW_EVERY_S and not self.is_draining:
                self._renewed_s = self._now_s()
                try:
                    await self.renew()
                except StoreError as error:
                    log.error("sessions could not be held: %s", error)

    async def drain(self) -> None:
        """Take nobody in any more and leave all talks to other servers, or end them where there are none.

        Each after the turn that is under way, or what it has begun to change.
        """
        self.is_draining = True
        for seat in list(self._seats.values()):
            if seat.talk.claim is None:
                self._end(seat.talk, "shutdown", RESTART)
            elif seat.talk.session_id not in self._ending:
                self._ending[seat.talk.session_id] = asyncio.create_task(self._hand_over(seat))
        await self.settle()

    def _over(self, seat: Seat, now_s: float) -> EndReason | None:
        talk = seat.talk
        if seat.cut_off is None and (talk.came_s is None or now_s - seat.left_s > self._settings.resume_s):
            return "left"
        if self._idle_s and talk.idle_s() > self._idle_s:
            return "idle"
        if talk.came_s is not None and now_s - talk.came_s > self._settings.max_session_s:
            return "too_long"
        return None

    def _end(self, talk: Talk, reason: EndReason, close_code: int) -> None:
        if talk.session_id not in self._ending and talk.session_id in self._seats:
            self._ending[talk.session_id] = asyncio.create_task(self._close(talk, reason, close_code))

    async def _close(self, talk: Talk, reason: EndReason, close_code: int) -> None:
        try:
            await talk.close(reason, close_code)
            if talk.claim is not None:
                await self._forget(talk.claim)
        except Exception:
            log.exception("a session ended badly")
        finally:
            self._leave(talk, reason)

    def _leave(self, talk: Talk, reason: str) -> None:
        """The talk is no longer here."""
        seat = self._seats.pop(talk.session_id)
        self._kiosk.observe(SessionEnded(reason))
        if seat.cut_off is None:
            talk.outbox.forget()
        if self._voice is not None:
            self._voice.speaker.forget()
        self._ending.pop(talk.session_id, None)

    # other servers

    async def _taken(self, key: str, kiosk_id: str | None, wanted: int | None) -> tuple[Seat | None, bool]:
        """The talk with this key, if there is one anywhere, and whether it has just come here out of the database."""
        assert self._kept is not None
        taken = await asyncio.to_thread(self._kept.take, key, kiosk_id)
        if taken is None or taken.claim in self._unforgotten | self._left:
            return None, False
        seat = next((seat for seat in self._seats.values() if seat.key == key), None)
        if seat is not None and seat.talk.claim == taken.claim:
            return seat, False
        if seat is not None:  # it went to another server and came back, perhaps without our learning of it
            self._drop_soon(seat.talk)
            await self._ending[seat.talk.session_id]
        try:
            seat = Seat(self._going_on(taken, wanted or 1), key)
        except ProtocolError:
            await self._forget(taken.claim)
            raise
        self._seats[seat.talk.session_id] = seat
        self._kiosk.observe(SessionBegan(seat.talk.kiosk_id))
        return seat, True

    def _going_on(self, taken: TakenSession, at_least: int) -> Talk:
        """The talk as another server left it; ProtocolError when that was none that this program can go on with."""
        assert self._kept is not None
        try:
            state = TalkState.model_validate_json(taken.state)
        except ValidationError as error:
            log.error("what another server kept of a session cannot be read: %d errors", error.error_count())
            raise ProtocolError("cannot_resume", "the session cannot go on here", close_code=NORMAL) from None
        outbox = Outbox(self._settings.max_waiting_bytes, state.frames, at_least)
        return Talk(
            self._kiosk.resumed_session(state.memory_for(outbox.is_whole_from(at_least)), taken.claim),
            self._kiosk,
            self._voice,
            self._settings,
            self._now_s,
            self.end_soon,
            self._drop_soon,
            Keeping(self._kept, taken.claim),
            state,
            outbox,
        )

    async def _hand_over(self, seat: Seat) -> None:
        try:
            await seat.talk.hand_over(self._settings.drain_s, RESTART)
        except SessionTakenOver:
            await seat.talk.abandon()
        except Exception:
            log.exception("a session ended badly; another server goes on from its last turn")
        finally:
            self._leave(seat.talk, "moved")

    def _drop_soon(self, talk: Talk) -> None:
        """Another server has the talk by now."""
        if talk.session_id not in self._ending and (seat := self._seats.get(talk.session_id)) is not None:
            self._ending[talk.session_id] = asyncio.create_task(self._drop(seat))

    async def _drop(self, seat: Seat) -> None:
        log.info("another server goes on with a session")
        if seat.cut_off is not None:
            seat.cut_off(TAKEN_OVER)
        try:
            await seat.talk.abandon()
        except Exception:
            log.exception("a session that another server has ended badly here")
        finally:
            self._leave(seat.talk, "moved")

    async def _end_left(self, left: TakenSession) -> None:
        """End a talk whose server died and whose client did not come back."""
        try:
            state = TalkState.model_validate_json(left.state)
            await self._kiosk.resumed_session(state.memory, left.claim).close()
        except Exception:
            log.exception("a session that was left behind could not be closed; what it holds expires")
        self._left.discard(left.claim)
        await self._forget(left.claim)
        del self._ending[left.claim.session_id]

    async def _forget(self, claim: SessionClaim) -> None:
        """Keep nothing of a session that is over; where the database fails it is tried again."""
        assert self._kept is not None
        self._unforgotten.add(claim)
        try:
            await asyncio.to_thread(self._kept.end, claim)
        except StoreError as error:
            log.error("a session that is over could not be forgotten yet: %s", error)
        else:
            self._unforgotten.discard(claim)


def _key(token: str) -> str:
    """What is kept of a resume token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
