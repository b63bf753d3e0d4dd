"""A feedback summary as text for a terminal: the summary comes in, lines in the owner's language go out."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date

from server.terminal_text import neutral
from tools.feedback_themes.frame import Frame, load_frame
from tools.feedback_themes.summary import FeedbackSummary, Quote, ThemeSummary, ToneCounts

MAX_SHOWN_QUOTE = 200


def format_summary(summary: FeedbackSummary, zone: ZoneInfo, limit: int) -> str:
    """The summary with at most so many themes. What customers and models wrote cannot steer the terminal."""
    frame = load_frame(summary.language)
    last = summary.until - timedelta(microseconds=1)
    since, until = (_day_of(moment, summary.language, zone) for moment in (summary.since, last))
    where = f", {summary.kiosk_id}" if summary.kiosk_id else ""
    lines = [neutral(f"{frame.title}: {summary.shop}{where}, {since} – {until}")]
    if not summary.comments:
        return "\n".join([*lines, frame.no_comments])
    counts = _counts(summary.comments, summary.comments_before, summary.voices, frame)
    lines.append(f"{counts}{_rating(summary.mean_rating, frame)}")
    lines.append(_tones(summary.tones, frame))
    for number, theme in enumerate(summary.themes[:limit], start=1):
        lines += ["", *_theme_lines(number, theme, frame, summary.language, zone)]
    rest = [f"{frame.unsorted}: {len(summary.unsorted_ids)}", f"{frame.nothing}: {len(summary.nothing_ids)}"]
    hidden = len(summary.themes) - limit
    return "\n".join([*lines, "", *([f"… +{hidden}"] if hidden > 0 else []), ", ".join(rest)])


def _theme_lines(number: int, theme: ThemeSummary, frame: Frame, language: str, zone: ZoneInfo) -> Iterator[str]:
    marks = [getattr(frame, theme.trend.value) if theme.trend else "", frame.severity(theme.severity)]
    yield neutral(f"{number}. {theme.label}" + "".join(f" · {mark}" for mark in marks if mark))
    counts = _counts(theme.comments, theme.comments_before, theme.voices, frame)
    yield f"   {counts}{_rating(theme.mean_rating, frame)} · {_tones(theme.tones, frame)}"
    for sentence in theme.sentences:
        yield f"   {neutral(sentence.text)}"
    for quote in theme.quotes:
        yield f"   {_quote(quote, frame, language, zone)}"


def _quote(quote: Quote, frame: Frame, language: str, zone: ZoneInfo) -> str:
    text = neutral(quote.text)
    shortened = quote.shortened or len(text) > MAX_SHOWN_QUOTE
    order = f", {frame.order} {neutral(quote.order_id)}" if quote.order_id else ""
    stars = f", {quote.rating}/5" if quote.rating else ""
    when = _day_of(quote.at, language, zone)
    place = f"{neutral(quote.language)}, {neutral(quote.kiosk_id)}, {when}{order}{stars}"
    return f"“{text[:MAX_SHOWN_QUOTE]}{'…' if shortened else ''}” ({place})"


def _day_of(moment: datetime, language: str, zone: ZoneInfo) -> str:
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return format_date(moment.astimezone(zone).date(), "medium", locale)


def _counts(comments: int, before: int, voices: int, frame: Frame) -> str:
    return f"{frame.comments}: {comments} ({frame.before}: {before}), {frame.customers}: {voices}"


def _rating(mean: float | None, frame: Frame) -> str:
    return f" · {frame.rating}: {mean:.1f}" if mean is not None else ""


def _tones(tones: ToneCounts, frame: Frame) -> str:
    counts = ((frame.complaint, tones.complaint), (frame.praise, tones.praise), (frame.neutral, tones.neutral))
    return ", ".join(f"{word}: {count}" for word, count in counts if count)
