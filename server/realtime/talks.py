"""All sessions of a server: kiosks come in, talks go out; ends those whose customer has left, whoever is connected."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from agent.observation import SessionBegan, SessionEnded
from server.realtime.kiosk_events import EndReason
from server.realtime.outbox import number_after
from server.realtime.problems import NORMAL, RESTART, TAKEN_OVER, TRY_LATER, ProtocolError
from server.realtime.roles import TalkKiosk
from server.realtime.talk import Talk
from server.realtime.voice import Voice
from server.server_settings import ServerSettings

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 1.0


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
        self._seats: dict[str, Seat] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}
        self.is_draining = False

    def __len__(self) -> int:
        return len(self._seats)

    def begin(self, kiosk_id: str | None, customer_id: str | None, language: str | None) -> Seat:
        """A talk for the next customer.

        Raises ProtocolError when there are too many, and OperatorError for what the shop does not know.
        """
        if self.is_draining:
            raise ProtocolError("shutting_down", "the server is shutting down", close_code=TRY_LATER)
        if len(self._seats) >= self._settings.max_sessions:
            raise ProtocolError("too_many_sessions", "there are too many sessions now", close_code=TRY_LATER)
        session = self._kiosk.new_session(kiosk_id, customer_id, language)
        talk = Talk(session, self._kiosk, self._voice, self._settings, self._now_s, self.end_soon)
        seat = Seat(talk, _key(talk.open(self._settings.resume_s, self._idle_s)))
        self._seats[talk.session_id] = seat
        self._kiosk.observe(SessionBegan(talk.kiosk_id))
        return seat

    def resume(self, token: str, kiosk_id: str | None, after: str | None) -> tuple[Seat, int]:
        """The talk of a lost connection and the number of the frame to go on with; who still holds it is cut off.

        `after` is the id of the last event that the client has. Raises ProtocolError when there is no such talk.
        """
        key = _key(token)
        seat = next((seat for seat in self._seats.values() if seat.key == key), None)
        if seat is None or (kiosk_id is not None and seat.talk.kiosk_id != kiosk_id):
            raise ProtocolError("cannot_resume", "there is no such session any more", close_code=NORMAL)
        if seat.cut_off is not None:
            seat.cut_off(TAKEN_OVER)
        talk, outbox = seat.talk, seat.talk.outbox
        wanted = number_after(after) if after else None
        number = wanted if wanted is not None and outbox.first <= wanted <= outbox.next else None
        talk.resumed(is_complete=number is not None)
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

    async def settle(self) -> None:
        """Wait until the talks that are ending have ended."""
        await asyncio.gather(*self._ending.values())

    async def keep_sweeping(self) -> None:
        """Sweep again and again until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            self.sweep()

    async def drain(self) -> None:
        """Take nobody in any more and end all talks, each after what it has begun to change."""
        self.is_draining = True
        for seat in list(self._seats.values()):
            self._end(seat.talk, "shutdown", RESTART)
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
        except Exception:
            log.exception("a session ended badly")
        finally:
            seat = self._seats.pop(talk.session_id)
            self._kiosk.observe(SessionEnded(reason))
            if seat.cut_off is None:
                talk.outbox.forget()
            if self._voice is not None:
                self._voice.speaker.forget()
            del self._ending[talk.session_id]


def _key(token: str) -> str:
    """What is kept of a resume token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
