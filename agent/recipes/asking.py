"""Questions about what is on the table: facts of films and people, stock, price, material, comparisons."""

from collections.abc import Generator

from agent.draft import Conclusion, Say, fact, say
from agent.recipes.conversing import chat
from agent.recipes.finding import find, present, through_graph
from agent.recipes.offers import amount, availability, focus_of, name_line, no_such_colour, offers_in, price
from agent.recipes.turn import Recipe, Turn
from agent.state import Focus
from tools.contract import ToolCall, ToolResult
from tools.evidence import Evidence


def ask_fact(turn: Turn) -> Recipe:
    """A fact is asked for: of the graph's nodes the talk is about, or of anything that was named."""
    asked, ontology = turn.understood.asked, turn.shop.ontology
    if asked in ("price", "stock", "size", "colour", "material", "product"):
        return (yield from _about_product(turn, asked))
    if asked in ontology.types:
        known = [node for node in turn.dialogue.known_nodes if node.type == asked]
        said_relation = ontology.relations_said(turn.understood.text)
        if known and not turn.understood.names and not turn.understood.ordinals and not said_relation:
            [result] = yield [turn.call("describe_nodes", node_ids=[known[-1].id], node_type=asked)]
            return Conclusion(draft=[say("fact-is", node=fact(result.evidence[0], "name"))])
        return (yield from through_graph(turn, asked))
    holders = [name for name, declared in ontology.types.items() if asked in declared.properties]
    if holders:
        return (yield from _property(turn, asked, holders))
    if turn.understood.names:
        return (yield from find(turn))
    return (yield from describe(turn))


def _property(turn: Turn, asked: str, holders: list[str]) -> Recipe:
    """A property of a node that was named or is being talked about, the newest first."""
    named = [
        (candidate.node_id, candidate.node_type)
        for name in turn.understood.names
        for candidate in name.mention.candidates[:1]
    ]
    known = [(node.id, node.type) for node in reversed(turn.dialogue.known_nodes)]
    nodes = [(node_id, node_type) for node_id, node_type in (*named, *known) if node_type in holders]
    if not nodes:
        return Conclusion(draft=[say("fact-unknown")])
    node_id, node_type = nodes[0]
    [result] = yield [turn.call("describe_nodes", node_ids=[node_id], node_type=node_type)]
    found = result.evidence[0]
    if asked not in found.facts:
        return Conclusion(draft=[say("fact-unknown")])
    said = [say("fact-value", node=fact(found, "name"), value=fact(found, asked))]
    others = [node for node in turn.dialogue.known_nodes if node.type != node_type]
    return Conclusion(draft=said, changes={"known_nodes": (*others, *result.nodes)})  # "and who directed it?"


def _about_product(turn: Turn, asked: str) -> Recipe:
    if asked == "product" and turn.understood.names:
        return (yield from find(turn))
    if asked == "price":
        return (yield from ask_price(turn))
    if asked in ("stock", "size"):
        return (yield from ask_stock(turn))
    return (yield from describe(turn))


def describe(turn: Turn) -> Recipe:
    """What the product in focus is, what it is made of and which colours it has."""
    named = turn.named_products()
    focus = Focus(product_id=named[0]) if len(named) == 1 else _focus(turn)
    if focus is None and not turn.understood.categories:
        return (yield from chat("fact-unknown"))
    if focus is None:
        return (yield from find(turn))
    [result] = yield [offer_call(turn, focus)]
    offer = next(iter(offers_in(result.evidence)), None)
    if offer is None:
        return Conclusion(draft=[say("fact-unknown")])
    if turn.understood.asked == "colour" and offer.facts["colours"]:
        return _about([say("colours-available", colours=fact(offer, "colours"))], offer)
    described = yield from _in_language(turn, offer)
    said = [say("product-description", name=fact(offer, "name"), description=fact(described, "description"))]
    if offer.facts["material"]:
        said.append(say("product-material", name=fact(offer, "name"), material=fact(offer, "material")))
    return _about(said, offer)


def _in_language(turn: Turn, offer: Evidence) -> Generator[list[ToolCall], list[ToolResult], Evidence]:
    """Evidence of the product's description in the customer's language; in the shop's where nobody can translate it."""
    source, target = turn.shop.catalogue_language, turn.understood.language
    if source == target or not offer.facts["description"]:
        return offer
    text, names = str(offer.facts["description"]), [str(offer.facts["name"])]
    call = turn.call("translate", text=text, subject=offer.subject, source=source, target=target, names=names)
    [result] = yield [call]
    return next(iter(result.evidence), offer)


def _about(said: list[Say], offer: Evidence) -> Conclusion:
    return Conclusion(draft=said, cards=[offer], changes={"focus": focus_of(offer)})


def ask_stock(turn: Turn) -> Recipe:
    """Whether the product in focus is here, in the size and colour asked for."""
    if _asks_about_another(turn):
        return (yield from find(turn))
    if _focus(turn) is None:
        return (yield from _find_named(turn))
    [result] = yield [offer_call(turn, _focus(turn))]
    offers = offers_in(result.evidence)
    if not offers:
        return Conclusion(draft=[say("fact-unknown")])
    [offer] = offers
    if offer.facts["asked_colour"]:
        return Conclusion(draft=[no_such_colour(offer)], cards=offers)
    said = availability(offer)
    if not turn.understood.size and offer.facts["sizes"] and len(offer.facts["sizes"]) > 1:  # type: ignore[arg-type]
        said.append(say("sizes-here", sizes=fact(offer, "sizes")))
    buyable = bool(offer.facts["in_stock"])
    changes = {"focus": focus_of(offer), "awaiting": "purchase" if buyable else None}
    return Conclusion(draft=[*said, *([say("ask-purchase")] if buyable else [])], cards=offers, changes=changes)


def ask_price(turn: Turn) -> Recipe:
    """What the product in focus, or each one shown, costs this customer."""
    if _asks_about_another(turn):
        return (yield from find(turn))
    focus = _focus(turn)
    if focus is None and not turn.dialogue.shown:
        return (yield from _find_named(turn))
    wanted = (focus,) if focus else turn.dialogue.shown
    results = yield [offer_call(turn, item) for item in wanted]
    offers = [item for result in results for item in offers_in(result.evidence)]
    if focus is None:
        return Conclusion(
            draft=[name_line(offer, "option", n) for n, offer in enumerate(offers, start=1)], cards=offers
        )
    said = price(offers[0])
    if not turn.dialogue.customer_id:
        said.append(say("price-members"))
    return Conclusion(draft=said, cards=offers, changes={"focus": focus_of(offers[0])})


def compare(turn: Turn) -> Recipe:
    """Two of the products shown, side by side, and which is cheaper."""
    named = [ids[0] for ids in turn.goods_by_name()]
    pair = named[:2] if len(named) >= 2 else [focus.product_id for focus in _of_colours(turn)[:2]]
    colours = [focus.colour for focus in _of_colours(turn)[:2]] if len(named) < 2 else ["", ""]
    if len(pair) < 2:
        return Conclusion(draft=[say("compare-what")])
    [result] = yield [turn.call("compare_products", product_ids=pair, colours=colours)]
    offers = offers_in(result.evidence)
    difference = next(item for item in result.evidence if item.kind == "price")
    said = [name_line(offer, "option", n) for n, offer in enumerate(offers, start=1)]
    if amount(offers[0], "price") == amount(offers[1], "price"):
        said.append(say("compare-same"))
    else:
        said.append(say("compare-cheaper", name=fact(difference, "cheaper"), difference=fact(difference, "difference")))
    return Conclusion(draft=said, cards=offers, changes={"awaiting": "choice", "shown": tuple(map(focus_of, offers))})


def _of_colours(turn: Turn) -> list[Focus]:
    """Those shown that have a colour that was said, or all of them."""
    shown = list(turn.dialogue.shown)
    said = [focus for focus in shown if focus.colour in turn.understood.colours]
    return said if len(said) >= 2 else shown


def choose(turn: Turn) -> Recipe:
    """One of the options shown, by its number or by what sets it apart."""
    picked = picked_option(turn)
    if picked is None:
        if turn.understood.categories or turn.understood.names or turn.understood.features:
            return (yield from find(turn))
        return Conclusion(draft=[say("ask-which" if turn.dialogue.shown else "buy-what")])
    [result] = yield [offer_call(turn, picked)]
    conclusion = present(offers_in(result.evidence))
    if len(turn.dialogue.shown) > 1 and picked in turn.dialogue.shown:
        conclusion.changes["shown"] = turn.dialogue.shown  # "no, the first one" still means the list
    return conclusion


def picked_option(turn: Turn) -> Focus | None:
    """The option that an ordinal, a colour or a kind picks out of those shown; None unless exactly one fits."""
    understood, shown = turn.understood, turn.dialogue.shown
    if understood.option is not None and shown:
        index = understood.option - 1 if understood.option > 0 else len(shown) + understood.option
        return shown[index] if 0 <= index < len(shown) else None
    called = [focus for focus in shown if focus.product_id in turn.named_products()]
    if len(called) == 1:
        return called[0]
    fitting = [
        focus
        for focus in shown
        if (not understood.colours or focus.colour in understood.colours)
        and (not understood.categories or focus.category in _kinds(turn))
    ]
    if understood.intent == "choose" and not fitting and understood.colours:
        fitting = [focus for focus in shown if focus.colour in understood.colours]  # the kind was misread
    if not fitting and understood.colours:  # it is shown in another colour, but made in that one
        fitting = [
            focus
            for focus in shown
            if set(focus.colours) & set(understood.colours)
            and (not understood.categories or focus.category in _kinds(turn))
        ]
    said_something = bool(understood.colours or understood.categories)
    return fitting[0] if said_something and len(fitting) == 1 else None


def _kinds(turn: Turn) -> set[str]:
    return {key for category in turn.understood.categories for key in turn.shop.vocabulary.categories_under(category)}


def _focus(turn: Turn) -> Focus | None:
    if turn.understood.option is not None:
        return picked_option(turn)
    return turn.dialogue.focus or picked_option(turn)


def _asks_about_another(turn: Turn) -> bool:
    """Whether another thing than the one in focus was named."""
    focus = turn.dialogue.focus
    if turn.understood.names:
        return True
    return bool(turn.understood.categories) and (focus is None or focus.category not in _kinds(turn))


def _find_named(turn: Turn) -> Recipe:
    """Nothing is in focus: look for what the question names, or ask what it is about."""
    understood = turn.understood
    if understood.item or understood.categories or understood.unknown_names:
        return (yield from find(turn))
    return Conclusion(draft=[say("ask-which" if turn.dialogue.shown else "ask-what")])


def offer_call(turn: Turn, focus: Focus | None) -> ToolCall:
    """The offer of a product in the colour and size that were said, else in those being talked about."""
    assert focus is not None
    understood = turn.understood
    return turn.call(
        "show_offer",
        product_id=focus.product_id,
        colours=understood.colours or [focus.colour],
        size=understood.size or focus.size,
    )
