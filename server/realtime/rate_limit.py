"""How often something may happen: the time comes in, whether one more is allowed goes out."""


class RateLimit:
    """A bucket that fills at `per_s` up to `burst`; each event takes one out."""

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s, self.burst = per_s, burst
        self._left, self._at_s = burst, 0.0

    def take(self, now_s: float) -> bool:
        """Count one event; False when there are too many."""
        self._left = self.left(now_s)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def left(self, now_s: float) -> float:
        """How many events are allowed at once now."""
        return min(self.burst, self._left + max(0.0, now_s - self._at_s) * self._per_s)
