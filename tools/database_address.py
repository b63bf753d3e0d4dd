"""Where a store database is: a path or a URL comes in, a checked address goes out that can be named without secrets."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from tools.errors import StoreError

_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


def read_address(database: URL | Path | str) -> URL:
    """The address that a SQLite path, a `sqlite:///…` or a `postgresql://…` URL means; StoreError for any other.

    No error says more of a URL than its scheme, as the rest may hold a password.
    """
    if isinstance(database, URL):
        return database
    if isinstance(database, Path) or "://" not in database:
        return URL.create("sqlite", database=str(database))
    scheme = database.partition("://")[0]
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):
        raise StoreError(
            f"the {scheme} address of the store database cannot be read; check how it is written"
        ) from None
    if url.drivername == "sqlite":
        return url
    if url.drivername not in _POSTGRESQL:
        raise StoreError(f"a store database is at a SQLite path or a postgresql:// address, not at {scheme}://")
    if "@" in (url.host or ""):
        raise StoreError("in the address of the store database, write an @ of the password as %40")
    return url.set(drivername="postgresql+psycopg")


def is_postgresql(address: URL) -> bool:
    """Whether it is a PostgreSQL server's; a SQLite file's otherwise."""
    return address.get_backend_name() == "postgresql"


def file_of(address: URL) -> Path:
    """The file of a SQLite address."""
    return Path(address.database or "")


def name_of(address: URL) -> str:
    """The address as it may be shown: a SQLite file's path, or a URL without password and options."""
    if not is_postgresql(address):
        return str(file_of(address))
    return str(URL.create("postgresql", address.username, None, address.host, address.port, address.database))


def libpq_address(address: URL) -> str:
    """A PostgreSQL address as psycopg itself takes it, password included."""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)
