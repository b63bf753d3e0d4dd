"""A store is opened with its own shop's folder only, on both databases; edited files are told from another shop's."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine
from sqlmodel import Session

from tools.database import StoreSetting, open_database
from tools.errors import StoreError
from tools.owner_files import OwnerFilesError
from tools.shop_identity import is_as_imported
from tools.store_files import IMPORTED_FILES, read_store
from tools.store_import import import_store

SMALL_STORE = Path(__file__).parent / "small_store"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL_STORE, tmp_path / "shop"))


@pytest.fixture
def engine(database: URL, folder: Path) -> Engine:
    engine = open_database(database)
    import_store(engine, read_store(folder))
    return engine


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_folder_of_the_import_fits_wherever_it_lies(engine: Engine, folder: Path, tmp_path: Path) -> None:
    assert is_as_imported(engine, folder)
    assert is_as_imported(engine, Path(shutil.copytree(folder, tmp_path / "elsewhere")))
    (folder / "staff.csv").write_text("name,pin_hash\n")
    assert is_as_imported(engine, folder), "staff are read where they stand"


@pytest.mark.parametrize("name", IMPORTED_FILES)
def test_edited_files_fit_again_once_they_are_imported(engine: Engine, folder: Path, name: str) -> None:
    with (folder / name).open("a") as file:
        file.write("\n")
    assert not is_as_imported(engine, folder)
    import_store(engine, read_store(folder))
    assert is_as_imported(engine, folder)


def test_another_shop_is_refused_and_both_are_named(engine: Engine, folder: Path) -> None:
    name = read_store(folder).store.name
    edit(folder / "store.yaml", name, "The Other Shop")
    with pytest.raises(StoreError, match=f"(?s){name}.*The Other Shop.*WALKIOSK_HOME"):
        is_as_imported(engine, folder)
    import_store(engine, read_store(folder))
    assert is_as_imported(engine, folder)


def test_a_folder_that_does_not_say_whose_it_is_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(OwnerFilesError, match=r"store\.yaml"):
        is_as_imported(engine, tmp_path)


def test_an_older_store_knows_only_its_name(engine: Engine, folder: Path) -> None:
    with Session(engine) as session:
        session.delete(session.get_one(StoreSetting, "fingerprint"))
        session.commit()
    with (folder / "products.csv").open("a") as file:
        file.write("\n")
    assert is_as_imported(engine, folder)
    edit(folder / "store.yaml", read_store(folder).store.name, "The Other Shop")
    with pytest.raises(StoreError):
        is_as_imported(engine, folder)
