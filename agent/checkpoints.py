"""Where a session's checkpoints are kept; only each session's newest, so that a long session does not grow."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy import URL

from tools.database_address import is_postgresql


class NewestOnlySaver(AsyncSqliteSaver):
    """A SQLite saver that can be told to forget all but the newest checkpoint of a session."""

    async def adelete_thread(self, thread_id: str) -> None:
        """Forget a session, also where none has had a turn yet."""
        await self.setup()
        await super().adelete_thread(thread_id)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Delete the older checkpoints of these sessions; with strategy "delete" the newest too."""
        if strategy == "delete":
            for thread_id in thread_ids:
                await self.adelete_thread(thread_id)
            return
        await self.setup()
        async with self.lock:
            for table in ("checkpoints", "writes"):
                for thread_id in thread_ids:
                    await self.conn.execute(
                        f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id <"  # noqa: S608  # our own names
                        " (SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?)",
                        (thread_id, thread_id),
                    )
            await self.conn.commit()


@asynccontextmanager
async def open_checkpoints(database: URL) -> AsyncIterator[BaseCheckpointSaver[str]]:
    """A saver in the store's PostgreSQL database, or in this process's memory; it can `aprune`.

    On a server any kiosk may go on with a talk. A kiosk with a database file of its own is alone: there a talk ends
    with its process at the latest, and a crash must not leave it on the disk.
    """
    if is_postgresql(database):
        from agent.postgresql_checkpoints import open_postgresql_checkpoints  # needs the extra `production`

        opened = open_postgresql_checkpoints(database)
    else:
        opened = NewestOnlySaver.from_conn_string(":memory:")
    async with opened as saver:
        yield saver
