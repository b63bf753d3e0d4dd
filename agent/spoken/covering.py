"""Whether an utterance says one thing and nothing else: phrases and a text come in, whether they fill it goes out."""

from collections.abc import Sequence

from agent.spoken.stretches import SEPARATORS, clause_around
from agent.spoken.text import Found, is_unspaced
from agent.spoken.utterance import Utterance

NEUTRAL = ("fillers", "hesitations")
_WEIGHTY = frozenset({"yes", "agree", "no", "cancel", "goodbye", "buy", "thanks"})


def is_only(utterance: Utterance, wanted: str, *beside: str, question: bool = False) -> bool:
    """Whether the whole utterance says what is wanted, with or without what may stand beside it."""
    spans = with_neutral(utterance, wanted, *beside)
    return covered_in_one_language(utterance.text, spans, {wanted}, question)


def with_neutral(utterance: Utterance, *roles: str) -> list[Found]:
    """The phrases of these roles, and those that change nothing."""
    return utterance.of(*roles, *NEUTRAL)


def covered_in_one_language(text: str, spans: list[Found], wanted: set[str], question: bool = False) -> bool:
    """Whether phrases of one language cover the whole text, with all the wanted roles among them."""
    by_code: dict[str, list[Found]] = {}
    for span in spans:
        by_code.setdefault(span.entry.code, []).append(span)
    return any(covers(text, of_one, wanted, question) for of_one in by_code.values())


def is_clause(utterance: Utterance, start: int, end: int, *light: str) -> bool:
    """Whether nothing of weight, but for words of these roles, stands around a stretch up to the punctuation."""
    before, after = clause_around(utterance.text, start)[0], clause_around(utterance.text, end)[1]
    neutral = [*utterance.of(*NEUTRAL, "agree", "yes", "greetings", "thanks", "articles", *light)]
    return all(
        covers(piece_text, shifted(neutral, offset, offset + len(piece_text)), set())
        for piece_text, offset in ((utterance.text[before:start], before), (utterance.text[end:after], end))
    )


def covers(text: str, spans: Sequence[Found], wanted: set[str], question: bool = False) -> bool:
    """Whether spans and separators make up the whole text, with all wanted roles among them.

    In scripts without spaces two different phrases must have a separator between them unless one of them is a filler:
    要 and 是 are each a yes, 要是 is "if".
    """
    separators = SEPARATORS + "?¿" if question else SEPARATORS
    starting: dict[int, list[Found]] = {}
    for span in spans:
        starting.setdefault(span.start, []).append(span)
    states: dict[int, set[tuple[frozenset[str], str]]] = {0: {(frozenset(), "")}}
    for position in range(len(text)):
        for seen, glued in states.pop(position, ()):
            if text[position] in separators:
                states.setdefault(position + 1, set()).add((seen, ""))
            for span in starting.get(position, ()):
                phrase = text[span.start : span.end]
                if not _may_follow(glued, phrase, span.entry.role):
                    continue
                roles = seen | ({span.entry.role} & wanted)
                states.setdefault(span.end, set()).add((roles, _glue(phrase, span.entry.role)))
    return any(seen == frozenset(wanted) for seen, _ in states.get(len(text), ()))


def shifted(spans: Sequence[Found], start: int, end: int) -> list[Found]:
    """The spans that lie inside a stretch, with places counted from its start."""
    return [
        Found(one.start - start, one.end - start, one.entry) for one in spans if start <= one.start and one.end <= end
    ]


def _glue(phrase: str, role: str) -> str:
    """What the next phrase must be told about this one, if it follows at once."""
    return phrase if role in _WEIGHTY and is_unspaced(phrase[-1]) else ""


def _may_follow(glued: str, phrase: str, role: str) -> bool:
    return not glued or glued == phrase or role not in _WEIGHTY or not is_unspaced(phrase[0])
