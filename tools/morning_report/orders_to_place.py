"""What to load into the van: the slots' forecast comes in, lines to bring to each kiosk with their reasons go out."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.forecasting.forecast import Forecast
from tools.morning_report.scope import Scope
from tools.replenishment import ReplenishmentLine, read_slots, replenish

MOST_LINES = 15


@dataclass(frozen=True)
class KioskOrder:
    """What to bring to a kiosk, what may miss most sales first; `more` lines are left out, their pieces counted."""

    name: str
    lines: tuple[ReplenishmentLine, ...]
    more: int
    slots: int
    pieces: int
    at_risk: int
    """Lines that will more likely than not be sold out before goods ordered now have come."""


@dataclass(frozen=True)
class OrdersToPlace:
    """The orders by kiosk, the most pieces first, and how many slots want goods and have no room for them."""

    kiosks: tuple[KioskOrder, ...]
    blocked: int

    @property
    def pieces(self) -> int:
        """How many to bring in all."""
        return sum(kiosk.pieces for kiosk in self.kiosks)

    @property
    def slots(self) -> int:
        """How many slots they are for."""
        return sum(kiosk.slots for kiosk in self.kiosks)

    @property
    def at_risk(self) -> int:
        """Lines of all kiosks that will hardly last."""
        return sum(kiosk.at_risk for kiosk in self.kiosks)


def plan_orders(scope: Scope, forecast: Forecast) -> OrdersToPlace:
    """The orders by the shop's terms; StoreError when the store cannot be read."""
    lines = replenish(forecast, read_slots(scope.engine, scope.kiosk_id))
    by_kiosk: dict[str, list[ReplenishmentLine]] = {}
    for line in lines:
        if line.pieces:
            by_kiosk.setdefault(line.kiosk_id, []).append(line)
    kiosks = [_order(scope.kiosk_name(kiosk_id), own) for kiosk_id, own in by_kiosk.items()]
    blocked = sum(line.is_blocked for line in lines)
    return OrdersToPlace(tuple(sorted(kiosks, key=lambda kiosk: (-kiosk.pieces, kiosk.name))), blocked)


def _order(name: str, lines: Sequence[ReplenishmentLine]) -> KioskOrder:
    return KioskOrder(
        name=name,
        lines=tuple(lines[:MOST_LINES]),
        more=max(0, len(lines) - MOST_LINES),
        slots=len(lines),
        pieces=sum(line.pieces for line in lines),
        at_risk=sum(line.stock_out_risk >= 0.5 and line.expected > 0 for line in lines),
    )
