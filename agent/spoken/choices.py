"""Which of the things shown is meant: a short utterance comes in, a place among them goes out."""

from agent.spoken.covering import covered_in_one_language, with_neutral
from agent.spoken.number_patterns import fits
from agent.spoken.numbers import numbers_in
from agent.spoken.ordinals import ordinals_in
from agent.spoken.text import Entry, Found
from agent.spoken.utterance import Utterance

MAX_CHOICE = 20


def choice(utterance: Utterance, bare: bool = False) -> int | None:
    """Which of the things shown is picked: 1, 2, … or -1 for the last; None if the utterance is about more.

    A number alone ("2") counts only if `bare`: after a list it is a choice, after "which size?" it is not.
    """
    if bare and (plain := choice(utterance)) is not None:
        return plain  # "the second one" has a bare number in it, too
    picks = _picks(utterance, bare)
    spans = [*with_neutral(utterance, "choice_words", "articles", "buy_verbs", "agree", "yes", "pointers"), *picks]
    values = {pick.entry.value for pick in picks}
    return int(values.pop()) if len(values) == 1 and covered_in_one_language(utterance.text, spans, {"pick"}) else None


def takes_one_shown(utterance: Utterance) -> bool:
    """Nothing but buying one of the things shown: "I'll take the second one"."""
    if "?" in utterance.text or not utterance.of("buy_verbs"):
        return False
    picks = _picks(utterance)
    if len({pick.entry.value for pick in picks}) != 1:
        return False
    spans = [*with_neutral(utterance, "buy_verbs", "choice_words", "articles", "agree", "yes"), *picks]
    return covered_in_one_language(utterance.text, spans, {"buy_verbs", "pick"})


def _picks(utterance: Utterance, bare: bool = False) -> list[Found]:
    """Ordinals and numbered options, each as if said in every language, for their words stand in one."""
    spans = [(one.start, one.end, one.entry.value) for one in ordinals_in(utterance)]
    for number in numbers_in(utterance):
        if number.value != int(number.value) or not 1 <= number.value <= MAX_CHOICE:
            continue
        if span := fits(utterance, number, "choice_patterns"):
            if not any(start < span[1] and span[0] < end for start, end, _ in spans):
                spans.append((*span, str(int(number.value))))
        elif bare and not any(start < number.end and number.start < end for start, end, _ in spans):
            spans.append((number.start, number.end, str(int(number.value))))
    return [Found(start, end, Entry("pick", code, value)) for start, end, value in spans for code in utterance.codes]
