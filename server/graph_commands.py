"""The `walkiosk graph` commands: publish the shop's graph, import any other, ask it; answers go to the terminal."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_data_path
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agent.graph_questions import read_question
from agent.settings import Settings
from server.database_option import DatabaseOption, database_of
from server.graph_questions import LEARNED_FILE, LearnedAnswers, answer_batch, learn_paths
from server.terminal_text import neutral
from tools import graph_load, graph_versions
from tools.errors import OperatorError
from tools.graph_load import GraphSummary, build_graph
from tools.graph_paths import GraphStore, PathResult
from tools.graph_versions import KEPT_VERSIONS
from tools.owner_files import OwnerFilesError
from tools.path_query import PathAnswer, PathQuery, ProofStep
from tools.path_questions.answering import AnsweredQuestion
from tools.path_questions.examples import PathExample
from tools.path_questions.second_opinion import PathJudge
from tools.store_import import opened_store

DEFAULT_GRAPH = user_data_path("walkiosk") / "graph"
MAX_QUERY_BYTES = 100_000
MAX_SHOWN = 10

app = typer.Typer(
    help="Publish the shop's knowledge graph and go back; import any graph, see what it holds, and ask it.",
    no_args_is_help=True,
)

GraphFolder = Annotated[Path, typer.Option("--graph", envvar="WALKIOSK_GRAPH", help="The folder of the graph.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A folder with ontology.yaml, or a file of triples (may be gzipped).")],
    graph: GraphFolder = DEFAULT_GRAPH,
) -> None:
    """Make a graph in a folder of its own, to ask it here; if the source has problems the older graph stays.

    A shop's kiosks answer from what `walkiosk graph publish` publishes.
    """
    with _exit_on_errors():
        with _bar() as progress:
            summary = build_graph(source, graph, progress)
        _say_summary(summary)
        typer.echo(f"The graph is at {graph}")


@app.command()
def publish(
    folder: Annotated[Path | None, typer.Argument(help="The shop's folder.", show_default="WALKIOSK_STORE_DIR")] = None,
    database: DatabaseOption = None,
    keep: Annotated[int, typer.Option(min=1, help="So many versions to keep; the current one always is.")] = (
        KEPT_VERSIONS
    ),
    fewer: Annotated[bool, typer.Option("--fewer", help="Also where much of what there was is gone.")] = False,
) -> None:
    """Make the graph in the shop's folder the version that all running servers answer from, a few seconds later.

    It is built and looked over first; if anything is wrong with it that is said, and the current version stays.
    """
    settings = Settings()
    with _exit_on_errors(), opened_store(database_of(database)) as engine:
        with _bar() as progress:
            source = folder or settings.store_dir
            published = graph_versions.publish(
                engine, source, settings.graph_copies, keep=keep, may_shrink=fewer, progress=progress
            )
        version = published.version
        if not published.is_new:
            typer.echo(f"Version {version.number} is made of these very files already; nothing has changed")
            return
        _say_summary(version.summary)
        if published.pruned:
            typer.echo(f"No longer kept: {', '.join(map(str, published.pruned))}")
        typer.echo(f"Version {version.number} is current; `walkiosk graph rollback` goes back")


@app.command()
def versions(database: DatabaseOption = None, as_json: AsJson = False) -> None:
    """List the versions that are kept: when each was published, out of which files, and how much it holds."""
    with _exit_on_errors(), opened_store(database_of(database)) as engine:
        listed = graph_versions.list_versions(engine)
    if as_json:
        for version in listed:
            typer.echo(version.model_dump_json())
        return
    if not listed:
        typer.echo("No version was published yet; the first server that starts publishes its shop's folder", err=True)
        return
    table = Table("Version", "Published", "Files", "Entities", "Relations", "")
    for version in listed:
        table.add_row(
            str(version.number),
            f"{version.published_at:%Y-%m-%d %H:%M:%S} UTC",
            version.files_sha256[:12],
            f"{sum(version.summary.nodes.values()):,}",
            f"{sum(version.summary.edges.values()):,}",
            "current" if version.is_current else "",
        )
    Console().print(table)


@app.command()
def rollback(
    number: Annotated[
        int | None, typer.Argument(help="The version to go back to.", show_default="the one before the current")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Make an older version current again; running servers follow within seconds."""
    with _exit_on_errors(), opened_store(database_of(database)) as engine:
        version = graph_versions.roll_back(engine, number)
        typer.echo(f"Version {version.number} is current")


@app.command()
def stats(graph: GraphFolder = DEFAULT_GRAPH, as_json: AsJson = False) -> None:
    """Count the nodes of each type and the edges of each relation."""
    with _exit_on_errors(), GraphStore.open(graph) as store:
        if as_json:
            typer.echo(store.stats().model_dump_json(indent=2))
        else:
            _say_summary(store.stats())


@app.command()
def learn(
    examples: Annotated[
        list[Path] | None,
        typer.Argument(help="Tables of tabs with the columns question and path (may be gzipped).", show_default=False),
    ] = None,
    graph: GraphFolder = DEFAULT_GRAPH,
    by_meaning: Annotated[bool, typer.Option("--meaning/--words", help="Learn meanings too, or words only.")] = True,
) -> None:
    """Learn which path a question asks for; what was learned before is replaced.

    A path is written `^directed_by/written_by` (against directed_by, then along written_by), or is any name: with a
    column `answers` (separated by |) it is found out what the name means. The start may be marked with [brackets].
    Without examples only the words that the ontology has for its relations are learned.
    """
    with _exit_on_errors():
        console = Console(stderr=True)
        with console.status("Learning …"):
            learned = learn_paths(graph, examples or [], by_meaning=by_meaning)
        _say_passed_over(learned.passed_over)
        typer.echo(f"Learned {len(learned.classifier.paths)} paths. They are kept in {graph / LEARNED_FILE}")


def _say_passed_over(examples: Sequence[PathExample]) -> None:
    for example in examples[:MAX_SHOWN]:
        typer.echo(f"{example.file}:{example.line}: names nothing from where its path leads anywhere", err=True)
    if examples:
        typer.echo(f"{len(examples)} example{'' if len(examples) == 1 else 's'} passed over", err=True)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="A question in plain words.", show_default=False)] = None,
    query: Annotated[
        str | None, typer.Option("--query", help="A path query as JSON, or a file that holds one.", show_default=False)
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help="A table of tabs with a column question (may be gzipped).", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Answers to give for each question of a batch.")] = 50,
    graph: GraphFolder = DEFAULT_GRAPH,
    with_model: Annotated[
        bool | None,
        typer.Option(
            "--model/--no-model",
            help="Where what was learned is in doubt, ask the language model too.",
            show_default="if WALKIOSK_LLM_URL is set",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a path query, or questions in plain words, with the walk that proves each answer.

    A batch is answered with what `walkiosk graph learn` learned, one JSON object a line.
    """
    if sum(asked is not None for asked in (question, query, batch)) != 1:
        raise typer.BadParameter("give one of a question, --query and --batch")
    if batch is not None:
        with _exit_on_errors():
            asyncio.run(_answer_batch(graph, batch, limit, with_model=with_model))
        return
    with _exit_on_errors(), GraphStore.open(graph) as store:
        answered = asyncio.run(_answer(store, graph, question, limit, with_model=with_model)) if question else None
        if answered is not None and answered.path is not None:
            typer.echo(answered.model_dump_json(indent=2)) if as_json else _say_learned(answered)
            return
        queries = [_read_query(query)] if query is not None else read_question(question or "", store)
        result = _first_with_answers(store, queries)
        if as_json:
            typer.echo(result.model_dump_json(indent=2))
        else:
            _say_answers(result)


async def _answer(
    store: GraphStore, folder: Path, question: str, limit: int, *, with_model: bool | None
) -> AnsweredQuestion | None:
    """The answer by what was learned for the graph; None when nothing was."""
    async with _judge(with_model, lambda text: typer.echo(text, err=True)) as judge:
        learned = LearnedAnswers.open(store, folder, judge)
        return await learned.answer(question, limit) if learned is not None else None


async def _answer_batch(graph: Path, file: Path, limit: int, *, with_model: bool | None) -> None:
    columns = (TextColumn("Answering"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(text: str) -> None:
            bar.console.print(text, markup=False)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        async with _judge(with_model, tell) as judge:
            async for answered in answer_batch(graph, file, limit, move, judge):
                typer.echo(answered.model_dump_json())


@asynccontextmanager
async def _judge(with_model: bool | None, tell: Callable[[str], None]) -> AsyncIterator[PathJudge | None]:
    """The language model as a judge of doubtful readings, or none: the embedded one is too small to be of use, so
    unless it is told only one on a server is asked."""
    settings = Settings()
    if not (settings.llm_url if with_model is None else with_model):
        yield None
        return
    from agent.bootstrap import open_path_judge  # it imports all of the kiosk

    async with open_path_judge(settings, lambda text: tell(f"{neutral(text)} …")) as judge:
        yield judge


def _read_query(text: str) -> PathQuery:
    """The query in the text or in the file that the text names."""
    if not text.lstrip().startswith("{"):
        path = Path(text)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_QUERY_BYTES)
        except OSError as error:
            raise OperatorError(f"the query file {text} cannot be read: {error.strerror}") from error
    else:
        content = text[:MAX_QUERY_BYTES].encode(errors="replace")
    try:
        return PathQuery.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise OperatorError(f"not a path query: {f'{where}: ' if where else ''}{first['msg']}") from error


def _first_with_answers(store: GraphStore, queries: Sequence[PathQuery]) -> PathResult:
    for query in queries:
        result = store.find(query)
        if result.total:
            return result
    return PathResult(answers=(), total=0)


@contextmanager
def _exit_on_errors() -> Iterator[None]:
    """Errors for the operator end the command with their sentence and status 1."""
    try:
        yield
    except OwnerFilesError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        count = len(error.problems)
        typer.echo(f"{count}{' or more' if error.more else ''} problem{'' if count == 1 else 's'}", err=True)
        raise typer.Exit(1) from error
    except OperatorError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def _say_summary(summary: GraphSummary) -> None:
    table = Table("What", "Count", title="Knowledge graph")
    table.columns[1].justify = "right"
    for name, count in summary.nodes.items():
        table.add_row(name, f"{count:,}")
    table.add_section()
    for name, count in summary.edges.items():
        table.add_row(name, f"{count:,}")
    Console().print(table)


def _say_answers(result: PathResult) -> None:
    for answer in result.answers:
        typer.echo(answer.node.name)
        for line in _proof_lines(answer):
            typer.echo(f"    {line}")
    _say_count(result.total, len(result.answers))


def _say_learned(answered: AnsweredQuestion) -> None:
    for name, way in zip(answered.answers, answered.proof, strict=True):
        typer.echo(name)
        for edge in way:
            typer.echo(f"    {edge.source} -{edge.relation}-> {edge.target}")
    _say_count(answered.total, len(answered.answers))


def _say_count(total: int, shown: int) -> None:
    more = f", the first {shown} shown" if total > shown else ""
    typer.echo(f"{total} answer{'' if total == 1 else 's'}{more}", err=True)


def _proof_lines(answer: PathAnswer) -> Iterator[str]:
    for step in answer.proof:
        yield _edge_line(step)
    for step in answer.also:
        yield f"and {_edge_line(step)}"


def _edge_line(step: ProofStep) -> str:
    return f"{step.source.name} -{step.relation}-> {step.target.name}"


@contextmanager
def _bar() -> Iterator[graph_load.Progress]:
    """A progress bar on stderr that names the table being loaded, and leaves nothing behind."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=None)
        yield lambda what, done, total: bar.update(task, description=f"Loading {what}", completed=done, total=total)
