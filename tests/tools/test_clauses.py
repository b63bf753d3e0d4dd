"""Replies in pieces to be spoken one by one: together they are the reply, and nothing that is said as one is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.language_packs import load_language_packs
from tools.speaking.clauses import split_clauses

LANGUAGES = sorted(load_language_packs())
PIECES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["$1,234.50", "59,90 €", "approx. five", "z. B. das", "1. Corvane", "Nr. 5", ". ", "! ", ", ", "。", "、",
             "। ", "\n", "a word or two", "这里有现货", "यह यहाँ है", "…", "”", "x" * 250]
        ),
    ),
    max_size=30,
)  # fmt: skip


def texts(reply: str, language: str = "en") -> list[str]:
    return [clause.text for clause in split_clauses(reply, language)]


@pytest.mark.parametrize("language", [*LANGUAGES, "xx"])
@given(PIECES)
def test_the_pieces_are_the_reply(language: str, pieces: list[str]) -> None:
    reply = "".join(pieces)
    clauses = split_clauses(reply, language)
    assert "".join(clause.text for clause in clauses) == reply
    assert all(reply[clause.start : clause.end] == clause.text for clause in clauses)
    if any(letter.isalnum() for letter in reply):
        assert all(any(letter.isalnum() for letter in clause.text) for clause in clauses)
    assert all(sum(letter.isalnum() for letter in clause.text) <= 210 for clause in clauses)


@given(
    st.lists(
        st.sampled_from(["1,234.50", "59.90", "12,5", "17:30", "approx. five", "No. 7", "Dr. No", "42½", "it is"]),
        max_size=40,
    )
)
def test_numbers_and_abbreviations_stay_whole(words: list[str]) -> None:
    clauses = texts("; ".join(words))
    assert sorted(word for clause in clauses for word in clause.rstrip("; ").split("; ") if word) == sorted(words)


def test_a_long_first_sentence_is_begun_with_its_first_clause() -> None:
    reply = "In scene 1 of Inception (2010), Leonardo DiCaprio wore the Corvane Mombasa Lace-Up in brown. It is here."
    assert texts(reply) == [
        "In scene 1 of Inception (2010), ",
        "Leonardo DiCaprio wore the Corvane Mombasa Lace-Up in brown. ",
        "It is here.",
    ]
    assert texts("Sure, here it is. And, of course, so are these and many other things of that kind.") == [
        "Sure, here it is. ",
        "And, of course, so are these and many other things of that kind.",
    ]


@pytest.mark.parametrize(
    ("language", "reply", "pieces"),
    [
        ("en", "1. Corvane: $5.00.\n2. Regent: $6.", ["1. Corvane: $5.00.\n", "2. Regent: $6."]),
        ("en", "It is here in your size, 43. It costs $5.", ["It is here in your size, 43. ", "It costs $5."]),
        ("en", "He said “Stop!” Then he left.", ["He said “Stop!” ", "Then he left."]),
        ("de", "Am 3. November. Ja, z. B. das. Gut.", ["Am 3. November. ", "Ja, z. B. das. ", "Gut."]),
        ("zh", "您好！这里有现货。价格是五元。", ["您好！", "这里有现货。", "价格是五元。"]),
        ("ja", "はい。「これ」です。", ["はい。", "「これ」です。"]),
        ("hi", "नमस्ते। यह यहाँ है। ठीक?", ["नमस्ते। ", "यह यहाँ है। ", "ठीक?"]),
    ],
)  # fmt: skip
def test_sentences_of_every_script(language: str, reply: str, pieces: list[str]) -> None:
    assert texts(reply, language) == pieces
