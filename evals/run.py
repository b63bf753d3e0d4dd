"""The `walkiosk-eval` command: a folder of scripted dialogues comes in, a scored report and an exit code go out."""

from pathlib import Path
from typing import Annotated

import typer

from server.error_boundary import ErrorBoundary, run_program

app = typer.Typer(
    help="Play scripted dialogues against a real kiosk and score how the store ends.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the log and the whole of an unexpected error.")] = False,
) -> None:
    """Play scripted dialogues against a real kiosk and score how the store ends."""
    context.ensure_object(ErrorBoundary).debug = debug


@app.command()
def run(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A scenario file, or a folder of them.")],
    repeat: Annotated[int, typer.Option(min=1, max=100, help="Play each scenario so often.")] = 1,
    only: Annotated[str, typer.Option(metavar="PATTERN", help="Only ids like this: text in them, or * and ?.")] = "",
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="Only scenarios with one of these tags.")] = None,
    language: Annotated[
        str, typer.Option(metavar="CODE", help="Only scenarios all of which is said in this language.")
    ] = "",
    sample: Annotated[int, typer.Option(min=0, help="Only so many, spread over the tags; the same each time.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, max=32, help="Kiosks at once; more than 1 needs WALKIOSK_LLM_URL.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write each run as a line of JSON.")] = None,
    require: Annotated[float, typer.Option(min=0, max=1, help="The share of runs that must pass.")] = 0.9,
    small: Annotated[bool, typer.Option("--small", help="Use the small dialogue model.")] = False,
    spoken: Annotated[bool, typer.Option("--spoken", help="The customers speak, and are heard.")] = False,
    noise: Annotated[
        Path | None, typer.Option(metavar="WAV", help="They speak, in this room, 10 dB louder than it.")
    ] = None,
    store_dir: Annotated[
        Path | None, typer.Option("--store", metavar="FOLDER", help="The shop's folder; the demo store if left out.")
    ] = None,
) -> None:
    """Play the scenarios; exit code 1 when fewer pass than required."""
    from evals.scenario import load_scenarios
    from evals.suite import SuiteOptions, choose, run_suite

    is_spoken = spoken or noise is not None
    scenarios = choose(load_scenarios(path), only, tag or [], sample, language, is_spoken)
    options = SuiteOptions(
        repeat=repeat,
        jobs=jobs,
        out=out,
        require=require,
        small=small,
        store_dir=store_dir,
        spoken=is_spoken,
        noise=noise,
    )
    raise typer.Exit(run_suite(scenarios, options, context.ensure_object(ErrorBoundary)))


@app.command()
def check(path: Annotated[Path, typer.Argument(help="A scenario file, or a folder of them.")]) -> None:
    """Say what is wrong with scenario files without playing them."""
    from evals.scenario import load_scenarios

    scenarios = load_scenarios(path)
    typer.echo(f"{len(scenarios)} scenarios, {sum(len(item.turns) for item in scenarios)} turns: all well written.")


main = run_program(app, "walkiosk-eval")

if __name__ == "__main__":
    main()
