"""How far the kiosk's voice has come at the customer's ear: what was sent, when, and reports come in."""

import numpy as np

from tools.audio import SILENCE_DBFS, Samples, level_dbfs

LEVEL_MS = 32
"""How long a stretch of sent audio has a level of its own."""

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
        self._held_since_s: float | None = None
        self._levels_dbfs: list[float] = []

    @property
    def sent_ms(self) -> float:
        """How much audio was sent."""
        return self._sent_ms

    def sent(self, samples: Samples, rate_hz: int, now_s: float) -> None:
        """More audio went out."""
        due = int((self._sent_ms + len(samples) * 1000 / rate_hz) // LEVEL_MS) - len(self._levels_dbfs)
        self._levels_dbfs += [level_dbfs(piece) for piece in np.array_split(samples, max(1, due))][:due]
        self._sent_ms += len(samples) * 1000 / rate_hz
        self._plays_until_s = max(self._plays_until_s, now_s) + len(samples) / rate_hz

    def sentence_sent(self) -> None:
        """All audio of the next sentence went out."""
        self._sentence_ends_ms.append(self._sent_ms)

    def report(self, audio_end_ms: int, is_over: bool) -> None:
        """The client says how much it played, and whether it will play more."""
        self._reported_ms, self._is_over = audio_end_ms, is_over

    def hold(self, now_s: float) -> None:
        """The client was told to fall silent and keep the place."""
        if self._held_since_s is None:
            self._held_since_s = now_s

    def release(self, now_s: float) -> None:
        """The client was told to go on."""
        if self._held_since_s is not None:
            self._plays_until_s += now_s - self._held_since_s
            self._held_since_s = None

    def level_dbfs(self, now_s: float) -> float:
        """How loud what is played now is."""
        place = int(self.position_ms(now_s) // LEVEL_MS)
        is_silent = self._held_since_s is not None or place >= len(self._levels_dbfs)
        return SILENCE_DBFS if is_silent else self._levels_dbfs[place]

    def left_ms(self, now_s: float) -> float:
        """How much of what was sent is still to be played."""
        return self._sent_ms - self.position_ms(now_s)

    def is_playing(self, now_s: float) -> bool:
        """Whether the kiosk can be heard, or would be if it were not held."""
        if self._is_over:
            return False
        if self._reported_ms is not None and self._reported_ms >= self._sent_ms:
            return False
        return self._clock_s(now_s) < self._plays_until_s

    def position_ms(self, now_s: float) -> float:
        """How much was played."""
        if self._reported_ms is not None:
            return min(self._sent_ms, self._reported_ms)
        return self._sent_ms - max(0.0, self._plays_until_s - self._clock_s(now_s)) * 1000

    def sentences_until(self, position_ms: float) -> int:
        """How many sentences were heard when so much was played."""
        starts_ms = [0.0, *self._sentence_ends_ms]
        return sum(
            end_ms - min(HEARD_BUT_MS, (end_ms - start_ms) / 2) <= position_ms
            for start_ms, end_ms in zip(starts_ms, self._sentence_ends_ms, strict=False)
        )

    def _clock_s(self, now_s: float) -> float:
        """The time, which stands still for a voice that is held."""
        return now_s if self._held_since_s is None else self._held_since_s
