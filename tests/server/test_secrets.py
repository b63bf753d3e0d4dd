"""Secrets come from the environment only: no option takes one, and no setting shows one."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic import SecretStr
from typer.core import TyperGroup

from agent.settings import Settings
from server.cli import SUB_APPS, app
from server.error_boundary import ErrorBoundary
from server.server_settings import ServerSettings

SECRET_WORDS = ("key", "password", "secret", "token", "pin", "url")
NO_SECRETS = {"tokens", "tokens_file", "traces_url", "llm_url"}
"""Hashes, a place of hashes, and addresses whose keys are settings of their own."""


def options(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every parameter of a command and of those below it."""
    yield from ((path, parameter) for parameter in command.params)
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield from options(each, f"{path} {name}")


def test_no_option_takes_a_secret() -> None:
    """What stands on a command line can be read by everybody on the machine, and stays in the shell's history."""
    found = [*options(typer.main.get_command(app), "walkiosk")]
    for name, sub_app in SUB_APPS.items():
        found += options(typer.main.get_command(import_module(sub_app.module).app), f"walkiosk {name}")
    assert len(found) > 50
    for path, parameter in found:
        words = {word for name in parameter.opts for word in name.strip("-").replace("-", "_").split("_")}
        assert not words & {"key", "password", "secret", "token", "pin"}, f"{path} {parameter.opts}"


@pytest.mark.parametrize("settings", [Settings, ServerSettings])
def test_a_setting_that_may_be_secret_hides_its_value(settings: type[Settings] | type[ServerSettings]) -> None:
    for name, field in settings.model_fields.items():
        if set(name.split("_")) & set(SECRET_WORDS) and name not in NO_SECRETS:
            assert field.annotation in (SecretStr, SecretStr | None), name


def test_settings_shown_by_mistake_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALKIOSK_LLM_API_KEY", "zibblethorpe")
    monkeypatch.setenv("WALKIOSK_DATABASE_URL", "postgresql://shop:zibblethorpe@host/shop")
    monkeypatch.setenv("WALKIOSK_STRIPE_KEY", "sk_zibblethorpe")
    settings = Settings()
    assert settings.llm_api_key.get_secret_value() == "zibblethorpe"
    assert "zibblethorpe" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_a_password_on_the_command_line_is_refused_and_not_repeated(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "postgresql://shop:zibblethorpe@127.0.0.1:1/shop"
    assert ErrorBoundary().run(app, "walkiosk", ["orders", "list", "--database", address]) == 1
    said = capsys.readouterr().err
    assert "WALKIOSK_DATABASE_URL" in said
    assert "zibblethorpe" not in said
