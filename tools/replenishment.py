"""What to order: a forecast, what is there and the shop's terms come in, lines to order with their reasons go out.

A slot is filled up to what its demand will not exceed until the next but one goods come, in so many of all cases as the
service level says. Demand is taken for negative binomial: whole pieces, with the mean of the forecast and the spread of
its interval, so that slow sellers and heavy tails are both in it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import col, select

from tools.database import Product, Stock, Variant, read_transaction
from tools.forecasting.forecast import Forecast
from tools.forecasting.sales import SeriesKey
from tools.replenishment_rules import ReplenishmentTerms
from tools.store_facts import read_store_facts

DEVIATIONS_IN_INTERVAL = 1.9
"""How many standard deviations the interval of 80 % is wide. With normal demand it would be 2.56, but tails are heavy:
with this, a service level of 95 % was kept in 95 to 96 % of all cases over 1 to 3 weeks (`forecast_bench`)."""
LEAST_WEEKS, MOST_WEEKS = 4, 52


_CLOSED = "this kiosk has sold nothing for weeks and is taken for closed"


@dataclass(frozen=True)
class Slot:
    """What a kiosk holds of a variant, and how that is ordered."""

    kiosk_id: str
    sku: str
    name: str
    slot: str
    on_hand: int
    reserved: int
    terms: ReplenishmentTerms

    @property
    def sellable(self) -> int:
        """Pieces that nobody has reserved."""
        return self.on_hand - self.reserved


@dataclass(frozen=True)
class Demand:
    """What a variant sells over some days: the mean and the variance of the pieces."""

    mean: float
    variance: float

    def at_most(self, share: float) -> int:
        """The pieces that suffice in this share of all cases."""
        from scipy.stats import nbinom, poisson

        if self.mean <= 0:
            return 0
        if self.variance <= self.mean:
            return int(poisson.ppf(share, self.mean))
        return int(nbinom.ppf(share, self.mean**2 / (self.variance - self.mean), self.mean / self.variance))

    def chance_above(self, pieces: int) -> float:
        """How likely more than so many are asked for."""
        from scipy.stats import nbinom, poisson

        if self.mean <= 0:
            return 0.0
        if self.variance <= self.mean:
            return float(poisson.sf(pieces, self.mean))
        return float(nbinom.sf(pieces, self.mean**2 / (self.variance - self.mean), self.mean / self.variance))


class ReplenishmentLine(BaseModel):
    """How many pieces of a variant to bring to a kiosk, 0 for none, and why.

    `stock_out_risk` is the chance that what is there will not last until goods ordered now have come.
    """

    model_config = ConfigDict(frozen=True)

    kiosk_id: str
    sku: str
    name: str
    slot: str
    pieces: int
    on_hand: int
    reserved: int
    fill_up_to: int
    expected: float
    stock_out_risk: float
    why: str

    @property
    def is_blocked(self) -> bool:
        """Whether goods are wanted and none can be brought, for lack of room."""
        return self.fill_up_to > self.on_hand - self.reserved and not self.pieces


def read_slots(engine: Engine, kiosk_id: str | None = None) -> tuple[Slot, ...]:
    """What each kiosk, or one of them, holds of what it lists; StoreError when no shop was imported."""
    with read_transaction(engine) as session:
        facts = read_store_facts(session)
        rows = session.exec(
            select(Stock, Variant, Product)
            .join(Variant, col(Variant.sku) == col(Stock.sku))
            .join(Product, col(Product.product_id) == col(Variant.product_id))
            .order_by(col(Stock.kiosk_id), col(Stock.sku))
        )
        return tuple(
            Slot(
                kiosk_id=stock.kiosk_id,
                sku=stock.sku,
                name=", ".join(part for part in (product.name, variant.colour, variant.size) if part),
                slot=stock.slot,
                on_hand=stock.on_hand,
                reserved=stock.reserved,
                terms=facts.replenishment.terms_for(
                    stock.kiosk_id, stock.sku, product.product_id, facts.category_line(product.category)
                ),
            )
            for stock, variant, product in rows
            if kiosk_id in (None, stock.kiosk_id)
        )


def weeks_ahead(slots: Sequence[Slot]) -> int:
    """How many weeks a forecast for orders goes ahead: until the last of the next but one goods have come."""
    weeks = max((math.ceil(slot.terms.protected_days / 7) for slot in slots), default=0)
    return min(max(weeks, LEAST_WEEKS), MOST_WEEKS)


def replenish(forecast: Forecast, slots: Sequence[Slot]) -> tuple[ReplenishmentLine, ...]:
    """A line for each slot by a forecast, also for nothing; by kiosk, what may miss most sales first."""
    place = {key: number for number, key in enumerate(forecast.keys)}
    lines = [order_for(slot, demands_of(forecast, place, slot), slot.kiosk_id in forecast.closed) for slot in slots]
    return tuple(sorted(lines, key=lambda line: (line.kiosk_id, -line.stock_out_risk * line.expected, line.sku)))


@dataclass(frozen=True)
class Demands:
    """What a slot sells in a week, until goods ordered now have come, and until those of the next order have."""

    week: Demand
    lead: Demand
    protected: Demand


def demands_of(forecast: Forecast, place: Mapping[SeriesKey, int], slot: Slot) -> Demands:
    """The demands at a slot; none where it has no forecast."""
    row = place.get(SeriesKey(slot.sku, slot.kiosk_id))
    spans = (7, slot.terms.lead_time_days, slot.terms.protected_days)
    none = Demand(0, 0)
    return Demands(*(none if row is None else demand_over(forecast, row, days) for days in spans))


def demand_over(forecast: Forecast, row: int, days: int) -> Demand:
    """The demand of a series over the next days; after the forecast's end it goes on like its last period."""
    periods = days / forecast.frequency.days
    shares = np.clip(periods - np.arange(math.ceil(periods)), 0, 1)
    steps = np.minimum(np.arange(len(shares)), forecast.mean.shape[1] - 1)
    mean = float(forecast.mean[row, steps] @ shares)
    deviations = (forecast.high - forecast.low)[row, steps] / DEVIATIONS_IN_INTERVAL
    # Who sells more than forecast in one period does so in the next: deviations are added up, not variances.
    return Demand(mean, max(mean, float((deviations**2) @ shares), float(deviations @ shares) ** 2))


def order_for(slot: Slot, demands: Demands, is_closed: bool = False) -> ReplenishmentLine:
    """The line for one slot; nothing is brought to a kiosk that is closed."""
    terms = slot.terms
    enough = demands.protected.at_most(terms.service)
    fill_up_to = 0 if is_closed else min(max(enough, terms.least), terms.slot_capacity)
    wanted = max(0, fill_up_to - slot.sellable)
    room = max(0, terms.slot_capacity - slot.on_hand)
    packs = min(math.ceil(wanted / terms.pack_size), room // terms.pack_size)
    runs_out = demands.lead.chance_above(slot.sellable - 1) if slot.sellable else 1.0
    return ReplenishmentLine(
        kiosk_id=slot.kiosk_id,
        sku=slot.sku,
        name=slot.name,
        slot=slot.slot,
        pieces=packs * terms.pack_size,
        on_hand=slot.on_hand,
        reserved=slot.reserved,
        fill_up_to=fill_up_to,
        expected=demands.protected.mean,
        stock_out_risk=0.0 if is_closed else runs_out,
        why=_CLOSED if is_closed else _why(slot, demands, enough, wanted, room),
    )


def _why(slot: Slot, demands: Demands, enough: int, wanted: int, room: int) -> str:
    terms = slot.terms
    low, high = demands.week.at_most(0.1), demands.week.at_most(0.9)
    held = f"{slot.on_hand} there" + (f", {slot.reserved} of them reserved" if slot.reserved else "")
    needs = f"{terms.service_percent} % of {terms.protected_days} days need at most {enough}"
    sells = f"sells {demands.week.mean:.1f} a week (mostly {low} to {high})"
    reasons = [sells, needs, held] if demands.protected.mean > 0 else ["no sales are expected", held]
    if enough < terms.least:
        reasons.append(f"never fewer than {terms.least}")
    if terms.pack_size > 1 and wanted:
        reasons.append(f"packs of {terms.pack_size}")
    if enough > terms.slot_capacity:
        reasons.append(f"the slot holds only {terms.slot_capacity}")
    if wanted and room < terms.pack_size:
        reasons.append(f"room for {room} only: nothing can be brought")
    elif math.ceil(wanted / terms.pack_size) * terms.pack_size > room:
        reasons.append(f"room for {room}")
    return "; ".join(reasons)
