"""Tells what a customer asked for in vain: how a turn concluded comes in, wishes in the shop's own keys go out."""

from collections.abc import Iterable, Iterator, Sequence

from agent.draft import Conclusion
from agent.understanding import Understanding
from tools.evidence import Evidence
from tools.unmet_wishes import Lack, VainWish

MAX_REMEMBERED = 20
"""So many wishes of one session are kept apart; whoever asks for the same again counts once."""
_NONE_LEFT = {"sold-out", "not-in-size", "not-in-your-size"}
_NOTHING_LIKE_IT = {"nothing-found", "nothing-so"}


def vain_wishes(
    understood: Understanding, conclusion: Conclusion, evidence: Sequence[Evidence]
) -> tuple[VainWish, ...]:
    """The wishes that the customer is told of as not to be met here.

    A wish whose limit of price kept it from being met is none of them, nor one in words that the shop has no key for.
    """
    messages = {said.message for said in conclusion.draft}
    wishes = [*_for_products(understood, conclusion, evidence)]
    is_about_price = understood.max_price is not None or understood.min_price is not None or understood.cheaper
    if messages & _NOTHING_LIKE_IT and not is_about_price:
        wishes += _for_kinds(understood)
    return tuple(dict.fromkeys(wishes))


def _for_products(
    understood: Understanding, conclusion: Conclusion, evidence: Iterable[Evidence]
) -> Iterator[VainWish]:
    by_id = {item.id: item for item in evidence}
    for said in conclusion.draft:
        told = next((by_id[ref.evidence] for ref in said.facts.values() if ref.evidence in by_id), None)
        offer = told or next(iter(conclusion.cards), None)
        if offer is None or offer.kind != "product":
            continue
        facts = {name: str(offer.facts.get(name, "")) for name in ("product_id", "sku", "category", "colour", "size")}
        if said.message in _NONE_LEFT:
            is_chosen = facts["sku"] or understood.colours
            yield VainWish(lack=Lack.SOLD_OUT, **(facts if is_chosen else {**facts, "colour": ""}))
        elif said.message == "no-such-size":
            yield VainWish(lack=Lack.NOT_MADE, **{**facts, "colour": "", "sku": ""})
        elif said.message == "no-such-colour":
            colour = str(offer.facts.get("asked_colour", ""))
            yield VainWish(lack=Lack.NOT_MADE, **{**facts, "colour": colour, "size": "", "sku": ""})


def _for_kinds(understood: Understanding) -> Iterator[VainWish]:
    """The kind of goods that was wanted; nothing where the shop's own words tell none."""
    if not (understood.categories or understood.colours or understood.materials):
        return
    yield VainWish(
        lack=Lack.NOT_SOLD,
        category=next(iter(understood.categories), ""),
        colour=next(iter(understood.colours), ""),
        size=understood.size,
        material=next(iter(understood.materials), ""),
    )
