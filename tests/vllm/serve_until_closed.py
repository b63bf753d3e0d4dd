"""Runs vLLM's server in this process until standard input ends, as it does when whoever started it is gone.

A model and options come in as `vllm serve` takes them. Runs in vLLM's environment, as the leader of a process group.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_stdin() -> None:
    """Take the whole group down, vLLM's engine too, when there is nobody to serve any more."""
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":  # vLLM's engine is a process that imports this module anew
    threading.Thread(target=end_with_stdin, daemon=True).start()
    program, model, *options = sys.argv
    sys.argv = [program, "--model", model, *options]  # the module, unlike the command, does not see it otherwise
    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__", alter_sys=True)
