"""`walkiosk ops feedback` on a real store, where there is nothing to summarise or the wrong thing is asked for."""

import io
import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.settings import Settings
from server.cli import app
from server.error_boundary import ErrorBoundary
from server.period_option import period_of
from tools.database_address import name_of, read_address
from tools.errors import OperatorError
from tools.feedback_themes.kept_summary import last_summary
from tools.feedback_themes.summary import FeedbackSummary

SMALL_STORE = Path(__file__).parent.parent / "tools" / "small_store"
NOW = datetime(2026, 11, 1, 15, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


def run(*arguments: str) -> tuple[int, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        code = ErrorBoundary().run(app, "walkiosk", ["ops", "feedback", *arguments])
    return code, output.getvalue(), " ".join(errors.getvalue().split())


@pytest.fixture
def database(tmp_path: Path, own_home: Path, small_shop: Callable[[Path], Path]) -> str:
    del own_home
    return str(small_shop(tmp_path / "store.db"))


def test_no_feedback_is_said_so(database: str) -> None:
    code, output, errors = run("--database", database, "--language", "de", "--since", "7d")
    assert (code, errors) == (0, "")
    assert output.endswith("In diesem Zeitraum gibt es keine Rückmeldungen.\n")
    code, output, _ = run("--database", database, "--json", "--kiosk", "A")
    summary = FeedbackSummary.model_validate(json.loads(output))
    assert (code, summary.comments, summary.themes, summary.kiosk_id) == (0, 0, (), "A")
    kept = last_summary(Settings().feedback_cache, name_of(read_address(database)), "A")
    assert kept is not None
    assert kept.summary == summary  # for the morning report


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--kiosk", "Z"), "There is no kiosk 'Z'; this store has A, B"),
        (("--since", "last week"), "write it like 2026-11-01"),
        (("--since", "2999-01-01"), "The period is empty"),
        (("--language", "English please"), "There is no language"),
    ],
)
def test_what_cannot_be_is_one_sentence(database: str, arguments: tuple[str, ...], sentence: str) -> None:
    code, output, errors = run("--database", database, *arguments)
    assert (code, output) == (1, "")
    assert sentence.lower() in errors.lower()


def test_a_store_that_is_not_there(tmp_path: Path, own_home: Path) -> None:
    del own_home
    code, _, errors = run("--database", str(tmp_path / "none.db"))
    assert code == 1
    assert "walkiosk store init" in errors


def test_the_check_of_a_shop_looks_at_its_themes(tmp_path: Path) -> None:
    folder = shutil.copytree(SMALL_STORE, tmp_path / "shop")
    (folder / "feedback").mkdir()
    (folder / "feedback" / "themes.yaml").write_text("popcorn: {tone: angry}\n", encoding="utf-8")
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        code = ErrorBoundary().run(app, "walkiosk", ["store", "check", str(folder)])
    assert code == 1
    assert "themes.yaml:1:" in output.getvalue()


def test_days_are_the_shops() -> None:
    period = period_of("2026-10-25", "2026-10-31", NOW, NEW_YORK)
    assert period.since == datetime(2026, 10, 25, 4, tzinfo=UTC)
    assert period.until == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert period_of("2w", None, NOW, NEW_YORK).since == datetime(2026, 10, 18, 15, tzinfo=UTC)
    assert period_of("7D", "2026-10-31", NOW, NEW_YORK).until == datetime(2026, 11, 1, 4, tzinfo=UTC)
    for since, until in (("2026-11-01", "2026-10-01"), ("0d", None), ("2026-13-01", None), ("x", None)):
        with pytest.raises(OperatorError):
            period_of(since, until, NOW, NEW_YORK)
