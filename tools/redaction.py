"""What a customer said comes in; the same text without card numbers and e-mail addresses goes out."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

CARD_MARK = "[card number removed]"
EMAIL_MARK = "[e-mail address removed]"
CARD_DIGITS = range(13, 20)

_SEPARATORS = r"[\s.,·/_\-\u2010-\u2015\u2212]{0,3}"
_DIGIT_RUN = re.compile(rf"\d(?:{_SEPARATORS}\d){{12,}}")
_HEARD_RUN = re.compile(rf"\d(?:{_SEPARATORS}(?:[^\W\d_]{{1,3}}\s)?\d){{11,}}")
_EMAIL = re.compile(r"[\w.%+'\-]{1,64}[@＠][\w\-]{1,63}(?:[.。．][\w\-]{1,63}){1,8}")


def redact(text: str) -> str:
    """The text with a mark in place of each e-mail address and of all digits that may be part of a card number.

    A card number is 13 to 19 digits of any script, with a few separators between them, that pass the Luhn check,
    also inside a longer row of digits (an expiry date said after it). Some harmless long numbers pass it too.
    """
    return _DIGIT_RUN.sub(_redact_run, _EMAIL.sub(EMAIL_MARK, text))


def redact_heard(text: str) -> str:
    """As `redact`, for words that a recogniser wrote: it drops and doubles digits and hears "and" between them, so any
    twelve in a row may be a card."""
    return redact(_HEARD_RUN.sub(CARD_MARK, text))


def _redact_run(match: re.Match[str]) -> str:
    """A row of digits with every stretch that may be a card replaced; overlapping stretches become one mark."""
    run = match.group()
    places = [place for place, character in enumerate(run) if character.isdecimal()]
    digits = [unicodedata.decimal(run[place]) for place in places]
    kept, end = list[str](), 0
    for first, last in _card_stretches(digits):
        kept += [run[end : places[first]], CARD_MARK]
        end = places[last] + 1
    return "".join([*kept, run[end:]])


def _card_stretches(digits: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last index of each stretch covered by Luhn-valid windows, from left to right."""
    stretch: tuple[int, int] | None = None
    for start in range(len(digits)):
        lengths = [n for n in CARD_DIGITS if start + n <= len(digits) and passes_luhn(digits[start : start + n])]
        if not lengths:
            continue
        last = start + max(lengths) - 1
        if stretch is not None and start <= stretch[1]:
            stretch = (stretch[0], max(last, stretch[1]))
            continue
        if stretch is not None:
            yield stretch
        stretch = (start, last)
    if stretch is not None:
        yield stretch


def passes_luhn(digits: Sequence[int]) -> bool:
    """Whether the check digit at the end fits, as it does for card numbers."""
    doubled = (sum(divmod(2 * digit, 10)) for digit in reversed(digits[-2::-2]))
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
