"""What the inventory finds in the small store."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tests.databases import Databases
from tools.database import Stock, open_database
from tools.errors import StoreError
from tools.inventory import Inventory
from tools.money import Money
from tools.store_files import read_store
from tools.store_import import import_store

SMALL_STORE = Path(__file__).parent / "small_store"


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Engine:
    engine = open_database(databases.new())
    import_store(engine, read_store(SMALL_STORE))
    return engine


@pytest.fixture
def inventory(engine: Engine) -> Inventory:
    return Inventory(engine)


def test_products_and_variants(inventory: Inventory) -> None:
    product = inventory.product("P1")
    assert product is not None
    assert (product.name, product.tags) == ("Fjord Strider", ("winter", "walking"))
    assert product.list_price == Money(amount_minor=12_000, currency="EUR")
    assert [variant.size for variant in inventory.stock("A", "P3")] == ["S", "M", "L", "S", "M", "L"]
    assert [found.product_id for found in inventory.products(["P3", "none", "P1"])] == ["P3", "P1"]


def test_what_is_not_there_is_none_or_empty(inventory: Inventory) -> None:
    assert inventory.product("'; DROP TABLE product; --") is None
    assert inventory.customer("none") is None
    assert inventory.kiosk("none") is None
    assert inventory.stock("A", "none") == []
    assert inventory.stock("none", "P1") == []
    assert inventory.customer_sizes("none", ["boots"]) == {}


def test_stock_of_one_machine_lists_every_variant(inventory: Inventory) -> None:
    stock = {item.sku: item.sellable for item in inventory.stock("A", "P1")}
    assert stock == {
        "P1-BLACK-41": 0,
        "P1-BLACK-42": 3,
        "P1-BLACK-43": 0,
        "P1-GREEN-41": 0,
        "P1-GREEN-42": 0,
        "P1-GREEN-43": 0,
    }
    [medium] = [item for item in inventory.stock("A", "P3") if (item.colour, item.size) == ("green", "M")]
    assert (medium.slot, medium.sellable) == ("A4", 1)
    assert {item.product_id for item in inventory.stock("A", "P1", "P3")} == {"P1", "P3"}


def test_reserved_pieces_cannot_be_sold(engine: Engine, inventory: Inventory) -> None:
    with Session(engine) as session:
        session.get_one(Stock, ("B", "P1-BLACK-42")).reserved = 1
        session.commit()
    [held] = [item for item in inventory.stock("B", "P1") if item.sku == "P1-BLACK-42"]
    assert held.sellable == 0
    assert [item.sku for item in inventory.stock_elsewhere("A", "P1")] == ["P1-GREEN-43"]


def test_stock_elsewhere_names_the_machine(inventory: Inventory) -> None:
    found = next(item for item in inventory.stock_elsewhere("A", "P1") if item.sku == "P1-GREEN-43")
    assert (found.kiosk_name, found.sellable) == ("Harbour", 2)
    assert "P1-GREEN-43" not in {item.sku for item in inventory.stock_elsewhere("B", "P1")}


def test_a_customers_size_counts_for_the_groups_categories(inventory: Inventory) -> None:
    assert inventory.customer_sizes("C1", ["boots", "jumpers", "lamps"]) == {"boots": "42", "jumpers": "M"}
    assert inventory.customer_sizes("C2", ["boots"]) == {}


def test_store_facts(inventory: Inventory) -> None:
    facts = inventory.store()
    assert (facts.name, inventory.currency(), facts.languages[0]) == ("Corner Goods", "EUR", "en")
    assert [kiosk.name for kiosk in inventory.kiosks()] == ["Station", "Harbour"]
    assert [customer.customer_id for customer in inventory.customers()] == ["C1", "C2"]


def test_a_database_without_a_shop_says_so(databases: Databases) -> None:
    with pytest.raises(StoreError, match="holds no shop"):
        Inventory(open_database(databases.new())).store()
