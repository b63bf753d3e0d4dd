"""Where a session's checkpoints are kept: in memory, only its newest, so that a long session does not grow."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


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
async def open_checkpoints() -> AsyncIterator[BaseCheckpointSaver[str]]:
    """A saver in this process's memory; it can `aprune`. What other servers need is in `tools/kept_sessions.py`.

    A checkpointer knows no claims: the newest checkpoint is whoever's clock is ahead, so a server that was only slow
    could overwrite what the one that took its session over has written.
    """
    async with NewestOnlySaver.from_conn_string(":memory:") as saver:
        yield saver
