"""Summarises feedback: a period of a store comes in; themes with counts, checked sentences and quotes go out."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from babel.core import Locale, UnknownLocaleError
from sqlalchemy import Engine

from agent.languages import identify, is_foreign
from agent.theme_writer import ThemeWriter
from prompts.language_packs import load_language_packs
from tools.embedding import Embedder
from tools.errors import OperatorError
from tools.feedback_themes.comments import Comment, Period, read_comments, read_shop
from tools.feedback_themes.grouping import GroupedComments, Grouping, ThemeGroup, mean_rating, quote_of
from tools.feedback_themes.kept import KeptWork, Wording
from tools.feedback_themes.opinions import OpinionSplitter
from tools.feedback_themes.sorting import Opinion, OpinionSorter, SentenceReader, SortedOpinions
from tools.feedback_themes.summary import FeedbackSummary, SummarySentence, ThemeSummary, ToneCounts
from tools.feedback_themes.support import check_meaning, check_words
from tools.feedback_themes.taxonomy import Taxonomy
from tools.feedback_themes.urgency import trend

log = logging.getLogger(__name__)
Notice = Callable[[str], None]

MAX_WORDED = 20
"""Of so many themes at most sentences are written, the most urgent ones."""
MAX_READ = 6
"""So many opinions of a theme are read for that."""
MIN_VOICES = 2
"""What a single customer said is told best in their own words."""
MAX_QUOTES = 3
MAX_FAILURES = 2
"""After so many calls in a row without an answer the model is not asked any more."""
LABEL_CHARACTERS = 48


@dataclass(frozen=True)
class FeedbackRequest:
    """What to summarise: a period, one kiosk or all (None), and for whom: a language, or the shop's first (None)."""

    period: Period
    kiosk_id: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class _Worded:
    label: str
    sentences: tuple[SummarySentence, ...]


def _silent(_: str) -> None:
    """For callers that show nothing meanwhile."""


class FeedbackSummariser:
    """Summarises the feedback of one store. Without a writer quotes alone tell what a theme is about."""

    def __init__(
        self, engine: Engine, taxonomy: Taxonomy, embedder: Embedder, kept: KeptWork, writer: ThemeWriter | None
    ) -> None:
        self._engine, self._taxonomy, self._embedder = engine, taxonomy, embedder
        self._kept, self._writer = kept, writer
        self._splitter = OpinionSplitter(taxonomy.turns())

    async def summarise(self, request: FeedbackRequest, notice: Notice = _silent) -> FeedbackSummary:
        """The summary; OperatorError for an unknown kiosk or language, or a store that cannot be read."""
        period = request.period
        facts = await asyncio.to_thread(read_shop, self._engine, request.kiosk_id)
        language = _checked_language(request.language or facts.languages[0])
        both = Period(period.before.since, period.until)
        read = await asyncio.to_thread(read_comments, self._engine, both, request.kiosk_id)
        has_before = read.first_at is not None and read.first_at < period.since
        opinions = self._opinions(read.comments)
        notes = [f"only the newest comments were read; {read.left_out} older ones were not"] if read.left_out else []
        grouped, reader = GroupedComments((), ToneCounts(), (), ()), None
        if any(period.holds(comment.at) for comment in read.comments):
            notice(f"sorting {len(opinions)} opinions")
            sorted_opinions = await asyncio.to_thread(self._sort, opinions)
            reader = sorted_opinions.reader
            grouping = Grouping(self._taxonomy, read.comments, period, has_before)
            grouped = await asyncio.to_thread(grouping.group, opinions, sorted_opinions)
            self._kept.keep_found(sorted_opinions.found)
        themes: list[ThemeSummary] = []
        wording = _ThemeWording(self._taxonomy, self._embedder, self._kept, self._writer, language)
        for number, group in enumerate(grouped.groups):
            if reader is None:
                break
            notice(f"summing up theme {number + 1} of {len(grouped.groups)}")
            worded = await wording.word(group, reader, is_asked=number < MAX_WORDED)
            themes.append(_theme_summary(group, worded, read.comments, has_before))
        await asyncio.to_thread(self._kept.save)
        now = [comment for comment in read.comments if period.holds(comment.at)]
        return FeedbackSummary(
            shop=facts.name,
            kiosk_id=request.kiosk_id,
            language=language,
            since=period.since,
            until=period.until,
            comments=len(now),
            voices=len({comment.voice for comment in now}),
            comments_before=len(read.comments) - len(now),
            tones=grouped.tones,
            mean_rating=mean_rating(now),
            themes=tuple(themes),
            unsorted_ids=tuple(read.comments[number].feedback_id for number in grouped.unsorted),
            nothing_ids=tuple(read.comments[number].feedback_id for number in grouped.nothing),
            notes=(*notes, *wording.notes),
        )

    def _opinions(self, comments: Sequence[Comment]) -> list[Opinion]:
        """What the comments are made of; who said it by number."""
        voices: dict[str, int] = {}
        opinions: list[Opinion] = []
        for number, comment in enumerate(comments):
            voice = voices.setdefault(comment.voice, len(voices))
            language = identify(comment.text, comment.language)
            opinions += [Opinion(number, voice, language, part) for part in self._splitter.split(comment.text)]
        return opinions

    def _sort(self, opinions: Sequence[Opinion]) -> SortedOpinions:
        examples = self._taxonomy.examples()
        texts = [*(example.text for example in examples), *(opinion.text for opinion in opinions)]
        vectors = self._embedder.passages(texts)
        sorter = OpinionSorter(self._taxonomy, examples, vectors[: len(examples)])
        return sorter.sort(opinions, vectors[len(examples) :], self._kept.found)


class _ThemeWording:
    """Finds words for themes: kept ones, or the writer's, each checked against what customers said; else quotes."""

    def __init__(
        self, taxonomy: Taxonomy, embedder: Embedder, kept: KeptWork, writer: ThemeWriter | None, language: str
    ) -> None:
        self._taxonomy, self._embedder, self._kept = taxonomy, embedder, kept
        self._writer, self._language = writer, language
        self._failures = 0
        self._labels: set[str] = set()
        self.notes: list[str] = []
        packs = load_language_packs()
        cardinals = packs[language].cardinals if language in packs else {}
        numbers = [word for number, words in cardinals.items() if number > 1 for word in words]
        self._amounts = [*taxonomy.amounts(language), *numbers]

    async def word(self, group: ThemeGroup, reader: SentenceReader, *, is_asked: bool) -> _Worded:
        """A label and the sentences that may stand."""
        wording = await self._wording(group) if is_asked else None
        known = self._taxonomy.themes.get(group.theme)
        sentences: list[SummarySentence] = []
        for text in wording.sentences if wording else ():
            supported_by = await self._support(text, group, reader)
            if supported_by:
                sentences.append(SummarySentence(text=text, supported_by=supported_by))
        if known is not None:
            return _Worded(known.name(self._language), tuple(sentences))
        label = wording.label if wording and await self._support(wording.label, group, reader) else ""
        if not label or label.casefold() in self._labels:
            label = _short(group.telling(1)[0].text)
        self._labels.add(label.casefold())
        return _Worded(label, tuple(sentences))

    async def _wording(self, group: ThemeGroup) -> Wording | None:
        """What was written of the theme, kept or new; None when nothing can be had."""
        if self._writer is None or group.voices < MIN_VOICES:
            return None
        writer = self._writer.name(self._language)
        if (kept := self._kept.wording(group.theme, writer, group.voices)) is not None:
            return kept
        if self._failures >= MAX_FAILURES:
            return None
        try:
            written = await self._writer.write([one.text for one in group.telling(MAX_READ)], self._language)
        except OperatorError as error:
            self._failures += 1
            log.warning("a theme is summed up by quotes alone: %s", error)
            if self._failures == 1:
                self.notes.append(f"some themes are summed up by quotes alone: {error}")
            return None
        self._failures = 0
        wording = Wording(
            theme=group.theme,
            writer=writer,
            label=written.label,
            sentences=tuple(written.sentences),
            voices=group.voices,
        )
        self._kept.keep_wording(wording)
        await asyncio.to_thread(self._kept.save)
        return wording

    async def _support(self, text: str, group: ThemeGroup, reader: SentenceReader) -> tuple[int, ...]:
        """The comments (by number) that support a text; none where it may not stand."""
        said = [opinion.text for opinion in group.opinions]
        against = check_words(text, self._language, said, self._amounts)
        if not against and self._language in load_language_packs() and is_foreign(text, self._language):
            against = "another language"
        if not against:
            vectors = await asyncio.to_thread(self._embedder.passages, [text])
            direction = reader.directions(vectors, [self._language])
            voices = [opinion.voice for opinion in group.opinions]
            [tone] = reader.tones(direction)
            support = check_meaning(direction[0], tone, group.directions, voices, group.tone)
            if support.by:
                return tuple(group.opinions[place].comment for place in support.by)
            against = support.against
        log.info("a sentence about %s is left out: %s", group.theme, against)
        return ()


def _theme_summary(group: ThemeGroup, worded: _Worded, comments: Sequence[Comment], has_before: bool) -> ThemeSummary:
    own = [comments[number] for number in group.comments]
    sentences = tuple(
        SummarySentence(
            text=sentence.text, supported_by=tuple(comments[number].feedback_id for number in sentence.supported_by)
        )
        for sentence in worded.sentences
    )
    return ThemeSummary(
        theme=group.theme,
        label=worded.label,
        tone=group.tone,
        severity=group.severity,
        urgency=group.urgency,
        comments=len(own),
        voices=group.voices,
        comments_before=group.comments_before,
        voices_before=group.voices_before,
        trend=trend(group.voices, group.voices_before, has_before),
        tones=group.tones,
        mean_rating=mean_rating(own),
        sentences=sentences,
        quotes=tuple(quote_of(comments[opinion.comment]) for opinion in group.telling(MAX_QUOTES)),
        feedback_ids=tuple(comment.feedback_id for comment in own),
    )


def _checked_language(language: str) -> str:
    try:
        return Locale.parse(language).language
    except (UnknownLocaleError, ValueError) as error:
        raise OperatorError(f"there is no language {language[:20]!r}; give a code such as en or de") from error


def _short(text: str) -> str:
    """The beginning of a text as a label, in quotation marks: it is a customer's, not ours."""
    return f"“{text}”" if len(text) <= LABEL_CHARACTERS else f"“{text[:LABEL_CHARACTERS].rstrip()}…”"
