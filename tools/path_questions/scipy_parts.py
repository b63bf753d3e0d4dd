"""The parts of SciPy that learning needs, loaded when it does."""

import importlib
from typing import Any

from tools.errors import GraphError


def scipy_part(module: str) -> Any:
    """A module of SciPy; GraphError when the extra `learn` is not installed."""
    try:
        return importlib.import_module(f"scipy.{module}")
    except ImportError as error:
        raise GraphError("learning needs the extra `learn`: pip install 'walkiosk[learn]'") from error
