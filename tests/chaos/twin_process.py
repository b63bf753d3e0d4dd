"""A twin as the `walkiosk twin` command runs it, in a process that can be killed and started again at the same port."""

import socket
import time
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

from server.twin_commands import app

START_TIMEOUT_S = 30.0


def run_twin(arguments: list[str]) -> None:
    app(arguments)


class TwinProcess:
    """One device; `address` stays the same over all its lives."""

    def __init__(self, context: ForkServerContext, kind: str, journal: Path, *options: str) -> None:
        self._context = context
        self._process: BaseProcess | None = None
        self.revivals = 0
        self.port = free_port()
        self._arguments = [kind, "--journal", str(journal), "--port", str(self.port), *options]
        self.start()

    def start(self, *options: str) -> None:
        self._process = self._context.Process(target=run_twin, args=([*self._arguments, *options],), daemon=True)
        self._process.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise TimeoutError("the twin did not start")

    def kill(self) -> None:
        """Cut its power."""
        assert self._process is not None
        self._process.kill()
        self._process.join()

    def revive(self) -> None:
        """Start again after a power cut of its own."""
        self.revivals += 1
        self.start()

    def is_dead(self) -> bool:
        return self._process is None or not self._process.is_alive()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
