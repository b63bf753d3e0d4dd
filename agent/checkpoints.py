"""Checkpoints in SQLite of which only each session's newest is kept, so that a long session does not grow."""

from collections.abc import Sequence

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver


class NewestOnlySaver(AsyncSqliteSaver):
    """A SQLite saver that can be told to forget all but the newest checkpoint of a session.

    What it deletes is overwritten in the file and in its log: a customer's session must not be readable afterwards.
    """

    async def setup(self) -> None:
        """Make the tables, once, and have the connection overwrite what it deletes."""
        if not self.is_setup:
            await self.conn.execute("PRAGMA secure_delete=ON")
            # Checkpoints end with their session: losing one to a power cut costs nothing, waiting for the disk does.
            await self.conn.execute("PRAGMA synchronous=NORMAL")
        await super().setup()

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a session, also from the write-ahead log."""
        await self.setup()
        await super().adelete_thread(thread_id)
        async with self.lock:
            await self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

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
