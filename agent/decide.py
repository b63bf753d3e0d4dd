"""Chooses what happens next in a turn: more tool calls, or a conclusion; a pure function of what is known so far."""

from collections.abc import Sequence

from agent.draft import Conclusion, Say, fact
from agent.recipes.asking import ask_fact, ask_price, ask_stock, choose, compare
from agent.recipes.buying import ask_again, buy, cancel, change, confirm, order_variant
from agent.recipes.conversing import call_staff, chat, farewell, give_feedback, greet, reply_with
from agent.recipes.finding import find, say_again
from agent.recipes.turn import OPEN_OFFER, Recipe, Turn
from agent.understanding import Understanding
from tools.contract import ToolCall, ToolResult

MAX_TOOL_STEPS = 5
TROUBLES = "bored-or-sad"
SHOPPING = {"find", "fact", "stock", "price", "buy", "change", "choose", "compare"}


class TooManySteps(RuntimeError):
    """A recipe asked for more rounds of tools than a turn may take: a defect of the recipe."""


def decide(turn: Turn, results: Sequence[list[ToolResult]]) -> list[ToolCall] | Conclusion:
    """Run the turn's recipe over the results so far: its next tool calls, or how it ends.

    A READ tool that failed or refused ends the turn with its message; a WRITE tool's refusal is the recipe's to
    answer.
    """
    if len(results) > MAX_TOOL_STEPS:
        raise TooManySteps(turn.understood.intent)
    recipe = recipe_for(turn)
    try:
        calls = next(recipe)
        for step in results:
            if (failure := _failed_read(calls, step)) is not None:
                return failure
            calls = recipe.send(step)
    except StopIteration as finished:
        return finished.value
    return calls


def _failed_read(calls: list[ToolCall], results: list[ToolResult]) -> Conclusion | None:
    for call, result in zip(calls, results, strict=True):
        if result.refusal and call.idempotency_key is None:
            policy = next((item for item in result.evidence if item.kind == "policy"), None)
            facts = {name: fact(policy, name) for name in policy.facts} if policy else {}
            return Conclusion(draft=[Say(message=result.refusal, fallback="something-wrong", facts=facts)])
    return None


def recipe_for(turn: Turn) -> Recipe:
    """The recipe of this turn: by what the kiosk had asked for, then by the intent."""
    intent, awaiting = turn.understood.intent, turn.dialogue.awaiting
    if (aside := _aside(turn)) is not None:
        return aside if turn.dialogue.order is None else _keeping_the_order(turn, aside)
    if awaiting == "name" and (completed := _completed_question(turn)) is not None:
        return recipe_for(completed)
    if turn.dialogue.order is not None:
        return _while_ordering(turn)
    if awaiting == "feedback" and intent not in SHOPPING and intent not in ("cancel", "bye"):
        if intent == "no":
            return reply_with("feedback-skipped", awaiting=None)
        if intent == "thanks":
            return reply_with("thanks-reply")
        return give_feedback(turn)
    if awaiting == "size" and turn.dialogue.focus and turn.understood.size:
        return order_variant(turn, turn.dialogue.focus)
    return _by_intent(turn)


def _aside(turn: Turn) -> Recipe | None:
    """The answer to what is no matter of goods and orders."""
    match turn.understood.intent:
        case "empty":
            return reply_with("not-heard")
        case "too_long":
            return reply_with("too-long")
        case "language":
            return reply_with("language-changed")
        case "staff":
            return call_staff(turn)
        case "help":
            return reply_with("help-text")
        case "chat" if turn.understood.topic:
            return small_talk(turn)
        case _:
            return None


def _while_ordering(turn: Turn) -> Recipe:
    """An order is held: only a clear yes to its total goes on with it, and nothing else may let it pass unnoticed."""
    understood = turn.understood
    if understood.intent == "yes" and understood.source == "lexicon" and turn.dialogue.awaiting == "confirmation":
        return confirm(turn)
    if understood.intent == "no" and turn.is_offered:
        return ask_again(turn, Conclusion(draft=[]))
    if understood.intent in ("no", "cancel", "bye"):
        return cancel(turn)
    if understood.intent in ("change", "find", "choose"):
        return _keeping_the_order(turn, change(turn))
    if understood.intent == "buy" or (understood.intent == "yes" and turn.is_offered):
        return _keeping_the_order(turn, buy(turn))
    if understood.intent in ("fact", "price", "stock", "compare"):
        return _answer_aside(turn)
    return ask_again(turn)


def _keeping_the_order(turn: Turn, recipe: Recipe) -> Recipe:
    """The recipe's answer; where it leaves the order as it is and asks nothing else, the order is said again after it.

    Else a yes to "it is not made in yellow" would be taken for a yes to the total said before.
    """
    answer = yield from recipe
    asks_else = answer.changes.get("awaiting") in (*OPEN_OFFER, "name")
    if "order" in answer.changes or asks_else or answer.is_farewell:
        return answer
    return (yield from ask_again(turn, answer))


def small_talk(turn: Turn) -> Recipe:
    """An answer to small talk.

    Who is cold or has a bad day may be helped by something that is for sale, so the model may think of goods then.
    """
    message = f"talk-{turn.understood.topic}"
    is_troubled = turn.understood.topic == TROUBLES and turn.dialogue.order is None
    return chat(message) if is_troubled else reply_with(message)


def _answer_aside(turn: Turn) -> Recipe:
    return (yield from ask_again(turn, (yield from _by_intent(turn))))


def _by_intent(turn: Turn) -> Recipe:
    match turn.understood.intent:
        case "find":
            return find(turn)
        case "fact":
            return ask_fact(turn)
        case "stock":
            return ask_stock(turn)
        case "price":
            return ask_price(turn)
        case "buy":
            return buy(turn)
        case "change":
            return change(turn)
        case "choose":
            return choose(turn)
        case "compare":
            return compare(turn)
        case "cancel":
            return cancel(turn)
        case "yes":
            return buy(turn) if turn.is_offered else reply_with("ask-what")
        case "no":
            return reply_with("ask-what", awaiting=None)
        case "feedback":
            return give_feedback(turn)
        case "thanks":
            return reply_with("thanks-reply")
        case "bye":
            return farewell("goodbye")
        case "chat" if turn.understood.source == "lexicon":
            return greet(turn)
        case "chat":
            return chat("small-talk")
        case "unclear" if turn.is_offered:
            return say_again(turn)
        case "unclear" if turn.understood.source == "model":
            return chat("not-understood")
        case _:
            return reply_with("not-understood")


def _completed_question(turn: Turn) -> Turn | None:
    """The question asked before, with the name that was in doubt settled by this answer; None if it settles none."""
    pending = Understanding.model_validate(turn.dialogue.pending) if turn.dialogue.pending else None
    if pending is None:
        return None
    said = turn.understood.text.casefold()
    chosen_ids = {item.node_id for name in turn.understood.names for item in name.mention.candidates[:1]}
    names = []
    for name in pending.names:
        candidates = name.mention.candidates
        fitting = [item for item in candidates if item.node_id in chosen_ids or item.name.casefold() in said]
        if not fitting and turn.understood.option and 0 < turn.understood.option <= len(candidates):
            fitting = [candidates[turn.understood.option - 1]]
        kept = tuple(fitting) or candidates
        names.append(name.model_copy(update={"mention": name.mention.model_copy(update={"candidates": kept})}))
    if tuple(names) == pending.names:
        return None
    settled = pending.model_copy(update={"names": tuple(names), "language": turn.understood.language})
    dialogue = turn.dialogue.model_copy(update={"awaiting": None, "pending": None})
    return Turn(dialogue=dialogue, understood=settled, shop=turn.shop)
