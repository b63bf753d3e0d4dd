"""What counts as said, by the evidence for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.hearing.no_speech import Evidence, spoken_text


def said(text: str, speech_ms: float = 1_200, silent: float = 0.1, sure: float = -0.3) -> str:
    return spoken_text(Evidence(text, speech_ms, silent, sure))


@pytest.mark.parametrize("text", ["Thank you.", "Vielen Dank!", "Gracias", "謝謝", "धन्यवाद"])
def test_short_thanks_count_only_where_somebody_spoke(text: str) -> None:
    assert said(text) == text
    assert said(text, speech_ms=160) == ""
    assert said(text, silent=0.8) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for watching!",
        "Untertitel der Amara.org-Community",
        "字幕由Amara.org社区提供",
        "ご視聴ありがとうございました",
    ],
)
def test_credits_are_never_said(text: str) -> None:
    assert said(text) == ""


@pytest.mark.parametrize("text", ["[Music]", "(applause)", "...", "♪ la la ♪", "*sighs*"])
def test_what_is_heard_and_not_said(text: str) -> None:
    assert said(text) == ""


def test_an_aside_is_left_out() -> None:
    assert said("[coughs] black shoes please") == "black shoes please"


def test_loops_and_guesses_are_nothing() -> None:
    assert said("no no no no no no no no no no no no no no no no no no no no no no no no no") == ""
    assert said("black shoes please", sure=-1.7) == ""
    assert said("black shoes please", silent=0.7, sure=-1.1) == ""


@given(st.text(max_size=80), st.floats(0, 95), st.floats(0, 1), st.floats(-5, 0))
def test_without_speech_nothing_was_said(text: str, speech_ms: float, silent: float, sure: float) -> None:
    assert said(text, speech_ms, silent, sure) == ""


@given(st.text(max_size=80), st.floats(0, 5_000), st.floats(0, 1), st.floats(-5, 0))
def test_more_evidence_never_unsays_anything(text: str, speech_ms: float, silent: float, sure: float) -> None:
    found = said(text, speech_ms, silent, sure)
    if found:
        assert said(text, speech_ms + 500, silent / 2, sure / 2) == found
