"""Taxes, limits and receipt texts in store.yaml: what is accepted, where mistakes are, what an import makes of them."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session

from tools.database import open_database
from tools.owner_files import OwnerFilesError
from tools.store_facts import PurchaseLimit, read_store_facts
from tools.store_files import read_store
from tools.store_import import create_store
from tools.taxes import Tax

SMALL_STORE = Path(__file__).parent / "small_store"
RULES = """\
address: 1 Harbour Street, Oslo
tax_number: NO 999
prices_include_tax: false
taxes:
  - {name: VAT, percent: "25"}
  - {name: Shoe tax, percent: 0.5, categories: [footwear]}
max_quantity: 5
max_lines: 3
limits:
  - {category: footwear, per_customer_per_day: 2}
  - {product_id: P1, per_customer_per_day: 1}
"""


def folder_with(tmp_path: Path, rules: str) -> Path:
    folder = Path(shutil.copytree(SMALL_STORE, tmp_path / "store"))
    with (folder / "store.yaml").open("a", encoding="utf-8") as file:
        file.write(rules)
    return folder


def test_rules_come_through_an_import(tmp_path: Path) -> None:
    create_store(tmp_path / "store.db", read_store(folder_with(tmp_path, RULES)))
    with Session(open_database(tmp_path / "store.db")) as session:
        facts = read_store_facts(session)
    assert (facts.address, facts.tax_number, facts.prices_include_tax) == ("1 Harbour Street, Oslo", "NO 999", False)
    assert facts.taxes == (
        Tax(name="VAT", percent=Decimal(25)),
        Tax(name="Shoe tax", percent=Decimal("0.5"), categories=("footwear",)),
    )
    assert (facts.max_quantity, facts.max_lines) == (5, 3)
    assert facts.limits == (
        PurchaseLimit(category="footwear", per_customer_per_day=2),
        PurchaseLimit(product_id="P1", per_customer_per_day=1),
    )


def test_a_shop_without_rules_has_the_usual_ones(tmp_path: Path) -> None:
    create_store(tmp_path / "store.db", read_store(SMALL_STORE))
    with Session(open_database(tmp_path / "store.db")) as session:
        facts = read_store_facts(session)
    assert (facts.prices_include_tax, facts.taxes, facts.limits) == (True, (), ())
    assert (facts.max_quantity, facts.max_lines) == (10, 20)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "said"),
    [
        ('"25"', '"25,5"', 19, "17", "not a percentage"),
        ('"25"', '"101"', 19, "17", "not a percentage from 0 to 100: '101'"),
        ('"25"', '"99.9"', 18, "1", "come to more than 100 percent together"),
        ("[footwear]", "[footware]", 20, "49", "unknown category 'footware'; did you mean 'footwear'?"),
        ("name: Shoe tax", "name: VAT", 18, "1", "the tax 'VAT' is there twice"),
        ('percent: "25"', "rate: 25", 19, "5", "'taxes.0.percent' is missing"),
        ("prices_include_tax: false", "prices_include_tax: perhaps", 17, "1", "valid boolean"),
        ("max_quantity: 5", "max_quantity: 101", 21, "1", "less than or equal to 100"),
        ("max_lines: 3", "max_lines: 0", 22, "1", "greater than or equal to 1"),
        ("category: footwear", "category: footware", 24, "6", "did you mean 'footwear'?"),
        ("product_id: P1", "product_id: P9", 25, "6", "unknown product 'P9'; did you mean"),
        ("{product_id: P1, per", "{per", 25, "5", "a limit is for a category or for a product_id"),
        ("{product_id: P1,", "{product_id: P1, category: footwear,", 25, "5", "one of the two"),
        ("per_customer_per_day: 2", "per_customer_per_day: 0", 24, "26", "greater than or equal to 1"),
        ("address: 1 Harbour Street", 'address: "1 Harbour\\u202eStreet"', 15, "1", "control character U+202E"),
        ("tax_number: NO 999", f"tax_number: {'9' * 61}", 16, "1", "at most 60 characters"),
    ],
)
def test_says_where_a_problem_is(tmp_path: Path, old: str, new: str, line: int, column: str, said: str) -> None:
    assert old in RULES
    rules = RULES.replace(old, new, 1) if old != "address: 1 Harbour Street" else RULES.replace(f"{old}, Oslo", new)
    with pytest.raises(OwnerFilesError) as found:
        read_store(folder_with(tmp_path, rules))
    problems = [problem for problem in found.value.problems if said in problem.problem]
    assert [(problem.line, problem.column) for problem in problems[:1]] == [(line, column)], found.value.problems
