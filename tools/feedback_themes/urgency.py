"""How urgent a theme is: who complains of it, whether it grows and how serious it is come in, a number goes out."""

import math
from enum import StrEnum

from tools.feedback_themes.taxonomy import WORST_SEVERITY

SEVERITY_WEIGHTS = (1.0, 1.3, 2.0, 8.0)
"""By severity 0 to 3: one customer who was hurt comes before a hundred who find it slow."""
MOST_GROWTH = 2.0
GROWING, SHRINKING = 1.5, 0.67
"""Ratios to the period before from which a theme grows or shrinks."""
FEW = 3
"""A change by fewer voices than this is chance."""


class Trend(StrEnum):
    """How a theme has moved since the period before."""

    NEW = "new"
    GROWING = "growing"
    STEADY = "steady"
    SHRINKING = "shrinking"


def trend(now: int, before: int, has_before: bool) -> Trend | None:
    """The trend of a count of voices; None where the shop had no feedback yet in the period before."""
    if not has_before:
        return None
    if before == 0:
        return Trend.NEW
    if abs(now - before) < FEW:
        return Trend.STEADY
    ratio = now / before
    return Trend.GROWING if ratio >= GROWING else Trend.SHRINKING if ratio <= SHRINKING else Trend.STEADY


def urgency(complaining: int, voices: int, before: int | None, severity: int) -> float:
    """How soon the owner should look at a theme; 0 where nobody complains.

    `complaining` and `voices` are customers now, `before` those of the period before (None: not known). Voices count by
    their logarithm, so that a flood cannot drown what is serious.
    """
    if complaining == 0:
        return 0.0
    size = math.log2(1 + complaining)
    badness = 0.5 + 0.5 * complaining / max(voices, 1)
    growth = 1.0 if before is None else min(MOST_GROWTH, max(1.0, math.sqrt((voices + FEW) / (before + FEW))))
    return round(size * badness * growth * SEVERITY_WEIGHTS[min(severity, WORST_SEVERITY)], 3)
