"""Speech and the models that listen to it, for tests which skip where either is absent."""

from pathlib import Path

import pytest

from agent.settings import Settings
from evals.bench.spoken_sounds import can_speak, noises


def speech_model(file: str) -> Path:
    """The path of a model file."""
    path = Settings().models_dir / file
    if not path.is_file():
        pytest.skip(f"the model {file} has not been pulled")
    return path


def need_speech() -> None:
    """Skip where nothing can be spoken."""
    if not can_speak():
        pytest.skip("espeak-ng is not installed")


def rooms() -> list[str | None]:
    """A quiet room and those whose noise is here."""
    return [None, *noises()]
