"""The edge of the command line: runs a command, turns what it raises into one sentence, gives the exit code."""

import logging
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from copy import copy
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import typer

from tools.errors import CustomerError, DataError, WalkioskError

MAX_LOG_BYTES = 5_000_000
MAX_PROBLEMS_SHOWN = 20
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
log = logging.getLogger(__name__)


class _WithoutTracebacks(logging.Formatter):
    """For a screen: what happened, but not where in the program; the log file has that."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        shown = copy(record)
        shown.exc_info = shown.exc_text = shown.stack_info = None
        return super().format(shown)


class ErrorBoundary:
    """Runs one command line. A command finds this object as its context's `obj` and sets `debug` and the log."""

    def __init__(self) -> None:
        self.debug = False
        self.log_file: Path | None = None

    def run(self, app: typer.Typer, program: str, arguments: list[str] | None = None) -> int:
        """The exit code: 0 done, 1 failed, 2 used wrongly, 130 interrupted. Problems go to stderr, a sentence each."""
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal without UTF-8 shows question marks, not a traceback
        try:
            app(arguments, prog_name=program, obj=self)
        except SystemExit as stop:
            return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except KeyboardInterrupt:
            return 130
        except BrokenPipeError:
            return 1
        except Exception as error:
            if self.debug:
                raise
            self._tell(error)
            return 1
        return 0

    def log_to(self, home: Path, on_stderr: bool = False, as_json: bool = False) -> None:
        """Write the log to `home`/logs, and its warnings to stderr too if wished or if there is no other place.

        `as_json`: for machines, who want all of it on stderr, as objects of JSON.
        """
        formatter = _json_lines() if as_json else logging.Formatter(LOG_FORMAT)
        root = logging.getLogger()
        root.setLevel(logging.DEBUG if self.debug else logging.INFO)
        logging.getLogger("asyncio").setLevel(logging.WARNING)
        try:
            path = home / "logs" / "walkiosk.log"
            path.parent.mkdir(parents=True, exist_ok=True)
            file = RotatingFileHandler(path, maxBytes=MAX_LOG_BYTES, backupCount=3, encoding="utf-8")
            self._add(file, formatter)
            self.log_file = path
        except OSError as error:
            sys.stderr.write(f"The log cannot be written to {home / 'logs'}: {error.strerror}.\n")
            on_stderr = True
        if on_stderr or self.debug:
            handler = logging.StreamHandler(sys.stderr)
            handler.setLevel(logging.DEBUG if self.debug else logging.INFO if as_json else logging.WARNING)
            self._add(handler, formatter if self.debug or as_json else _WithoutTracebacks(LOG_FORMAT))

    @contextmanager
    def warnings_shown(self) -> Generator[None, None, None]:
        """Inside, the log's warnings go to stderr too: while a kiosk starts, whoever can mend things is watching."""
        handler = logging.StreamHandler(sys.stderr)
        handler.setLevel(logging.WARNING)
        if not self.debug:  # else they are there already
            self._add(handler, _WithoutTracebacks(LOG_FORMAT))
        try:
            yield
        finally:
            logging.getLogger().removeHandler(handler)

    @staticmethod
    def _add(handler: logging.Handler, formatter: logging.Formatter) -> None:
        handler.setFormatter(formatter)
        logging.getLogger().addHandler(handler)

    def _tell(self, error: Exception) -> None:
        sentence = expected_problem(error)
        if sentence is not None:
            _print_red(sentence)
            return
        log.error("unexpected error", exc_info=error)
        if self.log_file is None:
            self._log_late(error)
        where = f"the details are in {self.log_file}" if self.log_file else "run again with --debug for the details"
        _print_red(f"Something went wrong that should not have ({type(error).__name__}); {where}.")

    def _log_late(self, error: Exception) -> None:
        """The command failed before it had started a log: start one now."""
        from platformdirs import user_data_path

        self.log_to(user_data_path("walkiosk"))
        log.error("unexpected error", exc_info=error)


def _json_lines() -> logging.Formatter:
    from server.watching.json_log import JsonLines  # what it imports is slow, and few commands want it

    return JsonLines()


def expected_problem(error: BaseException) -> str | None:
    """What an error that we raise on purpose says to the person at the terminal; None for any other error."""
    if isinstance(error, CustomerError):
        facts = ", ".join(str(value) for value in error.facts.values())
        return _sentence(f"{error.message.replace('-', ' ')}{': ' if facts else ''}{facts}")
    if isinstance(error, DataError):
        return str(error)  # begins with a file's name, which stays as it is
    if isinstance(error, WalkioskError):
        return _sentence("\n".join([str(error), *_listed_problems(error)]))
    return _settings_problem(error)


def _listed_problems(error: WalkioskError) -> list[str]:
    """The further problems of an error that holds several."""
    from tools.owner_files import OwnerFilesError

    if not isinstance(error, OwnerFilesError):
        return []
    shown = [f"  {problem}" for problem in error.problems[:MAX_PROBLEMS_SHOWN]]
    return shown if len(error.problems) <= MAX_PROBLEMS_SHOWN and not error.more else [*shown, "  …"]


def _settings_problem(error: BaseException) -> str | None:
    from pydantic import ValidationError

    prefixes = {"Settings": "WALKIOSK_", "ServerSettings": "WALKIOSK_SERVE_"}
    if not isinstance(error, ValidationError) or error.title not in prefixes:
        return None
    prefix = prefixes[error.title]
    problems = [f"{str(found['loc'][0]).upper().removeprefix(prefix)}: {found['msg']}" for found in error.errors()]
    return _sentence("; ".join(f"the setting {prefix}{problem}" for problem in problems))


def _sentence(text: str) -> str:
    text = text.strip() or "it failed without saying why"
    return text[0].upper() + text[1:]


def _print_red(text: str) -> None:
    from rich.console import Console
    from rich.text import Text

    from server.terminal_text import neutral

    lines = Text("\n").join(Text(neutral(line) if line.strip() else "", style="red") for line in text.splitlines())
    Console(stderr=True).print(lines, soft_wrap=True)


def run_program(app: typer.Typer, program: str) -> Callable[[], None]:
    """A console script that runs the app behind an error boundary."""

    def main() -> None:
        code = ErrorBoundary().run(app, program)
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            sys.stderr.close()  # else Python itself complains when it flushes once more on its way out
        sys.exit(code)

    return main
