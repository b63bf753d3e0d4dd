"""Files that are there whole or not at all: a path comes in, what is written takes its place when it is complete."""

import io
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of the file at the end; after an error the file is what it was.

    Its folder is made. OSError as the system gives it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def replacing_text(path: Path) -> Iterator[TextIO]:
    """As `replacing`, for UTF-8 that others may read: a new file gets the usual permissions, another keeps its own.

    A link stays one, and what is no file, as a terminal or a pipe, is written to at once.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as text:
            yield text
        return
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else _usual_mode()
    with replacing(path.resolve()) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="") as text:
        yield text
        os.fchmod(stream.fileno(), mode)


def _usual_mode() -> int:
    """The permissions of a new file."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
