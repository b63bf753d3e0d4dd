"""The numbers in an utterance: figures, number words and Han characters come in, values with their places go out."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from agent.spoken.stretches import is_just_before
from agent.spoken.utterance import Utterance

TEN_THOUSAND = 10_000
MAX_NUMBERS = 12
"""More numbers than people say in one utterance are not read, so that no input takes long."""

_DIGITS = re.compile(r"\d{1,9}(?:[.,]\d{1,9}){0,4}")
_FRACTION = re.compile(r" ?1[/⁄]2(?!\d)")
_HAN_NUMBER = re.compile(r"[一二三四五六七八九十百千万萬两兩零〇]{1,12}")
_HAN_UNIT = re.compile(r" ?([百千万萬])")
_HAN_LARGE = tuple("百千万萬")


class Number(NamedTuple):
    """A number in the folded text. `code` is the language of a number word, empty for figures."""

    value: Decimal
    start: int
    end: int
    code: str = ""
    is_article: bool = False


def numbers_in(utterance: Utterance) -> list[Number]:
    """All numbers: figures, the packs' number words, and numbers in Han characters."""
    text = utterance.text
    numbers: list[Number] = []
    for match in _DIGITS.finditer(text):
        value, end = _amount(match.group()), match.end()
        if fraction := _FRACTION.match(text, end):
            value, end = (value or Decimal(0)) + Decimal("0.5"), fraction.end()
        elif value is not None and (unit := _HAN_UNIT.match(text, end)):
            value, end = value * int(unicodedata.numeric(unit[1])), unit.end()
        if value is not None:
            numbers.append(Number(value, match.start(), end))
    for match in _HAN_NUMBER.finditer(text):
        if (value := _han_value(match.group())) is not None:
            numbers.append(Number(value, match.start(), match.end(), "", match.group() == "一"))
    articles = {(found.start, found.end, found.entry.code) for found in utterance.of("articles")}
    for found in utterance.of("number"):
        is_article = (found.start, found.end, found.entry.code) in articles
        numbers.append(Number(Decimal(found.entry.value), found.start, found.end, found.entry.code, is_article))
    numbers = [_with_half(utterance, number) for number in numbers]
    first = sorted(numbers, key=lambda number: (number.start, -number.end))[: 4 * MAX_NUMBERS]
    longest = [one for one in first if not any(_number_inside(one, other) for other in first)]
    return longest[:MAX_NUMBERS]


def _with_half(utterance: Utterance, number: Number) -> Number:
    """A whole number with the half that was said with it: "forty-two and a half", "साढ़े सात"."""
    text, half = utterance.text, Decimal("0.5")
    if number.value != int(number.value):
        return number
    for said in utterance.of("halves_after"):
        if is_just_before(text, number.end, said.start):
            return number._replace(value=number.value + half, end=said.end)
    for said in utterance.of("halves_before"):
        if is_just_before(text, said.end, number.start):
            return number._replace(value=number.value + half, start=said.start)
    return number


def _number_inside(one: Number, other: Number) -> bool:
    return other.start <= one.start and one.end <= other.end and other.end - other.start > one.end - one.start


def _amount(figures: str) -> Decimal | None:
    """A number as written in any of the languages: 1,000.50, 1.000,50, 1 000, 43,5."""
    parts = re.split(r"[.,]", figures)
    marks = re.findall(r"[.,]", figures)
    try:
        if not marks:
            return Decimal(figures)
        grouped = all(len(part) == 3 for part in parts[1:])
        if len(set(marks)) == 1 and grouped and parts[0] != "0" and len(parts[0]) <= 3:
            return Decimal("".join(parts))
        if marks.count(marks[-1]) > 1:
            return None
        return Decimal("".join(parts[:-1]) + "." + parts[-1])
    except InvalidOperation:
        return None


def _han_value(written: str) -> Decimal | None:
    """A number in Han characters: 四十三 → 43, 一百五 → 150, 一百零五 → 105, 两万三千 → 23000."""
    total, section, digit, unit = 0, 0, 0, 1
    for letter in written:
        value = 2 if letter in "两兩" else int(unicodedata.numeric(letter))
        if value == TEN_THOUSAND:
            total += (section + digit or 1) * value
            section, digit, unit = 0, 0, value
        elif value >= 10:
            section += (digit or 1) * value
            digit, unit = 0, value
        elif digit:
            return None
        else:
            digit, unit = value, unit if value else 1
    # 一百五 leaves its last unit out; 十五 does not
    left_out = unit // 10 if unit > 10 and written[-2:-1] in _HAN_LARGE else 1
    total += section + digit * left_out
    return Decimal(total) if total else None
