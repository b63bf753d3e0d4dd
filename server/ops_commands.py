"""The `walkiosk ops` commands: what the owner does in the back office, each in a module of its own."""

import typer

from server.forecast_command import forecast

app = typer.Typer(help="Forecast sales, order and book goods.", no_args_is_help=True)
app.command()(forecast)
