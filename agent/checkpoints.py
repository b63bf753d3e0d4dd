"""Where a session's checkpoints are kept; only each session's newest, so that a long session does not grow."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy import URL

from tools.database_address import is_postgresql


class NewestOnlySaver(AsyncSqliteSaver):
    """A SQLite saver that can be told to forget all but the newest checkpoint of a session."""

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
async def open_checkpoints(database: URL, home: Path) -> AsyncIterator[BaseCheckpointSaver[str]]:
    """A saver in the store's PostgreSQL database, or in a SQLite file of its own in `home`; it can `aprune`.

    SQLite lets one write at a time: in the store's own file, a turn's checkpoint would wait for a checkout and a
    checkout for a checkpoint.
    """
    if is_postgresql(database):
        from agent.postgresql_checkpoints import open_postgresql_checkpoints  # needs the extra `production`

        opened = open_postgresql_checkpoints(database)
    else:
        opened = _on_sqlite(home / "checkpoints.db")
    async with opened as saver:
        yield saver


@asynccontextmanager
async def _on_sqlite(path: Path) -> AsyncIterator[BaseCheckpointSaver[str]]:
    async with NewestOnlySaver.from_conn_string(str(path)) as saver:
        # Checkpoints end with their session: losing one to a power cut costs nothing, waiting for the disk does.
        await saver.conn.execute("PRAGMA synchronous=NORMAL")
        yield saver
