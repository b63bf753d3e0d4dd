"""Checkpoints of sessions that no turn was taken in."""

from agent.checkpoints import open_checkpoints


async def test_the_first_session_may_end_before_its_first_turn() -> None:
    async with open_checkpoints() as saver:
        await saver.adelete_thread("S1")
        assert [kept async for kept in saver.alist({"configurable": {"thread_id": "S1"}})] == []
