"""Yesterday's work on feedback: the themes that were found and what a model wrote of each, kept in a file beside the
other things that can be made again."""

import hashlib
import logging
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tools.feedback_themes.sorting import FoundTheme
from tools.whole_file import replacing

log = logging.getLogger(__name__)

MAX_FOUND = 200
MAX_WORDINGS = 1_000
SAME_SIZE = 1.3
"""A wording is kept until the theme has this many times as many or as few voices as when it was written."""


class Wording(BaseModel):
    """What a model wrote of a theme, and how many voices it had then; the sentences are checked anew each time."""

    theme: str
    writer: str
    label: str
    sentences: tuple[str, ...]
    voices: int

    def is_fresh(self, voices: int) -> bool:
        """Whether it may still stand for a theme of so many voices."""
        return self.voices / SAME_SIZE <= voices <= self.voices * SAME_SIZE


class _Kept(BaseModel):
    version: int = 1
    found: list[tuple[str, tuple[float, ...]]] = []
    wordings: list[Wording] = []


class KeptWork:
    """Reads the file when it is made; a damaged one counts as empty."""

    def __init__(self, folder: Path, store: str) -> None:
        self._file = folder / f"feedback-{hashlib.sha256(store.encode()).hexdigest()[:16]}.json"
        self._kept = self._load()

    @property
    def found(self) -> list[FoundTheme]:
        """The themes of earlier days that no taxonomy has, the latest first."""
        return [FoundTheme(theme, centre) for theme, centre in self._kept.found]

    def wording(self, theme: str, writer: str, voices: int) -> Wording | None:
        """What this writer (a model and its instructions, for a language) wrote of a theme of about this size."""
        return next(
            (one for one in self._kept.wordings if (one.theme, one.writer) == (theme, writer) and one.is_fresh(voices)),
            None,
        )

    def keep_found(self, found: tuple[FoundTheme, ...]) -> None:
        """Remember themes; those of earlier days stay behind them, up to a limit."""
        again = {each.theme for each in found}
        earlier = [each for each in self._kept.found if each[0] not in again]
        self._kept.found = [*((each.theme, each.centre) for each in found), *earlier][:MAX_FOUND]

    def keep_wording(self, wording: Wording) -> None:
        """Remember a wording in place of an earlier one."""
        mine = (wording.theme, wording.writer)
        others = [one for one in self._kept.wordings if (one.theme, one.writer) != mine]
        self._kept.wordings = [wording, *others][:MAX_WORDINGS]

    def save(self) -> None:
        """Write the file whole; where that fails the work is done again next time, and the log says so."""
        try:
            with replacing(self._file) as stream:
                stream.write(self._kept.model_dump_json().encode())
        except OSError as error:
            log.warning("the work on feedback cannot be kept in %s: %s", self._file, error)

    def _load(self) -> _Kept:
        try:
            return _Kept.model_validate_json(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return _Kept()
        except (OSError, ValidationError, UnicodeDecodeError) as error:
            log.warning("the kept work on feedback in %s is done anew: %s", self._file, type(error).__name__)
            return _Kept()
