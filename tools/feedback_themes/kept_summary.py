"""The last summary of a store's feedback, kept in a file for the morning report: a summary comes in, and out again."""

import hashlib
import logging
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tools.feedback_themes.summary import FeedbackSummary
from tools.whole_file import replacing

log = logging.getLogger(__name__)

MAX_BYTES = 50_000_000


class KeptSummary(BaseModel):
    """A summary and the moment it was made."""

    made_at: datetime
    summary: FeedbackSummary


def keep_summary(folder: Path, store: str, summary: FeedbackSummary, made_at: datetime) -> None:
    """Put a summary in the place of the last one for the same kiosk, or for all; where that fails the log says so."""
    file = _file(folder, store, summary.kiosk_id)
    try:
        with replacing(file) as stream:
            stream.write(KeptSummary(made_at=made_at, summary=summary).model_dump_json().encode())
    except OSError as error:
        log.warning("the summary of feedback cannot be kept in %s: %s", file, error)


def last_summary(folder: Path, store: str, kiosk_id: str | None = None) -> KeptSummary | None:
    """The last one that was kept for a kiosk, or for all (None); None where there is none that can be read."""
    file = _file(folder, store, kiosk_id)
    try:
        if file.stat().st_size > MAX_BYTES:
            return None
        return KeptSummary.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        log.warning("the kept summary of feedback in %s cannot be read: %s", file, type(error).__name__)
        return None


def _file(folder: Path, store: str, kiosk_id: str | None) -> Path:
    name = hashlib.sha256(f"{store}\n{kiosk_id or ''}".encode()).hexdigest()[:16]
    return folder / f"feedback-summary-{name}.json"
