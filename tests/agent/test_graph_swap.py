"""A running kiosk takes up another version of its graph between turns, and lets go of the old one."""

import asyncio
import gc
import logging
import weakref
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agent.bootstrap import Kiosk, open_kiosk
from agent.observation import GraphRefused, GraphTakenUp, Observed
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from server.serving import short_collections
from tests.agent.talk import Talk
from tests.tools.film_shop import NEW_FILM, add_film, write_film_shop
from tools.database import GraphVersion, write_transaction
from tools.graph_versions import publish, roll_back

OLD, NEW = "which film shows Bo Tveit?", "who was in Lofoten Sunrise?"
FORMS: dict[str, Mapping[str, Any]] = {
    OLD: {"intent": "fact", "asked": "film", "worn_by": "Bo Tveit"},
    NEW: {"intent": "fact", "asked": "person", "film": "Lofoten Sunrise"},
}
PATIENCE_S = 300.0

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Shop:
    """A kiosk that runs, its folder, and what was observed of its graph."""

    def __init__(self, kiosk: Kiosk, folder: Path, seen: asyncio.Queue[Observed]) -> None:
        self.kiosk, self.folder, self._seen = kiosk, folder, seen

    def publish(self, film: str) -> int:
        """Publish the folder with one more film: there is nothing to take up in what is current already."""
        add_film(self.folder, film)
        return publish(self.kiosk.engine, self.folder, self.kiosk.settings.graph_copies, may_shrink=True).version.number

    async def next_seen(self) -> Observed:
        """What happens next to the graph."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._seen.get()

    async def settled(self) -> None:
        """Wait until nothing but the current version is open."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.kiosk.open_graph_versions) > 1:  # noqa: ASYNC110  there is nothing to wait for but time
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(make_home: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    folder = write_film_shop(tmp_path_factory.mktemp("films") / "shop")
    settings = Settings(store_dir=folder, graph_check_s=0.05).in_home(make_home())
    loop, seen = asyncio.get_running_loop(), asyncio.Queue[Observed]()

    def observe(event: Observed) -> None:
        if isinstance(event, GraphTakenUp | GraphRefused):
            loop.call_soon_threadsafe(seen.put_nowait, event)

    async with open_kiosk(settings, model=ScriptedModel(FORMS), observe=observe) as kiosk:
        shop = Shop(kiosk, folder, seen)
        assert await shop.next_seen() == GraphTakenUp(1)
        yield shop


async def test_the_next_turn_knows_what_was_published_until_it_is_gone_back_from(shop: Shop) -> None:
    talk = Talk(shop.kiosk.new_session())
    assert "Fog over Bergen" in (await talk(OLD)).reply
    assert "Sandvik" not in (await talk(NEW)).reply
    number = await asyncio.to_thread(shop.publish, NEW_FILM)
    assert await shop.next_seen() == GraphTakenUp(number)
    assert "Ada Sandvik" in (await talk(NEW)).reply
    assert "Fog over Bergen" in (await talk(OLD)).reply
    roll_back(shop.kiosk.engine, 1)
    assert await shop.next_seen() == GraphTakenUp(1)
    assert "Sandvik" not in (await talk(NEW)).reply
    await talk.session.close()


async def test_a_turn_under_way_ends_on_the_version_it_began_with(shop: Shop) -> None:
    before = shop.kiosk.graph_version
    with shop.kiosk._knowledge.borrow() as under_way:  # pyright: ignore[reportPrivateUsage]
        number = await asyncio.to_thread(shop.publish, "end,The Last Winter,1999,bo,\n")
        assert await shop.next_seen() == GraphTakenUp(number)
        assert shop.kiosk.open_graph_versions == [before, number]
        assert not under_way.graph.graph.nodes(["end"])
        assert under_way.graph.graph.nodes(["fog"])
    assert shop.kiosk.open_graph_versions == [number]
    roll_back(shop.kiosk.engine, 1)
    assert await shop.next_seen() == GraphTakenUp(1)


async def test_nothing_of_an_old_version_stays_in_memory(shop: Shop) -> None:
    talk = Talk(shop.kiosk.new_session())
    await talk(OLD)
    knowledge = shop.kiosk._knowledge.current  # pyright: ignore[reportPrivateUsage]
    old = [weakref.ref(knowledge), weakref.ref(knowledge.linker), weakref.ref(knowledge.understander)]
    del knowledge
    with short_collections():  # a server keeps the collector from what was there at its start
        number = await asyncio.to_thread(shop.publish, "wind,West Wind,2021,ada,P2\n")
        assert await shop.next_seen() == GraphTakenUp(number)
        gc.collect()
        assert [part() for part in old] == [None, None, None]
    roll_back(shop.kiosk.engine, 1)
    await shop.next_seen()
    await talk.session.close()


async def test_a_version_that_cannot_be_opened_leaves_the_old_one(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with write_transaction(shop.kiosk.engine) as session:
        session.add(
            GraphVersion(number=99, files_sha256="0" * 64, files=b"no archive", summary='{"nodes":{},"edges":{}}')
        )
    with caplog.at_level(logging.ERROR):
        roll_back(shop.kiosk.engine, 99)
        assert await shop.next_seen() == GraphRefused(99)
    assert "the graph stays at version 1: version 99 of the graph cannot be used" in caplog.text
    assert (await shop.kiosk.readiness())["graph"], "a server that answers from an older version still serves"
    talk = Talk(shop.kiosk.new_session())
    assert "Fog over Bergen" in (await talk(OLD)).reply
    roll_back(shop.kiosk.engine, 1)
    await talk.session.close()
