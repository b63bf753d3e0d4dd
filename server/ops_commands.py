"""The `walkiosk ops` commands, the back office: each stands in a module of its own, which does its work when called."""

import typer

from server.feedback_summary_commands import summarise_feedback

app = typer.Typer(help="The back office.", no_args_is_help=True)


@app.callback()
def ops() -> None:
    """The back office: what customers say."""


app.command("feedback")(summarise_feedback)
