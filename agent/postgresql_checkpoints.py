"""Checkpoints in a PostgreSQL database: its address comes in, a saver on a few connections of its own goes out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import URL

from tools.database import postgresql_options
from tools.database_address import libpq_address
from tools.database_failures import GONE
from tools.errors import StoreError

_SETUP_LOCK = 8_102_432
"""The number of the lock that lets one kiosk at a time make the tables."""


@asynccontextmanager
async def open_postgresql_checkpoints(database: URL) -> AsyncIterator[BaseCheckpointSaver[str]]:
    """A saver in the database, with its tables made; StoreError when the database cannot be reached."""
    options = postgresql_options(database)
    # Checkpoints end with their session: losing one to a power cut costs nothing, waiting for the disk does.
    options["options"] += " -c synchronous_commit=off"
    pool = AsyncConnectionPool[AsyncConnection[dict[str, Any]]](
        libpq_address(database),
        kwargs={**options, "autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
        min_size=1,
        max_size=4,
        timeout=10,
        open=False,
        check=_check,
    )
    try:
        await pool.open(wait=True, timeout=10)
    except (PoolTimeout, OperationalError) as error:
        await pool.close()
        raise StoreError(f"the store database {GONE}") from error
    async with pool:
        saver = AsyncPostgresSaver(pool)
        async with pool.connection() as connection:
            # Trying, not waiting: making an index waits for everyone who waits inside a statement.
            while not await _try_lock(connection):  # noqa: ASYNC110  # another process's lock, not an event of ours
                await asyncio.sleep(0.05)
            try:
                await saver.setup()
            finally:
                await connection.execute("SELECT pg_advisory_unlock(%s)", (_SETUP_LOCK,))
        yield saver


async def _check(connection: AsyncConnection[dict[str, Any]]) -> None:
    """OperationalError when the server has gone since the connection was last used."""
    await connection.execute("")


async def _try_lock(connection: AsyncConnection[dict[str, Any]]) -> bool:
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s) AS got", (_SETUP_LOCK,))).fetchone()
    return row is not None and row["got"]
