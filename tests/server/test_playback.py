"""What of a reply was heard, whatever the client reports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.playback import Clause, Playout, PlayoutError

CLAUSES = st.lists(
    st.builds(Clause, text=st.text("ab c，黒い靴ですप्र. ", max_size=30), duration_ms=st.integers(0, 5_000)), max_size=6
)


def playout(clauses: list[Clause]) -> Playout:
    made = Playout()
    for clause in clauses:
        made.sent(clause)
    return made


@given(CLAUSES, st.lists(st.floats(0, 1), max_size=8))
def test_what_was_heard_grows_and_is_how_the_reply_begins(clauses: list[Clause], shares: list[float]) -> None:
    reply = playout(clauses)
    before = reply.heard_text
    for share in shares:
        reply.reported(int(share * reply.sent_ms))
        assert reply.text.startswith(reply.heard_text)
        assert reply.heard_text.startswith(before)
        assert reply.heard_ms <= reply.sent_ms
        before = reply.heard_text
    reply.reported(reply.sent_ms)
    assert reply.is_heard
    assert reply.heard_text == reply.text


@given(CLAUSES, st.integers())
def test_only_what_can_have_been_played_is_believed(clauses: list[Clause], heard_ms: int) -> None:
    reply = playout(clauses)
    if 0 <= heard_ms <= reply.sent_ms:
        reply.reported(heard_ms)
        assert reply.heard_ms == heard_ms
    else:
        with pytest.raises(PlayoutError):
            reply.reported(heard_ms)
        assert reply.heard_ms == 0


@pytest.mark.parametrize(
    ("heard_ms", "text"),
    [
        (0, ""),
        (990, "They cost"),
        (1_700, "They cost"),
        (1_950, "They cost $116.95."),
        (2_000, "They cost $116.95. "),
        (2_999, "They cost $116.95. Shall I"),
        (4_000, "They cost $116.95. Shall I charge that?"),
    ],
)
def test_words_are_heard_whole(heard_ms: int, text: str) -> None:
    reply = playout([Clause("They cost $116.95. ", 2_000), Clause("Shall I charge that?", 2_000)])
    reply.reported(heard_ms)
    assert reply.heard_text == text


def test_scripts_without_spaces_are_heard_by_characters() -> None:
    reply = playout([Clause("黒い靴は129ドルです。", 1_300)])
    for heard_ms, text in ((650, "黒い靴は"), (900, "黒い靴は129ド"), (1_300, "黒い靴は129ドルです。")):
        reply.reported(heard_ms)
        assert reply.heard_text == text
