"""The embedded model server as a real process: it comes back after a crash and never outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from platformdirs import user_data_path

from tools.errors import ModelServerError
from tools.model_server import ModelServer, ServerOptions, physical_cores
from tools.models import ModelsFolder, load_manifest

ROOT = Path(__file__).parents[2]
LIMIT_S = 60.0
OPTIONS = ServerOptions(context_tokens=1024)


@pytest.fixture
def model_path() -> Path:
    """The small model, where it was pulled."""
    folder = Path(os.environ.get("WALKIOSK_MODELS_DIR") or user_data_path("walkiosk") / "models")
    model = load_manifest().model("dialogue-small")
    if not ModelsFolder(folder).is_verified(model):
        pytest.skip("the small model is not here: run `walkiosk models pull --small`")
    return folder / model.file


@pytest.fixture
async def server(model_path: Path, tmp_path: Path) -> AsyncIterator[ModelServer]:
    server = ModelServer(OPTIONS)
    await server.start(model_path, tmp_path)
    yield server
    await server.stop()


async def complete(server: ModelServer, prompt: str, api_key: str | None = None) -> httpx.Response:
    """One short answer from slot 0."""
    headers = {"Authorization": f"Bearer {server.api_key if api_key is None else api_key}"}
    body = {"prompt": prompt, "n_predict": 2, "id_slot": 0, "cache_prompt": True, "temperature": 0}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=LIMIT_S, trust_env=False) as client:
        return await client.post("/completion", json=body)


def process_id(server: ModelServer) -> int:
    assert server.process_id is not None
    return server.process_id


def arguments_of(pid: int) -> bytes:
    """What any user may see of a process; nothing where there is no /proc."""
    path = Path(f"/proc/{pid}/cmdline")
    return path.read_bytes() if path.exists() else b""


def cut_prefixes_short(cache_dir: Path) -> int:
    """Damage every kept prefix and return how many there are."""
    kept = list(cache_dir.glob("prefixes/*/*.bin"))
    for path in kept:
        path.write_bytes(path.read_bytes()[:1000])
    return len(kept)


def hang(pid: int) -> None:
    """Stop a child of ours in its tracks, and return once it has stopped indeed."""
    os.kill(pid, signal.SIGSTOP)
    os.waitpid(pid, os.WUNTRACED)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelServerError, match=r"none\.gguf is missing: run `walkiosk models pull`"):
        await ModelServer().start(tmp_path / "none.gguf", tmp_path)


async def test_a_damaged_model_is_one_plain_sentence_and_leaves_no_process(tmp_path: Path) -> None:
    model_path = tmp_path / "damaged.gguf"
    model_path.write_bytes(b"GGUF" + b"\xff" * 5000)
    server = ModelServer(OPTIONS)
    with pytest.raises(ModelServerError, match=r"damaged\.gguf could not be loaded: run `walkiosk models verify`"):
        await server.start(model_path, tmp_path)
    assert server.process_id is None
    assert b"failed to load model" in (tmp_path / "model-server.log").read_bytes()
    with pytest.raises(ModelServerError, match="not running"):
        await server.ready()


async def test_a_server_that_was_not_started_says_so(tmp_path: Path) -> None:
    server = ModelServer()
    with pytest.raises(ModelServerError, match="not started"):
        _ = server.url
    await server.stop()
    assert physical_cores() >= 1


@pytest.mark.model
async def test_only_the_holder_of_the_key_is_served(server: ModelServer) -> None:
    assert (await complete(server, "One two three", api_key="guess")).status_code == 401
    assert (await complete(server, "One two three")).is_success
    assert server.api_key.encode() not in arguments_of(process_id(server))


@pytest.mark.model
async def test_a_killed_server_comes_back_with_its_prefix(server: ModelServer) -> None:
    prompt = "One two three four five six seven eight nine ten. " * 4
    first = (await complete(server, prompt)).json()
    assert await server.save_prefix(0, "understand: v1/en")
    killed, key = process_id(server), server.api_key
    os.kill(killed, signal.SIGKILL)
    url = await server.ready(LIMIT_S)
    assert (url, key) == (server.url, server.api_key)
    assert process_id(server) != killed
    assert await server.restore_prefix(0, "understand: v1/en")
    again = (await complete(server, prompt)).json()
    assert again["content"] == first["content"]
    assert again["timings"]["prompt_n"] < first["timings"]["prompt_n"] / 4


@pytest.mark.model
async def test_a_prefix_that_is_missing_or_damaged_is_not_restored(server: ModelServer, tmp_path: Path) -> None:
    await complete(server, "One two three")
    assert not await server.restore_prefix(0, "never saved")
    assert await server.save_prefix(0, "../../elsewhere")
    assert cut_prefixes_short(tmp_path) == 1
    assert not await server.restore_prefix(0, "../../elsewhere")
    assert (await complete(server, "One two three")).is_success


@pytest.mark.model
async def test_a_hung_server_is_replaced(model_path: Path, tmp_path: Path) -> None:
    server = ModelServer(ServerOptions(context_tokens=1024, health_every_s=0.1, health_limit_s=1.0))
    await server.start(model_path, tmp_path)
    try:
        hung = process_id(server)
        hang(hung)
        await server.ready(LIMIT_S)
        assert process_id(server) != hung
        assert not is_alive(hung)
    finally:
        await server.stop()


@pytest.mark.model
async def test_stopping_takes_the_process_down(server: ModelServer) -> None:
    pid = process_id(server)
    await server.stop()
    assert not is_alive(pid)
    with pytest.raises(ModelServerError, match="stopped"):
        _ = server.url


@pytest.mark.model
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks the child up in /proc")
async def test_the_server_dies_with_its_parent_even_if_that_is_killed(model_path: Path, tmp_path: Path) -> None:
    code = (
        "import asyncio, sys, pathlib\n"
        "from tools.model_server import ModelServer, ServerOptions\n"
        "async def main():\n"
        "    server = ModelServer(ServerOptions(context_tokens=1024))\n"
        "    await server.start(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))\n"
        "    print(server.process_id, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(model_path), str(tmp_path), cwd=ROOT, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(LIMIT_S):
        while is_alive(child):  # noqa: ASYNC110 - another process's child has no event to wait for
            await asyncio.sleep(0.01)


@pytest.mark.model
async def test_a_model_that_vanishes_is_waited_for(model_path: Path, tmp_path: Path) -> None:
    moved = tmp_path / "model.gguf"
    moved.symlink_to(model_path)
    server = ModelServer(OPTIONS)
    await server.start(moved, tmp_path)
    try:
        moved.rename(tmp_path / "gone.gguf")
        os.kill(process_id(server), signal.SIGKILL)
        with pytest.raises(ModelServerError, match="did not come back in time"):
            await server.ready(limit_s=0.5)
        (tmp_path / "gone.gguf").rename(moved)
        assert (await server.ready(LIMIT_S)) == server.url
    finally:
        await server.stop()
