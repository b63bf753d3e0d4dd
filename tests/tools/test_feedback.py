"""Feedback is kept clean: short, on one line, without personal numbers, with a rating that is one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import URL

from tools.database import open_database
from tools.errors import CustomerError, ModelError
from tools.feedback import MAX_CHARACTERS, FeedbackBook, clean


@pytest.fixture
def book(database: URL) -> FeedbackBook:
    return FeedbackBook(open_database(database))


def test_the_newest_comes_first(book: FeedbackBook) -> None:
    book.add("K1", None, "en", "good")
    added = book.add("K1", "O1", "es", "  muy\nbien\x07 ", rating=5)
    assert (added.text, added.rating, added.feedback_id) == ("muy bien", 5, 2)
    assert [entry.text for entry in book.recent(10)] == ["muy bien", "good"]
    assert [entry.text for entry in book.recent(1)] == ["muy bien"]
    assert book.recent(-1) == []


def test_long_words_are_cut_and_personal_ones_removed(book: FeedbackBook) -> None:
    assert len(book.add("K1", None, "en", "x" * 50_000).text) == MAX_CHARACTERS
    assert "4111" not in book.add("K1", None, "en", "4111 1111 1111 1111").text


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_is_from_one_to_five(book: FeedbackBook, rating: int) -> None:
    with pytest.raises(ModelError):
        book.add("K1", None, "en", "fine", rating)


def test_nothing_is_not_feedback(book: FeedbackBook) -> None:
    with pytest.raises(CustomerError):
        book.add("K1", None, "en", " \n\x00 ")
    assert book.add("K1", None, "en", "", rating=3).text == ""


def test_joiners_stay_and_direction_marks_go() -> None:
    assert clean("क्\u200dष \u202eabc") == "क्\u200dष abc"


@given(st.text())
@example("0 \x08 0")
def test_cleaning_leaves_one_printable_line(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert cleaned.splitlines() in ([], [cleaned])
    assert "  " not in cleaned
