"""The `walkiosk` command: arguments come in, a sub-command runs, its exit code goes out."""

from pathlib import Path
from typing import Annotated

import typer

from server.error_boundary import ErrorBoundary, run_program
from server.lazy_commands import SubApp, group_with

SUB_APPS = {
    "models": SubApp("server.models_commands", "List, pull and verify the model files."),
    "store": SubApp("server.store_commands", "Check a shop's files, import them, make a new store or migrate one."),
    "graph": SubApp(
        "server.graph_commands", "Publish the shop's knowledge graph and go back; import any graph, ask it."
    ),
    "orders": SubApp("server.orders_commands", "Look at orders and settle what a failure left open."),
    "ops": SubApp("server.ops_commands", "The back office: what customers say, what will sell, what to order."),
    "serve": SubApp("server.serve_command", "Serve sessions over a websocket, by voice and text."),
    "twin": SubApp("server.twin_commands", "Run a simulated payment terminal or dispenser as a process."),
}

app = typer.Typer(
    cls=group_with(SUB_APPS),
    help="WalKiosk: a shop without staff that you talk to.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"walkiosk {version('walkiosk')}")
        except PackageNotFoundError:
            typer.echo("walkiosk, not installed as a package")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the log and the whole of an unexpected error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")
    ] = False,
) -> None:
    """WalKiosk: a shop without staff that you talk to."""
    del version
    context.ensure_object(ErrorBoundary).debug = debug


@app.command()
def chat(
    context: typer.Context,
    once: Annotated[str | None, typer.Option(metavar="TEXT", help="Say one thing, print the reply and stop.")] = None,
    script: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Say each line of a UTF-8 file (- is standard input). An empty line: the next customer comes, "
            "with the same --customer, --kiosk and --lang.",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a turn; for --once and --script.")
    ] = False,
    customer: Annotated[
        str | None, typer.Option(metavar="ID", help="Who is shopping; nobody known if left out.")
    ] = None,
    kiosk: Annotated[str | None, typer.Option(metavar="ID", help="The machine; the shop's first if left out.")] = None,
    lang: Annotated[
        str | None, typer.Option(metavar="CODE", help="The language to begin in, such as en or es.")
    ] = None,
    small: Annotated[bool, typer.Option("--small", help="Use the small dialogue model.")] = False,
    store_dir: Annotated[
        Path | None, typer.Option("--store", metavar="FOLDER", help="The shop's folder; the demo store if left out.")
    ] = None,
) -> None:
    """Shop by text: type to the kiosk, or let a script do it."""
    if once is not None and script is not None:
        raise typer.BadParameter("--once and --script do not go together")
    if json and once is None and script is None:
        raise typer.BadParameter("--json needs --once or --script")
    from server.chat_command import ChatOptions, run_chat

    options = ChatOptions(
        once=once,
        script=script,
        as_json=json,
        customer_id=customer,
        kiosk_id=kiosk,
        language=lang,
        small=small,
        store_dir=store_dir,
    )
    raise typer.Exit(run_chat(options, context.ensure_object(ErrorBoundary)))


@app.command()
def doctor(
    llm: Annotated[str | None, typer.Option("--llm", metavar="URL", help="Only this model server.")] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The model asked for; WALKIOSK_LLM_MODEL if left out.")
    ] = None,
    limit_s: Annotated[float, typer.Option("--timeout", min=1, help="Seconds that one answer may take.")] = 30.0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a finding.")] = False,
) -> None:
    """Look this kiosk over before it starts: what is wrong and how to mend it. Or a model server.

    The home: database, clock, graph, models; then the server that WALKIOSK_LLM_URL names, if it does. With --llm only
    that server. The key is WALKIOSK_LLM_API_KEY.
    """
    from server.doctor_command import run_doctor

    raise typer.Exit(run_doctor(llm, model, limit_s, as_json=json))


@app.command()
def translate(
    text: Annotated[str, typer.Argument(help="What to translate, at most 2,000 characters.")],
    source: Annotated[str, typer.Option("--from", metavar="CODE", help="Its language, such as es.")],
    target: Annotated[str, typer.Option("--to", metavar="CODE", help="The language wanted.")] = "en",
    keep: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A name to leave as it is.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Translate a text for staff to read: with an engine made for the pair if there is one, else with the model."""
    from server.translate_command import run_translate

    done = run_translate(text, source, target, keep or [])
    typer.echo(done.model_dump_json(indent=2) if json else done.text)


main = run_program(app, "walkiosk")

if __name__ == "__main__":
    main()
