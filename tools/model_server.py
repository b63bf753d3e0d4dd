"""The embedded model server: a model file goes in, an OpenAI-compatible endpoint on loopback comes out and stays up."""

import asyncio
import contextlib
import hashlib
import importlib.metadata
import json
import logging
import os
import re
import secrets
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import BaseModel, ValidationError

from tools.errors import ModelServerError

log = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("llama_server.py")
LOG_LIMIT_BYTES = 256 * 1024
LONGEST_BACKOFF_S = 30.0
STEADY_S = 60.0
"""A server that ran this long was healthy: its crash is restarted at once."""
STOP_LIMIT_S = 5.0
SLOT_LIMIT_S = 30.0
HEALTH_FAILURES = 3
"""So many unanswered questions in a row, and the server counts as hung."""
KEPT_PREFIX_DIRS = 4


@dataclass(frozen=True)
class ServerOptions:
    """How the model is run; the context is shared out evenly between the slots."""

    context_tokens: int = 8192
    slots: int = 2
    threads: int = 0
    """0: one for each physical core this process may use."""
    cache_mib: int = 256
    start_limit_s: float = 120.0
    health_every_s: float = 10.0
    health_limit_s: float = 10.0


class _Announcement(BaseModel):
    """What the child says when it is up."""

    url: str


@dataclass(frozen=True)
class _Running:
    child: Process
    url: str
    log_reader: asyncio.Task[None]
    since_s: float


class ModelServer:
    """Starts the model server as a child process, restarts it after a crash, and takes it down.

    The URL may change with a restart (the port is kept where possible), so read `url` for each call; `api_key` stays
    the same throughout. Without the key no other user of this machine can use the server.
    """

    def __init__(self, options: ServerOptions | None = None) -> None:
        self._options = options or ServerOptions()
        self._http = httpx.AsyncClient(trust_env=False)  # no proxy: the server is on this machine
        self._running: _Running | None = None
        self._up = asyncio.Event()
        self._supervision: asyncio.Task[None] | None = None
        self._api_key = ""
        self._model_path = Path()
        self._cache_dir = Path()
        self._prefix_dir = Path()
        self._trouble = "it was not started"

    async def start(self, model_path: Path, cache_dir: Path) -> None:
        """Load the model and return when it answers; log and saved prefixes go below `cache_dir`.

        Raises ModelServerError when the file is missing or cannot be loaded, or when loading takes too long.
        """
        if self._supervision is not None or self._http.is_closed:
            raise ModelServerError("The model server was started already.")
        self._prefix_dir = _make_prefix_dir(model_path, cache_dir, self._options)
        self._model_path, self._cache_dir = model_path, cache_dir
        self._api_key = secrets.token_urlsafe(32)
        self._now_running(await self._launch(port=0))
        self._supervision = asyncio.create_task(self._supervise(), name="model-server-supervision")

    async def stop(self) -> None:
        """Take the server down, for good; does nothing when it is not up."""
        supervision, self._supervision = self._supervision, None
        if supervision is not None:
            supervision.cancel()
            await asyncio.gather(supervision, return_exceptions=True)
        running = self._not_running("it was stopped")
        if running is not None:
            await _end(running)
        await self._http.aclose()

    @property
    def url(self) -> str:
        """The server's base URL, without a path. Raises ModelServerError while it is down."""
        if self._running is None:
            raise ModelServerError(f"The model server is not running: {self._trouble}.")
        return self._running.url

    @property
    def api_key(self) -> str:
        """The bearer token that the server wants."""
        return self._api_key

    @property
    def process_id(self) -> int | None:
        """The child's process id, None while it is down."""
        return self._running.child.pid if self._running else None

    async def ready(self, limit_s: float = 60.0) -> str:
        """Wait for a running server and return its URL. Raises ModelServerError."""
        if self._supervision is None:
            raise ModelServerError(f"The model server is not running: {self._trouble}.")
        try:
            async with asyncio.timeout(limit_s):
                return await self._first_healthy_url()
        except TimeoutError as late:
            raise ModelServerError(f"The model server did not come back in time: {self._trouble}.") from late

    async def _first_healthy_url(self) -> str:
        """Ask the server itself: the news of a crash takes a moment to reach us."""
        while True:
            await self._up.wait()
            url = self.url
            if await self._is_healthy(url):
                return url
            await asyncio.sleep(0.05)

    async def save_prefix(self, slot: int, name: str) -> bool:
        """Keep what a slot has read so far on disk, under the caller's `name`; False when it could not be kept.

        Save only fixed prompts: what a customer said must not reach the disk.
        """
        fresh, kept = _prefix_file(name, ".new"), _prefix_file(name)
        if not await self._slot_action(slot, "save", fresh):
            return False
        try:
            (self._prefix_dir / fresh).replace(self._prefix_dir / kept)
        except OSError as failure:
            log.warning("a prefix could not be kept: %s", failure)
            return False
        return True

    async def restore_prefix(self, slot: int, name: str) -> bool:
        """Put a kept prefix back into a slot; False when there is none or it cannot be used (read it cold then)."""
        kept = _prefix_file(name)
        return (self._prefix_dir / kept).is_file() and await self._slot_action(slot, "restore", kept)

    async def _slot_action(self, slot: int, action: str, filename: str) -> bool:
        try:
            reply = await self._http.post(
                f"{self.url}/slots/{slot}",
                params={"action": action},
                json={"filename": filename},
                headers={"Authorization": f"Bearer {self._api_key}"},
                timeout=SLOT_LIMIT_S,
            )
        except (httpx.HTTPError, ModelServerError) as failure:
            log.warning("the model server could not %s slot %d: %s", action, slot, failure)
            return False
        if not reply.is_success:
            log.warning("the model server could not %s slot %d: status %d", action, slot, reply.status_code)
        return reply.is_success

    async def _is_healthy(self, url: str) -> bool:
        try:
            return (await self._http.get(f"{url}/health", timeout=self._options.health_limit_s)).is_success
        except httpx.HTTPError:
            return False

    def _now_running(self, running: _Running) -> None:
        self._running = running
        self._up.set()

    def _not_running(self, trouble: str) -> _Running | None:
        running, self._running = self._running, None
        self._trouble = trouble
        self._up.clear()
        return running

    async def _supervise(self) -> None:
        """Wait for the child's end or its silence, and start another; the first time at once, then more slowly."""
        failures, port = 0, 0
        while True:
            if self._running is not None:
                port = httpx.URL(self._running.url).port or 0
                failures = await self._watch(self._running, failures)
            await asyncio.sleep(_backoff_s(failures))
            try:
                self._now_running(await self._launch(port))
            except ModelServerError as failure:
                failures, port = failures + 1, 0  # perhaps somebody else has the port now
                self._trouble = str(failure).rstrip(".")
                log.error("the model server could not be restarted: %s", failure)
            else:
                log.info("the model server is up again")

    async def _watch(self, running: _Running, failures: int) -> int:
        """Return when the server has gone down and was cleared away, with the number of failures in a row."""
        ended, silent = asyncio.create_task(running.child.wait()), asyncio.create_task(self._lose_health(running.url))
        try:
            await asyncio.wait((ended, silent), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            silent.cancel()
            await asyncio.gather(ended, silent, return_exceptions=True)
        steady = asyncio.get_running_loop().time() - running.since_s > STEADY_S
        self._not_running("it went down and is being restarted")
        log.warning("the model server %s", "went down" if running.child.returncode is not None else "does not answer")
        _kill(running.child)  # it may be hung rather than gone
        await _end(running)
        return 0 if steady else failures + 1

    async def _lose_health(self, url: str) -> None:
        """Return when the server has not answered several times in a row."""
        missed = 0
        while missed < HEALTH_FAILURES:
            await asyncio.sleep(self._options.health_every_s)
            missed = 0 if await self._is_healthy(url) else missed + 1

    async def _launch(self, port: int) -> _Running:
        """Start a child on `port` (0: any free one) and return when it answers."""
        child = await _spawn()
        reader = asyncio.create_task(_keep_log(child, self._cache_dir / "model-server.log"), name="model-server-log")
        try:
            async with asyncio.timeout(self._options.start_limit_s):
                url = await self._first_answer(child, port)
        except BaseException as failure:
            await _end(_Running(child, "", reader, 0.0))
            if isinstance(failure, TimeoutError):
                limit = f"{self._options.start_limit_s:.0f} s"
                raise ModelServerError(f"The model server was not up after {limit}.") from failure
            raise
        return _Running(child, url, reader, asyncio.get_running_loop().time())

    async def _first_answer(self, child: Process, port: int) -> str:
        """Hand the child its settings, which argv would show to everybody, and wait for its URL and its health."""
        if child.stdin is None or child.stdout is None:
            raise ModelServerError("The model server was started without its pipes.")
        child.stdin.write(self._child_settings(port))
        with contextlib.suppress(ConnectionError):  # a child that has gone already says so below
            await child.stdin.drain()
        try:
            url = _Announcement.model_validate_json(await child.stdout.readline()).url
        except (ValidationError, ValueError) as failure:
            raise ModelServerError(
                f"{self._model_path.name} could not be loaded: run `walkiosk models verify`; "
                f"the reason is in {self._cache_dir / 'model-server.log'}."
            ) from failure
        if not await self._is_healthy(url):
            raise ModelServerError("The model server loaded the model but does not answer.")
        return url

    def _child_settings(self, port: int) -> bytes:
        settings = {
            "model_path": str(self._model_path),
            "prefix_dir": str(self._prefix_dir),
            "port": port,
            "api_key": self._api_key,
            "threads": self._options.threads or physical_cores(),
            "context_tokens": self._options.context_tokens,
            "slots": self._options.slots,
            "cache_mib": self._options.cache_mib,
        }
        return json.dumps(settings).encode() + b"\n"


def physical_cores() -> int:
    """How many cores this process may use, hyper-threads not counted where the system tells them apart; at least 1."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, os.cpu_count() or 1)
    usable = os.sched_getaffinity(0)
    topology = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
    try:
        return max(1, len({Path(topology.format(cpu)).read_text("ascii") for cpu in usable}))
    except OSError:
        return max(1, len(usable))


async def _spawn() -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the child's folder holds modules of ours, and none of them may stand in for another
            str(CHILD),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,  # Ctrl-C in the terminal is for the kiosk, which then stops the server
        )
    except OSError as failure:
        raise ModelServerError(f"The model server could not be started: {failure.strerror}.") from failure


def _backoff_s(failures: int) -> float:
    return 0.0 if failures <= 1 else min(LONGEST_BACKOFF_S, 2.0 ** (failures - 2))


async def _end(running: _Running) -> None:
    """Close the child's stdin, which ends it; kill it if it does not listen."""
    child = running.child
    if child.stdin is not None:
        child.stdin.close()
    try:
        async with asyncio.timeout(STOP_LIMIT_S):
            await child.wait()
    except TimeoutError:
        _kill(child)
        await child.wait()
    await asyncio.wait((running.log_reader,), timeout=STOP_LIMIT_S)  # its last words are the ones that matter
    running.log_reader.cancel()
    await asyncio.gather(running.log_reader, return_exceptions=True)


def _kill(child: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.kill()


async def _keep_log(child: Process, path: Path) -> None:
    """Write what the child says on stderr to `path`, from its start; drop what exceeds the limit or cannot be kept.

    Whatever happens, go on reading: a full pipe would stop the child.
    """
    if child.stderr is None:
        return
    _start_log(path)
    room_bytes = LOG_LIMIT_BYTES
    while said := await child.stderr.read(4096):
        if room_bytes > 0:
            _append(path, said[:room_bytes])
            room_bytes -= len(said)


def _start_log(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.write_bytes(b"")


def _append(path: Path, text: bytes) -> None:
    with contextlib.suppress(OSError), path.open("ab") as file:
        file.write(text)


def _make_prefix_dir(model_path: Path, cache_dir: Path, options: ServerOptions) -> Path:
    """Return the folder for this very model's prefixes, new or not: another model's would be nonsense to it.

    The folders used least lately are deleted. Raises ModelServerError when there is no model or no such folder.
    """
    try:
        seen = model_path.stat()
    except OSError as missing:
        raise ModelServerError(f"The model file {model_path.name} is missing: run `walkiosk models pull`.") from missing
    version = importlib.metadata.version("xllamacpp")
    identity = (model_path.name, seen.st_size, seen.st_mtime_ns, version, options.context_tokens, options.slots)
    parent = cache_dir / "prefixes"
    folder = parent / hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.touch()
        by_age = sorted((each for each in parent.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
    except OSError as failure:
        raise ModelServerError(f"The folder {parent} cannot be used: {failure.strerror}.") from failure
    for outdated in by_age[:-KEPT_PREFIX_DIRS]:
        shutil.rmtree(outdated, ignore_errors=True)
    return folder


def _prefix_file(name: str, state: str = "") -> str:
    """A safe file name: readable, short, and different for different names."""
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", name)[:40].strip("-") or "prefix"
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:16]}{state}.bin"
