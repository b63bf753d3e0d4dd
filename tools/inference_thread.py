"""Heavy work comes in, its result goes out: a model's own thread, which gives way to whatever is quick."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_NICENESS = 10
"""A thread that is as urgent as this one's is small gets nine tenths of a core that both want."""

Result = TypeVar("Result")


class InferenceThread:
    """One work at a time: others wait, the event loop does not, and microphones are heard while a model computes."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_give_way)

    def load(self, make: Callable[[], Result]) -> Result:
        """What `make` returns, waited for. Threads that a model starts for itself then give way as this one does."""
        return self._thread.submit(make).result()

    async def run(self, work: Callable[[], Result]) -> Result:
        """What the work returns; work that was not begun when its caller was cancelled is never done."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Let the thread end; what runs is finished."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _give_way() -> None:
    """Make this thread less urgent; elsewhere than on Linux that would be the whole process."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
