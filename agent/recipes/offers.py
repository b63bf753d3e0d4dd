"""How a product is offered: turns the evidence of offers into sentences, cards and the session's focus."""

from decimal import Decimal

from agent.draft import Say, fact, say
from agent.state import Focus
from tools.evidence import Evidence, Fact
from tools.money import Money

MAX_OPTIONS = 4
CENT = Decimal("0.01")


def offers_in(evidence: list[Evidence]) -> list[Evidence]:
    """The offers among evidence, in order."""
    return [item for item in evidence if item.kind == "product"]


def focus_of(offer: Evidence) -> Focus:
    """What the session remembers of an offer."""
    facts = offer.facts
    return Focus(
        product_id=str(facts["product_id"]),
        name=str(facts["name"]),
        category=str(facts["category"]),
        colour=str(facts["colour"]),
        size=str(facts.get("size", "")),
        sizes=_texts(facts["sizes_made"]),
        colours=_texts(facts["colours"]),
    )


def _texts(value: Fact) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def availability(offer: Evidence) -> list[Say]:
    """Whether it is here, in the size asked for or on file, and where else."""
    facts = offer.facts
    asked, source = str(facts.get("size", "")), facts.get("size_source", "")
    if facts["in_stock"]:
        if not asked or source == "only":
            return [say("in-stock")]
        message = "in-stock-your-size" if source == "file" else "in-stock-size"
        return [say(message, size=fact(offer, "size"))]
    said: list[Say] = []
    if facts.get("sizes") and asked:
        message = "not-in-your-size" if source == "file" else "not-in-size"
        if not facts.get("size_is_made", True):
            message = "no-such-size"
        said.append(say(message, size=fact(offer, "size"), sizes=fact(offer, "sizes")))
    else:
        said.append(say("sold-out"))
    if facts.get("places"):
        said.append(say("elsewhere", places=fact(offer, "places")))
    return said


def price(offer: Evidence) -> list[Say]:
    """What it costs this customer."""
    if offer.facts["price"] == offer.facts["list_price"]:
        return [say("price-list", list_price=fact(offer, "list_price"))]
    return [
        say(
            "price-reduced",
            list_price=fact(offer, "list_price"),
            price=fact(offer, "price"),
            discount=fact(offer, "discount"),
        )
    ]


def name_line(offer: Evidence, message: str, position: int | None = None) -> Say:
    """A message that names the product, with its colour where it has one."""
    facts = {"name": fact(offer, "name"), "price": fact(offer, "price")}
    if not offer.facts["colour"]:
        return Say(message=f"{message}-plain", facts=facts, position=position)
    return Say(message=message, facts={**facts, "colour": fact(offer, "colour")}, position=position)


def options(offers: list[Evidence]) -> list[Say]:
    """A numbered list of offers."""
    return [name_line(offer, "option", position) for position, offer in enumerate(offers[:MAX_OPTIONS], start=1)]


def amount(offer: Evidence, name: str) -> Money:
    """A fact that is money."""
    value = offer.facts[name]
    assert isinstance(value, Money)
    return value


def no_such_colour(offer: Evidence) -> Say:
    """That the product is not made in the colour asked for, but in these."""
    return say("no-such-colour", colour=fact(offer, "asked_colour"), colours=fact(offer, "colours"))
