"""A server's niceness: every thread takes it, and a server that may not take it goes on as it is."""

import logging
import os
import subprocess
import sys

import pytest

from server.niceness import take_niceness

NICER = """
import os, threading
from server.niceness import take_niceness
done = threading.Event()
began_before = threading.Thread(target=done.wait)
began_before.start()
take_niceness(7)
began_after = threading.Thread(target=done.wait)
began_after.start()
print(sorted(os.getpriority(os.PRIO_PROCESS, thread.native_id) for thread in threading.enumerate()))
done.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a niceness of their own only there")
def test_all_threads_take_the_niceness() -> None:
    told = subprocess.run([sys.executable, "-c", NICER], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[7, 7, 7]"


def test_a_server_that_may_not_take_its_niceness_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    with caplog.at_level(logging.WARNING):
        take_niceness(0)
    assert "LimitNICE" in caplog.text
