"""What the websocket server needs of a kiosk: sessions that can be interrupted, and whether its parts are well."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Protocol

from agent.observation import Observe
from agent.state import AgeCheck, SessionMemory, TurnEvent
from tools.kept_sessions import KeptSessions
from tools.session_claim import SessionClaim


class TalkSession(Protocol):
    """One customer's talk with the kiosk."""

    @property
    def session_id(self) -> str:
        """Names the talk, and tells nothing of the customer."""
        ...

    @property
    def turn_id(self) -> str:
        """Names the turn that runs or ran last, in the log and in traces."""
        ...

    @property
    def kiosk_id(self) -> str:
        """The machine the customer stands at."""
        ...

    @property
    def language(self) -> str:
        """The language of the talk."""
        ...

    @property
    def age_check(self) -> AgeCheck | None:
        """The goods that wait for a member of staff to look at the customer's age."""
        ...

    @property
    def has_effects(self) -> bool:
        """Whether the last turn began to change something."""
        ...

    def say(
        self,
        text: str,
        may_act: Callable[[], Awaitable[None]] | None = None,
        on_begin: Callable[[], asyncio.Future[None]] | None = None,
    ) -> AsyncGenerator[TurnEvent, None]:
        """One turn; closing the generator interrupts it.

        `on_begin` is called before anything of it has happened. What that begins is waited for before anything is given
        out, and before anything is changed `may_act` too.
        """
        ...

    def memory(self) -> SessionMemory | None:
        """What another server needs to go on; None while a turn runs."""
        ...

    def act_under(self, claim: SessionClaim) -> None:
        """Change something only as long as no other server has taken the session over."""
        ...

    def was_heard(self, sentences: int) -> None:
        """So many sentences of the last turn reached the customer."""
        ...

    def take_back(self) -> None:
        """Nothing of the last turn was heard, and what was said in it comes again with what follows."""
        ...

    async def choose_language(self, language: str) -> None:
        """The talk goes on in this language."""
        ...

    async def approve_age(self, name: str, pin: str) -> None:
        """Staff approve goods for this customer; OperatorError when the PIN does not fit or nothing waits."""
        ...

    async def leave(self) -> None:
        """Another server goes on with the customer; nothing of them may be kept, and nothing changed."""
        ...

    async def close(self) -> Sequence[str]:
        """The customer has left; nothing of them may be kept. Sentences of an interrupted turn that were not heard."""
        ...


class TalkKiosk(Protocol):
    """A running kiosk."""

    @property
    def observe(self) -> Observe:
        """Takes what is to be known of its sessions and connections."""
        ...

    @property
    def languages(self) -> Sequence[str]:
        """The languages it speaks."""
        ...

    def is_called(self, text: str) -> bool:
        """Whether words begin with what wakes the kiosk; always, in a shop that has no such phrase."""
        ...

    def names_like(self, text: str) -> Sequence[str]:
        """Names the shop knows that may have been said where these words were heard. It may be asked in a thread."""
        ...

    def is_only_call(self, text: str) -> bool:
        """Whether words wake the kiosk and say nothing else."""
        ...

    def new_session(
        self, kiosk_id: str | None = None, customer_id: str | None = None, language: str | None = None
    ) -> TalkSession:
        """A session; OperatorError for a kiosk, customer or language that the shop does not know."""
        ...

    def resumed_session(self, memory: SessionMemory, claim: SessionClaim) -> TalkSession:
        """A session that goes on where another server was with it."""
        ...

    def kept_sessions(self, lease_s: float) -> KeptSessions | None:
        """Where sessions are kept for other servers, held for so long at a time; None where there are no others."""
        ...

    async def readiness(self) -> dict[str, bool]:
        """Whether each part that a turn needs answers now."""
        ...
