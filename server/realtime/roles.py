"""What the websocket server needs of a kiosk: sessions that can be interrupted, and whether its parts are well."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Protocol

from agent.observation import Observe
from agent.state import AgeCheck, TurnEvent


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

    def say(self, text: str, may_act: Callable[[], Awaitable[None]] | None = None) -> AsyncGenerator[TurnEvent, None]:
        """One turn; closing the generator interrupts it. Before it changes anything it waits for `may_act`."""
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

    async def readiness(self) -> dict[str, bool]:
        """Whether each part that a turn needs answers now."""
        ...
