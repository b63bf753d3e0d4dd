"""The model server's process: one line of JSON on stdin goes in, an OpenAI-compatible server on loopback comes out.

`tools/model_server.py` starts it, as a file and not as a module, so that it needs nothing but `xllamacpp`. It prints
one line of JSON, `{"url": …}`, once the model is loaded, and ends when its stdin does: a pipe closes when the parent
dies, whatever it died of, so no server outlives its kiosk.
"""

import json
import os
import sys
import threading
from typing import Any, BinaryIO

ERRORS_ONLY = 1
"""llama.cpp's verbosity. Chattier levels are no use to an operator, and the chattiest log what customers say."""


HTTP_THREADS = 32
"""Each open connection and each request that waits for a slot holds one; `/health` must still get its turn."""


def main() -> None:
    """Load the model and serve until stdin ends. The exit status is not zero when the model cannot be served."""
    answers = _take_stdout()
    settings: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    server = _serve(settings)
    answers.write(json.dumps({"url": server.listening_address}).encode() + b"\n")
    answers.flush()
    threading.Event().wait()


def _take_stdout() -> BinaryIO:
    """Keep stdout for our one line; whatever native code prints there goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _exit_with_parent() -> None:
    while os.read(0, 4096):  # not sys.stdin: its lock, held here, would break a normal exit
        pass
    os._exit(0)  # at once: native threads would hold up a polite exit


def _serve(settings: dict[str, Any]) -> Any:
    # Imported once the thread runs, so that a parent that dies early is noticed; compiled, without type stubs.
    from xllamacpp import CommonParams, Server  # pyright: ignore[reportAttributeAccessIssue]

    params = CommonParams()
    params.verbosity = ERRORS_ONLY
    params.model.path = settings["model_path"]
    params.hostnames = ["127.0.0.1"]
    params.port = settings["port"]
    params.api_keys = [settings["api_key"]]
    params.ui = False
    params.n_threads_http = HTTP_THREADS
    params.use_jinja = True
    params.cpuparams.n_threads = settings["threads"]
    params.n_ctx = settings["context_tokens"]
    params.n_parallel = settings["slots"]
    params.cache_prompt = True
    params.cache_ram_mib = settings["cache_mib"]
    params.endpoint_slots = True
    params.slot_save_path = settings["prefix_dir"] + os.sep
    try:
        return Server(params)
    except RuntimeError as failure:
        sys.exit(f"the model server did not start: {failure}")


if __name__ == "__main__":
    main()
