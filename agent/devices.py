"""The kiosk's devices, as the settings say; the same for the kiosk and for the commands that staff run."""

from agent.settings import Settings
from tools.dispenser import SimulatedDispenser
from tools.payment import SimulatedTerminal


def open_terminal(settings: Settings) -> SimulatedTerminal:
    """The payment terminal. The simulated one keeps what it did in a file, which other processes may write to too."""
    return SimulatedTerminal(settings.home / "payments.jsonl")


def open_dispenser(settings: Settings) -> SimulatedDispenser:
    """The dispenser, simulated in the same way."""
    return SimulatedDispenser(settings.home / "dispensed.jsonl")
