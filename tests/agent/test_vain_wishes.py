"""What customers ask for in vain is kept for the owner, once each, in the shop's own words and never in theirs."""

from decimal import Decimal

from agent.draft import Conclusion, fact, say
from agent.understanding import Understanding
from agent.vain_wishes import vain_wishes
from tools.evidence import Evidence
from tools.unmet_wishes import Lack, VainWish

BOOT = {"product_id": "P1", "sku": "P1-BLACK-42", "category": "boots", "colour": "black", "size": "42"}
OFFER = Evidence(id="e1", kind="product", subject="P1", facts={**BOOT, "asked_colour": "", "sizes": ("41",)})
FOUND = {"source": "lexicon", "language": "en", "text": "private words", "intent": "find"}


def understood(**said: object) -> Understanding:
    return Understanding.model_validate({**FOUND, **said})


def test_a_size_that_is_not_there_is_a_sold_out_variant() -> None:
    told = Conclusion(draft=[say("not-in-size", size=fact(OFFER, "size"))], cards=[OFFER])
    assert vain_wishes(understood(size="42"), told, [OFFER]) == (VainWish(lack=Lack.SOLD_OUT, **BOOT),)


def test_sold_out_altogether_names_no_colour_that_nobody_said() -> None:
    offer = OFFER.model_copy(update={"facts": {**OFFER.facts, "sku": "", "size": ""}})
    told = Conclusion(draft=[say("found-one"), say("sold-out")], cards=[offer])
    [wish] = vain_wishes(understood(), told, [offer])
    assert (wish.product_id, wish.colour) == ("P1", "")
    [wish] = vain_wishes(understood(colours=("black",)), told, [offer])
    assert wish.colour == "black"


def test_a_size_or_colour_that_is_not_made() -> None:
    told = Conclusion(draft=[say("no-such-size", size=fact(OFFER, "size"))], cards=[OFFER])
    [wish] = vain_wishes(understood(size="42"), told, [OFFER])
    assert (wish.lack, wish.size, wish.sku) == (Lack.NOT_MADE, "42", "")
    offer = OFFER.model_copy(update={"facts": {**OFFER.facts, "asked_colour": "pink"}})
    other = OFFER.model_copy(update={"id": "e2", "subject": "P2"})
    told = Conclusion(draft=[say("no-such-colour", colour=fact(offer, "asked_colour"))], cards=[other])
    [wish] = vain_wishes(understood(colours=("pink",)), told, [offer, other])
    assert (wish.product_id, wish.lack, wish.colour, wish.size) == ("P1", Lack.NOT_MADE, "pink", "")


def test_kinds_of_goods_that_the_shop_has_not() -> None:
    told = Conclusion(draft=[say("nothing-so"), say("ask-which")])
    wish = understood(categories=("boots",), colours=("green",), item="the boots of my late aunt")
    assert vain_wishes(wish, told, []) == (VainWish(lack=Lack.NOT_SOLD, category="boots", colour="green"),)
    assert vain_wishes(wish.model_copy(update={"max_price": Decimal(5)}), told, []) == ()
    assert vain_wishes(understood(item="something private"), told, []) == ()


def test_what_is_there_is_no_wish_in_vain() -> None:
    told = Conclusion(draft=[say("found-one"), say("in-stock"), say("ask-purchase")], cards=[OFFER])
    assert vain_wishes(understood(size="42"), told, [OFFER]) == ()
