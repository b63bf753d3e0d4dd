"""Medians and 95th percentiles of measured values."""

import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return percentile(values, 95)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[round(percent / 100 * (len(ordered) - 1))]
