"""Checkpoints of which only each session's newest is kept, so that a long session does not grow."""

from collections.abc import Sequence

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


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
