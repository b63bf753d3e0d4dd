"""The `--database` option that commands share: what was given, or else the settings, becomes an address."""

from typing import Annotated

import typer
from sqlalchemy import URL

from agent.settings import Settings
from tools.database_address import read_address
from tools.errors import OperatorError

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="PATH|URL",
        help="The store database: a SQLite file or a postgresql:// address; if left out, WALKIOSK_DATABASE_URL, "
        "WALKIOSK_DATABASE, or the user's own file.",
    ),
]


def database_of(given: str | None) -> URL:
    """The address; StoreError when it is none, OperatorError for one with a password on the command line."""
    if not given:
        return Settings().database
    address = read_address(given)
    if address.password:
        raise OperatorError(
            "a password on a command line can be read by everybody on this machine: "
            "leave --database out and set WALKIOSK_DATABASE_URL"
        )
    return address
