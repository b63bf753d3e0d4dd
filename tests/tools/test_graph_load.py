"""Loading a graph: what is refused, that what was good is never lost, and that any text survives."""

import gzip
import json
import os
import tempfile
import time
from pathlib import Path

import pytest
from graph_fixtures import EVIL, EVIL_NAME, edit, write_store
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.errors import GraphError
from tools.graph_load import ABANDONED_AFTER_S, MANIFEST_FILE, build_graph, check_graph_files
from tools.graph_paths import GraphStore, open_or_build_graph
from tools.ontology import ENTITY
from tools.owner_files import OwnerFilesError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_store(tmp_path / "store")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "graph of today"


def database_in(target: Path) -> Path:
    return next(target.glob("graph-*.kuzu"))


def test_loads_every_node_and_edge_once(folder: Path, target: Path) -> None:
    summary = build_graph(folder, target)
    assert summary.nodes == {"Play": 6, "Person": 5, "Act": 5, "Costume": 4, "Hat": 3}
    assert summary.edges == {"acted_in": 12, "directed": 7, "has_act": 5, "in_act": 4, "worn_by": 4, "shows": 4}
    assert sorted(path.name for path in target.iterdir()) == [database_in(target).name, MANIFEST_FILE]


def test_the_store_folder_will_do_as_well(folder: Path, target: Path) -> None:
    assert build_graph(folder.parent, target) == build_graph(folder, target)
    assert check_graph_files(folder.parent) == []


def test_keeps_texts_numbers_and_names_as_they_are(folder: Path, target: Path) -> None:
    build_graph(folder, target)
    with GraphStore.open(target) as store:
        storm, evil = store.node("storm", "Play"), store.node(EVIL, "Play")
        assert storm is not None
        assert storm.properties == {"year": 1990, "link": "https://clips.example/storm", "ticket": "12.50"}
        assert evil is not None
        assert evil.name == EVIL_NAME
        assert evil.properties == {"year": 1970}
        assert [node.name for node in store.nodes(["ann", "cy", "nobody"])] == ["Ann Ash", "Cy"]


def test_reports_progress(folder: Path, target: Path) -> None:
    told: list[tuple[str, int, int]] = []
    build_graph(folder, target, lambda what, done, total: told.append((what, done, total)))
    assert told[0] == ("Play", 0, 11)
    assert told[-1] == ("", 11, 11)


@pytest.mark.parametrize(
    ("table", "old", "new", "place", "says"),
    [
        ("plays.csv", "ann|bob|cy", "ann|bop|cy", (2, "cast"), "unknown Person 'bop'; did you mean 'bob'"),
        ("plays.csv", "1985", "1985.5", (3, "year"), "whole number"),
        ("plays.csv", "9.99", "9,99", (3, ""), "cells"),
        ("plays.csv", "9.99", "NaN", (3, "ticket"), "decimal"),
        ("plays.csv", "owls,Owls", "storm,Owls", (3, "play_id"), "twice"),
        ("plays.csv", "owls,Owls", "owls,", (3, "title"), "empty"),
        ("plays.csv", "Tempest|Gale", "Tempest||Gale", (2, "aliases"), "empty item"),
        ("people.csv", "ann,Ann,Ash", ",Ann,Ash", (2, "person_id"), "empty"),
        ("people.csv", "ann,Ann,Ash", "ann|x,Ann,Ash", (2, "person_id"), "must not contain"),
        ("people.csv", "person_id,first", "person_id,frist", (1, ""), "'first' is missing"),
        ("acts.csv", "Shore", "Sho\x07re", (2, "title"), "control character"),
        ("costumes.csv", "storm-1,ann", "storm-9,ann", (2, "act_id"), "unknown Act 'storm-9'"),
    ],
)
def test_says_where_a_mistake_in_a_table_is(
    folder: Path, table: str, old: str, new: str, place: tuple[int, str], says: str
) -> None:
    edit(folder / table, old, new)
    problems = check_graph_files(folder)
    found = next(problem for problem in problems if says in problem.problem)
    assert (found.file, found.line, found.column) == (table, *place)


def test_collects_problems_up_to_a_limit(folder: Path) -> None:
    rows = "".join(f"c-{number},note,nowhere,nobody,nothing\n" for number in range(200))
    with (folder / "costumes.csv").open("a", encoding="utf-8") as file:
        file.write(rows)
    assert len(check_graph_files(folder)) == 100


def test_a_missing_table_is_told_once_without_its_consequences(folder: Path) -> None:
    (folder / "people.csv").unlink()
    assert [(item.file, item.problem) for item in check_graph_files(folder)] == [("people.csv", "the file is missing")]


def test_a_failed_import_leaves_the_older_graph(folder: Path, target: Path) -> None:
    build_graph(folder, target)
    edit(folder / "plays.csv", "1985", "soon")
    with pytest.raises(OwnerFilesError):
        build_graph(folder, target)
    with GraphStore.open(target) as store:
        assert store.stats().nodes["Play"] == 6


def test_a_new_graph_replaces_the_older_one_and_its_strays(folder: Path, target: Path) -> None:
    build_graph(folder, target)
    old = database_in(target)
    old.with_name(f"{old.name}.wal").write_bytes(b"not a log of this database")
    edit(folder / "people.csv", "eve,Eve,Elm\n", "eve,Eve,Elm\nfay,Fay,Fir\n")
    build_graph(folder, target)
    assert sorted(path.name for path in target.iterdir()) == [database_in(target).name, MANIFEST_FILE]
    with GraphStore.open(target) as store:
        assert store.stats().nodes["Person"] == 6


def test_what_a_killed_build_left_is_swept_up_once_it_is_old(folder: Path, target: Path) -> None:
    for name, age_s in ((".building-old", 2 * ABANDONED_AFTER_S), (".building-young", 0)):
        (target / name).mkdir(parents=True)
        os.utime(target / name, (time.time() - age_s,) * 2)
    build_graph(folder, target)
    assert not (target / ".building-old").exists()
    assert (target / ".building-young").exists()


def test_a_graph_that_is_not_there(target: Path) -> None:
    with pytest.raises(GraphError, match="there is no graph in"):
        GraphStore.open(target)
    with pytest.raises(GraphError, match="no graph to import"):
        build_graph(target / "nothing", target)


def test_a_target_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("", encoding="utf-8")
    with pytest.raises(GraphError, match="could not be written"):
        build_graph(folder, in_the_way)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "gone", "log", "manifest"])
def test_a_damaged_graph_is_refused_and_made_anew(folder: Path, target: Path, damage: str) -> None:
    build_graph(folder, target)
    path = database_in(target)
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "log":
        path.with_name(f"{path.name}.wal").write_bytes(b"x")
    elif damage == "manifest":
        (target / MANIFEST_FILE).write_text("{}", encoding="utf-8")
    else:
        flipped = content[:9000] + bytes([content[9000] ^ 1]) + content[9001:]
        path.write_bytes({"empty": b"", "cut": content[:-100], "flipped": flipped}[damage])
    with pytest.raises(GraphError, match="import the graph again"):
        GraphStore.open(target)
    with open_or_build_graph(folder, target) as store:
        assert store.node("ann", "Person") is not None


def test_a_manifest_cannot_name_a_file_elsewhere(folder: Path, target: Path) -> None:
    build_graph(folder, target)
    manifest = json.loads((target / MANIFEST_FILE).read_text(encoding="utf-8"))
    manifest["database"] = "../elsewhere.kuzu"
    (target / MANIFEST_FILE).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(GraphError, match="cannot be read"):
        GraphStore.open(target)


def test_is_made_anew_only_when_a_table_changed(folder: Path, target: Path) -> None:
    open_or_build_graph(folder, target).close()
    first = database_in(target)
    open_or_build_graph(folder, target).close()
    assert database_in(target) == first
    edit(folder.parent / "hats.csv", "Bowler", "Derby")
    with open_or_build_graph(folder, target) as store:
        hat = store.node("bowler", "Hat")
        assert hat is not None
        assert hat.name == "Derby"
    assert not first.exists()


@pytest.mark.parametrize(("separator", "zipped", "header"), [("\t", True, True), ("|", False, False)])
def test_loads_a_file_of_triples(tmp_path: Path, target: Path, separator: str, zipped: bool, header: bool) -> None:
    rows = [["subject", "relation", "object"]] if header else []
    rows += [["Heat", "directed by", "Mann"], ["Heat", "directed by", "Mann"], ["Mann", "born in", "'quoted, \"x\"'"]]
    text = "\n".join(separator.join(row) for row in rows)
    source = tmp_path / "triples"
    source.write_bytes(gzip.compress(text.encode()) if zipped else text.encode())
    summary = build_graph(source, target)
    assert summary.nodes == {ENTITY: 3}
    assert summary.edges == {"directed_by": 1, "born_in": 1}
    with GraphStore.open(target) as store:
        assert [node.id for node in store.neighbours("Heat", "directed_by", "out")] == ["Mann"]
        assert [node.id for node in store.neighbours("Mann", "directed_by", "in")] == ["Heat"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Heat\tdirected_by\n", "subject, relation, object"),
        (b"Heat\t`);DROP\tMann\t\n", "subject, relation, object"),
        (b"Heat\t???\tMann\n", "not a name for a relation"),
        (b"\x1f\x8bnot really", "cannot be read"),
        (b"caf\xe9\tis\tx\n", "UTF-8"),
        (b"\n\n", "no triples"),
        (b"a\tb\t" + b"c" * 3000, "longer than"),
    ],
)
def test_refuses_what_is_not_a_file_of_triples(tmp_path: Path, target: Path, content: bytes, says: str) -> None:
    source = tmp_path / "triples"
    source.write_bytes(content)
    with pytest.raises(OwnerFilesError, match=says):
        build_graph(source, target)


names = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Cf")), min_size=1, max_size=30)


@settings(max_examples=5, deadline=None)
@given(
    st.lists(
        names.filter(lambda name: "|" not in name and name.lower() != "subject"), min_size=2, max_size=40, unique=True
    )
)
def test_any_text_survives_the_way_into_the_graph_and_back(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "triples"
        source.write_text("\n".join(f"{texts[0]}\tknows\t{text}" for text in texts[1:]), encoding="utf-8")
        build_graph(source, Path(folder) / "graph")
        with GraphStore.open(Path(folder) / "graph") as store:
            assert {found.name for found in store.names()} == set(texts)
            assert {node.id for node in store.neighbours(texts[0], "knows", "out")} == set(texts[1:])
