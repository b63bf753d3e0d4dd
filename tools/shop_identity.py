"""Whether a store and a shop's folder belong together: both come in, an answer or an error goes out."""

from pathlib import Path

from sqlalchemy import Engine

from tools.database import read_transaction
from tools.database_address import name_of
from tools.errors import StoreError
from tools.store_facts import read_store_facts
from tools.store_files import fingerprint_of, read_shop_name


def is_as_imported(engine: Engine, folder: Path) -> bool:
    """Whether the folder's files are those that the store was made of; yes for a store too old to know.

    StoreError when they are another shop's: prices and stock would be the one's, words and graph the other's.
    OwnerFilesError when store.yaml cannot be read.
    """
    with read_transaction(engine) as session:
        facts = read_store_facts(session)
    if facts.fingerprint == fingerprint_of(folder):
        return True
    if (name := read_shop_name(folder)) != facts.name:
        raise StoreError(
            f"the store at {name_of(engine.url)} is that of {facts.name!r}, but {folder} is the shop {name!r}; "
            "give each shop a home of its own with WALKIOSK_HOME (or a database of its own), or make the store this "
            f"shop's with `walkiosk store import {folder}`"
        )
    return not facts.fingerprint
