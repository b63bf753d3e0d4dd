"""The kiosk's devices: settings come in, a payment terminal and a dispenser go out."""

from dataclasses import dataclass

from agent.settings import Settings
from tools.devices.remote_dispenser import RemoteDispenser
from tools.devices.remote_terminal import RemoteTerminal
from tools.dispenser import Dispenser, SimulatedDispenser
from tools.errors import OperatorError
from tools.payment import PaymentTerminal, SimulatedTerminal


@dataclass(frozen=True)
class Devices:
    """What takes the money and what gives out the goods."""

    terminal: PaymentTerminal
    dispenser: Dispenser


def open_devices(settings: Settings) -> Devices:
    """The devices that the settings name; simulated ones, with journals in the home folder, where they name none."""
    return Devices(_terminal(settings), _dispenser(settings))


def _terminal(settings: Settings) -> PaymentTerminal:
    if settings.terminal and settings.stripe_key:
        raise OperatorError("WALKIOSK_TERMINAL and WALKIOSK_STRIPE_KEY are both set; only one can take the money")
    if settings.stripe_key:
        if not settings.stripe_payment_method:
            raise OperatorError("WALKIOSK_STRIPE_KEY needs WALKIOSK_STRIPE_PAYMENT_METHOD: what is to be charged")
        try:
            from tools.stripe_terminal import StripeTerminal
        except ModuleNotFoundError as error:
            raise OperatorError("payments by Stripe need more: pip install 'walkiosk[production]'") from error
        key = settings.stripe_key.get_secret_value()
        return StripeTerminal(key, settings.stripe_payment_method, settings.stripe_api_base)
    if settings.terminal:
        return RemoteTerminal(settings.terminal)
    return SimulatedTerminal(settings.home / "payments.jsonl")


def _dispenser(settings: Settings) -> Dispenser:
    if settings.dispenser:
        return RemoteDispenser(settings.dispenser)
    return SimulatedDispenser(settings.home / "dispensed.jsonl")
