"""What the tests of the front ends share."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.serving import short_collections


@pytest.fixture(scope="module", autouse=True)
def without_long_collections() -> Iterator[None]:
    """As in a server that runs: what other tests left behind is not looked through while time counts."""
    with short_collections():
        yield


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder of the test's own, and a log that ends with the test."""
    home = tmp_path / "home"
    monkeypatch.setenv("WALKIOSK_HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield home
    root.handlers[:] = before
    root.setLevel(level)
