"""A checkout for the operator's commands: a store's engine comes in, a checkout on the settings' devices goes out."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine

from agent.devices import open_devices
from agent.settings import Settings
from tools.checkout import Checkout
from tools.database import utc_now
from tools.liveness import open_liveness
from tools.pricing import Pricing


@contextmanager
def operator_checkout(engine: Engine) -> Generator[Checkout, None, None]:
    """The checkout; this process counts as alive among those on the store for as long as it is open."""
    devices, liveness = open_devices(Settings()), open_liveness(engine)
    try:
        pricing = Pricing(engine, utc_now)
        yield Checkout(engine, pricing, devices.terminal, devices.dispenser, utc_now, liveness=liveness)
    finally:
        liveness.close()
