"""What an import changes in the store database, what it keeps, and what it refuses."""

import asyncio
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine
from sqlmodel import Session, select
from typer.testing import CliRunner

from server.store_commands import app
from tests.databases import Databases, PostgresqlDatabases
from tools.database import Customer, Product, Stock, StoreSetting, Variant, open_database, write_transaction
from tools.database_address import file_of, is_postgresql
from tools.errors import StoreError
from tools.feedback import FeedbackBook
from tools.store_files import StoreFiles, read_store
from tools.store_import import create_store, import_store, open_store

SMALL_STORE = Path(__file__).parent / "small_store"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def files() -> StoreFiles:
    return read_store(SMALL_STORE)


@pytest.fixture
def engine(database: URL, files: StoreFiles) -> Engine:
    engine = open_database(database)
    import_store(engine, files)
    return engine


def reserve(engine: Engine, kiosk_id: str, sku: str, pieces: int) -> None:
    with Session(engine) as session:
        stock = session.get_one(Stock, (kiosk_id, sku))
        stock.reserved = pieces
        session.commit()


def stock_of(engine: Engine, kiosk_id: str, sku: str) -> tuple[int, int] | None:
    with Session(engine) as session:
        stock = session.get(Stock, (kiosk_id, sku))
        return (stock.on_hand, stock.reserved) if stock else None


def with_stock(files: StoreFiles, sku: str, on_hand: int) -> StoreFiles:
    rows = [row.model_copy(update={"on_hand": on_hand}) if row.sku == sku else row for row in files.stock]
    return files.model_copy(update={"stock": tuple(rows)})


def without_product(files: StoreFiles, product_id: str) -> StoreFiles:
    variants = tuple(row for row in files.variants if row.product_id != product_id)
    skus = {row.sku for row in variants}
    return files.model_copy(
        update={
            "products": tuple(row for row in files.products if row.product_id != product_id),
            "variants": variants,
            "stock": tuple(row for row in files.stock if row.sku in skus),
            "promotions": (),
        }
    )


def test_import_writes_everything_and_counts_it(engine: Engine, files: StoreFiles) -> None:
    told: list[tuple[int, int]] = []
    summary = import_store(engine, files, lambda done, total: told.append((done, total)))
    assert (summary.products, summary.variants, summary.pieces, summary.removed_variants) == (5, 16, 13, 0)
    assert told[-1][0] == told[-1][1] > 0
    with Session(engine) as session:
        product = session.get_one(Product, "P1")
        assert (product.list_price_minor, product.currency) == (12_000, "EUR")
        assert session.get_one(StoreSetting, "timezone").value == "Europe/Oslo"


def test_importing_again_changes_prices_and_counts_and_keeps_reserved(engine: Engine, files: StoreFiles) -> None:
    reserve(engine, "A", "P1-BLACK-42", 2)
    products = tuple(row.model_copy(update={"list_price_minor": 999}) for row in files.products)
    import_store(engine, with_stock(files, "P1-BLACK-42", 7).model_copy(update={"products": products}))
    assert stock_of(engine, "A", "P1-BLACK-42") == (7, 2)
    with Session(engine) as session:
        assert {product.list_price_minor for product in session.exec(select(Product))} == {999}


def test_fewer_pieces_than_reserved_are_refused_and_nothing_changes(engine: Engine, files: StoreFiles) -> None:
    reserve(engine, "A", "P1-BLACK-42", 2)
    changed = with_stock(files, "P1-BLACK-42", 1).model_copy(update={"customers": ()})
    with pytest.raises(StoreError, match=r"P1-BLACK-42 at A \(2 reserved, 1 left\)"):
        import_store(engine, changed)
    assert stock_of(engine, "A", "P1-BLACK-42") == (3, 2)
    with Session(engine) as session:
        assert len(session.exec(select(Customer)).all()) == 2


def test_a_variant_that_vanished_goes_with_its_stock_unless_reserved(engine: Engine, files: StoreFiles) -> None:
    reserve(engine, "A", "P2-BLACK-41", 1)
    with pytest.raises(StoreError, match="P2-BLACK-41"):
        import_store(engine, without_product(files, "P2"))
    reserve(engine, "A", "P2-BLACK-41", 0)
    assert import_store(engine, without_product(files, "P2")).removed_variants == 2
    assert stock_of(engine, "A", "P2-BLACK-41") is None
    with Session(engine) as session:
        assert session.get(Product, "P2") is None
        assert session.get(Variant, "P2-BLACK-41") is None


def test_create_refuses_to_overwrite_and_keeps_a_backup_when_forced(tmp_path: Path, files: StoreFiles) -> None:
    database = tmp_path / "made" / "store.db"
    assert create_store(database, files).backup is None
    engine = open_store(database)
    reserve(engine, "A", "P1-BLACK-42", 2)  # stands in the write-ahead log only, while this engine is open
    with pytest.raises(StoreError, match="already a store"):
        create_store(database, files)
    created = create_store(database, files, replace=True, now=NOW)
    engine.dispose()
    assert created.backup == tmp_path / "made" / "store-20260304T050607Z.db"
    assert stock_of(open_database(created.backup), "A", "P1-BLACK-42") == (3, 2)
    assert stock_of(open_database(database), "A", "P1-BLACK-42") == (3, 0)


def test_on_a_server_a_store_is_replaced_only_while_nothing_would_be_lost(
    postgresql: PostgresqlDatabases, files: StoreFiles
) -> None:
    database = postgresql.new_empty()
    with pytest.raises(StoreError, match="walkiosk store init"):
        open_store(database)
    assert create_store(database, files).summary.pieces == 13
    with pytest.raises(StoreError, match="already a store"):
        create_store(database, files)
    assert create_store(database, with_stock(files, "P1-BLACK-42", 7), replace=True).backup is None
    engine = open_store(database)
    assert stock_of(engine, "A", "P1-BLACK-42") == (7, 0)
    FeedbackBook(engine).add("A", None, "en", "good")
    with pytest.raises(StoreError, match="holds feedback and is not replaced"):
        create_store(database, files, replace=True)
    assert stock_of(engine, "A", "P1-BLACK-42") == (7, 0)
    engine.dispose()


def test_a_failed_creation_leaves_what_was_there(databases: Databases, files: StoreFiles) -> None:
    database = databases.new_empty()
    broken = files.model_copy(update={"products": files.products[1:]})  # variants of a product that is not there
    with pytest.raises(StoreError):
        create_store(database, broken)
    with pytest.raises(StoreError, match="there is no store"):
        open_store(database)
    create_store(database, files)
    with pytest.raises(StoreError):
        create_store(database, broken, replace=True)
    assert stock_of(open_store(database), "A", "P1-BLACK-42") == (3, 0)
    if not is_postgresql(database):
        assert not list(file_of(database).parent.glob("*unfinished*"))


async def test_an_import_waits_for_who_is_reserving(database: URL, files: StoreFiles) -> None:
    engine = open_database(database)
    import_store(engine, files)
    fewer = with_stock(files, "P1-BLACK-42", 1)
    with write_transaction(engine) as session:
        session.get_one(Stock, ("A", "P1-BLACK-42")).reserved = 2
        session.flush()
        importing = asyncio.create_task(asyncio.to_thread(import_store, engine, fewer))
        await asyncio.sleep(0.2)
        assert not importing.done()
    with pytest.raises(StoreError, match="2 reserved, 1 left"):
        await importing


def test_opening_what_is_no_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="walkiosk store init"):
        open_store(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("not a database, " * 100)
    with pytest.raises(StoreError, match="is not a store database"):
        open_store(tmp_path / "text.db")
    sqlite3.connect(tmp_path / "empty.db").execute("CREATE TABLE other (id INTEGER)")
    with pytest.raises(StoreError, match="is not a store database"):
        open_store(tmp_path / "empty.db")


def test_init_import_and_migrate_commands(databases: Databases, tmp_path: Path) -> None:
    folder = shutil.copytree(SMALL_STORE, tmp_path / "shop")
    address = databases.new_empty()
    environment = {"WALKIOSK_DATABASE_URL": address.render_as_string(hide_password=False)}

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(arguments), env=environment)
        return result.exit_code, " ".join(result.output.split())

    code, output = run("import", str(folder))
    assert (code, "walkiosk store init" in output) == (1, True)
    assert run("init", str(folder))[0] == 0
    assert run("import", str(folder))[0] == 0
    code, output = run("init", str(folder))
    assert (code, "--force" in output) == (1, True)
    assert run("init", str(folder), "--force")[0] == 0
    code, output = run("migrate")
    assert (code, "is up to date" in output) == (0, True)
    if not is_postgresql(address):
        assert len(list(file_of(address).parent.glob(f"{file_of(address).stem}-*.db"))) == 1


def test_the_path_of_a_file_is_enough(tmp_path: Path) -> None:
    for option, environment in (
        (["--database", str(tmp_path / "a.db")], {}),
        ([], {"WALKIOSK_DATABASE": str(tmp_path / "b.db")}),
    ):
        run = CliRunner().invoke(
            app, ["init", str(SMALL_STORE), *option], env={"WALKIOSK_DATABASE_URL": "", **environment}
        )
        assert run.exit_code == 0, run.output
    assert {path.name for path in tmp_path.glob("*.db")} == {"a.db", "b.db"}
