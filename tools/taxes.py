"""Taxes: what goods cost and the taxes on them come in, exact amounts go out.

A tax is taken on the sum of all it covers, never line by line, and only that result is rounded, half up to the minor
unit. Taxes do not apply to each other. A price that includes taxes of p, q, … percent contains p / (100 + p + q + …)
of itself as the first of them; so a price with one tax of 19 percent contains 19 / 119.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tools.money import Money

Percent = Annotated[Decimal, Field(ge=0, le=100)]


class Tax(BaseModel):
    """A tax of the shop; without categories it is on everything, a wider category covers those below it."""

    model_config = ConfigDict(frozen=True)

    name: str
    percent: Percent
    categories: tuple[str, ...] = ()


class AgreedTax(BaseModel):
    """A tax as it applies to one order: on these of its variants."""

    model_config = ConfigDict(frozen=True)

    name: str
    percent: Percent
    skus: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name and rate, e.g. "Sales tax 8.875%"."""
        return f"{self.name} {self.percent.normalize():f}%"


class TaxAmount(BaseModel):
    """What one tax comes to. `on` is the sum of the prices it is on, with the taxes in them where they include any."""

    model_config = ConfigDict(frozen=True)

    name: str
    percent: Percent
    label: str
    on: Money
    amount: Money


def tax_amounts(goods: Mapping[str, Money], taxes: Sequence[AgreedTax], included: bool) -> tuple[TaxAmount, ...]:
    """Each tax on goods that cost this much by SKU, those that are on nothing left out.

    `included` says whether the prices contain the taxes or these come on top.
    """
    found: list[TaxAmount] = []
    for tax in taxes:
        covered = [sku for sku in tax.skus if sku in goods]
        on = sum(goods[sku].amount_minor for sku in covered)
        if not on:
            continue
        exact = sum((_share(goods[sku], sku, tax, taxes, included) for sku in covered), Fraction(0))
        currency = goods[covered[0]].currency
        found.append(
            TaxAmount(
                name=tax.name,
                percent=tax.percent,
                label=tax.label,
                on=Money(amount_minor=on, currency=currency),
                amount=Money(amount_minor=math.floor(exact + Fraction(1, 2)), currency=currency),
            )
        )
    return tuple(found)


def _share(price: Money, sku: str, tax: AgreedTax, taxes: Sequence[AgreedTax], included: bool) -> Fraction:
    """The unrounded tax in minor units on, or in, one price."""
    whole = Fraction(100)
    if included:
        whole += sum((Fraction(other.percent) for other in taxes if sku in other.skus), Fraction(0))
    return price.amount_minor * Fraction(tax.percent) / whole
