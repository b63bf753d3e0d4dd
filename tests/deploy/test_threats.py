"""The page about threats claims nothing without a test, and every test it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "deploy" / "THREATS.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
CLAIMS = [" ".join(claim.split()) for claim in re.findall(r"^- (.+?)(?=\n- |\n\n|\Z)", PAGE, re.MULTILINE | re.DOTALL)]


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions) and node.name.startswith("test_")}


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_named_test_exists(path: str, name: str) -> None:
    assert name in names_in(path)


@pytest.mark.parametrize("claim", CLAIMS)
def test_each_claim_has_a_test(claim: str) -> None:
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", claim)


def test_the_page_was_read() -> None:
    assert len(CLAIMS) > 25
    assert "tests/" not in re.sub(r"`tests/[\w/]+\.py(::\w+)?`", "", PAGE), "a test is named in another way"
