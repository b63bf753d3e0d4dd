"""Which devices the settings lead to, and that a running kiosk mends orders by itself."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent import clockwork
from agent.devices import open_devices
from agent.settings import Settings
from tools.checkout import Checkout
from tools.devices.remote_dispenser import RemoteDispenser
from tools.devices.remote_terminal import RemoteTerminal
from tools.dispenser import SimulatedDispenser
from tools.errors import OperatorError, StoreError
from tools.order import OrderView
from tools.payment import SimulatedTerminal
from tools.stripe_terminal import StripeTerminal


def test_without_settings_the_devices_are_simulated(tmp_path: Path) -> None:
    devices = open_devices(Settings(home=tmp_path))
    assert isinstance(devices.terminal, SimulatedTerminal)
    assert isinstance(devices.dispenser, SimulatedDispenser)


def test_an_address_leads_to_a_device_in_another_process(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, terminal="127.0.0.1:7001", dispenser="127.0.0.1:7002", kiosk_id="K1")
    devices = open_devices(settings)
    assert isinstance(devices.terminal, RemoteTerminal)
    assert isinstance(devices.dispenser, RemoteDispenser)
    assert settings.settled_kiosk == "K1"
    assert Settings(home=tmp_path, kiosk_id="K1").settled_kiosk is None


def test_a_key_lets_stripe_take_the_money(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, stripe_key=SecretStr("sk_test_1"), stripe_payment_method="pm_card_visa")
    assert isinstance(open_devices(settings).terminal, StripeTerminal)
    assert "sk_test_1" not in repr(settings)
    for wrong in ({"stripe_payment_method": None}, {"terminal": "127.0.0.1:7001"}):
        with pytest.raises(OperatorError):
            open_devices(settings.model_copy(update=wrong))


class Mended(Exception):
    """The third time has come."""


class FailingCheckout(Checkout):
    """Cannot be recovered at first."""

    def __init__(self) -> None:
        self.calls = 0

    async def recover(self, kiosk_id: str | None = None) -> list[OrderView]:
        self.calls += 1
        if self.calls == 3:
            raise Mended
        raise StoreError("the store database is locked")


async def test_mending_goes_on_when_it_fails_once() -> None:
    checkout = FailingCheckout()
    with pytest.raises(Mended):
        await asyncio.wait_for(clockwork.keep_mending(checkout, None, every_s=0.01), 5)
    assert checkout.calls == 3
