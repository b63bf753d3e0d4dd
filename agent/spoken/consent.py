"""Whether somebody agrees, which lets money move: a short text comes in; yes, no or neither goes out.

It is a yes only if every word of the utterance belongs to one.
"""

import re
from typing import Literal

from agent.spoken.covering import NEUTRAL, covered_in_one_language, is_only
from agent.spoken.negation import negated_in
from agent.spoken.phrasebook import Phrasebook
from agent.spoken.stretches import is_inside, is_strictly_inside
from agent.spoken.utterance import Utterance

_CLAUSE = re.compile(r"[.,!;:。、，！；：…।]+")
_DOUBT = re.compile(r"\.\.|…|。。|[?？¿؟]")
"""A question, or a voice that trails off: what comes next may be a condition."""


def consent(book: Phrasebook, text: str) -> Literal["yes", "no"] | None:
    """Whether the whole utterance is a yes or a no, and nothing else: no question, no condition, no change."""
    utterance = book.read(text)
    if "?" in utterance.text:
        return None
    if is_only(utterance, "no", "thanks", "cancel"):
        return None if refuses_to_cancel(utterance) else "no"
    if _DOUBT.search(text) or _has_loose_no(utterance):
        return None
    return "yes" if _is_assent(utterance) or _is_assent_by_clause(book, text) else None


def clauses(text: str) -> list[str]:
    """What stands between the punctuation of a text that was not folded; nothing empty."""
    return [clause for clause in _CLAUSE.split(text) if clause.strip()]


def refuses_to_cancel(utterance: Utterance) -> bool:
    """Whether giving up is spoken of only to refuse it: "no, don't cancel it"."""
    said, negated = utterance.of("cancel"), negated_in(utterance)
    longest = [one for one in said if not any(is_strictly_inside(one, other) for other in said)]
    return bool(said) and all(any(start <= one.start and one.end <= end for start, end in negated) for one in longest)


def _is_assent(utterance: Utterance) -> bool:
    """Whether it is a yes in one language, with a word of buying or thanks or without."""
    return is_only(utterance, "yes", "agree", "thanks", "buy") or is_only(utterance, "agree", "yes")


def _is_assent_by_clause(book: Phrasebook, text: str) -> bool:
    """Whether every clause is a yes or changes nothing, each in a language of its own: "yes, sim, fechou"."""
    utterances = [book.read_anew(clause) for clause in clauses(text)]
    said_yes = [_is_assent(utterance) for utterance in utterances]
    return any(said_yes) and all(
        (is_yes or covered_in_one_language(utterance.text, utterance.of(*NEUTRAL), set()))
        and not is_only(utterance, "no", "thanks", "cancel")
        for is_yes, utterance in zip(said_yes, utterances, strict=True)
    )


def _has_loose_no(utterance: Utterance) -> bool:
    """Whether a no stands in the text that is not part of a yes ("no problem")."""
    yes = utterance.of("yes", "agree")
    return any(
        not any(is_inside(no, one) and (no.start, no.end) != (one.start, one.end) for one in yes)
        for no in utterance.of("no", "cancel")
        if any(one.entry.code == no.entry.code for one in yes)
    )
