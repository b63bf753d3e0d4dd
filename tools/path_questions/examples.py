"""Example questions: tables of tabs come in, plain or gzipped; questions with their paths and answers go out."""

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel, ConfigDict

from tools.owner_files import Problems
from tools.owner_tables import LIST_SEPARATOR

MAX_QUESTIONS = 1_000_000
MAX_LINE_CHARACTERS = 100_000
MAX_QUESTION_CHARACTERS = 1_000
_GZIP = b"\x1f\x8b"


class AskedQuestion(BaseModel):
    """A question of a file; where it starts may be marked with [brackets], and its answers may be known."""

    model_config = ConfigDict(frozen=True)

    text: str
    answers: tuple[str, ...] = ()
    file: str
    line: int


class PathExample(AskedQuestion):
    """A question with its path, as relations or as a name that the file gives it."""

    path: str


def read_questions(path: Path, problems: Problems) -> Iterator[AskedQuestion]:
    """The questions of a file with the column `question`, and perhaps `answers` separated by bars."""
    for line, cells in _rows(path, ("question",), problems):
        yield AskedQuestion(text=cells["question"], answers=_answers(cells), file=path.name, line=line)


def read_examples(path: Path, problems: Problems) -> Iterator[PathExample]:
    """The examples of a file with the columns `question` and `path`, and perhaps `answers` separated by bars."""
    for line, cells in _rows(path, ("question", "path"), problems):
        if not cells["path"]:
            problems.add("must not be empty", path.name, line, "path")
            continue
        yield PathExample(
            text=cells["question"], path=cells["path"], answers=_answers(cells), file=path.name, line=line
        )


def _answers(cells: dict[str, str]) -> tuple[str, ...]:
    return tuple(answer for answer in cells.get("answers", "").split(LIST_SEPARATOR) if answer)


def _rows(path: Path, columns: Sequence[str], problems: Problems) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with at least these columns, with their lines; questions must not be empty or endless."""
    try:
        with _open(path) as file:
            lines = _lines(file, path.name, problems)
            header = [name.strip() for name in next(lines, (1, [""]))[1]]
            missing = [column for column in columns if column not in header]
            for column in missing:
                problems.add(f"the column {column!r} is missing; columns are separated by tabs", path.name, 1)
            for line, cells in lines if not missing else ():
                if len(cells) != len(header):
                    problems.add(f"has {len(cells)} cells where the header has {len(header)}", path.name, line)
                    continue
                row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
                if not row["question"]:
                    problems.add("must not be empty", path.name, line, "question")
                elif len(row["question"]) > MAX_QUESTION_CHARACTERS:
                    problems.add(f"longer than {MAX_QUESTION_CHARACTERS} characters", path.name, line, "question")
                else:
                    yield line, row
    except UnicodeDecodeError:
        problems.add("not UTF-8 text; save the file as UTF-8", path.name)
    except (OSError, EOFError) as error:
        problems.add(f"the file cannot be read: {getattr(error, 'strerror', None) or error}", path.name)


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        is_zipped = raw.read(2) == _GZIP
    with gzip.open(path, "rt", encoding="utf-8-sig") if is_zipped else path.open(encoding="utf-8-sig") as file:
        yield file


def _lines(file: TextIO, name: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that is not blank. Nothing is quoted: a quotation mark is part of the question."""
    line = 0
    while text := file.readline(MAX_LINE_CHARACTERS + 1):
        line += 1
        if len(text) > MAX_LINE_CHARACTERS or line > MAX_QUESTIONS:
            limit = f"{MAX_LINE_CHARACTERS} characters" if line <= MAX_QUESTIONS else f"{MAX_QUESTIONS} lines"
            problems.add(f"longer than {limit}", name, line)
            return
        if text.strip():
            yield line, text.rstrip("\r\n").split("\t")
