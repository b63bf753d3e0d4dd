"""The report's texts: a message's name and figures come in, words in the owner's language go out."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from fluent.runtime import FluentBundle, FluentResource

from tools.errors import OperatorError
from tools.money import Money

WORDS = Path(__file__).parent / "words"
FALLBACK = "en"
HALF_A_PERCENT = 0.005
MORE_THAN = 1_000
"""From so much on, cents say nothing in a sentence."""

Value = int | float | str | Money | timedelta


class Wording:
    """The words and number formats of one language; in English where there are no texts in it."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language if (WORDS / f"{language}.ftl").is_file() else FALLBACK
        self._locale, self._zone = Locale.parse(self.language), zone
        self._bundles = [_bundle(name) for name in dict.fromkeys((self.language, FALLBACK))]

    def text(self, message: str, **facts: Value) -> str:
        """The message with its facts: whole numbers may decide its form, shares and amounts are written out."""
        shown = {name: self._shown(value) for name, value in facts.items()}
        for bundle in self._bundles:
            if bundle.has_message(message) and (pattern := bundle.get_message(message).value) is not None:
                text, errors = bundle.format_pattern(pattern, shown)
                if errors:
                    raise OperatorError(f"the text {message!r} of the report cannot be filled in: {errors[0]}")
                return str(text)
        raise OperatorError(f"the report has no text {message!r}")

    def _shown(self, value: Value) -> int | str:
        if isinstance(value, Money):
            return self.money(value, whole=abs(value.to_decimal()) >= MORE_THAN)
        if isinstance(value, timedelta):
            return self.span(value)
        return self.share(value) if isinstance(value, float) else value

    def money(self, amount: Money, whole: bool = False) -> str:
        """An amount; without its smallest unit where that is too fine."""
        pattern = "¤#,##0" if whole else None
        digits = not whole
        return format_currency(
            amount.to_decimal(), amount.currency, pattern, locale=self._locale, currency_digits=digits
        )

    def share(self, value: float) -> str:
        """A share as a percentage; small ones with a decimal."""
        return format_percent(value, "#,##0.0%" if 0 < abs(value) < 0.1 else "#,##0%", locale=self._locale)

    def change(self, now: float, before: float) -> str:
        """How much more or less that is, with its sign; empty where there was nothing before."""
        if not before:
            return ""
        moved = now / before - 1
        pattern = "#,##0%" if abs(moved) < HALF_A_PERCENT else "+#,##0%;−#,##0%"
        return format_percent(abs(moved) if pattern == "#,##0%" else moved, pattern, locale=self._locale)

    def number(self, value: float, places: int = 0) -> str:
        """A number, with at most so many decimals."""
        return format_decimal(round(value, places), locale=self._locale)

    def short_number(self, value: float) -> str:
        """A number for an axis."""
        if abs(value) >= MORE_THAN:
            return format_compact_decimal(value, fraction_digits=1 if value % 1_000 else 0, locale=self._locale)
        return format_decimal(round(value, 0 if value >= 10 else 1), locale=self._locale)

    def span(self, time: timedelta) -> str:
        """A time roughly, such as "3 days"."""
        return format_timedelta(time, threshold=1.5, locale=self._locale)

    def seconds(self, ms: float | None) -> str:
        """A time of milliseconds in seconds; a dash where it is not known."""
        return "–" if ms is None else f"{format_decimal(round(ms / 1000, 1), locale=self._locale)} s"

    def day(self, day: date) -> str:
        """A day in full."""
        return format_date(day, "full", locale=self._locale)

    def short_day(self, day: date) -> str:
        """A day without its year."""
        return self._localised("MMMd", day)

    def weekday(self, day: date) -> str:
        """A day of the week with its number."""
        return self._localised("Ed", day)

    def _localised(self, skeleton: str, day: date) -> str:
        return format_skeleton(skeleton, datetime(day.year, day.month, day.day, 12), locale=self._locale)  # noqa: DTZ001

    def moment(self, moment: datetime) -> str:
        """A moment in the shop's time."""
        there = moment.astimezone(self._zone)
        return f"{self.short_day(there.date())}, {self.clock(there)}"

    def clock(self, moment: datetime) -> str:
        """The time of day of a moment."""
        return format_time(moment.astimezone(self._zone), "short", self._zone, self._locale)

    def listed(self, names: "list[str] | tuple[str, ...]") -> str:
        """Names as a list in a sentence."""
        return format_list(list(names), locale=self._locale)


def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource((WORDS / f"{language}.ftl").read_text(encoding="utf-8")))
    return bundle
