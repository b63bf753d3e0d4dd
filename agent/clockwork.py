"""What a running kiosk does by itself from time to time: it settles what dead processes and silent devices left."""

import asyncio
import logging

from tools.checkout import Checkout
from tools.errors import OperatorError

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
