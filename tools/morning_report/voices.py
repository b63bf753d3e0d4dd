"""What customers say: the last summary that was kept and the comments since come in, what to show of them goes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tools.database_address import name_of
from tools.feedback_themes.comments import Comment, Period, read_comments
from tools.feedback_themes.kept_summary import last_summary
from tools.feedback_themes.summary import FeedbackSummary, ThemeSummary
from tools.morning_report.scope import Scope

MOST_THEMES = 8
MOST_LATEST = 5
STALE_AFTER = timedelta(hours=36)
BAD_RATING = 2


@dataclass(frozen=True)
class Voices:
    """The summary's themes, the most urgent first, how old it is, and what came after it.

    `summary` is None where none was ever made; `is_of_all_kiosks` where there is only one of the whole shop. `latest`
    are comments since the summary (or of the period, without one), the worst ratings first.
    """

    summary: FeedbackSummary | None
    themes: tuple[ThemeSummary, ...]
    made_at: datetime | None
    is_stale: bool
    is_of_all_kiosks: bool
    comments: int
    since_summary: int
    mean_rating: float | None
    latest: tuple[Comment, ...]


def read_voices(scope: Scope, cache: Path) -> Voices:
    """What is kept in the cache's folder of feedback, and the store's own rows; no model is asked."""
    store = name_of(scope.engine.url)
    kept = last_summary(cache, store, scope.kiosk_id)
    is_of_all = kept is None and scope.kiosk_id is not None
    if is_of_all:
        kept = last_summary(cache, store)
    read = read_comments(scope.engine, Period(scope.recent.since, scope.now), scope.kiosk_id).comments
    new = [comment for comment in read if kept is None or comment.at >= kept.summary.until]
    ratings = [comment.rating for comment in read if comment.rating is not None]
    return Voices(
        summary=kept.summary if kept else None,
        themes=kept.summary.themes[:MOST_THEMES] if kept else (),
        made_at=kept.made_at if kept else None,
        is_stale=kept is not None and scope.now - kept.made_at > STALE_AFTER,
        is_of_all_kiosks=is_of_all and kept is not None,
        comments=len(read),
        since_summary=len(new),
        mean_rating=sum(ratings) / len(ratings) if ratings else None,
        latest=_latest([comment for comment in new if comment.text]),
    )


def _latest(comments: list[Comment]) -> tuple[Comment, ...]:
    """Those that say most of what is wrong: bad ratings, then without one, then the rest; the newest of each first."""
    newest = sorted(comments, key=lambda comment: comment.at, reverse=True)
    worst = sorted(newest, key=lambda comment: 3 if comment.rating is None else comment.rating)
    return tuple(worst[:MOST_LATEST])
