"""The parts that make themes of feedback: splitting, counting voices, urgency, what may be said, what is kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL
from sqlmodel import Session

from prompts.language_packs import load_language_packs
from tools.database import Feedback, Order, open_database
from tools.feedback_themes.comments import Period, read_comments
from tools.feedback_themes.frame import load_frame
from tools.feedback_themes.kept import KeptWork, Wording
from tools.feedback_themes.opinions import MAX_OPINION_CHARACTERS, MAX_OPINIONS, OpinionSplitter
from tools.feedback_themes.sorting import FoundTheme
from tools.feedback_themes.support import check_meaning, check_words
from tools.feedback_themes.taxonomy import Tone, load_taxonomy
from tools.feedback_themes.telling import telling
from tools.feedback_themes.urgency import Trend, trend, urgency
from tools.owner_files import OwnerFilesError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WEEK = Period(NOW - timedelta(days=7), NOW)
TAXONOMY = load_taxonomy()
SPLITTER = OpinionSplitter(TAXONOMY.turns())


@pytest.mark.parametrize(
    ("text", "opinions"),
    [
        ("The coat is lovely, but I was charged twice.", ["The coat is lovely", "I was charged twice."]),
        ("Die Uhr ist toll, aber die Karte ging nicht", ["Die Uhr ist toll", "die Karte ging nicht"]),
        ("很喜欢外套，但是被扣了两次款。", ["很喜欢外套", "被扣了两次款。"]),
        ("जैकेट पसंद आई, लेकिन मशीन धीमी है।", ["जैकेट पसंद आई", "मशीन धीमी है।"]),
        ("コートは最高です。でも反応が遅い", ["コートは最高です。", "反応が遅い"]),
        ("It cost 39.90 and fell apart", ["It cost 39.90 and fell apart"]),
        ("A butler served me", ["A butler served me"]),
        ("👍👍 !!! …", []),
        ("", []),
    ],
)
def test_a_comment_is_split_where_it_turns(text: str, opinions: list[str]) -> None:
    assert SPLITTER.split(text) == opinions


@given(st.text(max_size=3_000))
def test_opinions_are_few_short_and_only_what_was_said(text: str) -> None:
    opinions = SPLITTER.split(text)
    assert len(opinions) <= MAX_OPINIONS
    for opinion in opinions:
        assert 0 < len(opinion) <= MAX_OPINION_CHARACTERS
        assert set(opinion.replace(" ", "")) <= set(text)


def test_who_says_it_twenty_times_is_one_voice(database: URL) -> None:
    engine = open_database(database)
    order = {"kiosk_id": "K1", "state": "closed", "total_minor": 1, "currency": "USD"}
    with Session(engine) as session:
        session.add(Order(order_id="A", session_id="s1", customer_id="C1", **order))
        session.add(Order(order_id="B", session_id="s2", customer_id="C1", **order))
        session.add(Order(order_id="C", session_id="s3", **order))
        said = [
            ("A", "slow"),
            ("B", "so slow"),
            ("C", "slow"),
            (None, "Too slow!"),
            (None, "too   SLOW"),
            (None, "dirty"),
        ]
        for number, (order_id, text) in enumerate(said):
            at = NOW - timedelta(hours=5) + timedelta(minutes=number)
            session.add(Feedback(kiosk_id="K1", order_id=order_id, language="en", text=text, at=at))
        session.add(Feedback(kiosk_id="K1", language="en", text="too slow", at=NOW - timedelta(hours=2)))
        session.add(Feedback(kiosk_id="K2", language="en", text="too slow", at=NOW - timedelta(hours=1)))
        session.add(Feedback(kiosk_id="K1", language="en", text="too late", at=NOW))
        session.add(Feedback(kiosk_id="K1", language="en", text="long ago", at=WEEK.since - timedelta(days=1)))
        session.commit()
    read = read_comments(engine, WEEK, "K1")
    voices = [comment.voice for comment in read.comments]
    assert [comment.text for comment in read.comments] == [
        *(text for _, text in said[:4]),
        "too SLOW",
        "dirty",
        "too slow",
    ]
    assert voices[0] == voices[1] != voices[2]
    assert voices[3] == voices[4]
    assert len(set(voices)) == 5  # an hour later the same words are another customer's
    assert read.first_at == WEEK.since - timedelta(days=1)
    assert len(read_comments(engine, WEEK).comments) == 8


def test_comments_are_clean_whoever_wrote_the_rows(database: URL) -> None:
    engine = open_database(database)
    text = "\x1b[31mcall me\x07 at a@b.example, 4111 1111 1111 1111 " + "x" * 20_000
    with Session(engine) as session:
        session.add(Feedback(kiosk_id="K1", language="en", text=text, rating=9, at=WEEK.since))
        session.commit()
    [comment] = read_comments(engine, WEEK).comments
    assert len(comment.text) <= 2_000
    assert comment.text.isprintable()
    assert "4111" not in comment.text
    assert "@" not in comment.text
    assert comment.rating is None


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 3))
def test_more_complaints_and_worse_ones_are_more_urgent(
    complaining: int, others: int, before: int, severity: int
) -> None:
    voices = complaining + others
    value = urgency(complaining, voices, before, severity)
    assert (value == 0) == (complaining == 0)
    assert urgency(complaining + 1, voices + 1, before, severity) > value
    assert urgency(complaining, voices, None, severity) <= value or complaining == 0
    if severity < 3 and complaining:
        assert urgency(complaining, voices, before, severity + 1) > value


def test_one_injury_comes_before_a_hundred_who_wait() -> None:
    assert urgency(1, 1, 1, 3) > urgency(100, 100, 100, 0)


@pytest.mark.parametrize(
    ("now", "before", "has_before", "expected"),
    [
        (5, 0, False, None),
        (5, 0, True, Trend.NEW),
        (2, 1, True, Trend.STEADY),  # one more is chance
        (9, 5, True, Trend.GROWING),
        (5, 9, True, Trend.SHRINKING),
        (100, 90, True, Trend.STEADY),
    ],
)
def test_trend(now: int, before: int, has_before: bool, expected: Trend | None) -> None:
    assert trend(now, before, has_before) is expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("12 customers were charged twice.", "en"),
        ("Three customers complain.", "en"),
        ("Most customers complain about the queue.", "en"),
        ("Zwei Kunden warten.", "de"),
        ("Viele Kunden warten.", "de"),
        ("La mayoría se queja.", "es"),
        ("१२ ग्राहक परेशान हैं।", "hi"),
        ("很多顾客抱怨。", "zh"),
        ("Refunds of $40 are due.", "en"),
        ("<b>Customers</b> wait.", "en"),
        ("Customers say: see http://x.example", "en"),
        ("Customers were cheated by Mr Miller.", "en"),
        ("Customers\nwait.", "en"),
        ("x" * 300, "en"),
        ("The screen hangs, the screen hangs, the screen hangs, the screen hangs.", "en"),
        ("", "en"),
    ],
)
def test_what_a_summary_must_not_say(text: str, language: str) -> None:
    assert check_words(text, language, ["I was charged"], amounts_of(language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Customers say that the kiosk is slow.", "en"),
        ("They miss American Express.", "en"),
        ("Die Kunden warten lange auf eine Antwort.", "de"),
        ("Los clientes dicen que la máquina es lenta.", "es"),
        ("ग्राहक कहते हैं कि मशीन धीमी है।", "hi"),
        ("顾客说机器反应慢。", "zh"),
    ],
)
def test_what_a_summary_may_say(text: str, language: str) -> None:
    assert check_words(text, language, ["why no american express?"], amounts_of(language)) == ""


def amounts_of(language: str) -> list[str]:
    numbers = [
        word for number, words in load_language_packs()[language].cardinals.items() if number > 1 for word in words
    ]
    return [*TAXONOMY.amounts(language), *numbers]


def test_one_customer_alone_supports_nothing_that_others_should_have_said() -> None:
    same, other = np.eye(2, dtype=np.float32)
    opinions = np.stack([same, same, other])
    assert check_meaning(same, Tone.COMPLAINT, opinions, [1, 1, 2], Tone.COMPLAINT).against
    assert check_meaning(same, Tone.COMPLAINT, opinions, [1, 3, 2], Tone.COMPLAINT).by == (0, 1)
    assert check_meaning(same, Tone.NEUTRAL, opinions[:1], [1], Tone.COMPLAINT).by == (0,)
    assert check_meaning(same, Tone.PRAISE, opinions, [1, 3, 2], Tone.COMPLAINT).against == "the opposite tone"
    assert check_meaning(other, Tone.COMPLAINT, opinions[:2], [1, 3], Tone.COMPLAINT).against


def test_telling_opinions_are_of_different_customers_and_the_severest_first() -> None:
    directions = np.array([[1, 0], [1, 0], [0.9, 0.436], [0, 1], [0.8, 0.6]], dtype=np.float32)
    chosen = telling(directions, [1, 1, 2, 3, 4], [0, 0, 0, 3, 0], 3)
    assert chosen[0] == 3
    assert len(chosen) == 3
    assert len({[1, 1, 2, 3, 4][place] for place in chosen}) == 3
    assert telling(directions[:0], [], [], 3) == []


def test_yesterdays_work_is_kept(tmp_path: Path) -> None:
    kept = KeptWork(tmp_path, "store")
    wording = Wording(theme="t", writer="w", label="l", sentences=("s",), voices=10)
    kept.keep_wording(wording)
    kept.keep_found((FoundTheme("found-1", (1.0, 0.0)),))
    kept.keep_found((FoundTheme("found-2", (0.0, 1.0)),))
    kept.save()
    again = KeptWork(tmp_path, "store")
    assert [each.theme for each in again.found] == ["found-2", "found-1"]
    assert again.wording("t", "w", 12) == wording
    assert again.wording("t", "w", 20) is None  # the theme has grown, so it is written anew
    assert again.wording("t", "another", 10) is None
    assert KeptWork(tmp_path, "another store").found == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"found": [["x", "y"]]}', b"\xff\xfe"])
def test_a_damaged_file_only_costs_the_work(tmp_path: Path, content: bytes) -> None:
    KeptWork(tmp_path, "store").save()
    [file] = tmp_path.iterdir()
    file.write_bytes(content)
    assert KeptWork(tmp_path, "store").found == []


def test_every_theme_has_a_name_and_examples_in_every_language_and_every_language_its_words() -> None:
    languages = set(load_language_packs())
    for name, theme in TAXONOMY.themes.items():
        assert set(theme.names) == languages, name
        assert set(theme.examples) == languages, name
    assert set(TAXONOMY.words) == languages
    english = load_frame("en")
    assert load_frame("xx") == english
    assert all(load_frame(language) != english for language in languages - {"en"})
    assert TAXONOMY.general(Tone.COMPLAINT)
    assert TAXONOMY.general(Tone.PRAISE)


def test_a_shop_brings_themes_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "feedback"
    folder.mkdir()
    (folder / "themes.yaml").write_text(
        "popcorn: {tone: complaint, names: {en: Popcorn}, examples: {en: [the popcorn is stale]}}\n"
        "dirty: {tone: complaint, severity: 2, names: {en: Hygiene}, examples: {en: [no]}}\n",
        encoding="utf-8",
    )
    (folder / "words.yaml").write_text("pl: {turns: [ale]}\n", encoding="utf-8")
    own = load_taxonomy(tmp_path)
    assert len(own.themes) == len(TAXONOMY.themes) + 1
    assert own.themes["dirty"].name("de") == "Hygiene"
    assert own.themes["dirty"].examples == {"en": ["no"]}
    assert "ale" in own.turns()


def test_mistakes_in_a_shops_themes_are_named(tmp_path: Path) -> None:
    (tmp_path / "feedback").mkdir()
    file = tmp_path / "feedback" / "themes.yaml"
    file.write_text("popcorn:\n  tone: angry\n  names: {en: Popcorn}\n  examples: {}\n", encoding="utf-8")
    with pytest.raises(OwnerFilesError) as caught:
        load_taxonomy(tmp_path)
    assert {(problem.file, problem.line) for problem in caught.value.problems} == {
        ("themes.yaml", 2),
        ("themes.yaml", 4),
    }


def test_a_period_and_the_one_before_it_share_no_moment() -> None:
    assert WEEK.before.until == WEEK.since
    assert WEEK.holds(WEEK.since)
    assert not WEEK.holds(WEEK.until)
    assert not WEEK.before.holds(WEEK.since)
