"""The command line: fast help, one sentence for every problem, exit codes that scripts can trust."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from server.cli import app
from server.error_boundary import ErrorBoundary
from tools.errors import CustomerError, DataError, OperatorError
from tools.owner_files import OwnerFilesError

pytestmark = pytest.mark.usefixtures("own_home")


def failing_app(error: BaseException) -> typer.Typer:
    failing = typer.Typer(pretty_exceptions_enable=False)

    @failing.command()
    def fail() -> None:
        raise error

    return failing


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from server.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'langgraph', 'kuzu', 'sqlmodel', 'pydantic', 'prompt_toolkit', 'agent.settings'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "[]"
    for command in ("chat", "models", "store", "graph", "orders"):
        assert command in run.stdout


def test_sub_app_is_loaded_when_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert ErrorBoundary().run(app, "walkiosk", ["models", "--help"]) == 0
    out = capsys.readouterr().out
    assert "walkiosk models" in out
    assert "verify" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["chat", "--nonsense"],
        ["chat", "--json"],
        ["chat", "--once", "a", "--script", "b"],
        ["models", "nonsense"],
    ],
)
def test_wrong_use_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert ErrorBoundary().run(app, "walkiosk", arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OperatorError("the model is missing"), "The model is missing"),
        (CustomerError("unknown-customer", customer_id="C9"), "Unknown customer: C9"),
        (DataError("not a number", "stock.csv", 3, "on_hand"), "stock.csv:3:on_hand: not a number"),
    ],
)
def test_expected_errors_are_one_sentence(error: Exception, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ErrorBoundary().run(failing_app(error), "walkiosk", []) == 1
    captured = capsys.readouterr()
    assert captured.err.strip() == sentence
    assert captured.out == ""


def test_several_problems_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [DataError("one", "a.csv", 1), DataError("two", "b.csv", 2)]
    assert ErrorBoundary().run(failing_app(OwnerFilesError(problems)), "walkiosk", []) == 1
    assert "b.csv:2: two" in capsys.readouterr().err


def test_unexpected_error_says_where_the_log_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    boundary = ErrorBoundary()
    boundary.log_to(tmp_path / "home")
    assert boundary.run(failing_app(RuntimeError("a defect")), "walkiosk", []) == 1
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert boundary.log_file is not None
    assert str(boundary.log_file) in err.replace("\n", "")
    assert "a defect" in boundary.log_file.read_text()


def test_debug_shows_the_whole_error() -> None:
    boundary = ErrorBoundary()
    boundary.debug = True
    with pytest.raises(RuntimeError):
        boundary.run(failing_app(RuntimeError("a defect")), "walkiosk", [])


def test_interrupt_and_broken_pipe_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert ErrorBoundary().run(failing_app(KeyboardInterrupt()), "walkiosk", []) == 130
    assert capsys.readouterr().err.strip() == ""


def test_broken_pipe_is_quiet() -> None:
    run = subprocess.run(
        f"{sys.executable} -m server.cli chat --help | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""


def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WALKIOSK_SMALL", "perhaps")
    assert ErrorBoundary().run(app, "walkiosk", ["chat", "--once", "hello"]) == 1
    assert "WALKIOSK_SMALL" in capsys.readouterr().err


def test_unwritable_home_is_said_and_survived(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    boundary = ErrorBoundary()
    boundary.log_to(tmp_path / "file")
    assert boundary.log_file is None
    assert "cannot be written" in capsys.readouterr().err
