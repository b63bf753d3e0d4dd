"""One talk in the database, for whichever server goes on with it: its state comes in, and is kept while it is ours."""

import asyncio

from pydantic import BaseModel

from agent.state import SessionMemory
from server.realtime.items import Item
from server.realtime.outbox import KeptFrames
from server.realtime.screen import Shown
from server.realtime.session_config import SessionConfig
from tools.kept_sessions import KeptSessions
from tools.session_claim import SessionClaim

KEPT_ITEMS = 40
"""Items of the conversation that another server still knows."""
KEPT_FRAME_BYTES = 32 * 1024
"""Frames that another server can still send, so that a client which lost its server misses nothing of the last turn."""


class Typed(BaseModel):
    """Something typed that nobody has asked to be answered yet."""

    item_id: str
    text: str


class TalkState(BaseModel):
    """All that another server needs of a talk."""

    memory: SessionMemory
    under_way: str | None = None
    """What the turn answers that has begun, and changed nothing when this was kept: it is run again."""
    config: SessionConfig
    shown: Shown
    waits_for_wake_phrase: bool = False
    came_s_ago: float | None = None
    """How long ago the customer said or did something first; None when nobody has come."""
    cut_off: str = ""
    """What the customer said and goes on with."""
    unanswered: list[Typed] = []
    items: list[Item] = []
    frames: KeptFrames = KeptFrames()

    def memory_for(self, has_all: bool) -> SessionMemory:
        """What the session goes on from, for a client that has all events, or may have missed some.

        A yes to a total that may not have been heard would be none: the question is asked anew.
        """
        dialogue = self.memory.dialogue
        if has_all or self.under_way is not None or dialogue.awaiting != "confirmation":
            return self.memory
        return self.memory.model_copy(update={"dialogue": dialogue.model_copy(update={"awaiting": None})})


class Keeping:
    """Keeps one talk, as long as no other server has taken it over."""

    def __init__(self, sessions: KeptSessions, claim: SessionClaim) -> None:
        self._sessions = sessions
        self.claim = claim

    async def keep(self, kept: str) -> None:
        """Remember this state; SessionTakenOver when the talk is no longer ours, StoreError when the database fails."""
        await asyncio.to_thread(self._sessions.keep, self.claim, kept)

    async def hand_over(self, kept: str) -> None:
        """Leave the talk to the server that its client comes to next; raises as above."""
        await asyncio.to_thread(self._sessions.release, self.claim, kept)
