"""Spellings one slip away: whatever the slip, the spelling is found, and nothing farther away is."""

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from tools.name_slips import LEAST_LETTERS, SlipIndex

LETTERS = "abcdé北"
words = st.text(alphabet=LETTERS, min_size=LEAST_LETTERS, max_size=9)


@st.composite
def slipped(draw: st.DrawFn, word: str) -> str:
    """The word with one letter added, left out, changed, or swapped with the next."""
    place = draw(st.integers(0, len(word) - 1))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    other = draw(st.sampled_from(LETTERS))
    swapped = before + after[:1] + letter + after[1:]
    return draw(st.sampled_from([before + other + letter + after, before + after, before + other + after, swapped]))


@given(st.data(), words, st.lists(words, max_size=20))
def test_finds_all_near_ones_and_no_others(data: st.DataObject, word: str, others: list[str]) -> None:
    known = [*others, word, *(data.draw(slipped(word)) for _ in range(3))]
    near = {
        place for place, other in enumerate(known) if len(other) >= LEAST_LETTERS and OSA.distance(word, other) <= 1
    }
    assert word in [known[place] for place in near]
    assert set(SlipIndex(known).near(word)) == near


def test_short_words_have_no_slips() -> None:
    assert SlipIndex(["it", "its"]).near("it") == []
