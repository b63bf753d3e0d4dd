"""Finding products: by description, by name, or through what people wore in films; and questions about facts."""

from dataclasses import replace

from agent.draft import Conclusion, Say, fact, say
from agent.recipes.conversing import chat, reply_with
from agent.recipes.offers import CENT, MAX_OPTIONS, amount, availability, focus_of, name_line, offers_in, options, price
from agent.recipes.turn import Recipe, Turn
from agent.understanding import NamedEntity
from tools.contract import ToolCall
from tools.evidence import Evidence
from tools.path_planning import GraphQuestion, LinkedEntity
from tools.path_query import Filter, Node

SAME_SCORE = 0.03
MAX_SKIPPED = 40


def find(turn: Turn) -> Recipe:
    """A product is wanted: look through the graph if names or places in an order were said, else in the catalogue."""
    if turn.understood.wants_more and turn.dialogue.search is not None:
        return (yield from _more(turn, turn.dialogue.search))
    products = turn.named_products()
    if not products and _asks_the_graph(turn):
        return (yield from through_graph(turn, turn.shop.product_type))
    if not products and _goes_on(turn):
        answer = yield from through_graph(turn, turn.shop.product_type)
        return answer if answer.cards else (yield from in_catalogue(turn))
    if not products and turn.understood.unknown_names:
        return (yield from _unknown_name(turn))
    if products and turn.understood.cheaper is not None:
        return (yield from _than(turn, products[0]))
    if products:
        calls = [turn.call("show_offer", product_id=product_id, **_wanted(turn)) for product_id in products]
        results = yield calls[:MAX_OPTIONS]
        offers = [item for result in results for item in offers_in(result.evidence)]
        fitting = _of_kinds(turn, offers)
        if fitting or turn.calls_goods_in_full:
            return present(fitting or offers)
        # "a dress for a soirée" means no Soiree watch
    return (yield from in_catalogue(turn))


def _of_kinds(turn: Turn, offers: list[Evidence]) -> list[Evidence]:
    """Those of the kinds that were said: several goods may share a name."""
    kinds = {key for item in turn.understood.categories for key in turn.shop.vocabulary.categories_under(item)}
    return [offer for offer in offers if not kinds or offer.facts["category"] in kinds]


def _than(turn: Turn, product_id: str) -> Recipe:
    """Goods of a product's kind that cost less, or more, than it does: "something cheaper than the Harbour Derby"."""
    [shown] = yield [turn.call("show_offer", product_id=product_id)]
    [named] = offers_in(shown.evidence)
    limit = amount(named, "price").to_decimal()
    limits = {"max_price": limit - CENT} if turn.understood.cheaper else {"min_price": limit + CENT}
    wish = {**_description(turn), "text": named.facts["description"], **limits}
    wish["categories"] = turn.understood.categories or [named.facts["category"]]
    [found] = yield [turn.call("find_products", **wish)]
    offers = offers_in(found.evidence)
    if not offers:
        return Conclusion(draft=[say("cheaper-none" if turn.understood.cheaper else "nothing-found")], cards=[named])
    return present(offers)


def in_catalogue(turn: Turn) -> Recipe:
    """Search by description, colours, materials, limits of price; say so when only something close is there."""
    understood = turn.understood
    call = turn.call("find_products", **_description(turn), is_aside=_is_aside(turn))
    [result] = yield [call]
    offers = offers_in(result.evidence)
    if offers:
        return present(offers, search=call)
    if _is_aside(turn):
        return (yield from say_again(turn))
    if not (understood.categories or understood.colours or understood.materials):
        return Conclusion(draft=[say("nothing-found")])
    for relaxed in _relaxed(turn):
        [result] = yield [turn.call("find_products", **relaxed)]
        if offers := offers_in(result.evidence):
            return present(offers, opening="nothing-so")
    return Conclusion(draft=[say("nothing-found")])


def _is_aside(turn: Turn) -> bool:
    """Whether a question of the kiosk is open and the words name no kind or quality of goods: perhaps they answer it,
    in a way that was not understood."""
    understood = turn.understood
    says_what = understood.item or understood.categories or understood.colours or understood.materials
    return turn.is_offered and not says_what


def say_again(turn: Turn) -> Recipe:
    """Nothing was understood: ask again what was asked last, if anything was."""
    message = f"say-again-{turn.dialogue.awaiting}" if turn.is_offered else "not-understood"
    return (yield from reply_with(message))


def _more(turn: Turn, search: ToolCall) -> Recipe:
    """What else the last search finds."""
    seen = search.arguments.get("skip", 0) + len(turn.dialogue.shown or range(MAX_OPTIONS))
    further = {**search.arguments, "skip": min(seen, MAX_SKIPPED)}
    call = turn.call(search.name, **further)
    [result] = yield [call]
    offers = offers_in(result.evidence)
    if offers:
        return present(offers, search=call)
    paths = [item for item in result.evidence if item.kind == "path"]
    if paths:
        answers = _answers(paths, str(search.arguments["question"]["target"]), shown=further["skip"])
        return Conclusion(draft=answers, changes={"search": call})
    return Conclusion(draft=[say("no-more")], changes={"search": None})


def _relaxed(turn: Turn) -> list[dict[str, object]]:
    """The same search with fewer conditions, the least important left out first; the kind of goods always stays."""
    understood = turn.understood
    if not understood.categories:
        return []
    kept: dict[str, object] = {
        "text": understood.item or understood.text,
        "categories": understood.categories,
        "features": understood.features,
    }
    limits = {"max_price": understood.max_price, "min_price": understood.min_price}
    with_colour = {**kept, **limits, "colours": understood.colours, "excluded": understood.excluded}
    return [{**with_colour, "size": understood.size}, with_colour, {**kept, **limits}, kept]


def present(
    offers: list[Evidence], opening: str = "", about: list[Say] | None = None, search: ToolCall | None = None
) -> Conclusion:
    """One offer in full, or several as a numbered list; `search` is the call by which there is more to see."""
    if not offers:
        return Conclusion(draft=[say("nothing-found")])
    is_meant = search is not None and bool(offers[0].facts.get("stands_out"))
    if len(offers) == 1 or is_meant:
        return _in_full(offers[0], opening, about, search if len(offers) > 1 else None)
    shown = offers[:MAX_OPTIONS]
    head = about or [say(opening or "found-many")]
    has_more = search is not None and len(offers) > MAX_OPTIONS
    return Conclusion(
        draft=[*head, *options(shown), *([say("more-there")] if has_more else []), say("ask-which")],
        cards=shown,
        changes={
            "focus": None,
            "shown": tuple(focus_of(offer) for offer in shown),
            "awaiting": "choice",
            "search": search if has_more else None,
        },
    )


def _in_full(offer: Evidence, opening: str, about: list[Say] | None, search: ToolCall | None) -> Conclusion:
    """One offer with all there is to say of it; with a search, there are others that fit less well."""
    head = about or [*([say(opening)] if opening else []), name_line(offer, "found-one")]
    buyable = bool(offer.facts["in_stock"])
    more = [say("more-there")] if search is not None else []
    return Conclusion(
        draft=[*head, *availability(offer), *price(offer), *more, *([say("ask-purchase")] if buyable else [])],
        cards=[offer],
        changes={
            "focus": focus_of(offer),
            "shown": (focus_of(offer),),
            "awaiting": "purchase" if buyable else None,
            "search": search,
        },
    )


def through_graph(turn: Turn, target: str) -> Recipe:
    """Answer with nodes of the target type that hang together with everything that was named."""
    question = graph_question(turn, target)
    if question is None and turn.understood.unknown_names:
        return (yield from _unknown_name(turn))
    if question is None and target != turn.shop.product_type and not turn.understood.categories:
        return (yield from chat("fact-unknown"))
    if question is None:
        return (yield from in_catalogue(turn))
    call = turn.call("follow_path", question=question.model_dump(mode="json"), **_wanted(turn))
    [result] = yield [call]
    paths = [item for item in result.evidence if item.kind == "path"]
    nodes = tuple(result.nodes)
    if turn.understood.unknown_names or (not paths and _guessed(turn)):
        return (yield from _unknown_name(turn))
    if not paths and (wider := _of_wider_kind(turn)) is not None:
        return (yield from through_graph(wider, target))
    if not paths:
        return _no_path(result.evidence)
    if (doubt := _ambiguity(turn, result.evidence)) is not None:
        return doubt
    if target != turn.shop.product_type:
        changes = {"known_nodes": nodes, "awaiting": None, "search": call}
        return Conclusion(draft=_answers(paths, target), changes=changes)
    offers = offers_in(result.evidence)
    conclusion = present(offers, about=_paths_to_products(paths, offers), search=call)
    conclusion.changes["known_nodes"] = nodes
    return conclusion


def _of_wider_kind(turn: Turn) -> Turn | None:
    """The same question for all of the group that the kind of goods lies in: a coat may be called a jacket."""
    groups = tuple(dict.fromkeys(turn.shop.vocabulary.group_of(key) for key in turn.understood.categories))
    if groups == turn.understood.categories:
        return None
    return replace(turn, understood=turn.understood.model_copy(update={"categories": groups}))


def _paths_to_products(paths: list[Evidence], offers: list[Evidence]) -> list[Say]:
    """How the product was found, in the shop's own words where it has them; of several, what is true of all."""
    if len(offers) == 1:
        return [_path_sentence(paths[0], "path-product", "path-answer")]
    shared = [name for name, value in paths[0].facts.items() if all(path.facts.get(name) == value for path in paths)]
    said = {name: fact(paths[0], name) for name in shared}
    return [Say(message="path-products", fallback="found-many", facts=said)]


def _path_sentence(path: Evidence, message: str, fallback: str) -> Say:
    return Say(message=message, fallback=fallback, facts={name: fact(path, name) for name in path.facts})


def _answers(paths: list[Evidence], target: str, shown: int = 0) -> list[Say]:
    """Names of what was found; a single answer comes with the way to it. So many have been said before."""
    summary = paths[0]
    if len(paths) == 1 and not shown:
        return [_path_sentence(summary, f"path-{target.lower()}", "path-names")]
    said = [say("path-names", names=fact(summary, "names"))]
    count = summary.facts.get("count", 0)
    if isinstance(count, int) and count > shown + len(paths):
        said.append(say("path-more", count=fact(summary, "count")))
    return said


def _no_path(evidence: list[Evidence]) -> Conclusion:
    known = next((item for item in evidence if item.kind == "node"), None)
    if known is None:
        return Conclusion(draft=[say("path-none-plain")])
    return Conclusion(draft=[say("path-none", names=fact(known, "names"))])


def _guessed(turn: Turn) -> list[str]:
    """The names that were only guessed, as the customer said them."""
    return [name.mention.text for name in turn.understood.names if name.is_guess]


def _unknown_name(turn: Turn) -> Recipe:
    unknown = [*turn.understood.unknown_names, *_guessed(turn)]
    [result] = yield [turn.call("quote_customer", text=unknown[0])]
    return Conclusion(draft=[say("unknown-name", name=fact(result.evidence[0], "text"))])


def graph_question(turn: Turn, target: str) -> GraphQuestion | None:
    """The question for the planner; what the talk was about fills in for pronouns and for missing names."""
    understood, dialogue = turn.understood, turn.dialogue
    entities = [entity for name in understood.names if (entity := _entity(turn, name)) is not None]
    if not entities:
        entities = [LinkedEntity(node_type=node.type, node_ids=(node.id,)) for node in _context_nodes(turn, target)]
    if not entities:
        return None
    named = {entity.node_type for entity in entities}
    ordinals = {node_type: n for node_type, n in understood.ordinals.items() if node_type not in named}
    if dialogue.known_nodes and set(understood.ordinals) and not (named & set(_before(turn, understood.ordinals))):
        entities += [
            LinkedEntity(node_type=node.type, node_ids=(node.id,))
            for node in _context_nodes(turn, target)
            if node.type not in named
        ]
    filters = attribute_filters(turn)
    relations = turn.shop.ontology.relations_said(understood.text) if target != turn.shop.product_type else ()
    return GraphQuestion(
        entities=tuple(entities),
        target=target,
        ordinals=ordinals,
        filters=filters,
        target_relations=tuple(relations),
    )


def _before(turn: Turn, ordinals: dict[str, int]) -> list[str]:
    """Types in which a place means something only once another node is known (a scene needs its film)."""
    ontology = turn.shop.ontology
    return [
        relation.from_type
        for relation in ontology.relations.values()
        if relation.to_type in ordinals or relation.from_type in ordinals
    ]


def _context_nodes(turn: Turn, target: str) -> list[Node]:
    """Nodes the talk is about that the question can lean on: not of the type asked for, none chosen anew."""
    ontology = turn.shop.ontology
    skipped = {target, turn.shop.product_type, *turn.understood.ordinals}
    if pointed_at := _pointed_at(turn):  # "and the shirt in that film?" asks for it in any of its scenes
        skipped |= set(ontology.types) - pointed_at - {slot.type for slot in ontology.slots.values()}
    latest: dict[str, Node] = {}
    for node in turn.dialogue.known_nodes:
        if node.type not in skipped and not ontology.types[node.type].hidden:
            latest[node.type] = node
    return list(latest.values())


def attribute_filters(turn: Turn) -> dict[str, tuple[Filter, ...]]:
    """Filters for the types of the graph that carry a category, colour or material."""
    understood, vocabulary = turn.understood, turn.shop.vocabulary
    categories = understood.categories or (() if understood.names else _category_on_the_table(turn))
    wanted: dict[str, tuple[str, ...]] = {
        "category": tuple(key for category in categories for key in vocabulary.categories_under(category)),
        "colour": understood.colours,
    }
    filters: dict[str, tuple[Filter, ...]] = {}
    for node_type, declared in turn.shop.ontology.types.items():
        kept = [
            Filter(property=name, comparison="in", value=values)
            for name, values in wanted.items()
            if values and name in declared.properties
        ]
        for name, kind in declared.properties.items():
            if kind == "year" and understood.years is not None:
                first, last = understood.years
                kept += [
                    Filter(property=name, comparison=">=", value=first),
                    Filter(property=name, comparison="<=", value=last),
                ]
        if kept:
            filters[node_type] = tuple(kept)
    return filters


def _category_on_the_table(turn: Turn) -> tuple[str, ...]:
    """The kind of goods the talk is about, for "and the ones in the first scene?"."""
    kinds = {focus.category for focus in turn.dialogue.shown}
    return tuple(kinds) if len(kinds) == 1 else ()


def _entity(turn: Turn, named: NamedEntity) -> LinkedEntity | None:
    """A name as the readings that are equally good, all of one type."""
    candidates = [item for item in named.mention.candidates if item.node_type != turn.shop.product_type]
    if not candidates:
        return None
    best = candidates[0]
    slot = turn.shop.ontology.slots.get(named.slot) if named.slot else None
    if slot:
        best = next((item for item in candidates if item.node_type == slot.type), best)
    same = [item for item in candidates if item.node_type == best.node_type and item.score >= best.score - SAME_SCORE]
    slot_name = named.slot if slot and slot.type == best.node_type else None
    return LinkedEntity(
        node_type=best.node_type, node_ids=tuple(dict.fromkeys(item.node_id for item in same)), slot=slot_name
    )


def _ambiguity(turn: Turn, evidence: list[Evidence]) -> Conclusion | None:
    """The graph left more than one reading of a name: ask which is meant."""
    doubt = next((item for item in evidence if item.kind == "node" and item.facts.get("ambiguous")), None)
    if doubt is None:
        return None
    return Conclusion(
        draft=[say("which-name", names=fact(doubt, "names_or"))],
        changes={"awaiting": "name", "pending": turn.understood.model_dump(mode="json")},
    )


def _asks_the_graph(turn: Turn) -> bool:
    leads_back = turn.understood.ordinals or _pointed_at(turn)
    return bool(turn.understood.names) or bool(leads_back and turn.dialogue.known_nodes)


def _goes_on(turn: Turn) -> bool:
    """Whether another kind of goods is asked for as a part of what the talk was about: "and the shoes?"."""
    return turn.understood.goes_on and bool(turn.understood.categories and turn.dialogue.known_nodes)


def _pointed_at(turn: Turn) -> set[str]:
    """Types of nodes the talk is about that were pointed at: "that film"."""
    return set(turn.understood.points_at) & {node.type for node in turn.dialogue.known_nodes}


def _wanted(turn: Turn) -> dict[str, object]:
    """The colours and size that were said."""
    return {"colours": turn.understood.colours, "size": turn.understood.size}


def _description(turn: Turn) -> dict[str, object]:
    understood = turn.understood
    kinds = understood.categories
    is_quoted = understood.item.casefold() in understood.text.casefold()
    if understood.intent in ("change", "choose") and not kinds:
        kinds = tuple(dict.fromkeys(focus.category for focus in turn.dialogue.shown))
    return {
        "text": understood.item or understood.text,
        "sentence": understood.text if understood.item and is_quoted else "",
        "categories": kinds,
        "colours": understood.colours,
        "materials": understood.materials,
        "features": understood.features,
        "excluded": understood.excluded,
        "max_price": understood.max_price,
        "min_price": understood.min_price,
        "size": understood.size,
    }
