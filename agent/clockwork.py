"""What a running kiosk does by itself from time to time: it settles what dead processes and silent devices left,
and keeps what it has counted."""

import asyncio
import logging

from tools.checkout import Checkout
from tools.errors import OperatorError
from tools.health import HealthBook

EVERY_S = 60.0
log = logging.getLogger(__name__)


async def mend_orders(checkout: Checkout, kiosk_id: str | None) -> None:
    """Recover orders (at one kiosk) once; each that was left open is a warning in the log."""
    for order in await checkout.recover(kiosk_id):
        log.warning("order %s was left open and is now %s", order.order_id, order.state)


async def keep_mending(checkout: Checkout, kiosk_id: str | None, every_s: float = EVERY_S) -> None:
    """Recover orders again and again until cancelled, whatever goes wrong at one time."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await mend_orders(checkout, kiosk_id)
        except OperatorError as error:
            log.error("orders could not be recovered: %s", error)


def save_health(health: HealthBook) -> None:
    """Keep what was counted; where that fails it is tried again later."""
    try:
        health.save()
    except OperatorError as error:
        log.error("what was counted could not be kept: %s", error)


async def keep_saving_health(health: HealthBook, every_s: float = EVERY_S) -> None:
    """Keep what is counted again and again until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(save_health, health)
