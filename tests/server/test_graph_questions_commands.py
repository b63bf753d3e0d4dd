"""`walkiosk graph learn` and `graph ask --batch`: examples are learned, files answered, problems named by line."""

import gzip
import json
from pathlib import Path

import pytest
from path_graph import TRIPLES
from typer.testing import CliRunner, Result

from server.graph_commands import app
from server.graph_questions import LEARNED_FILE
from tools.graph_load import build_graph

EXAMPLES = "question\tpath\nwho runs [Blue Cup]\trun_by\nwhat can I order at [Red Pot]\tserves\n"


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    triples = tmp_path / "cafes.txt"
    triples.write_text(TRIPLES, encoding="utf-8")
    build_graph(triples, tmp_path / "graph")
    return tmp_path / "graph"


def run(graph: Path, command: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [command, "--graph", str(graph), *map(str, arguments)])


def write(folder: Path, text: str, name: str = "examples.tsv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("meaning", ["--meaning", "--words"])
def test_learns_and_answers_a_batch_in_order(tmp_path: Path, graph: Path, meaning: str) -> None:
    assert run(graph, "learn", write(tmp_path, EXAMPLES), meaning).exit_code == 0
    batch = tmp_path / "questions.tsv.gz"
    batch.write_bytes(gzip.compress(b"question\nwho runs The Street\nwhat can I order at [Red Pot]\nwho knows\n"))
    result = run(graph, "ask", "--batch", batch, "--json", "--limit", "1")
    assert result.exit_code == 0, result.stderr
    who, what, nothing = (json.loads(line) for line in result.stdout.splitlines())
    assert (who["question"], who["answers"], who["path"], who["source"]) == (
        "who runs The Street",
        ["Noa Nile"],
        "run_by",
        "learned",
    )
    assert who["entities"] == [{"text": "The Street", "id": "The Street", "type": "Entity", "name": "The Street"}]
    assert who["proof"] == [[["The Street", "run_by", "Noa Nile"]]]
    assert (what["answers"], what["total"]) == (["lentil soup"], 2)
    assert (nothing["answers"], nothing["path"]) == ([], None)
    assert nothing["problem"]
    assert all(answer["ms"] > 0 for answer in (who, what, nothing))


def test_one_question_is_answered_with_what_was_learned(tmp_path: Path, graph: Path) -> None:
    run(graph, "learn", write(tmp_path, EXAMPLES), "--words")
    result = run(graph, "ask", "what can I order at red pot")
    assert result.stdout.splitlines() == [
        "lentil soup",
        "    Red Pot -serves-> lentil soup",
        "mint tea",
        "    Red Pot -serves-> mint tea",
    ]
    assert "2 answers" in result.stderr


def test_a_batch_needs_something_learned_and_a_sound_file(tmp_path: Path, graph: Path) -> None:
    batch = write(tmp_path, "question\nwho runs The Street\n", "questions.tsv")
    result = run(graph, "ask", "--batch", batch)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing was learned" in result.stderr
    assert run(graph, "learn", "--words").exit_code == 0
    assert run(graph, "ask", "--batch", batch).exit_code == 0
    result = run(graph, "ask", "--batch", write(tmp_path, "frage\nwer\n", "fragen.tsv"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "fragen.tsv:1" in result.stderr
    assert run(graph, "ask", "who", "--batch", batch).exit_code == 2


def test_bad_examples_are_named_and_what_was_learned_stays(tmp_path: Path, graph: Path) -> None:
    run(graph, "learn", write(tmp_path, EXAMPLES), "--words")
    before = (graph / LEARNED_FILE).read_bytes()
    result = run(graph, "learn", write(tmp_path, EXAMPLES + "who sings at [Red Pot]\tsung_by\n"), "--words")
    assert result.exit_code == 1
    assert "examples.tsv:4" in result.stderr
    assert "sung_by" in result.stderr
    assert (graph / LEARNED_FILE).read_bytes() == before


def test_says_which_examples_taught_nothing(tmp_path: Path, graph: Path) -> None:
    result = run(graph, "learn", write(tmp_path, EXAMPLES + "who is this\trun_by\n"), "--words")
    assert result.exit_code == 0
    assert "examples.tsv:4: names nothing" in result.stderr
    assert "1 example passed over" in result.stderr
