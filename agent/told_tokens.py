"""How likely a model's answers were: the tokens of one answer come in, with what might have stood in the place of each;
how likely each of some options was goes out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNTOLD = 1e-6
"""How likely a token is held to be that is not among the likeliest."""


@dataclass(frozen=True)
class ToldToken:
    """A token of an answer, and the log-probabilities of the likeliest in its place, its own among them."""

    text: str
    likeliest: Mapping[str, float]


def shares_of(options: Sequence[str], before: str, tokens: Sequence[ToldToken]) -> list[float]:
    """How likely each option was as what follows `before` in the answer, as natural logarithms of shares of 1.

    What is known of an option ends where the answer leaves it: from there on it is taken to be certain, as few options
    soon tell themselves apart.
    """
    answers = [f'{before}{option}"' for option in options]
    chances = [0.0] * len(options)
    alive = set(range(len(options)))
    said = ""
    for token in tokens:
        for place in sorted(alive):
            chances[place] += _log_chance(answers[place], said, token, [answers[other] for other in alive])
        said += token.text
        alive = {place for place in alive if _may_become(said, answers[place])}
        if len(alive) < 2:
            break
    highest = max(chances)
    total = highest + math.log(sum(math.exp(chance - highest) for chance in chances))
    return [chance - total for chance in chances]


def _log_chance(answer: str, said: str, token: ToldToken, others: Sequence[str]) -> float:
    """How likely the answer goes on after what is said, where a token that several go on with is shared out evenly."""
    chance = sum(
        math.exp(told) / max(1, sum(_may_become(said + text, other) for other in others))
        for text, told in token.likeliest.items()
        if text and _may_become(said + text, answer)
    )
    return math.log(max(chance, UNTOLD))


def _may_become(said: str, answer: str) -> bool:
    return answer.startswith(said) or said.startswith(answer)
