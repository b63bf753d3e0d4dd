"""The `walkiosk ops` commands: what the owner does in the back office, each in a module of its own."""

import typer

from server.forecast_command import forecast
from server.replenish_command import receive, replenish_kiosks

app = typer.Typer(help="The back office: forecast sales, order goods, book deliveries.", no_args_is_help=True)
app.command()(forecast)
app.command("replenish")(replenish_kiosks)
app.command()(receive)
