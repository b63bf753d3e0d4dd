"""Amounts of money as whole minor units; takes decimal text, gives exact integers and never a float."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated

from babel.numbers import get_currency_precision
from pydantic import BaseModel, ConfigDict, Field

from tools.errors import MoneyError

CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Money(BaseModel):
    """An amount in the minor unit of its ISO 4217 currency (cents for USD, yen for JPY)."""

    model_config = ConfigDict(frozen=True)

    amount_minor: int
    currency: CurrencyCode

    def __add__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(amount_minor=self.amount_minor + other.amount_minor, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(amount_minor=self.amount_minor - other.amount_minor, currency=self.currency)

    def times(self, quantity: int) -> "Money":
        """This amount `quantity` times over."""
        return Money(amount_minor=self.amount_minor * quantity, currency=self.currency)

    def percent(self, percent: Decimal) -> "Money":
        """That percentage of the amount, rounded half up to the minor unit as tills do."""
        share = (Decimal(self.amount_minor) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return Money(amount_minor=int(share), currency=self.currency)

    def to_decimal(self) -> Decimal:
        """The amount in major units, e.g. Decimal('129.95')."""
        return Decimal(self.amount_minor).scaleb(-get_currency_precision(self.currency))

    def _require_same_currency(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise MoneyError(f"cannot mix {self.currency} and {other.currency}")


def parse_money(text: str, currency: str) -> Money:
    """Read a plain decimal such as '129.95'; MoneyError when it is not one or has too many decimals."""
    try:
        minor = Decimal(text.strip()).scaleb(get_currency_precision(currency))
    except InvalidOperation as error:
        raise MoneyError(f"not an amount of money: {text!r}") from error
    if not minor.is_finite() or minor != minor.to_integral_value():
        raise MoneyError(f"not an amount in {currency}: {text!r}")
    return Money(amount_minor=int(minor), currency=currency)
