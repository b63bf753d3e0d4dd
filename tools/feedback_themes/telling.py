"""Which opinions stand for a theme: their directions come in, the most telling ones of different customers go out."""

from collections.abc import Sequence

from tools.embedding import Vectors

TOO_ALIKE = 0.9
"""Cosine from which a second opinion tells nothing new."""


def telling(directions: Vectors, voices: Sequence[int], severities: Sequence[int], count: int) -> list[int]:
    """The places of at most `count` opinions: the severest, then the most central, if possible none like another.

    `directions` of shape (opinions, dimensions), of length 1.
    """
    if not voices:
        return []
    central = directions @ directions.mean(axis=0)
    order = sorted(range(len(voices)), key=lambda place: (-severities[place], -float(central[place]), place))
    chosen: list[int] = []
    for least in (TOO_ALIKE, 2.0):  # the second time whatever is left
        for place in order:
            heard = {voices[other] for other in chosen}
            alike = any(float(directions[place] @ directions[other]) >= least for other in chosen)
            if len(chosen) < count and voices[place] not in heard and not alike:
                chosen.append(place)
    return sorted(chosen, key=order.index)
