"""Counts what customers said: sorted opinions and their comments come in, themes with counts of rows go out."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.embedding import Vectors
from tools.feedback_themes.comments import Comment, Period
from tools.feedback_themes.sorting import Opinion, SortedOpinions
from tools.feedback_themes.summary import Quote, ToneCounts
from tools.feedback_themes.support import has_word
from tools.feedback_themes.taxonomy import Taxonomy, Tone
from tools.feedback_themes.telling import telling
from tools.feedback_themes.urgency import urgency

GOOD_RATING, BAD_RATING = 4, 2
SERIOUS = 2
"""Severity from which a good rating does not outweigh what is said."""
MAX_QUOTE_CHARACTERS = 300


@dataclass(frozen=True)
class ThemeOpinion:
    """One opinion of a theme in the period, with its comment's number, the number of its voice and how severe it is."""

    comment: int
    voice: int
    text: str
    tone: Tone
    severity: int


@dataclass(frozen=True)
class ThemeGroup:
    """A theme with the opinions of the period, their directions, shape (opinions, dimensions), and its counts."""

    theme: str
    tone: Tone
    severity: int
    urgency: float
    opinions: tuple[ThemeOpinion, ...]
    directions: Vectors
    comments: tuple[int, ...]
    voices: int
    comments_before: int
    voices_before: int
    tones: ToneCounts

    def telling(self, count: int) -> list[ThemeOpinion]:
        """The opinions that stand for the theme, each of another customer."""
        voices = [opinion.voice for opinion in self.opinions]
        severities = [opinion.severity for opinion in self.opinions]
        return [self.opinions[place] for place in telling(self.directions, voices, severities, count)]


@dataclass(frozen=True)
class GroupedComments:
    """The themes, the most urgent first, then by size; and the comments of the period that are in none."""

    groups: tuple[ThemeGroup, ...]
    tones: ToneCounts
    unsorted: tuple[int, ...]
    nothing: tuple[int, ...]


class Grouping:
    """Groups the comments of a period and of the one before it, which ends where the period begins."""

    def __init__(self, taxonomy: Taxonomy, comments: Sequence[Comment], period: Period, has_before: bool) -> None:
        self._taxonomy, self._comments = taxonomy, comments
        self._now = [period.holds(comment.at) for comment in comments]
        self._has_before = has_before
        self._severe = taxonomy.severe_words()

    def group(self, opinions: Sequence[Opinion], sorted_opinions: SortedOpinions) -> GroupedComments:
        """All themes that somebody speaks of in the period, but those that are no opinion."""
        heard = [
            ThemeOpinion(opinion.comment, opinion.voice, opinion.text, tone, self._severity(opinion.text, tone))
            for opinion, tone in zip(opinions, sorted_opinions.tones, strict=True)
        ]
        said: dict[int, list[ThemeOpinion]] = defaultdict(list)
        members: dict[str, list[int]] = defaultdict(list)
        for place, opinion in enumerate(heard):
            said[opinion.comment].append(opinion)
            theme = sorted_opinions.themes[place]
            if theme is None and opinion.severity:
                theme = self._taxonomy.general(Tone.COMPLAINT)  # whatever it is about, it must not be lost
            if theme is not None:
                members[theme].append(place)
        groups = [
            self._theme(theme, heard, places, said, sorted_opinions.directions)
            for theme, places in members.items()
            if not self._is_nothing(theme) and any(self._now[heard[place].comment] for place in places)
        ]
        groups.sort(key=lambda group: (-group.urgency, -len(group.comments), group.theme))
        in_theme = {comment for group in groups for comment in group.comments}
        silent = {place for theme, places in members.items() if self._is_nothing(theme) for place in places}
        talking = {opinion.comment for place, opinion in enumerate(opinions) if place not in silent}
        current = [number for number, is_now in enumerate(self._now) if is_now]
        return GroupedComments(
            groups=tuple(groups),
            tones=_tone_counts([self._comment_tone(number, said.get(number, [])) for number in current]),
            unsorted=tuple(number for number in current if number not in in_theme and number in talking),
            nothing=tuple(number for number in current if number not in in_theme and number not in talking),
        )

    def _theme(
        self,
        theme: str,
        heard: Sequence[ThemeOpinion],
        members: Sequence[int],
        said: Mapping[int, Sequence[ThemeOpinion]],
        directions: Vectors,
    ) -> ThemeGroup:
        now = [place for place in members if self._now[heard[place].comment]]
        before = [heard[place] for place in members if not self._now[heard[place].comment]]
        opinions = tuple(heard[place] for place in now)
        by_comment: dict[int, list[ThemeOpinion]] = defaultdict(list)
        for opinion in opinions:
            by_comment[opinion.comment].append(opinion)
        known = self._taxonomy.themes.get(theme)
        is_serious = known is not None and known.severity >= SERIOUS
        tones = {
            comment: _tone(own)
            if is_serious or any(opinion.severity for opinion in own) or _is_of_two_minds(said[comment])
            else self._comment_tone(comment, own)
            for comment, own in by_comment.items()
        }
        usual = Counter(tones.values()).most_common(1)[0][0]
        tone = known.tone if known is not None and known.tone is not Tone.NEUTRAL else usual
        complaining = {opinion.voice for opinion in opinions if tones[opinion.comment] is Tone.COMPLAINT}
        voices = {opinion.voice for opinion in opinions}
        voices_before = {opinion.voice for opinion in before}
        severity = known.severity if known is not None and complaining else 0
        count_before = len(voices_before) if self._has_before else None
        scores = [urgency(len(complaining), len(voices), count_before, severity)]
        for level in {opinion.severity for opinion in opinions if opinion.severity > severity}:
            serious = {opinion.voice for opinion in opinions if opinion.severity >= level}
            scores.append(urgency(len(serious), len(serious), None, level))
        return ThemeGroup(
            theme=theme,
            tone=tone,
            severity=max([severity, *(opinion.severity for opinion in opinions)]),
            urgency=max(scores),
            opinions=opinions,
            directions=directions[np.array(now)],
            comments=tuple(by_comment),
            voices=len(voices),
            comments_before=len({opinion.comment for opinion in before}),
            voices_before=len(voices_before),
            tones=_tone_counts(list(tones.values())),
        )

    def _comment_tone(self, number: int, said: Sequence[ThemeOpinion]) -> Tone:
        """The rating decides where there is one that is clear, and what is said where there is none."""
        rating = self._comments[number].rating
        if rating is not None and rating != (GOOD_RATING + BAD_RATING) // 2:
            return Tone.PRAISE if rating >= GOOD_RATING else Tone.COMPLAINT
        return _tone(said)

    def _severity(self, text: str, tone: Tone) -> int:
        if tone is Tone.PRAISE:
            return 0
        return max((level for word, level in self._severe.items() if has_word(text, word)), default=0)

    def _is_nothing(self, theme: str) -> bool:
        known = self._taxonomy.themes.get(theme)
        return known is not None and known.role == "nothing"


def _tone(said: Sequence[ThemeOpinion]) -> Tone:
    """The tone that all opinions have that have one."""
    tones = {opinion.tone for opinion in said} - {Tone.NEUTRAL}
    return tones.pop() if len(tones) == 1 else Tone.NEUTRAL


def _is_of_two_minds(said: Sequence[ThemeOpinion]) -> bool:
    """Whether a comment praises one thing and complains of another, so that its rating says nothing about either."""
    return {Tone.PRAISE, Tone.COMPLAINT} <= {opinion.tone for opinion in said}


def quote_of(comment: Comment) -> Quote:
    """A comment word for word, up to a length."""
    return Quote(
        feedback_id=comment.feedback_id,
        order_id=comment.order_id,
        kiosk_id=comment.kiosk_id,
        at=comment.at,
        language=comment.language,
        rating=comment.rating,
        text=comment.text[:MAX_QUOTE_CHARACTERS],
        shortened=len(comment.text) > MAX_QUOTE_CHARACTERS,
    )


def mean_rating(comments: Sequence[Comment]) -> float | None:
    """The mean of the ratings there are, to two decimals."""
    ratings = [comment.rating for comment in comments if comment.rating is not None]
    return round(sum(ratings) / len(ratings), 2) if ratings else None


def _tone_counts(tones: Sequence[Tone]) -> ToneCounts:
    counts: Mapping[Tone, int] = Counter(tones)
    return ToneCounts(
        praise=counts.get(Tone.PRAISE, 0),
        complaint=counts.get(Tone.COMPLAINT, 0),
        neutral=counts.get(Tone.NEUTRAL, 0),
    )
