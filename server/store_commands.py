"""The `walkiosk store` commands: check, import, make and migrate a store; tables and problems go to the terminal."""

import csv
import importlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import tools
from server.database_option import DatabaseOption, database_of
from tools.database_address import name_of
from tools.errors import DataError, OperatorError
from tools.feedback_themes.taxonomy import load_taxonomy
from tools.graph_versions import current_version, is_made_of
from tools.owner_files import OwnerFilesError, unfit_character
from tools.staff import STAFF_COLUMNS, hash_pin
from tools.store_files import StoreFiles, read_store
from tools.store_import import ImportSummary, create_store, import_store, migrate_store, opened_store

DEMO_STORE = Path(tools.__file__).parent / "data" / "demo"

app = typer.Typer(help="Check a shop's files, import them, make a new store or migrate one.", no_args_is_help=True)

Folder = Annotated[
    Path, typer.Argument(help="The shop's folder, with store.yaml in it.", show_default="the demo store")
]


@app.command()
def check(folder: Folder = DEMO_STORE) -> None:
    """Say all that is wrong with a shop's folder, as file:line:column: problem."""
    with _exit_on_errors():
        problems: list[DataError] = []
        files: StoreFiles | None = None
        more = False
        try:
            files = read_store(folder)
        except OwnerFilesError as error:
            problems, more = [*error.problems], error.more
        problems += _graph_problems(folder) + _feedback_problems(folder)
        if problems or files is None:
            _say_problems(problems, more)
            raise typer.Exit(1)
        _say_summary(files.store.name, _counts(files))


@app.command("import")
def import_(folder: Folder = DEMO_STORE, database: DatabaseOption = None) -> None:
    """Make an existing store say what the folder says; open orders keep what they reserved."""
    with _exit_on_errors():
        files = read_store(folder)
        with opened_store(database_of(database)) as engine, _bar() as progress:
            summary = import_store(engine, files, progress)
            graph = current_version(engine)
        _say_summary(files.store.name, _rows(summary))
        if graph is not None and not is_made_of(graph, folder):
            typer.echo(f"The graph's files have changed, too: `walkiosk graph publish {folder}` takes them over")


@app.command()
def init(
    folder: Folder = DEMO_STORE,
    database: DatabaseOption = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Replace a store: a SQLite file stays beside the new one as a backup; in PostgreSQL only a store "
            "without orders and feedback is replaced.",
        ),
    ] = False,
) -> None:
    """Make a new store database out of a folder."""
    with _exit_on_errors():
        address = database_of(database)
        files = read_store(folder)
        with _bar() as progress:
            created = create_store(address, files, replace=force, progress=progress)
        _say_summary(files.store.name, _rows(created.summary))
        typer.echo(f"The store is at {name_of(address)}")
        if created.backup:
            typer.echo(f"The store that was there is kept at {created.backup}; move it back to undo this")


@app.command("staff-pin")
def staff_pin(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who the PIN is for, as they will type it.")],
) -> None:
    """Make the row of staff.csv for someone who may approve age-restricted goods.

    Asks for their PIN, at least 6 characters, twice and without showing it. Only a hash of it is printed; add the
    row to staff.csv in the shop's folder. In the console they then type `/staff NAME`.
    """
    with _exit_on_errors():
        name = name.strip()
        if not name or unfit_character(name):
            raise OperatorError("a name must not be empty or have control characters")
        row = io.StringIO()
        csv.writer(row, lineterminator="").writerow(
            [name, hash_pin(typer.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True))]
        )
    typer.echo(f"Add this row to staff.csv, whose first row is {','.join(STAFF_COLUMNS)}:", err=True)
    typer.echo(row.getvalue())


@app.command()
def migrate(database: DatabaseOption = None) -> None:
    """Bring a store of an older version up to date, all or nothing.

    A SQLite file is backed up beside itself first; back up a PostgreSQL database with pg_dump, and stop its kiosks.
    """
    with _exit_on_errors():
        address = database_of(database)
        migrated = migrate_store(address)
        if not migrated.migration.steps:
            typer.echo(f"The store at {name_of(address)} is up to date (revision {migrated.migration.after})")
            return
        for step in migrated.migration.steps:
            typer.echo(step)
        typer.echo(f"The store at {name_of(address)} is up to date now")
        if migrated.backup:
            typer.echo(f"The store as it was is kept at {migrated.backup}; move it back to undo this")


@contextmanager
def _exit_on_errors() -> Iterator[None]:
    """Errors for the operator end the command with their sentence and status 1."""
    try:
        yield
    except OwnerFilesError as error:
        _say_problems([*error.problems], error.more)
        raise typer.Exit(1) from error
    except OperatorError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def _graph_problems(folder: Path) -> list[DataError]:
    """What is wrong with the graph's files, where the folder has a graph."""
    if not (folder / "graph").is_dir():
        return []
    try:
        graph_load = importlib.import_module("tools.graph_load")
    except ImportError:
        return []
    check_graph = getattr(graph_load, "check_graph_files", None)
    if check_graph is None:
        return []
    return cast("Callable[[Path], list[DataError]]", check_graph)(folder)


def _feedback_problems(folder: Path) -> list[DataError]:
    """What is wrong with the shop's own themes of feedback, where it has any."""
    try:
        load_taxonomy(folder)
    except OwnerFilesError as error:
        return [*error.problems]
    return []


def _say_problems(problems: list[DataError], more: bool) -> None:
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(problems)}{' or more' if more else ''} problem{'' if len(problems) == 1 else 's'}", err=True)


def _counts(files: StoreFiles) -> dict[str, int]:
    return {
        "Kiosks": len(files.store.kiosks),
        "Categories": len(files.vocabulary.categories),
        "Products": len(files.products),
        "Variants": len(files.variants),
        "Stock rows": len(files.stock),
        "Pieces": sum(stock.on_hand for stock in files.stock),
        "Customers": len(files.customers),
        "Promotions": len(files.promotions),
        "Staff": len(files.staff),
    }


def _rows(summary: ImportSummary) -> dict[str, int]:
    return {name.replace("_", " ").capitalize(): count for name, count in summary.model_dump().items()}


def _say_summary(store: str, counts: dict[str, int]) -> None:
    table = Table("What", "Count", title=store)
    table.columns[1].justify = "right"
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    Console().print(table)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr that is fed with how much of how much is done, and leaves nothing behind."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Importing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
