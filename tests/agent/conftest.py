"""What whole kiosks in tests share: what takes long to make and is the same for all."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def make_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes a kiosk's home of its own; only the cache (the graph, the catalogue's embeddings) is common to all."""
    cache = tmp_path_factory.mktemp("cache")

    def make() -> Path:
        home = tmp_path_factory.mktemp("home")
        (home / "cache").symlink_to(cache, target_is_directory=True)
        return home

    return make
