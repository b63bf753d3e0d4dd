"""Versions of a shop's graph: published whole or not at all, listed, gone back to, pruned; on both databases."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, Engine, text
from sqlmodel import Session

from tests.tools.film_shop import ONTOLOGY, add_film, write_film_shop
from tests.tools.graph_fixtures import edit
from tools.database import GraphVersion, open_database
from tools.errors import GraphError, OperatorError
from tools.graph_files import GraphFiles
from tools.graph_versions import (
    KEPT_COPIES,
    current_number,
    current_version,
    list_versions,
    open_version,
    publish,
    publish_first,
    roll_back,
)
from tools.owner_files import OwnerFilesError
from tools.store_files import read_store
from tools.store_import import import_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_film_shop(tmp_path / "shop")


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "graphs"


@pytest.fixture
def engine(database: URL, folder: Path) -> Engine:
    engine = open_database(database)
    import_store(engine, read_store(folder))
    return engine


def films(engine: Engine, copies: Path) -> list[str]:
    """What the current version has."""
    current = current_version(engine)
    assert current is not None
    with open_version(engine, current, copies) as store:
        return sorted(name.id for _, name in store.numbered_names("Film"))


def test_a_version_is_published_listed_and_gone_back_from(engine: Engine, folder: Path, copies: Path) -> None:
    first = publish(engine, folder, copies)
    assert (first.is_new, first.version.number, first.version.summary.nodes["Film"]) == (True, 1, 2)
    add_film(folder)
    assert publish(engine, folder, copies).version.number == 2
    assert [(item.number, item.summary.edges["acted_in"], item.is_current) for item in list_versions(engine)] == [
        (1, 3, False),
        (2, 4, True),
    ]
    assert films(engine, copies) == ["fog", "snow", "sun"]
    assert roll_back(engine).number == 1
    assert films(engine, copies) == ["fog", "snow"]
    assert roll_back(engine, 2).number == current_number(engine) == 2
    assert films(engine, copies) == ["fog", "snow", "sun"]


def test_what_is_current_already_makes_no_new_version(engine: Engine, folder: Path, copies: Path) -> None:
    publish(engine, folder, copies)
    again = publish(engine, folder, copies)
    assert (again.is_new, again.version.number, len(list_versions(engine))) == (False, 1, 1)


def test_another_machine_builds_a_copy_of_its_own(engine: Engine, folder: Path, copies: Path, tmp_path: Path) -> None:
    publish(engine, folder, copies)
    shutil.rmtree(folder)
    assert films(engine, tmp_path / "elsewhere") == ["fog", "snow"]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("films.csv", "ada|bo,P1", "ada|boo,P1", r"^films\.csv:2:cast: unknown Person 'boo'; did you mean 'bo'\?$"),
        ("films.csv", "2001", "long ago", r"^films\.csv:3:year: not a whole number"),
        (
            "ontology.yaml",
            "{type: Person, help",
            "{type: Persona, help",
            r"^ontology\.yaml:\d+.*unknown type 'Persona'",
        ),
        (
            "../products.csv",
            "P2,Fjord",
            "P22,Fjord",
            r"^products\.csv:3:product_id: the store's catalogue has no product",
        ),
    ],
)
def test_faulty_files_change_nothing_and_are_named(
    engine: Engine, folder: Path, copies: Path, file: str, old: str, new: str, said: str
) -> None:
    publish(engine, folder, copies)
    edit(folder / "graph" / file, old, new)
    with pytest.raises(OwnerFilesError) as raised:
        publish(engine, folder, copies)
    [problem] = raised.value.problems
    assert __import__("re").search(said, str(problem)), str(problem)
    assert [version.number for version in list_versions(engine)] == [1]
    assert films(engine, copies) == ["fog", "snow"]


def test_a_table_that_is_cut_off_is_no_new_version_unless_it_is_meant(
    engine: Engine, folder: Path, copies: Path
) -> None:
    add_film(folder)
    add_film(folder, "wind,West Wind,2021,ada,P2\nrain,Rain,2022,bo,\n")
    publish(engine, folder, copies)
    kept = (folder / "graph" / "films.csv").read_text().splitlines(keepends=True)[:3]
    (folder / "graph" / "films.csv").write_text("".join(kept))
    with pytest.raises(GraphError, match=r"Film has 2 where the current version has 5.*--fewer"):
        publish(engine, folder, copies)
    assert current_number(engine) == 1
    assert publish(engine, folder, copies, may_shrink=True).version.number == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("key: product_id", "key: model", "keyed by product_id"),
        ("file: ../products.csv", "file: products.csv", "has no products"),
    ],
)
def test_a_graph_that_leads_to_nothing_that_is_sold_is_refused(
    engine: Engine, folder: Path, copies: Path, old: str, new: str, said: str
) -> None:
    (folder / "graph" / "products.csv").write_text("product_id,brand,model\n")
    edit(folder / "graph" / "ontology.yaml", old, new)
    edit(folder / "graph" / "films.csv", ",P1\n", ",\n")
    edit(folder / "graph" / "films.csv", ",P1|P3\n", ",\n")
    with pytest.raises(OperatorError, match=said):
        publish(engine, folder, copies)
    assert current_version(engine) is None
    assert not [*copies.glob("*/*.kuzu")]


def test_old_versions_are_pruned_but_never_the_current_one(engine: Engine, folder: Path, copies: Path) -> None:
    publish(engine, folder, copies)
    for year in (2001, 2002, 2003):
        add_film(folder, f"f{year},Film of {year},{year},ada,\n")
        publish(engine, folder, copies)
    roll_back(engine, 2)
    add_film(folder)
    assert publish(engine, folder, copies, keep=2).pruned == (1, 2, 3)
    assert [version.number for version in list_versions(engine)] == [4, 5]
    with pytest.raises(GraphError, match="there is no version 2; kept: 4, 5"):
        roll_back(engine, 2)


def test_going_back_needs_something_to_go_back_to(engine: Engine, folder: Path, copies: Path) -> None:
    with pytest.raises(GraphError, match=r"walkiosk graph publish"):
        roll_back(engine)
    publish(engine, folder, copies)
    with pytest.raises(GraphError, match="no version before 1 is kept"):
        roll_back(engine)


def test_the_first_start_publishes_the_folder_once(engine: Engine, folder: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        started = [*threads.map(publish_first, [engine] * 2, [folder] * 2)]
    assert [version.number for version in started] == [1, 1]
    add_film(folder)
    assert publish_first(engine, folder).number == 1
    assert len(list_versions(engine)) == 1


def test_publishing_twice_at_once_makes_two_versions(
    engine: Engine, folder: Path, copies: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    add_film(other)
    with ThreadPoolExecutor(2) as threads:
        done = [*threads.map(partial(publish, may_shrink=True), [engine] * 2, [folder, other], [copies] * 2)]
    assert sorted(version.number for version in list_versions(engine)) == [1, 2]
    assert all(published.is_new for published in done)


@pytest.mark.parametrize("damage", ["zip", "content", "engine"])
def test_a_damaged_version_says_how_to_go_on(engine: Engine, folder: Path, copies: Path, damage: str) -> None:
    publish(engine, folder, copies)
    current = current_version(engine)
    assert current is not None
    shutil.rmtree(copies)
    files = GraphFiles.read(folder)
    with Session(engine) as session:
        version = session.get_one(GraphVersion, 1)
        if damage == "zip":
            version.files = version.files[:-40]
        elif damage == "content":
            version.files = GraphFiles({**files.contents, "graph/people.csv": b"person_id,name\n"}).pack()
        else:
            copies.write_text("a file where the folder should be")
        session.commit()
    with pytest.raises(GraphError, match=r"version 1 of the graph cannot be used: .*walkiosk graph rollback"):
        open_version(engine, current, copies)


def test_few_copies_are_kept_on_a_machine(engine: Engine, folder: Path, copies: Path) -> None:
    for year in range(2001, 2004 + KEPT_COPIES):
        add_film(folder, f"f{year},Film of {year},{year},ada,\n")
        publish(engine, folder, copies)
        films(engine, copies)
    assert len([*copies.iterdir()]) == KEPT_COPIES
    assert f"f{2003 + KEPT_COPIES}" in films(engine, copies)


def test_the_current_version_cannot_be_deleted_by_hand(engine: Engine, folder: Path, copies: Path) -> None:
    publish(engine, folder, copies)
    with engine.connect() as connection, pytest.raises(Exception, match=r"(?i)foreign key"):
        connection.execute(text("DELETE FROM graphversion"))


@given(st.dictionaries(st.sampled_from(["graph/a.csv", "b.csv", "graph/ontology.yaml"]), st.binary(max_size=200)))
def test_files_are_the_same_after_packing(contents: dict[str, bytes]) -> None:
    files = GraphFiles(contents)
    unpacked = GraphFiles.unpack(files.pack())
    assert (unpacked.contents, unpacked.sha256, unpacked.pack()) == (contents, files.sha256, files.pack())


@pytest.mark.parametrize("place", ["../evil.csv", "/etc/evil", "graph/../../evil", "other/x.csv", ".hidden"])
def test_an_archive_writes_only_where_a_graph_lies(place: str) -> None:
    with pytest.raises(GraphError, match="none of a graph's"):
        GraphFiles.unpack(GraphFiles({place: ONTOLOGY.encode()}).pack())


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(GraphError, match="damaged"):
        GraphFiles.unpack(b"not a zip")
