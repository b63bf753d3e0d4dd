"""The types of a feedback summary: what the terminal, scripts and the morning report show."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from tools.feedback_themes.taxonomy import Tone
from tools.feedback_themes.urgency import Trend


class Quote(BaseModel):
    """What a customer said, word for word; `shortened` when its end was left out."""

    model_config = ConfigDict(frozen=True)

    feedback_id: int
    order_id: str | None
    kiosk_id: str
    at: datetime
    language: str
    rating: int | None
    text: str
    shortened: bool = False


class SummarySentence(BaseModel):
    """A sentence in the owner's language, and the comments that support it."""

    model_config = ConfigDict(frozen=True)

    text: str
    supported_by: tuple[int, ...]


class ToneCounts(BaseModel):
    """How many comments praise, complain, or do neither."""

    model_config = ConfigDict(frozen=True)

    praise: int = 0
    complaint: int = 0
    neutral: int = 0


class ThemeSummary(BaseModel):
    """One theme. All counts are of rows: `feedback_ids` are the comments of the period, one each.

    `voices` are customers, so that who says a thing twenty times counts once. `sentences` is empty where nothing that a
    model wrote was supported; the quotes, the most telling first, then speak for themselves.
    """

    model_config = ConfigDict(frozen=True)

    theme: str
    label: str
    tone: Tone
    severity: int
    urgency: float
    comments: int
    voices: int
    comments_before: int
    voices_before: int
    trend: Trend | None
    tones: ToneCounts
    mean_rating: float | None
    sentences: tuple[SummarySentence, ...]
    quotes: tuple[Quote, ...]
    feedback_ids: tuple[int, ...]


class FeedbackSummary(BaseModel):
    """What customers said in a period, the most urgent theme first; then praise, the most frequent first."""

    model_config = ConfigDict(frozen=True)

    shop: str
    kiosk_id: str | None
    language: str
    since: datetime
    until: datetime
    comments: int
    voices: int
    comments_before: int
    tones: ToneCounts
    mean_rating: float | None
    themes: tuple[ThemeSummary, ...]
    unsorted_ids: tuple[int, ...]
    """Comments with an opinion that is in no theme."""
    nothing_ids: tuple[int, ...]
    """Comments without an opinion: only a rating, an emoji, "ok"."""
    notes: tuple[str, ...]
    """What could not be done, for the operator, in English."""
