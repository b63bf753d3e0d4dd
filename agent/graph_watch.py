"""Keeps a running kiosk at the version of the graph that its store names: it looks, opens what is new, and swaps."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy import Engine

from agent.knowledge import Knowledge, KnowledgeInUse
from agent.observation import GraphRefused, GraphTakenUp, Observe
from tools.errors import OperatorError
from tools.graph_versions import VersionInfo, current_number, current_version

log = logging.getLogger(__name__)
RETRY_S = 60.0
"""A version that could not be opened is tried again after this long; another one at once."""

OpenKnowledge = Callable[[VersionInfo], Awaitable[Knowledge]]


class GraphWatch:
    """Follows the store's current version. What goes wrong is logged and observed, and the old version stays."""

    def __init__(self, engine: Engine, in_use: KnowledgeInUse, open_knowledge: OpenKnowledge, observe: Observe) -> None:
        self._engine, self._in_use, self._open, self._observe = engine, in_use, open_knowledge, observe
        self._refused: int | None = None
        self._retry_at_s = 0.0

    async def keep_current(self, every_s: float) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            await self.look(asyncio.get_running_loop().time())

    async def look(self, now_s: float) -> None:
        """Take up the current version if it is another; `now_s` is any clock that only goes on."""
        try:
            number = await asyncio.to_thread(current_number, self._engine)
        except OperatorError as error:
            log.warning("whether there is a new version of the graph cannot be seen: %s", error)
            return
        if number is None or number == self._in_use.current.number:
            self._refused = None
        elif number != self._refused or now_s >= self._retry_at_s:
            await self._take_up(number, now_s)

    async def _take_up(self, number: int, now_s: float) -> None:
        try:
            version = await asyncio.to_thread(current_version, self._engine)
            if version is None:
                return
            number = version.number
            knowledge = await self._open(version)
        except Exception as error:  # whatever is wrong with a version, the kiosk goes on with the one it has
            self._refused, self._retry_at_s = number, now_s + RETRY_S
            kept = self._in_use.current.number
            is_known = isinstance(error, OperatorError)
            log.error("the graph stays at version %d: %s", kept, error, exc_info=None if is_known else error)
            self._observe(GraphRefused(number))
            return
        log.info("the graph is at version %d now, it was at %d", number, self._in_use.current.number)
        self._in_use.replace(knowledge)
        self._refused = None
        self._observe(GraphTakenUp(number))
