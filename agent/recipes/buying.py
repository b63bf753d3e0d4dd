"""From "I'll take it" to goods in hand: choose the variant, hold it, ask for a yes, charge, dispense, thank."""

from dataclasses import replace
from typing import Any

from agent.draft import Conclusion, Say, fact, say
from agent.recipes.asking import offer_call, picked_option
from agent.recipes.finding import find, present
from agent.recipes.offers import CENT, amount, availability, focus_of, no_such_colour, offers_in
from agent.recipes.turn import Recipe, Turn
from agent.state import AgeCheck, CartLine, Focus, OpenOrder
from tools.contract import ToolResult
from tools.evidence import Evidence
from tools.money import Money

STAFF_IS_CALLED = {
    "age-restricted", "payment-unclear", "dispense-failed", "dispense-partial", "dispense-unclear", "goods-unpaid",
}  # fmt: skip
"""Refusals whose message says that staff were called."""
CANNOT_BE_SOLD = {"age-restricted", "limit-reached", "too-many"}
"""Refusals that no second yes to the same order can help."""
PAID_STATES = ("dispensed", "captured", "closed")
"""An order in one of these has been paid and dispensed; the rest is bookkeeping."""


def buy(turn: Turn) -> Recipe:
    """Lead to the order of what is in focus, asking for what is still open."""
    turn = _beside_the_order(turn)
    if turn.dialogue.order and not turn.is_offered and not _changes_the_wish(turn):
        return (yield from ask_again(turn))
    if _describes_something_new(turn):
        return (yield from find(turn))
    focus = picked_option(turn) or turn.dialogue.focus
    if focus is None:
        return Conclusion(draft=[say("ask-which" if turn.dialogue.shown else "buy-what")])
    return (yield from order_variant(turn, focus))


def order_variant(turn: Turn, focus: Focus) -> Recipe:
    """Hold the variant and ask for confirmation; ask for the size or say what is missing first."""
    [result] = yield [offer_call(turn, focus)]
    offers = offers_in(result.evidence)
    if not offers:
        return Conclusion(draft=[say("nothing-found")])
    [offer] = offers
    quantity = turn.understood.quantity or focus.quantity
    changes = {"focus": focus_of(offer).model_copy(update={"quantity": quantity}), "shown": (focus_of(offer),)}
    if offer.facts["asked_colour"]:
        return (yield from _alike_in_colour(turn, offer, changes))
    if not offer.facts["sku"]:
        if not offer.facts["sizes"]:
            return Conclusion(draft=availability(offer), cards=offers, changes={**changes, "awaiting": None})
        draft = [say("ask-size", sizes=fact(offer, "sizes"))]
        return Conclusion(draft=draft, cards=offers, changes={**changes, "awaiting": "size"}, intent="buy")
    if not offer.facts["in_stock"]:
        awaiting = "size" if offer.facts["sizes"] else None
        return Conclusion(draft=availability(offer), cards=offers, changes={**changes, "awaiting": awaiting})
    items = [{"sku": offer.facts["sku"], "quantity": quantity}]
    order = turn.dialogue.order
    if order and [(line.sku, line.quantity) for line in order.lines] == [(offer.facts["sku"], quantity)]:
        # what was to be different may not have been understood, and the customer must not take it for done
        is_said = turn.understood.size or turn.understood.colours or turn.understood.quantity
        message = "confirm-first" if is_said else "not-understood"
        return (yield from ask_again(turn, Conclusion(draft=[say(message)], changes=changes)))
    call = (
        turn.write("change_order", order_id=order.order_id, items=items)
        if order
        else turn.write("open_order", items=items)
    )
    [opened] = yield [call]
    if opened.refusal:
        return (yield from refused(turn, opened, changes))
    conclusion = ask_confirmation(opened.evidence)
    conclusion.changes.update(changes)
    conclusion.cards = offers
    return conclusion


def _beside_the_order(turn: Turn) -> Turn:
    """The turn, without the kind of the goods held where another kind is named as well: "leave the mug, show me a
    blanket instead"."""
    focus, kinds = turn.dialogue.focus, turn.understood.categories
    if turn.dialogue.order is None or focus is None:
        return turn
    others = tuple(key for key in kinds if focus.category not in turn.shop.vocabulary.categories_under(key))
    if not others or others == kinds:
        return turn
    return replace(turn, understood=turn.understood.model_copy(update={"categories": others}))


def _describes_something_new(turn: Turn) -> bool:
    """Whether the utterance names a thing that is not among those shown."""
    understood = turn.understood
    if understood.option is None and _names_another(turn):
        return True
    if picked_option(turn):
        return False
    if understood.names:
        return True
    if not understood.categories:
        return False
    kinds = {key for item in understood.categories for key in turn.shop.vocabulary.categories_under(item)}
    focus = turn.dialogue.focus
    return focus is None or focus.category not in kinds


def _names_another(turn: Turn) -> bool:
    """Whether goods are called by a name that none of those shown has, or a kind of goods of another make is named
    while an order is held."""
    understood, named = turn.understood, turn.named_products()
    if named:
        return not any(focus.product_id in named for focus in turn.dialogue.shown)
    return bool(turn.dialogue.order and understood.categories and (understood.materials or understood.features))


def _changes_the_wish(turn: Turn) -> bool:
    """Whether the utterance says what should be different."""
    understood = turn.understood
    return bool(
        understood.size or understood.colours or understood.quantity or understood.categories or understood.names
    )


def change(turn: Turn) -> Recipe:
    """Another colour, size or number of what is in focus; a held order follows, and its yes must be asked anew."""
    turn = _beside_the_order(turn)
    focus = picked_option(turn) or turn.dialogue.focus
    if _describes_something_new(turn) or not (focus or turn.dialogue.shown):
        return (yield from find(turn))
    if _refines(turn) or (focus is None and turn.understood.colours):
        return (yield from refine(turn, focus))
    if focus is None:
        return Conclusion(draft=[say("ask-which")])
    if turn.dialogue.order or turn.dialogue.awaiting == "size":
        return (yield from order_variant(turn, focus))
    [result] = yield [offer_call(turn, focus)]
    offers = offers_in(result.evidence)
    if not offers:
        return Conclusion(draft=[say("nothing-found")])
    if offers[0].facts["asked_colour"]:
        return (yield from _alike_in_colour(turn, offers[0], {}))
    if turn.understood.quantity and turn.dialogue.awaiting == "purchase":
        return (yield from order_variant(turn, focus))  # "two pairs" to "would you like to buy it?"
    conclusion = present(offers)
    if turn.understood.quantity and conclusion.changes.get("focus"):
        focus = conclusion.changes["focus"]
        conclusion.changes["focus"] = focus.model_copy(update={"quantity": turn.understood.quantity})
    return conclusion


def _alike_in_colour(turn: Turn, offer: Evidence, changes: dict[str, Any]) -> Recipe:
    """The product is not made in the colour, but others of its kind are: "like those, but in brown". If none is, it
    stays what the talk is about, with these changes."""
    call = turn.call(
        "find_products",
        text=offer.facts["description"],
        categories=[offer.facts["category"]],
        colours=turn.understood.colours,
        size=turn.understood.size,
    )
    [found] = yield [call]
    others = offers_in(found.evidence)
    if not others:
        return Conclusion(draft=[no_such_colour(offer)], cards=[offer], changes=changes)
    conclusion = present(others)
    conclusion.draft.insert(0, no_such_colour(offer))
    return conclusion


def _refines(turn: Turn) -> bool:
    """Whether another product of the kind is wanted rather than another variant of this one."""
    understood = turn.understood
    limits = (understood.max_price, understood.min_price)
    features = understood.features if understood.recipient is None else ()  # "for my wife" is no other product
    wishes = (*limits, understood.materials, features, understood.excluded)
    return turn.dialogue.order is None and (understood.cheaper is not None or any(wishes))


def refine(turn: Turn, focus: Focus | None) -> Recipe:
    """The same kind of goods, cheaper or dearer than those on the table, of another material, within other limits."""
    understood = turn.understood
    shown = (focus,) if focus else turn.dialogue.shown
    results = yield [turn.call("show_offer", product_id=item.product_id, colours=[item.colour]) for item in shown]
    prices = [amount(offer, "price").to_decimal() for result in results for offer in offers_in(result.evidence)]
    limits = {"max_price": understood.max_price, "min_price": understood.min_price}
    if prices and understood.cheaper is True:
        limits["max_price"] = understood.max_price or min(prices) - CENT
    if prices and understood.cheaper is False:
        limits["min_price"] = understood.min_price or max(prices) + CENT
    call = turn.call(
        "find_products",
        categories=understood.categories or tuple({item.category for item in shown}),
        colours=understood.colours,
        materials=understood.materials,
        features=understood.features,
        excluded=understood.excluded,
        size=understood.size,
        **limits,
    )
    [found] = yield [call]
    offers = offers_in(found.evidence)
    if not offers:
        return Conclusion(draft=[say("cheaper-none" if understood.cheaper else "nothing-found")])
    return present(offers, search=call if understood.features else None)  # "the striped one" may be one of them


def confirm(turn: Turn) -> Recipe:
    """The customer's clear yes to exactly the order that was offered: charge, dispense, thank, ask how it was."""
    order = turn.dialogue.order
    assert order is not None
    [result] = yield [turn.write("confirm_order", order_id=order.order_id, consent_hash=order.consent_hash)]
    if result.refusal in CANNOT_BE_SOLD:
        yield [turn.write("cancel_order", order_id=order.order_id)]
        conclusion = yield from refused(turn, _without_cart(result), {})
        conclusion.draft.append(say("order-cancelled"))
        return conclusion
    if result.refusal:
        return (yield from refused(turn, result, {}))
    return _sold(next(item for item in result.evidence if item.kind == "order"))


def _sold(sold: Evidence) -> Conclusion:
    """Where the goods are, thanks, the receipt, and the question how it was."""
    said = [say("paid", total=fact(sold, "total"), slots=fact(sold, "slots"))]
    said.append(say("thanks-name", customer=fact(sold, "customer")) if sold.facts["customer"] else say("thanks"))
    said += [say("receipt", order=fact(sold, "order_id")), say("ask-feedback")]
    return Conclusion(
        draft=said,
        changes={
            "order": None,
            "sold_order_id": sold.subject,
            "awaiting": "feedback",
            "focus": None,
            "shown": (),
            "is_gift": False,
        },
        intent="yes",
    )


def refused(turn: Turn, result: ToolResult, changes: dict[str, Any]) -> Recipe:
    """What the checkout would not do, in the customer's words, and what is open after it."""
    if result.refusal in STAFF_IS_CALLED:
        yield [turn.write("call_staff", reason=result.refusal)]
    said = [_refusal(result)]
    changes = {**changes, **_age_check(result)}
    orders = [item for item in result.evidence if item.kind == "cart"]
    if not orders:
        awaiting = "purchase" if result.refusal in ("age-restricted", "order-expired") else None
        return Conclusion(draft=said, changes={**changes, "order": None, "awaiting": awaiting})
    again = ask_confirmation(result.evidence)
    return Conclusion(draft=[*said, *again.draft], changes={**again.changes, **changes})


def _without_cart(result: ToolResult) -> ToolResult:
    """The refusal alone, for an order that is given up."""
    return result.model_copy(update={"evidence": [item for item in result.evidence if item.kind == "policy"]})


def _age_check(result: ToolResult) -> dict[str, Any]:
    """The goods that staff must approve, to be remembered until they do."""
    if result.refusal != "age-restricted":
        return {}
    facts = next(item.facts for item in result.evidence if item.kind == "policy")
    return {"age_check": AgeCheck.model_validate({name: facts[name] for name in AgeCheck.model_fields})}


def _refusal(result: ToolResult) -> Say:
    policy = next((item for item in result.evidence if item.kind == "policy"), None)
    facts = {name: fact(policy, name) for name in policy.facts} if policy else {}
    return Say(message=str(result.refusal), fallback="something-wrong", facts=facts)


def ask_confirmation(evidence: list[Evidence]) -> Conclusion:
    """The lines of the order, its total and the question that only a clear yes answers."""
    cart = next(item for item in evidence if item.kind == "cart")
    lines = [item for item in evidence if item.kind == "variant"]
    said = [_line(item) for item in lines]
    taxes = [item for item in evidence if item.kind == "price"]
    said += [say("order-tax", tax=fact(item, "tax"), amount=fact(item, "amount")) for item in taxes]
    said.append(say("ask-confirmation", total=fact(cart, "total")))
    order = OpenOrder(
        order_id=cart.subject,
        state=str(cart.facts["state"]),
        consent_hash=str(cart.facts["consent_hash"]),
        lines=tuple(_cart_line(item) for item in lines),
        total_minor=amount(cart, "total").amount_minor,
    )
    return Conclusion(draft=said, changes={"order": order, "awaiting": "confirmation", "age_check": None})


def _line(item: Evidence) -> Say:
    shown = ("quantity", "name", "price", "colour", "size") if item.facts["colour"] else ("quantity", "name", "price")
    message = "order-line" if item.facts["colour"] and item.facts["size"] else "order-line-plain"
    return Say(message=message, facts={name: fact(item, name) for name in shown})


def _cart_line(item: Evidence) -> CartLine:
    unit, quantity = item.facts["unit_price"], item.facts["quantity"]
    assert isinstance(unit, Money)
    assert isinstance(quantity, int)
    return CartLine(
        sku=item.subject,
        name=str(item.facts["name"]),
        quantity=quantity,
        unit_price_minor=unit.amount_minor,
        currency=unit.currency,
        colour=str(item.facts["colour"]),
        size=str(item.facts["size"]),
    )


def ask_again(turn: Turn, answer: Conclusion | None = None) -> Recipe:
    """Neither a clear yes nor a change: say the order again and ask again, after the answer to what was asked aside.

    So a yes always follows on the total that it is to.
    """
    order = turn.dialogue.order
    assert order is not None
    answer = answer or Conclusion(draft=[say("confirm-first")])
    [result] = yield [turn.call("show_order", order_id=order.order_id)]
    if ended := [item for item in result.evidence if item.kind == "order"]:
        return (yield from _ended(turn, ended[0]))
    again = ask_confirmation(result.evidence)
    return answer.model_copy(
        update={
            "draft": [*answer.draft, *again.draft],
            "changes": {**answer.changes, **again.changes},
            "freely": False,
        }
    )


def _ended(turn: Turn, order: Evidence) -> Recipe:
    """What became of an order that is no longer held, for whoever has not heard of it yet."""
    problem = order.facts["problem"]
    if order.facts["state"] in PAID_STATES and not problem:
        return _sold(order)
    return (yield from refused(turn, ToolResult(refusal=str(problem or "payment-unclear")), {}))


def cancel(turn: Turn) -> Recipe:
    """Give up the order being made; nothing was charged yet. Who says goodbye instead of yes leaves with that."""
    order = turn.dialogue.order
    idle = {"awaiting": None, "order": None, "pending": None}
    if order is None:
        return Conclusion(draft=[say("nothing-to-cancel")], changes=idle)
    [result] = yield [turn.write("cancel_order", order_id=order.order_id)]
    if result.refusal:
        return (yield from ask_again(turn))
    if turn.understood.intent == "bye":
        return Conclusion(draft=[say("order-cancelled"), say("goodbye")], changes=idle, is_farewell=True)
    return Conclusion(draft=[say("order-cancelled")], changes=idle)
