"""One vLLM server for all tests here, and what was measured of it."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from vllm_server import ENVIRONMENT, MODEL_FOLDER, PYTHON, Note, VllmServer, vllm_server

from agent.settings import Settings
from tools.models import ModelsFolder, load_manifest

MEASURED: dict[str, str] = {}


@pytest.fixture(scope="session")
def note() -> Note:
    """Keeps a figure for the end of the run: what it is of, and what it is."""
    return MEASURED.__setitem__


@pytest.fixture(scope="session")
def vllm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, note: Note) -> Iterator[VllmServer]:
    """The server; it ends with the tests, whatever happens."""
    assert PYTHON.exists(), f"{ENVIRONMENT.name} is missing: run `make test-vllm`"
    screen = request.config.pluginmanager.getplugin("capturemanager")
    log = tmp_path_factory.mktemp("vllm") / "vllm.log"
    with ExitStack() as stack:
        with screen.global_and_fixture_disabled():
            folder = _model_folder()
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            with Progress(*columns, console=Console(stderr=True)) as progress:
                progress.add_task(f"vLLM starts, in about two minutes; its log is {log}", total=None)
                server = stack.enter_context(vllm_server(folder, log))
        note("start", f"{server.start_s:.0f} s")
        yield server
        note("memory at most", f"{server.memory_mib():,} MiB")


def _model_folder() -> Path:
    """The small model as vLLM reads it, made once."""
    if not MODEL_FOLDER.exists():
        gguf = ModelsFolder(Settings().models_dir).ensure_verified(load_manifest().model("dialogue-small"))
        script = Path(__file__).with_name("safetensors_model.py")
        subprocess.run([PYTHON, script, gguf, MODEL_FOLDER], check=True)
    return MODEL_FOLDER


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures, for whoever tunes it."""
    if MEASURED:
        terminalreporter.section("vLLM")
        for what, figure in MEASURED.items():
            terminalreporter.write_line(f"{what:<30}{figure}")
