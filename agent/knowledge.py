"""What a kiosk knows out of its shop's graph, one version at a time: turns borrow it, a new version takes its place.

A turn keeps the version that it began with. An old one is closed when the last turn that borrowed it has ended; nothing
but those turns refers to it then, so its memory is free again.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from agent.improvise import Improviser
from agent.recipes.turn import Shop
from agent.understand import Understander
from tools.graph_answers import GraphReader
from tools.linking import NameLinker


@dataclass(frozen=True, eq=False)
class Knowledge:
    """One version of the graph, opened, and every part of the kiosk that was made from it."""

    number: int
    graph: GraphReader
    linker: NameLinker
    understander: Understander
    improviser: Improviser
    shop: Shop


class KnowledgeInUse:
    """The version that turns begin with. To be used on the event loop only, and closed at the end."""

    def __init__(self, first: Knowledge) -> None:
        self._current = first
        self._borrowed: dict[Knowledge, int] = {first: 0}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def current(self) -> Knowledge:
        """The version for what begins now; only who borrows it may ask its graph."""
        return self._current

    @property
    def open_versions(self) -> list[int]:
        """The numbers of the versions that are not closed: the current one, and old ones that turns still use."""
        return [knowledge.number for knowledge in self._borrowed]

    @contextmanager
    def borrow(self) -> Generator[Knowledge, None, None]:
        """The current version, which stays open as long as it is borrowed, whatever takes its place meanwhile."""
        knowledge = self._current
        self._borrowed[knowledge] += 1
        try:
            yield knowledge
        finally:
            if knowledge in self._borrowed:  # else it was closed together with the kiosk
                self._borrowed[knowledge] -= 1
                self._close_if_done(knowledge)

    def replace(self, new: Knowledge) -> None:
        """What begins from now on begins with another version."""
        old, self._current = self._current, new
        self._borrowed[new] = 0
        self._close_if_done(old)

    async def close(self) -> None:
        """Close every version, also one that is still borrowed."""
        for knowledge in [*self._borrowed]:
            self._start_closing(knowledge)
        await asyncio.gather(*self._closing)

    def _close_if_done(self, knowledge: Knowledge) -> None:
        if knowledge is not self._current and self._borrowed.get(knowledge) == 0:
            self._start_closing(knowledge)

    def _start_closing(self, knowledge: Knowledge) -> None:
        """In a thread: it waits for queries that run in others."""
        del self._borrowed[knowledge]
        closing = asyncio.create_task(asyncio.to_thread(knowledge.graph.graph.close))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
