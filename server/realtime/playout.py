"""How far the kiosk's voice has come at the customer's ear: what was sent, when, and reports come in."""

HEARD_BUT_MS = 400
"""A sentence of which no more than this (nor than half) is missing was heard."""


class Playout:
    """One reply's audio. Times are seconds of any clock; without reports, audio is taken to play as it was sent."""

    def __init__(self) -> None:
        self._sentence_ends_ms: list[float] = []
        self._sent_ms = 0.0
        self._plays_until_s = 0.0
        self._reported_ms: int | None = None
        self._is_over = False

    @property
    def sent_ms(self) -> float:
        """How much audio was sent."""
        return self._sent_ms

    def sent(self, duration_ms: float, now_s: float) -> None:
        """More audio went out."""
        self._sent_ms += duration_ms
        self._plays_until_s = max(self._plays_until_s, now_s) + duration_ms / 1000

    def sentence_sent(self) -> None:
        """All audio of the next sentence went out."""
        self._sentence_ends_ms.append(self._sent_ms)

    def report(self, audio_end_ms: int, is_over: bool) -> None:
        """The client says how much it played, and whether it will play more."""
        self._reported_ms, self._is_over = audio_end_ms, is_over

    def is_playing(self, now_s: float) -> bool:
        """Whether the kiosk can be heard."""
        if self._is_over:
            return False
        if self._reported_ms is not None and self._reported_ms >= self._sent_ms:
            return False
        return now_s < self._plays_until_s

    def position_ms(self, now_s: float) -> float:
        """How much was played."""
        if self._reported_ms is not None:
            return min(self._sent_ms, self._reported_ms)
        return self._sent_ms - max(0.0, self._plays_until_s - now_s) * 1000

    def sentences_until(self, position_ms: float) -> int:
        """How many sentences were heard when so much was played."""
        starts_ms = [0.0, *self._sentence_ends_ms]
        return sum(
            end_ms - min(HEARD_BUT_MS, (end_ms - start_ms) / 2) <= position_ms
            for start_ms, end_ms in zip(starts_ms, self._sentence_ends_ms, strict=False)
        )
