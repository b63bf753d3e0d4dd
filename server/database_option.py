"""The `--database` option that commands share: what was given, or else the settings, becomes an address."""

from typing import Annotated

import typer
from sqlalchemy import URL

from agent.settings import Settings
from tools.database_address import read_address

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
    """The address; StoreError when it is none."""
    return read_address(given) if given else Settings().database
