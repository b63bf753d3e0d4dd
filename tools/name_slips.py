"""Spellings that are one slip of the finger away: a spelling comes in, the known ones like it go out, none is missed.

A slip adds, drops or changes a letter or swaps two. Whatever it was, one half of the word is still as it was, so words
are looked up by each half.
"""

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

LEAST_LETTERS = 3


class SlipIndex:
    """Known spellings by their halves."""

    def __init__(self, spellings: Sequence[str]) -> None:
        self._spellings = spellings
        self._by_start: dict[tuple[int, str], list[int]] = {}
        self._by_end: dict[tuple[int, str], list[int]] = {}
        for place, spelling in enumerate(spellings):
            length = len(spelling)
            if length >= LEAST_LETTERS:
                self._by_start.setdefault((length, spelling[: length // 2]), []).append(place)
                self._by_end.setdefault((length, spelling[length // 2 :]), []).append(place)

    def near(self, spelling: str) -> list[int]:
        """The places of all spellings that are one slip away from this one, or the same."""
        if len(spelling) < LEAST_LETTERS:
            return []
        found = dict.fromkeys(self._sharing_a_half(spelling))
        return [place for place in found if OSA.distance(spelling, self._spellings[place], score_cutoff=1) <= 1]

    def _sharing_a_half(self, spelling: str) -> Iterator[int]:
        for length in (len(spelling) - 1, len(spelling), len(spelling) + 1):
            half = length // 2
            yield from self._by_start.get((length, spelling[:half]), ())
            yield from self._by_end.get((length, spelling[len(spelling) - (length - half) :]), ())
        # A swap across the middle leaves neither half as it was.
        half = len(spelling) // 2
        swapped = spelling[: half - 1] + spelling[half] + spelling[half - 1] + spelling[half + 1 :]
        yield from self._by_start.get((len(spelling), swapped[:half]), ())
