"""The made-up comments that feedback summaries are measured with."""

from datetime import UTC, datetime

from evals.feedback_comments import load_sentences, make_comments
from tools.feedback_themes.taxonomy import load_taxonomy

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_the_same_seed_makes_the_same_comments() -> None:
    comments = make_comments(200, NOW, 28)
    assert comments == make_comments(200, NOW, 28)
    assert comments != make_comments(200, NOW, 28, seed=8)
    assert {comment.language for comment in comments} == set(load_sentences().languages)
    assert all("{" not in comment.text for comment in comments)
    assert all(len(comment.subjects) == len(comment.tones) <= 2 for comment in comments)


def test_nothing_is_measured_with_what_was_learned() -> None:
    learned = {_letters(example.text) for example in load_taxonomy().examples()}
    for subject in load_sentences().subjects.values():
        for texts in (*subject.plain.values(), *subject.particular.values()):
            assert not {_letters(text) for text in texts} & learned


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalpha())
