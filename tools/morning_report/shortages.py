"""What was missing: empty slots and wishes in vain come in, what they may have cost and what was asked for go out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.forecasting.forecast import Forecast
from tools.forecasting.sales import SeriesKey
from tools.money import Money
from tools.morning_report.scope import Scope
from tools.stock_outs import StockOut, read_stock_outs
from tools.unmet_wishes import Lack, VainWish, WishAt, read_vain_wishes

MOST_SLOTS = 10
MOST_WISHES = 12
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class EmptySlot:
    """A variant that a kiosk was out of in the period: for how long, whether it still is, and the sales it may cost.

    `missed` are pieces in that time by the forecast's mean, `missed_a_week` in a whole week; None without a forecast.
    """

    kiosk: str
    name: str
    lasted: timedelta
    since: datetime
    is_empty_now: bool
    missed: float | None
    missed_a_week: float | None
    price: Money

    @property
    def lost(self) -> Money | None:
        """What was not taken, by the list price."""
        return None if self.missed is None else _worth(self.price, self.missed)

    @property
    def lost_a_week(self) -> Money | None:
        """What is not taken in each week that it stays empty."""
        return None if self.missed_a_week is None else _worth(self.price, self.missed_a_week)


@dataclass(frozen=True)
class AskedInVain:
    """Something that was asked for in vain: by name where the shop has it, else by the shop's words for it."""

    lack: Lack
    name: str
    category: str
    colour: str
    size: str
    material: str
    kiosks: tuple[str, ...]
    count: int
    count_before: int
    last_at: datetime


@dataclass(frozen=True)
class Shortages:
    """The empty slots that cost most and the wishes that were most frequent, with how many there are of each.

    `lost` is over all slots and `lost_a_week` over those that are empty now, None without a forecast; `empty_now` are
    slots, `wishes` single wishes.
    """

    slots: tuple[EmptySlot, ...]
    slots_in_all: int
    empty_now: int
    lost: Money | None
    lost_a_week: Money | None
    wanted: tuple[AskedInVain, ...]
    wanted_in_all: int
    wishes: int
    wishes_before: int


def read_shortages(scope: Scope, forecast: Forecast | None) -> Shortages:
    """What was missing in the period and until now; StoreError when the store cannot be read."""
    slots = [*_empty_slots(scope, read_stock_outs(scope.engine, scope.recent.since), forecast)]
    slots.sort(key=lambda slot: (-(slot.lost.amount_minor if slot.lost else 0), not slot.is_empty_now, -slot.lasted))
    both = read_vain_wishes(scope.engine, scope.recent.before.since, scope.now, scope.kiosk_id)
    wishes = [wish for wish in both if scope.recent.holds(wish.at)]
    before = [wish for wish in both if not scope.recent.holds(wish.at)]
    wanted = [*_wanted(scope, wishes, before)]
    nothing = Money(amount_minor=0, currency=scope.facts.currency)
    lost = [slot.lost for slot in slots if slot.lost]
    a_week = [slot.lost_a_week for slot in slots if slot.lost_a_week and slot.is_empty_now]
    return Shortages(
        slots=tuple(slots[:MOST_SLOTS]),
        slots_in_all=len(slots),
        empty_now=sum(slot.is_empty_now for slot in slots),
        lost=None if forecast is None else sum(lost, nothing),
        lost_a_week=None if forecast is None else sum(a_week, nothing),
        wanted=tuple(wanted[:MOST_WISHES]),
        wanted_in_all=len(wanted),
        wishes=len(wishes),
        wishes_before=len(before),
    )


def _empty_slots(scope: Scope, outs: Iterable[StockOut], forecast: Forecast | None) -> Iterator[EmptySlot]:
    """One for each slot, with the times of all its gaps together."""
    gaps: dict[tuple[str, str], list[StockOut]] = {}
    for out in outs:
        if scope.is_about(out.kiosk_id) and out.sku in scope.goods and out.kiosk_id not in _closed(forecast):
            gaps.setdefault((out.kiosk_id, out.sku), []).append(out)
    place = {key: row for row, key in enumerate(forecast.keys)} if forecast else {}
    for (kiosk_id, sku), own in gaps.items():
        lasted = sum((_within(scope, out) for out in own), timedelta())
        if not lasted:
            continue
        row = place.get(SeriesKey(sku, kiosk_id))
        a_week = None if forecast is None else 0.0 if row is None else float(forecast.mean[row, 0])
        yield EmptySlot(
            kiosk=scope.kiosk_name(kiosk_id),
            name=scope.goods[sku].name,
            lasted=lasted,
            since=own[-1].since,
            is_empty_now=own[-1].until is None,
            missed=None if a_week is None else a_week * (lasted / WEEK),
            missed_a_week=a_week,
            price=Money(amount_minor=scope.goods[sku].price_minor, currency=scope.facts.currency),
        )


def _closed(forecast: Forecast | None) -> frozenset[str]:
    return forecast.closed if forecast else frozenset()


def _within(scope: Scope, out: StockOut) -> timedelta:
    """How much of the time from the period's beginning until now."""
    until = min(out.until or scope.now, scope.now)
    return max(timedelta(), until - max(out.since, scope.recent.since))


def _worth(price: Money, pieces: float) -> Money:
    return Money(amount_minor=round(price.amount_minor * pieces), currency=price.currency)


def _wanted(scope: Scope, wishes: Sequence[WishAt], before: Sequence[WishAt]) -> Iterator[AskedInVain]:
    """The same wishes together, the most frequent first."""
    grouped: dict[VainWish, list[WishAt]] = {}
    for wish in wishes:
        grouped.setdefault(wish.wish, []).append(wish)
    for wish, own in sorted(grouped.items(), key=lambda one: (-len(one[1]), -one[1][0].at.timestamp())):
        yield AskedInVain(
            lack=wish.lack,
            name=scope.products.get(wish.product_id, ""),
            category=wish.category,
            colour=wish.colour,
            size="" if wish.size == "one" else wish.size,
            material=wish.material,
            kiosks=tuple(sorted({scope.kiosk_name(one.kiosk_id) for one in own})),
            count=len(own),
            count_before=sum(one.wish == wish for one in before),
            last_at=own[0].at,
        )
