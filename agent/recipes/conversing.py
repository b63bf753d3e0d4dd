"""Everything around the shopping: greetings, help, staff, feedback, goodbye, and what was not understood."""

from agent.draft import Conclusion, fact, say
from agent.recipes.turn import Recipe, Turn


def reply_with(*messages: str, **changes: object) -> Recipe:
    """Say these messages and nothing else."""
    yield from ()
    return Conclusion(draft=[say(message) for message in messages], changes=changes)


def farewell(message: str) -> Recipe:
    """Say goodbye; the session ends with it."""
    yield from ()
    return Conclusion(draft=[say(message)], changes={"awaiting": None}, is_farewell=True)


def chat(message: str) -> Recipe:
    """What no recipe covers: left to the model's ideas, with this message if it has none that can be used."""
    yield from ()
    return Conclusion(draft=[say(message)], freely=True)


def give_feedback(turn: Turn) -> Recipe:
    """Keep what the customer said about the order or the shop, in their words."""
    call = turn.write(
        "give_feedback",
        text=turn.understood.text,
        rating=turn.understood.rating,
        order_id=turn.dialogue.sold_order_id,
        language=turn.understood.language,
    )
    yield [call]
    return Conclusion(draft=[say("feedback-thanks")], changes={"awaiting": None}, intent="feedback")


def call_staff(turn: Turn) -> Recipe:
    """Ask a person to come."""
    yield [turn.write("call_staff", reason=turn.understood.text[:200])]
    return Conclusion(draft=[say("staff-called")])


def greet(turn: Turn) -> Recipe:
    """A welcome by name where the customer is known."""
    if turn.dialogue.customer_id is None:
        return (yield from reply_with("welcome"))
    [result] = yield [turn.call("describe_customer")]
    return Conclusion(draft=[say("welcome-known", customer=fact(result.evidence[0], "name"))])
