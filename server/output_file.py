"""Files that a command writes: a path comes in; that nothing can be written there is said before long work is done."""

from pathlib import Path

from tools.errors import OperatorError


def require_writable(path: Path) -> None:
    """OperatorError when there is no folder for the file, or the path is one."""
    if not path.parent.is_dir():
        raise OperatorError(f"there is no folder {path.parent} to write {path.name} to")
    if path.is_dir():
        raise OperatorError(f"{path} is a folder; name a file in it")
