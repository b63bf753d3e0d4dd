"""Text as it is written comes in, text as a person would read it out goes out: numbers, prices, sizes and the like."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from babel.core import Locale, get_global
from babel.dates import get_date_format, get_month_names
from babel.numbers import get_currency_name, get_decimal_symbol, get_group_symbol, get_territory_currencies
from cn2an import an2cn
from num2words import num2words
from pydantic import BaseModel, ConfigDict

_FORMS = Path(__file__).parents[1] / "data" / "spoken_forms.yaml"
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₹": "INR"}
_MOST_DIGITS = 15
"""A longer number is said digit by digit."""
_CODE_DIGITS = 5
"""From here on, digits without grouping are no amount but the name of something: a receipt, an order."""
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


class SpokenForms(BaseModel):
    """What tools/data/spoken_forms.yaml says of a language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    locale: str
    numbers: str | None = None
    before_noun: Mapping[str, str] = {}
    years: Literal["words", "digits"] | None = None
    ordinal_dot: str | None = None
    count: str = "{n} {unit}"
    point: str
    minus: str
    half: str
    percent: str
    range: str
    by: str
    dot: str
    price: str
    price_cents: str
    time: str
    hour: str
    short_minute: str = "{m}"
    date: str
    first_day: str | None = None
    ordinals: tuple[str, ...] = ()
    ordinal: str | None = None
    currencies: Mapping[str, tuple[str, str] | tuple[str, str, str, str]]
    units: Mapping[str, tuple[str, str]]
    sizes: Mapping[str, str] = {}
    abbreviations: Mapping[str, str]
    symbols: Mapping[str, str]


class _AllForms(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    symbols: Mapping[str, str]
    languages: Mapping[str, SpokenForms]


def spoken_form(text: str, language: str) -> str:
    """The text as it is said; a language that nothing is known of keeps it as it is. Never raises."""
    reader = _reader(language)
    return reader.read(text) if reader else text


@cache
def _all_forms() -> _AllForms:
    return _AllForms.model_validate(yaml.safe_load(_FORMS.read_text("utf-8")))


def spoken_forms(language: str) -> SpokenForms | None:
    """What is known of a language."""
    return _all_forms().languages.get(language)


@cache
def _reader(language: str) -> "_Reader | None":
    forms = spoken_forms(language)
    return _Reader(forms, _all_forms().symbols) if forms else None


@cache
def _currencies_in_use() -> frozenset[str]:
    """The codes of today's currencies. A former one is more likely part of an article's number, and is called with the
    years it was in use."""
    return frozenset(code for land in get_global("territory_currencies") for code in get_territory_currencies(land))


class _Reader:
    """Reads one language: a pattern finds what is not said as it is written, from left to right, and each kind of
    finding has a method of the same name that says it."""

    def __init__(self, forms: SpokenForms, symbols: Mapping[str, str]) -> None:
        self._forms = forms
        self._symbols = {**symbols, **forms.symbols}
        locale = Locale.parse(forms.locale)
        self._decimal, self._group = get_decimal_symbol(locale), get_group_symbol(locale)
        in_use, signs = _currencies_in_use(), locale.currency_symbols
        self._currencies = {code: code for code in in_use} | _SYMBOLS
        self._currencies |= {sign: code for code, sign in signs.items() if code in in_use and not sign.isalpha()}
        names = get_month_names("abbreviated", locale=locale)
        self._months = {name.casefold(): number for number, name in names.items()}
        self._pattern = re.compile("|".join(f"(?P<{kind}>{each})" for kind, each in self._kinds(locale).items()))

    def read(self, text: str) -> str:
        """The text as it is said."""
        said = self._pattern.sub(self._say, "".join(map(_plain_digits, unicodedata.normalize("NFC", text))))
        return re.sub(r"[ \t]{2,}", " ", said)

    def _say(self, found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        say: Callable[[str], str] = getattr(self, f"_{kind}")
        said = say(found.group())
        # Words do not grow together with letters beside them ("5km2" is three words).
        before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
        spaced = "{n} " in self._forms.count
        left = " " if spaced and before.isalnum() and said[:1].isalnum() else ""
        right = " " if spaced and after.isalnum() and said[-1:].isalnum() else ""
        return f"{left}{said}{right}"

    def _kinds(self, locale: Locale) -> dict[str, str]:
        """The pattern of each kind, the first to fit at a place wins; digits are ASCII by then."""
        group = "[\u00a0\u202f]" if self._group.isspace() else re.escape(self._group)
        foreign = r"|\d+\.\d{1,2}(?![\d.])" if self._decimal == "," else ""
        point = rf"(?:{re.escape(self._decimal)}\d+)?"
        number = rf"(?:\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}(?!\d){point}{foreign}|\d+{point})"
        signed = rf"(?:(?<!\w)[-−])?(?<!\d){number}"
        # Where words are not spaced, what follows a unit says nothing.
        word_end = r"(?![^\W\d_])" if "{n} " in self._forms.count else r"(?![A-Za-z])"
        currency, unit, abbreviation = map(_any_of, (self._currencies, self._forms.units, self._abbreviations()))
        months = _any_of(list(get_month_names("wide", locale=locale).values()))
        price = rf"(?:{currency})\s?{number}|{number}\s?(?:{currency}){word_end}"
        size = f"(?:{_any_of(('XXS', 'XS', 'S', 'M', 'L', 'XL', 'XXL'))})"
        ordinal = rf"(?<!\d)\d{{1,4}}(?:{_any_of(self._forms.ordinals)})(?!\w)" if self._forms.ordinals else "(?!)"
        return {
            "address": r"https?://[^\s<>]+",
            "iso_date": r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])",
            "local_date": _date_pattern(locale),
            "price": rf"(?:(?<!\w)[-−])?(?<![A-Za-z\d])(?:{price})",
            "time": r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])",
            "nth_day": rf"(?<!\d)\d{{1,2}}\.(?=\s(?:{months}))" if self._forms.ordinal_dot else "(?!)",
            "product": rf"(?<!\d){number}(?:\s?×\s?{number})+(?:\s?(?:{unit}){word_end})?",
            "percent": rf"{signed}\s?[%％]",
            "half": r"(?<!\d)\d{1,3}\s?½|½",
            "ordinal": ordinal,
            "amount": rf"{signed}\s?(?:{unit}){word_end}",
            "range": r"(?<![\w-])\d{1,3}\s?[-–]\s?\d{1,3}(?![\w-])",
            "sizes": rf"(?<![\w'’.&-]){size}(?:\s?[/,、，·]\s?{size})*(?![\w'’&-])",
            "abbreviation": rf"(?<!\w)(?:{abbreviation})(?!\w)",
            "code": r"(?<![\w-])(?=[A-Z-]*\d|[\d-]*[A-Z])(?:[A-Z]+-?\d|\d+-?[A-Z])[A-Z\d]*(?:-[A-Z\d]+)*(?!\w)",
            "number": signed,
            "symbol": f"[{re.escape(''.join(self._symbols))}]",
        }

    def _abbreviations(self) -> list[str]:
        """What is looked for: "No.#" is "No." before a number."""
        return [key for key in self._forms.abbreviations if not key.endswith("#")] + [
            f"{key[:-1]}\0" for key in self._forms.abbreviations if key.endswith("#")
        ]

    def _address(self, found: str) -> str:
        """Nobody listens to an address to its end; it stands on the screen."""
        host = re.split(r"[/?#]", found.split("://", 1)[1])[0]
        return self._pattern.sub(self._say, host.replace(".", f" {self._forms.dot} "))

    def _iso_date(self, found: str) -> str:
        return self._dated(found, *map(int, found.split("-")))

    def _local_date(self, found: str) -> str:
        parts = re.search(_date_pattern(Locale.parse(self._forms.locale)), found)
        assert parts
        month = parts["month"]
        number = self._months.get(month.casefold()) or int(month)
        return self._dated(found, int(parts["year"]), number, int(parts["day"]))

    def _dated(self, found: str, year: int, month: int, day: int) -> str:
        with suppress(ValueError):
            date(year, month, day)
            return self._forms.date.format(
                day=self._forms.first_day if day == 1 and self._forms.first_day else self._cardinal(day),
                ordinal=self._nth(day),
                m=self._cardinal(month),
                month=get_month_names("wide", locale=self._forms.locale)[month],
                year=self._year(year),
            )
        return re.sub(r"\d+", lambda digits: self._number(digits.group()), found)

    def _price(self, found: str) -> str:
        parts = re.fullmatch(r"([-−]?)([^\d]*?)\s?(\d.*?)\s?([^\d]*)", found)
        assert parts
        sign, before, amount, after = parts.groups()
        code = self._currencies[before or after]
        whole, fraction = self._parsed(amount)
        words = self._forms.currencies.get(code) or self._named_currency(code)
        if not fraction.strip("0"):
            said = self._counted(whole, words[0], words[1])
        elif len(fraction) != 2 or len(words) == 2:
            said = self._counted(amount, words[0], words[1])
        else:
            cents = self._counted(str(int(fraction)), words[2], words[3])
            how = self._forms.price if int(fraction) >= 10 else self._forms.price_cents
            major = self._counted(whole, words[0], words[1])
            minor = self._cardinal(int(fraction))
            said = how.format(major=major, minor=minor, cents=cents) if whole.strip("0") else cents
        return f"{self._forms.minus} {said}" if sign else said

    def _named_currency(self, code: str) -> tuple[str, str]:
        """How a currency is called that the language has no everyday word for."""
        one, other = (get_currency_name(code, count=count, locale=self._forms.locale) for count in (1, 2))
        return self._forms.count.format(n=self._before_noun(self._cardinal(1)), unit=one), other

    def _time(self, found: str) -> str:
        hour, minute = map(int, found.split(":"))
        how = self._forms.time if minute else self._forms.hour
        minutes = self._forms.short_minute if minute < 10 else "{m}"
        return how.format(h=self._cardinal(hour), m=minutes.format(m=self._cardinal(minute)))

    def _product(self, found: str) -> str:
        *sides, last = re.split(r"\s?×\s?", found)
        said = [*map(self._number, sides), self._number(last) if last[-1].isdigit() else self._amount(last)]
        return f" {self._forms.by} ".join(said)

    def _nth_day(self, found: str) -> str:
        return (self._forms.ordinal_dot or "").format(ordinal=self._nth(int(found[:-1])))

    def _percent(self, found: str) -> str:
        return self._forms.percent.format(n=self._before_noun(self._number(found[:-1].rstrip())))

    def _half(self, found: str) -> str:
        whole = found[:-1].rstrip()
        if not whole:
            return self._number(f"0{self._decimal}5")
        return self._forms.half.format(n=self._before_noun(self._number(whole)))

    def _ordinal(self, found: str) -> str:
        digits = re.match(r"\d+", found)
        assert digits
        return self._nth(int(digits.group()))

    def _amount(self, found: str) -> str:
        parts = re.fullmatch(rf"(.*\d)\s?({_any_of(self._forms.units)})", found)
        assert parts
        one, other = self._forms.units[parts[2]]
        return self._counted(parts[1], one, other)

    def _range(self, found: str) -> str:
        low, high = re.split(r"\s?[-–]\s?", found)
        if int(low) >= int(high):
            return f"{self._number(low)}, {self._number(high)}"
        return self._forms.range.format(a=self._number(low), b=self._number(high))

    def _sizes(self, found: str) -> str:
        sizes = re.findall(r"[A-Z]+", found)
        if len(sizes) == 1 and len(found) == 1:
            return found  # an initial, or a size that is said as the letter it is
        return ", ".join(self._forms.sizes.get(size) or " ".join(size) for size in sizes)

    def _abbreviation(self, found: str) -> str:
        return self._forms.abbreviations.get(found) or self._forms.abbreviations[f"{found}#"]

    def _code(self, found: str) -> str:
        """Letters and digits one by one, and words among them as words."""
        said: list[str] = []
        for part in re.findall(r"[A-Z]+|\d", found):
            said.append(self._cardinal(int(part)) if part.isdigit() else part if len(part) > 3 else " ".join(part))
        return " ".join(said)

    def _number(self, found: str) -> str:
        if found[0] in "-−":
            return f"{self._forms.minus} {self._number(found[1:])}"
        whole, fraction = self._parsed(found)
        is_name = whole == found and (len(whole) >= _CODE_DIGITS or (whole[0] == "0" and len(whole) > 1))
        if is_name or len(whole) > _MOST_DIGITS:
            said = self._digits(whole)
        elif whole == found and 1000 <= int(whole) < 2100:
            said = self._year(int(whole))
        else:
            said = self._cardinal(int(whole))
        return f"{said} {self._forms.point} {self._digits(fraction)}" if fraction else said

    def _symbol(self, found: str) -> str:
        said = self._symbols[found]
        return f" {said} " if said[:1].isalpha() else said

    def _parsed(self, number: str) -> tuple[str, str]:
        """The digits before and after the decimal point."""
        point = self._decimal if self._decimal in number or "." not in number else "."
        if point == "." and self._group == "." and re.fullmatch(r"\d{1,3}(\.\d{3})+", number):
            point = self._decimal
        whole, _, fraction = number.partition(point)
        return re.sub(r"\D", "", whole), re.sub(r"\D", "", fraction)

    def _counted(self, number: str, one: str, other: str) -> str:
        whole, fraction = self._parsed(number.lstrip("-−"))
        if number == "1":
            return one
        if fraction or number[0] in "-−" or len(whole) > _MOST_DIGITS:
            return self._forms.count.format(n=self._number(number), unit=other)
        return self._forms.count.format(n=self._before_noun(self._cardinal(int(whole))), unit=other)

    def _before_noun(self, words: str) -> str:
        for ending, instead in self._forms.before_noun.items():
            words = re.sub(ending, instead, words)
        return words

    def _cardinal(self, number: int) -> str:
        return self._words(number, "cardinal")

    def _nth(self, number: int) -> str:
        if self._forms.ordinal or self._forms.numbers is None:
            return (self._forms.ordinal or "{n}").format(n=self._cardinal(number))
        return self._words(number, "ordinal")

    def _year(self, year: int) -> str:
        if self._forms.numbers is None or self._forms.years is None:
            return self._cardinal(year)
        return self._digits(str(year)) if self._forms.years == "digits" else self._words(year, "year")

    def _digits(self, digits: str) -> str:
        return " ".join(self._cardinal(int(digit)) for digit in digits)

    def _words(self, number: int, to: str) -> str:
        """A number in words, or in digits for a voice that reads them itself."""
        if self._forms.numbers is None:
            return str(number)
        if self._forms.numbers == "zh":
            return str(an2cn(number))
        if self._forms.numbers == "ja" and to == "cardinal":
            # In kana: how a numeral is read in front of another depends on both.
            return str(num2words(number, lang="ja", reading=True)).translate(_HIRAGANA_TO_KATAKANA)
        return str(num2words(number, lang=self._forms.numbers, to=to)).replace(",", "")


def _plain_digits(letter: str) -> str:
    """ASCII digits for the digits of all scripts, and other numbers in one letter in digits; ½ stays."""
    if letter == "½" or letter.isascii():
        return letter
    if (digit := unicodedata.digit(letter, None)) is not None:
        return str(digit)
    if unicodedata.category(letter) in ("No", "Nl"):
        return f" {round(unicodedata.numeric(letter, 0), 2):g} "
    return letter


def _any_of(words: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    """A pattern for any of some words, longer ones first; "\\0" stands for a number that follows."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word).replace("\0", r"(?=\s?\d)") for word in ordered) or "(?!)"


def _date_pattern(locale: Locale) -> str:
    """What a date of medium length looks like where the locale is used."""
    months = _any_of(list(get_month_names("abbreviated", locale=locale).values()))
    digits = r"\d{1,2}"
    fields = {
        "y": r"(?P<year>\d{4})",
        "d": f"(?P<day>{digits})",
        "M": f"(?P<month>{digits})",
        "MMM": f"(?P<month>{months})",
    }
    pattern = get_date_format("medium", locale=locale).pattern
    parts: list[str] = re.findall(r"'[^']*'|y+|M+|d+|.", pattern)
    found = "".join(fields.get(part) or fields.get(part[0]) or re.escape(part.strip("'")) for part in parts)
    return rf"(?<!\d){found}(?!\d)"
