"""Imports point one way: evals → server → agent → tools, agent → prompts; and there is no circle."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "tools": set(),
    "prompts": set(),
    "agent": {"tools", "prompts"},
    "server": {"agent", "tools", "prompts"},
    "evals": {"server", "agent", "tools", "prompts"},
}


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found: dict[str, Path] = {}
    for package in MAY_IMPORT:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports_of(path: Path, known: set[str]) -> set[str]:
    """The modules of ours that a file imports, wherever in the file."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in imported if name in known}


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    known = modules()
    for name, path in known.items():
        if name.split(".")[0] != package:
            continue
        others = {imported.split(".")[0] for imported in imports_of(path, set(known))} - {package}
        assert others <= MAY_IMPORT[package], f"{name} imports {others - MAY_IMPORT[package]}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    edges = {name: imports_of(path, set(known)) - {name} for name, path in known.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail[trail.index(name) :], name))
        if name in done:
            return
        for other in edges[name]:
            # a package's own __init__ only holds its docstring
            if not name.startswith(f"{other}."):
                visit(other, (*trail, name))
        done.add(name)

    for name in known:
        visit(name, ())


def test_the_core_installs_without_torch() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not [line for line in lock.splitlines() if line.startswith(("torch==", "torch "))]


def test_the_lock_has_all_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = ("ops", "server", "voice", "production", "dev")
    asked = [*project["dependencies"], *(each for extra in extras for each in project["optional-dependencies"][extra])]
    names = {re.split(r"[\[<>=; ]", each)[0] for each in asked} - {project["name"]}
    locked = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()}
    assert {name.replace(".", "-").lower() for name in names} <= locked
