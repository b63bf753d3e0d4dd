"""The language of an utterance: right for sentences, unmoved by names, sizes and short words of several languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.languages import identify
from tests.agent.language_samples import SAMPLES

CODES = ("en", "es", "fr", "de", "it", "pt", "hi", "zh", "ja")


@pytest.mark.parametrize(("text", "default", "language"), SAMPLES)
def test_the_language_of_what_is_said_at_the_kiosk(text: str, default: str, language: str) -> None:
    assert identify(text, default) == language


@pytest.mark.parametrize("code", CODES)
def test_names_and_sizes_keep_the_language_of_the_session(code: str) -> None:
    for text in ("Leonardo DiCaprio Inception", "43", "XL", "Christopher Nolan", "...", "Bruce Wayne?"):
        assert identify(text, code) == code


@given(st.text(max_size=300), st.sampled_from(CODES))
def test_anything_gets_one_of_the_languages(text: str, default: str) -> None:
    assert identify(text, default) in CODES
