"""A kiosk as a process of its own that sells in a loop, made to be killed: at a chosen moment, or from outside.

The hooks that let it die at a commit or at a device's answer are here, not in the product.
"""

import asyncio
import json
import logging
import os
import random
import signal
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from checkout_fixtures import PriceList
from sqlalchemy import URL, event
from sqlalchemy.orm import Session

from tools.checkout import Checkout
from tools.checkout_table import FINAL_STATES
from tools.database import open_database, utc_now
from tools.devices.link import DeviceLink
from tools.devices.remote_dispenser import RemoteDispenser
from tools.devices.remote_terminal import RemoteTerminal
from tools.devices.wire import Script
from tools.dispenser import Dispensed
from tools.errors import OperatorError, WalkioskError
from tools.order import CartItem
from tools.payment import PaymentRecord

PLACES = ("before commit", "after commit", "before request", "request sent", "after answer")
TIMEOUT_S = 0.4
SKUS = ("A", "B", "D")
TERMINAL_FAULTS = ("ok", "ok", "ok", "ok", "decline", "expired", "answer lost", "slow")
DISPENSER_FAULTS = ("ok", "ok", "ok", "ok", "jam", "jam on last", "wrong item", "answer lost", "slow")


@dataclass(frozen=True)
class Posting:
    """Where a kiosk process works: its store and its devices (host:port)."""

    folder: Path
    database: URL
    terminal: str
    dispenser: str

    @property
    def opened_orders(self) -> Path:
        """The ids of all orders that a customer was told of."""
        return self.folder / "opened.txt"


@dataclass(frozen=True)
class Death:
    """The n-th time (from 1) that a place is passed."""

    place: str
    n: int


class Fuse:
    """Counts the moments a process passes and kills it at one of them, as a power cut would."""

    def __init__(self, death: Death | None) -> None:
        self._death = death
        self.passed: Counter[str] = Counter()

    def pass_by(self, place: str) -> None:
        self.passed[place] += 1
        if self._death == Death(place, self.passed[place]):
            os.kill(os.getpid(), signal.SIGKILL)

    def attach(self) -> None:
        """Hook onto every commit and every device answer of this process."""
        event.listen(Session, "before_commit", lambda _: self.pass_by("before commit"))
        event.listen(Session, "after_commit", lambda _: self.pass_by("after commit"))
        self._wrap(DeviceLink, "_exchange", before="before request")
        self._wrap(StreamWriter, "drain", after="request sent")
        self._wrap(StreamReader, "readuntil", after="after answer")

    def _wrap(self, owner: type, name: str, before: str = "", after: str = "") -> None:
        inner: Callable[..., Awaitable[Any]] = getattr(owner, name)

        async def wrapped(*arguments: Any, **options: Any) -> Any:
            if before:
                self.pass_by(before)
            result = await inner(*arguments, **options)
            if after:
                self.pass_by(after)
            return result

        setattr(owner, name, wrapped)


def sell(posting: Posting, seed: int, carts: int, faults: bool, death: Death | None = None) -> None:
    """A process's whole life: sell carts and leave the counted moments in `passed.json`, unless it dies before."""
    fuse = Fuse(death)
    fuse.attach()
    asyncio.run(Salesman(posting, seed, faults).sell(carts))
    (posting.folder / "passed.json").write_text(json.dumps(fuse.passed))


def recover(posting: Posting) -> None:
    """A process's whole life an hour later: recover as often as a minute's clockwork would, until all is settled."""

    async def work() -> None:
        checkout = _checkout(posting, lambda: utc_now() + timedelta(hours=1))
        for _ in range(10):
            orders = await checkout.recover()
            if all(order.state in FINAL_STATES or order.state == "reserved" for order in orders):
                break
            await asyncio.sleep(0.2)  # a device may just be coming back
        await checkout.recover()

    asyncio.run(work())


def _checkout(posting: Posting, clock: Callable[[], datetime] = utc_now) -> Checkout:
    logging.disable(logging.CRITICAL)
    engine = open_database(posting.database)
    terminal, dispenser = RemoteTerminal(posting.terminal, TIMEOUT_S), RemoteDispenser(posting.dispenser, TIMEOUT_S)
    return Checkout(engine, PriceList(), terminal, dispenser, clock, device_timeout_s=5.0)


class Salesman:
    """Customers of all kinds, the same ones for the same seed."""

    def __init__(self, posting: Posting, seed: int, faults: bool) -> None:
        self._posting = posting
        self._random = random.Random(seed)
        self._faults = faults
        self._checkout = _checkout(posting)
        self._session = os.urandom(4).hex()
        self._links = (
            DeviceLink("terminal", posting.terminal, PaymentRecord, TIMEOUT_S),
            DeviceLink("dispenser", posting.dispenser, Dispensed, TIMEOUT_S),
        )

    async def sell(self, carts: int) -> None:
        for number in range(carts):
            with suppress(WalkioskError):
                await self._serve(str(number))

    async def _serve(self, key: str) -> None:
        """One customer: opens, perhaps changes or cancels, says yes, perhaps twice, perhaps cancels meanwhile."""
        dice, checkout = self._random, self._checkout
        items, other = self._cart(), self._cart()
        mood, faults = dice.random(), (dice.choices(TERMINAL_FAULTS, k=3), dice.choices(DISPENSER_FAULTS, k=3))
        if self._faults:
            for device, script in zip(self._links, faults, strict=True):
                with suppress(OperatorError):
                    await device.ask(Script(faults=tuple(script)))
        order = await checkout.open("K1", self._session, None, items, key)
        self._note(order.order_id)
        if mood < 0.25:
            order = await checkout.change(order.order_id, other, "change")
        if mood > 0.9:
            await checkout.cancel(order.order_id, "cancel")
        confirming = [checkout.confirm(order.order_id, order.consent_hash, f"yes-{n}") for n in range(2)]
        if 0.75 < mood <= 0.9:
            await asyncio.gather(*confirming, checkout.cancel(order.order_id, "cancel"), return_exceptions=True)
        else:
            await asyncio.gather(*confirming, return_exceptions=True)

    def _cart(self) -> list[CartItem]:
        skus = self._random.sample(SKUS, self._random.randint(1, 3))
        return [CartItem(sku=sku, quantity=self._random.randint(1, 3)) for sku in skus]

    def _note(self, order_id: str) -> None:
        with self._posting.opened_orders.open("a") as file:
            file.write(f"{order_id}\n")
            file.flush()
