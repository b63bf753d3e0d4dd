"""Text files that a shop's owner wrote: bytes on disk come in, clean text or collected problems go out."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tools.errors import DataError, OperatorError

MAX_PROBLEMS = 100
MAX_FILE_BYTES = 64 * 1024 * 1024
# Characters that turn the reading direction of what follows: a catalogue text could disguise itself with them.
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class OwnerFilesError(OperatorError):
    """The owner's files cannot be used; `problems` says where and why, at most MAX_PROBLEMS of them."""

    def __init__(self, problems: Iterable[DataError], more: bool = False) -> None:
        self.problems = tuple(problems)
        self.more = more
        count = f"{len(self.problems)}{' or more' if more else ''} problem{'' if len(self.problems) == 1 else 's'}"
        super().__init__(f"{count} in the store's files, the first: {self.problems[0]}")


class Problems:
    """Collects what is wrong so that the owner hears of all of it at once; raises when it is full."""

    def __init__(self) -> None:
        self._found: list[DataError] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, problem: str, file: str, line: int = 0, column: str = "") -> None:
        """Note a problem; OwnerFilesError when there are too many to go on."""
        self._found.append(DataError(problem, file, line, column))
        if len(self._found) >= MAX_PROBLEMS:
            raise OwnerFilesError(self._found, more=True)

    def raise_if_any(self) -> None:
        """OwnerFilesError when anything was noted."""
        if self._found:
            raise OwnerFilesError(self._found)


def read_text(path: Path, problems: Problems) -> str | None:
    """The text of a UTF-8 file without its byte order mark; None, with the problem noted, when it is not one."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            problems.add(f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB", path.name)
            return None
        content = path.read_bytes()
    except FileNotFoundError:
        problems.add("the file is missing", path.name)
        return None
    except OSError as error:
        problems.add(f"the file cannot be read: {error.strerror}", path.name)
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # error.start counts from after the byte order mark, and so does error.object
        before = bytes(error.object[: error.start])
        byte = error.start - (before.rfind(b"\n") + 1) + 1
        problem = f"not UTF-8 text (byte 0x{error.object[error.start]:02X}); save the file as UTF-8"
        problems.add(problem, path.name, before.count(b"\n") + 1, f"byte {byte}")
        return None
    if not text.strip():
        problems.add("the file is empty", path.name)
        return None
    return text


def unfit_character(text: str) -> str | None:
    """The first control or direction-turning character of a text as `U+0007`, or None."""
    for character in text:
        if unicodedata.category(character) == "Cc" or character in _DIRECTION_OVERRIDES:
            return f"U+{ord(character):04X}"
    return None


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` when something known is close to the word, otherwise nothing."""
    cutoff = max(1, min(3, len(word) // 3))
    found = process.extractOne(word, list(known), scorer=OSA.distance, processor=str.casefold, score_cutoff=cutoff)
    return f"; did you mean {found[0]!r}?" if found else ""
