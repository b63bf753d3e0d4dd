"""The report's plots as geometry: figures come in, places on a drawing of fixed size go out, which the template draws.

Drawn without a library: matplotlib's SVG is twenty times as large, has its colours fixed and so no dark side, and its
text is none to a screen reader.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tools.morning_report.outlook import Curve
from tools.morning_report.sales import DaySales

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 52, 16, 24
MOST_DAY_LABELS = 8
MOST_VALUE_LABELS = 10
LABEL_HEIGHT = 12
LEAST_TOP = 0.01
"""An axis that would end below this shows nothing."""

ShowDay = Callable[[date], str]
ShowValue = Callable[[float], str]


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    text: str


@dataclass(frozen=True)
class Label:
    """Words at a place; `anchor` as in SVG. `is_main` is what should be read first."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    is_main: bool = False


@dataclass(frozen=True)
class Bar:
    """A bar, and what it stands for in words."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True)
class CurvePlot:
    """Weeks sold as lines (gaps where nothing is known), the median ahead, and the band of the interval around it."""

    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    past: tuple[str, ...]
    dots: tuple[Label, ...]
    ahead: str
    band: str
    today: float
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class BarPlot:
    """A bar for each day, and beside it a paler one for the day before with which it compares."""

    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    bars_before: tuple[Bar, ...]
    labels: tuple[Label, ...]


def highest(curves: Sequence[Curve]) -> float:
    """The highest value that any of the curves shows, so that they can share an axis."""
    past = (week.pieces for curve in curves for week in curve.past if week.pieces is not None)
    ahead = (week.high for curve in curves for week in curve.ahead)
    return max([*past, *ahead], default=0.0)


def draw_curve(curve: Curve, top: float, show_day: ShowDay, show_value: ShowValue) -> CurvePlot:
    """A plot whose axis reaches `top` at least; weeks are dated by their Mondays."""
    ticks = ticks_up_to(top)
    count = len(curve.past) + len(curve.ahead)
    step = (WIDTH - LEFT - RIGHT) / max(count - 1, 1)

    def x(place: int) -> float:
        return _round(LEFT + place * step)

    def y(value: float) -> float:
        return _height(value, ticks[-1])

    known = [(x(place), y(week.pieces)) for place, week in enumerate(curve.past) if week.pieces is not None]
    runs = _runs([week.pieces for week in curve.past])
    offset = len(curve.past)
    medians = [(x(offset + place), y(week.median)) for place, week in enumerate(curve.ahead)]
    upper = [(x(offset + place), y(week.high)) for place, week in enumerate(curve.ahead)]
    lower = [(x(offset + place), y(week.low)) for place, week in enumerate(curve.ahead)]
    start = known[-1:] if curve.past and curve.past[-1].pieces is not None else []
    mondays = [*(week.monday for week in curve.past), *(week.monday for week in curve.ahead)]
    return CurvePlot(
        y_ticks=tuple(Tick(y(value), show_value(value)) for value in ticks),
        x_ticks=tuple(Tick(x(place), show_day(mondays[place])) for place in range(0, count, 4)),
        past=tuple(_points((x(place), y(curve.past[place].pieces or 0)) for place in run) for run in runs),
        dots=tuple(
            Label(x(place), y(week.pieces), f"{show_day(week.monday)}: {show_value(week.pieces)}")
            for place, week in enumerate(curve.past)
            if week.pieces is not None
        ),
        ahead=_points([*start, *medians]),
        band=_points([*start, *upper, *reversed(lower)]),
        today=_round(LEFT + (offset - 0.5) * step),
        labels=(*_last_sold(curve, x, y, show_value), *_end_labels(curve, x(count - 1), y, show_value)),
    )


def _last_sold(
    curve: Curve, x: Callable[[int], float], y: Callable[[float], float], show_value: ShowValue
) -> Iterator[Label]:
    if curve.past and (pieces := curve.past[-1].pieces) is not None:
        yield Label(x(len(curve.past) - 1), _round(y(pieces) - 8), show_value(pieces), "middle", is_main=True)


def _end_labels(curve: Curve, end: float, y: Callable[[float], float], show_value: ShowValue) -> list[Label]:
    """What the last week will bring, written at its end: the median, and the interval's ends where there is room."""
    if not curve.ahead:
        return []
    last = curve.ahead[-1]
    wanted = [(y(last.high), show_value(last.high)), (y(last.median), show_value(last.median))]
    wanted.append((y(last.low), show_value(last.low)))
    middle = wanted[1][0]
    return [
        Label(_round(end + 6), _round(at + 4), text, is_main=place == 1)
        for place, (at, text) in enumerate(wanted)
        if place == 1 or abs(at - middle) >= LABEL_HEIGHT
    ]


def draw_days(days: Sequence[DaySales], scale: float, show_day: ShowDay, show_value: ShowValue) -> BarPlot:
    """Takings of days in units of the currency, `scale` being how many minor units one has."""
    now = [day.revenue.amount_minor / scale for day in days]
    before = [day.revenue_before.amount_minor / scale for day in days]
    ticks = ticks_up_to(max([*now, *before], default=0.0))
    slot = (WIDTH - LEFT - 4) / max(len(days), 1)
    width = _round(slot * 0.38)

    def bar(place: int, value: float, shift: float) -> Bar:
        top = _height(value, ticks[-1])
        left = _round(LEFT + slot * (place + 0.1) + shift)
        return Bar(left, top, width, _round(HEIGHT - BOTTOM - top), show_value(value))

    bars = tuple(bar(place, value, width) for place, value in enumerate(now))
    every = math.ceil(len(days) / MOST_DAY_LABELS) if days else 1
    labels = [
        Label(_round(each.x + width / 2), _round(each.y - 4), each.text, "middle")
        for each, value in zip(bars, now, strict=True)
        if value and len(days) <= MOST_VALUE_LABELS
    ]
    return BarPlot(
        y_ticks=tuple(Tick(_height(value, ticks[-1]), show_value(value)) for value in ticks),
        x_ticks=tuple(
            Tick(_round(LEFT + slot * (place + 0.48)), show_day(days[place].day))
            for place in range(0, len(days), every)
        ),
        bars=bars,
        bars_before=tuple(bar(place, value, 0) for place, value in enumerate(before)),
        labels=tuple(labels),
    )


def ticks_up_to(top: float) -> list[float]:
    """Round numbers from 0 up to `top` or a little more, three to six of them."""
    if top < LEAST_TOP or not math.isfinite(top):
        return [0.0, 1.0]
    rough = top / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.75)
    return [step * number for number in range(math.ceil(top / step - 1e-9) + 1)]


def _height(value: float, top: float) -> float:
    return _round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(value, 0.0), top) / top)


def _runs(values: Sequence[float | None]) -> Iterator[list[int]]:
    """The places of values that follow each other without a gap."""
    run: list[int] = []
    for place, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append(place)
    if run:
        yield run


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _round(value: float) -> float:
    return round(value, 1)
