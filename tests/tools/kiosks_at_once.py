"""Kiosks that sell one piece each at the same time, all in this process or some of them in one of their own."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Queue
from multiprocessing.synchronize import Barrier

from checkout_fixtures import Shop
from sqlalchemy import Engine

from tools.checkout_table import State
from tools.database import open_database
from tools.errors import CustomerError
from tools.liveness import open_liveness


async def sell_one_each(engine: Engine, kiosks: list[str]) -> Counter[str]:
    """How the kiosks' sales ended: sold, or the refusal. Each kiosk has a checkout and devices of its own."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=24))
    process = open_liveness(engine)
    endings = Counter(await asyncio.gather(*(_sell(Shop(engine, process=process), kiosk) for kiosk in kiosks)))
    process.close()
    return endings


async def _sell(shop: Shop, session: str) -> str:
    try:
        order = await shop.open(("D", 1), session=session)
        closed = await shop.checkout.confirm(order.order_id, order.consent_hash, "yes")
    except CustomerError as refusal:
        return refusal.message
    assert closed.state is State.CLOSED
    return "sold"


def run_kiosks(database: str, kiosks: list[str], start: Barrier, endings: "Queue[Counter[str]]") -> None:
    """What a process does: begin when the others are ready too, and tell how it ended."""
    engine = open_database(database)
    start.wait(timeout=60)
    endings.put(asyncio.run(sell_one_each(engine, kiosks)))
    engine.dispose()
