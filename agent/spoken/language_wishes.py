"""Which language somebody is to be served in: a short utterance comes in, a language's code goes out."""

from agent.spoken.covering import NEUTRAL, covers
from agent.spoken.negation import negated_in
from agent.spoken.stretches import is_inside
from agent.spoken.text import Found
from agent.spoken.utterance import Utterance


def language_request(utterance: Utterance) -> str | None:
    """The code of the language that the customer asks to be served in, if that is all they ask for."""
    longest = _names(utterance)
    codes = {name.entry.value for name in longest}
    if len(codes) != 1:
        return None
    spans = [*utterance.of("request_words", "greetings", "agree", "yes", "thanks", *NEUTRAL), *longest]
    return codes.pop() if covers(utterance.text, spans, {"names"}, question=True) else None


def language_wish(utterance: Utterance, current: str) -> str | None:
    """The code of another language in which somebody is to be spoken to, also where more is said: "my friend has
    no German, can we go on in English?"."""
    if (asked := language_request(utterance)) is not None:
        return asked
    if not utterance.of("language_verbs"):
        return None
    longest = _names(utterance)
    negated = negated_in(utterance)
    spoken = [one for one in longest if not any(one.start < end and start < one.end for start, end in negated)]
    wanted = {name.entry.value for name in spoken} - {current}
    return wanted.pop() if len(wanted) == 1 else None


def _names(utterance: Utterance) -> list[Found]:
    """Names of languages; where one stands in another the longer."""
    names = utterance.of("names")
    return [one for one in names if not any(is_inside(one, other) and one != other for other in names)]
