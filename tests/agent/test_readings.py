"""Hard things that customers say, one table a language in readings/, and what code must read in them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from agent.languages import identify
from agent.lexicon import Lexicon
from agent.terms import Attributes, ShopTerms, place_ordinals
from prompts.language_packs import load_language_packs
from tools.goods_names import GoodsNames
from tools.linking import NameLinker
from tools.ontology import load_ontology
from tools.vocabulary import load_vocabulary

TABLES = sorted((Path(__file__).parent / "readings").glob("*.yaml"))
SHOP = Path(__file__).parents[2] / "tools" / "data" / "demo"
LEXICON = Lexicon(load_language_packs())
ONTOLOGY = load_ontology(SHOP / "graph" / "ontology.yaml")
VOCABULARY = load_vocabulary(SHOP / "vocabulary.yaml")
TERMS = ShopTerms(ONTOLOGY, VOCABULARY, NameLinker([]), GoodsNames({}, VOCABULARY, ()), "Product")
Whole = Literal["cancel", "goodbye", "thanks", "greeting", "help", "staff", "buy", "backchannel"]


class Row(BaseModel):
    """An utterance and its readings; only those that stand in the row are looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: str
    consent: Literal["yes", "no"] | None = None
    whole: frozenset[Whole] = frozenset()
    """What the whole utterance is and nothing else; empty when it is none of these."""
    choice: int | None = None
    bare_choice: int | None = None
    """The choice while a list is on show, where a number alone is one."""
    quantity: int | None = None
    size: str | None = None
    """A size that was said to be one."""
    bare_size: str | None = None
    """A size that counts only as the answer to a question for it."""
    at_most: Decimal | None = None
    at_least: Decimal | None = None
    price: Literal["cheaper", "dearer"] | None = None
    finds: frozenset[str] = frozenset()
    """Keys of all categories, colours and materials that are wanted."""
    excludes: frozenset[str] = frozenset()
    places: Mapping[str, int] = {}
    rating: int | None = None
    tone: Literal["praise", "complaint"] | None = None
    asks_for: str | None = None
    """The language that the customer asks to be served in."""
    language: str = ""
    """The language it is in, for a session in English."""
    points: bool = False


def _attributes(text: str, code: str) -> Attributes:
    return TERMS.attributes(text, code, [], LEXICON.negated_spans(text))


def _finds(text: str, code: str) -> frozenset[str]:
    found = _attributes(text, code)
    return frozenset((*found.categories, *found.colours, *found.materials))


def _whole(text: str, _code: str) -> frozenset[str]:
    return frozenset(name for name in get_args(Whole) if getattr(LEXICON, f"is_{name}")(text))


def _size(cue: bool) -> Callable[[str, str], str | None]:
    def read(text: str, _code: str) -> str | None:
        size = LEXICON.size(text)
        return size.value if size is not None and size.cue == cue else None

    return read


def _limit(kind: Literal["max", "min"]) -> Callable[[str, str], Decimal | None]:
    def read(text: str, _code: str) -> Decimal | None:
        limit = LEXICON.price_limit(text)
        return limit.amount if limit is not None and limit.kind == kind else None

    return read


READERS: Mapping[str, Callable[[str, str], Any]] = {
    "consent": lambda text, _: LEXICON.consent(text),
    "whole": _whole,
    "choice": lambda text, _: LEXICON.choice(text),
    "bare_choice": lambda text, _: LEXICON.choice(text, bare=True),
    "quantity": lambda text, _: LEXICON.quantity(text),
    "size": _size(cue=True),
    "bare_size": _size(cue=False),
    "at_most": _limit("max"),
    "at_least": _limit("min"),
    "price": lambda text, _: LEXICON.comparative(text),
    "finds": _finds,
    "excludes": lambda text, code: frozenset(_attributes(text, code).excluded),
    "places": lambda text, _: place_ordinals(ONTOLOGY, text, LEXICON.ordinals(text), LEXICON.numbers(text)),
    "rating": lambda text, _: LEXICON.rating(text),
    "tone": lambda text, _: LEXICON.tone(text),
    "asks_for": lambda text, _: LEXICON.language_request(text),
    "language": lambda text, _: identify(text, "en"),
    "points": lambda text, code: LEXICON.mentions_it(text, code),
}
ROWS = [
    pytest.param(table.stem, row, id=f"{table.stem}: {row.say}")
    for table in TABLES
    for row in TypeAdapter(list[Row]).validate_python(yaml.safe_load(table.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize(("code", "row"), ROWS)
def test_what_customers_say_is_read_as_they_mean_it(code: str, row: Row) -> None:
    expected = row.model_dump(exclude_unset=True, exclude={"say"})
    assert expected
    assert {name: READERS[name](row.say, code) for name in expected} == expected
