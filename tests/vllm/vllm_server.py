"""A real vLLM server on this machine's processor: a model's folder comes in, an address that answers goes out."""

import contextlib
import ctypes.util
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-vllm"
PYTHON = ENVIRONMENT / "bin" / "python"
SCRIPT = Path(__file__).with_name("serve_until_closed.py")
MODEL_FOLDER = ENVIRONMENT / "qwen2.5-coder-0.5b-instruct"
START_LIMIT_S = 900.0
LOG_SHOWN_CHARACTERS = 3_000
ON_A_PROCESSOR = ("--dtype", "float32", "--enforce-eager", "--max-model-len", "4096", "--max-num-seqs", "4")
Note = Callable[[str, str], None]
"""Keeps a figure for the end of the run: what it is of, and what it is."""


@dataclass(frozen=True)
class VllmServer:
    """A server that answers. `start_s` is how long it took until it did."""

    url: str
    api_key: str
    model: str
    start_s: float
    process_id: int

    def memory_mib(self) -> int:
        """The most memory that its processes held, their own and shared, each counted for itself."""
        peaks_kib = [
            _peak_kib(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit() and self._owns(entry)
        ]
        return sum(peaks_kib) // 1024

    def _owns(self, process: Path) -> bool:
        try:
            return os.getpgid(int(process.name)) == self.process_id
        except ProcessLookupError:
            return False


@contextmanager
def vllm_server(folder: Path, log: Path) -> Iterator[VllmServer]:
    """A server with the options of `deploy/vllm/serve.sh`, and those of a machine without a GPU, until the end.

    RuntimeError, with the end of its log, when it does not come up.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    api_key, started = secrets.token_urlsafe(16), time.monotonic()
    with log.open("wb") as said:
        process = subprocess.Popen(
            [ROOT / "deploy" / "vllm" / "serve.sh", "--host", "127.0.0.1", "--port", str(port), *ON_A_PROCESSOR],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=_environment(folder, api_key),
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        while not _answers(url):
            waited_s = time.monotonic() - started
            if process.poll() is not None or waited_s > START_LIMIT_S:
                what = "ended" if process.poll() is not None else f"was not up after {START_LIMIT_S:.0f} s"
                end = log.read_text("utf-8", "replace")[-LOG_SHOWN_CHARACTERS:]
                raise RuntimeError(f"vLLM {what}; the end of its log:\n{end}")
            time.sleep(1.0)
        yield VllmServer(f"{url}/v1", api_key, "kiosk", time.monotonic() - started, process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(folder: Path, api_key: str) -> dict[str, str]:
    """What the server is told by its environment; none of our own settings."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WALKIOSK_")}
    return ours | {
        "MODEL": str(folder),
        "SERVE": " ".join(str(path.relative_to(ROOT)) for path in (PYTHON, SCRIPT)),
        "VLLM_API_KEY": api_key,
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
        "LD_PRELOAD": ":".join(str(path) for path in _preloaded()),
    }


def _preloaded() -> list[Path]:
    """What vLLM wants loaded before anything else: the memory allocator, where the machine has it, and its threads."""
    allocator = ctypes.util.find_library("tcmalloc_minimal")
    return [Path(allocator)] * (allocator is not None) + [ENVIRONMENT / "lib" / "libiomp5.so"]


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _peak_kib(process: Path) -> int:
    try:
        status = (process / "status").read_text("ascii", "replace")
    except OSError:
        return 0
    peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(peak[0]) if peak else 0
