"""`walkiosk models` as an operator types it."""

from pathlib import Path

from typer.testing import CliRunner

from server.models_commands import app
from tools.errors import OperatorError


def test_list_shows_the_licence_and_what_is_missing(tmp_path: Path) -> None:
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["list", "--models-dir", str(tmp_path)])
    assert shown.exit_code == 0
    assert "Apache-2.0" in shown.output
    assert "missing" in shown.output


def test_an_unknown_model_and_a_missing_file_are_the_operators_to_mend(tmp_path: Path) -> None:
    for arguments, sentence in (
        (["pull", "nonsense"], "There is no model 'nonsense'"),
        (["verify", "--small"], "run `walkiosk models pull dialogue-small`"),
    ):
        told = CliRunner().invoke(app, [*arguments, "--models-dir", str(tmp_path)])
        assert isinstance(told.exception, OperatorError)
        assert sentence in str(told.exception)
