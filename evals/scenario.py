"""Scripted dialogues: YAML files come in, checked scenarios go out; a mistake is named with its file and line."""

import datetime
import re
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from tools.dispenser import DispenseFault
from tools.errors import OperatorError
from tools.money import CurrencyCode
from tools.owner_files import Problems
from tools.owner_yaml import YamlModel, read_yaml
from tools.payment import PaymentFault

PASS = "ok"
"""In a list of faults: this operation works."""


def _listed(value: Any) -> Any:
    """One value may stand for a list of one."""
    return value if value is None or isinstance(value, list) else [value]


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class StoreChange(YamlModel):
    """What is changed in the store before a dialogue or before one of its turns.

    `stock` and `prices` are by SKU or product id, `stock` at the scenario's kiosk unless written `KIOSK/SKU`. `date`
    moves all promotions so that today they are where they would be on that date. `terminal` and `dispenser` list how
    the next operations fail.
    """

    stock: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    prices: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    descriptions: dict[str, str] = Field(default_factory=dict)
    date: datetime.date | None = None
    terminal: Texts = ()
    dispenser: Texts = ()

    @field_validator("terminal")
    @classmethod
    def _known_payment_faults(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return _known(names, [fault.value for fault in PaymentFault])

    @field_validator("dispenser")
    @classmethod
    def _known_dispense_faults(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return _known(names, [fault.value for fault in DispenseFault])


def _known(names: tuple[str, ...], faults: list[str]) -> tuple[str, ...]:
    for name in names:
        if name != PASS and name not in faults:
            raise ValueError(f"{name!r} is none of {', '.join([PASS, *faults])}")
    return names


class ExpectedLine(YamlModel):
    """A line of an order or cart; what is left out may be anything."""

    sku: str = ""
    product: str = ""
    colour: str = ""
    size: str = ""
    quantity: int = 1

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.sku or self.product):
            raise ValueError("a line needs a sku or a product")
        return self


class ExpectedEvidence(YamlModel):
    """Some evidence of the turn has this kind and subject, and these facts as text (amounts as `89.96 USD`)."""

    kind: str = ""
    subject: str = ""
    facts: dict[str, str] = Field(default_factory=dict)


class ExpectedTurn(YamlModel):
    """What one turn must be; what is left out is not looked at. Texts are compared without regard to case."""

    intent: Texts = ()
    language: str = ""
    reply_has: Texts = ()
    reply_has_any: Texts = ()
    reply_lacks: Texts = ()
    reply_matches: str = ""
    products: Texts = ()
    products_lack: Texts = ()
    first_product: str = ""
    no_products: bool = False
    in_stock: bool | None = None
    price_minor: int | None = None
    cart: list[ExpectedLine] | None = None
    tools: Texts = ()
    tools_not: Texts = ()
    checkout_stage: str = ""
    evidence_has: Annotated[tuple[ExpectedEvidence, ...], BeforeValidator(_listed)] = ()

    @field_validator("reply_matches")
    @classmethod
    def _a_regular_expression(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern


class NextCustomer(YamlModel):
    """Who comes after the one before has left; the machine stays the same if left out."""

    customer: str | None = None
    kiosk: str | None = None
    language: str | None = None


class Turn(YamlModel):
    """One utterance, said `times` over in one breath, and what may happen just before it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)

    say: str
    times: Annotated[int, Field(ge=1, le=100_000)] = 1
    next_customer: NextCustomer | None = None
    store: StoreChange | None = None
    expect: ExpectedTurn = ExpectedTurn()

    @property
    def utterance(self) -> str:
        """What is said in all."""
        return self.say * self.times


class ExpectedOrder(YamlModel):
    """An order in the database at the end."""

    state: str
    lines: list[ExpectedLine] | None = None
    total_minor: int | None = None
    currency: CurrencyCode | None = None
    customer: str | None = None


class ExpectedFeedback(YamlModel):
    """A stored feedback that contains a text."""

    has: str = ""
    rating: int | None = None
    about_order: bool | None = None


class ExpectedEnd(YamlModel):
    """The store after everyone has left. `orders`: exactly these; `sold`: exactly these lines over the closed orders.

    `stock` gives changes of what is on hand; that stock changes by what came out, and by nothing else, is checked for
    every dialogue.
    """

    orders: list[ExpectedOrder] | None = None
    sold: list[ExpectedLine] | None = None
    stock: dict[str, int] = Field(default_factory=dict)
    feedback: list[ExpectedFeedback] | int | None = None
    said: Texts = ()
    never_said: Texts = ()
    tools_ran: Texts = ()
    tools_never: Texts = ()


class Scenario(YamlModel):
    """A dialogue with the end it must have."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
    about: str = ""
    tags: Texts = ()
    customer: str | None = None
    kiosk: str | None = None
    language: str | None = None
    store: StoreChange = StoreChange()
    turns: Annotated[list[Turn], Field(min_length=1, max_length=200)]
    expect: ExpectedEnd = ExpectedEnd()


def load_scenarios(path: Path) -> list[Scenario]:
    """The scenario of a file, or those of all `*.yaml` files under a folder, by name.

    Raises OwnerFilesError with every mistake in them, OperatorError when there are none.
    """
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise OperatorError(f"there are no scenarios (*.yaml) in {path}")
    problems = Problems()
    scenarios: dict[str, Scenario] = {}
    for file in files:
        read = read_yaml(file, Scenario, problems)
        if read is None:
            continue
        if read.model.id in scenarios:
            read.refuse(["id"], f"another scenario has the id {read.model.id!r}")
        scenarios[read.model.id] = read.model
    problems.raise_if_any()
    return list(scenarios.values())
