"""The `walkiosk ops` commands, the back office: each stands in a module of its own, which does its work when called."""

import typer

from server.feedback_summary_commands import summarise_feedback
from server.forecast_command import forecast
from server.replenish_command import receive, replenish_kiosks
from server.report_command import report

app = typer.Typer(help="The back office: what customers say, what will sell, what to order.", no_args_is_help=True)

app.command("feedback")(summarise_feedback)
app.command("forecast")(forecast)
app.command("replenish")(replenish_kiosks)
app.command("receive")(receive)
app.command("report")(report)
