"""The processor is left to servers that serve: one that starts is begun nice, and takes its place once it is ready."""

import logging
import os
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

_THREADS = Path("/proc/self/task")


def take_niceness(niceness: int) -> None:
    """Give all threads of this process the niceness; where that is not allowed it is told of, and all goes on.

    Processes that it has started keep theirs: it is for a server whose language model runs elsewhere.
    """
    threads = [int(thread.name) for thread in _THREADS.iterdir()] if _THREADS.exists() else [0]
    try:
        for thread in threads:  # on Linux each has its own, and those that it starts begin with it
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.setpriority(os.PRIO_PROCESS, thread, niceness)
    except PermissionError:
        log.warning(
            "the server stays at niceness %d, as it may not take %d: give it LimitNICE= or RLIMIT_NICE",
            os.getpriority(os.PRIO_PROCESS, 0),
            niceness,
        )
