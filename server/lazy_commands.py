"""Groups of commands that are imported when they are first used, so that `--help` and other commands stay fast."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group


@dataclass(frozen=True)
class SubApp:
    """A module with a typer `app`, and the line that the list of commands shows for it."""

    module: str
    help: str


class LazyCommand(TyperGroup):
    """Stands in for a group until one of its commands is called."""

    def __init__(self, name: str, sub_app: SubApp) -> None:
        super().__init__(name=name, help=sub_app.help)
        self._module = sub_app.module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The real group's context; from here on typer deals with the real group."""
        group = get_group(import_module(self._module).app)
        group.name = self.name
        return group.make_context(info_name, args, parent=parent, **extra)


def group_with(sub_apps: Mapping[str, SubApp]) -> type[TyperGroup]:
    """A class of groups that have these sub-apps beside their own commands; for `typer.Typer(cls=…)`."""

    class WithLazyCommands(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            for name, sub_app in sub_apps.items():
                self.add_command(LazyCommand(name, sub_app))

    return WithLazyCommands
