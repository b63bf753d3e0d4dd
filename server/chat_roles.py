"""What the text front ends need of a kiosk: sessions to talk in, and whom and where they can be for."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from agent.settings import Settings
from agent.state import AgeCheck, TurnEvent

Notice = Callable[[str], None]
"""Told in a few words what is being waited for while the kiosk starts."""


class ChatSession(Protocol):
    """One customer's talk with the kiosk."""

    @property
    def kiosk_id(self) -> str:
        """The machine the customer stands at."""
        ...

    @property
    def customer_id(self) -> str | None:
        """Who it is, if known."""
        ...

    @property
    def language(self) -> str:
        """The language of the talk."""
        ...

    def say(self, text: str) -> AsyncIterator[TurnEvent]:
        """One turn: its sentences as they are ready, then its report."""
        ...

    @property
    def age_check(self) -> AgeCheck | None:
        """The goods that wait for a member of staff to look at the customer's age."""
        ...

    async def approve_age(self, name: str, pin: str) -> None:
        """Staff approve those goods for this customer; OperatorError when the PIN does not fit."""
        ...

    async def close(self) -> Sequence[str]:
        """The customer has left; nothing of them may be kept. Sentences of an interrupted turn that were not heard."""
        ...


class ChatKiosk(Protocol):
    """A running kiosk."""

    def new_session(
        self, kiosk_id: str | None = None, customer_id: str | None = None, language: str | None = None
    ) -> ChatSession:
        """A session; CustomerError or OperatorError for a kiosk, customer or language that the shop does not know."""
        ...

    def customers(self) -> Iterable[tuple[str, str]]:
        """Ids and names of the customers on file."""
        ...

    def kiosks(self) -> Iterable[tuple[str, str]]:
        """Ids and names of the shop's machines."""
        ...


OpenKiosk = Callable[[Settings, Notice], AbstractAsyncContextManager[ChatKiosk]]
