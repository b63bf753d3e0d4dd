"""What `read_store` accepts, and where it says a folder's problems are."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from server.store_commands import DEMO_STORE, app
from tools.errors import DataError
from tools.owner_files import MAX_PROBLEMS, OwnerFilesError, Problems
from tools.owner_tables import read_table
from tools.store_files import StoreFiles, read_store

SMALL_STORE = Path(__file__).parent / "small_store"
Edit = Callable[[str, str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small store that a test may spoil."""
    return Path(shutil.copytree(SMALL_STORE, tmp_path / "store"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace one stretch of one of the folder's files."""

    def replace(file: str, old: str, new: str) -> Path:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return replace


def problems_of(folder: Path) -> list[DataError]:
    """What is wrong with a folder."""
    with pytest.raises(OwnerFilesError) as caught:
        read_store(folder)
    return [*caught.value.problems]


def only_problem(folder: Path) -> tuple[str, int, str, str]:
    """The one thing that is wrong with a folder."""
    [problem] = problems_of(folder)
    return problem.file, problem.line, problem.column, problem.problem


def test_reads_a_sound_folder() -> None:
    files: StoreFiles = read_store(SMALL_STORE)
    assert [product.product_id for product in files.products] == ["P1", "P2", "P3", "P4", "P5"]
    assert files.products[0].list_price_minor == 12_000
    assert len(files.variants) == 16
    assert {variant.sku for variant in files.variants} >= {"P1-BLACK-42", "P4-ONE"}
    assert files.store.country == "NO", "a plain NO in YAML is a country, not a no"
    assert files.store.loyalty_tiers[1].discount_percent == "5"
    assert files.promotions[0].starts_on.isoformat() == "2026-03-01"


def test_the_demo_store_is_sound() -> None:
    files = read_store(DEMO_STORE)
    assert len(files.products) > 0
    assert {stock.sku for stock in files.stock} <= {variant.sku for variant in files.variants}


def test_accepts_a_byte_order_mark_and_windows_line_ends(folder: Path) -> None:
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    where = {"folder": SMALL_STORE, "fingerprint": ""}
    assert read_store(folder).model_copy(update=where) == read_store(SMALL_STORE).model_copy(update=where)


def test_customers_and_promotions_may_be_left_out(folder: Path) -> None:
    (folder / "customers.csv").unlink()
    (folder / "promotions.csv").unlink()
    files = read_store(folder)
    assert files.customers == files.promotions == ()


@pytest.mark.parametrize("file", ["store.yaml", "vocabulary.yaml", "products.csv", "stock.csv"])
def test_a_missing_file_is_the_only_problem_reported(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert only_problem(folder) == (file, 0, "", "the file is missing")


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "said"),
    [
        ("products.csv", "list_price", "listprice", (1, "listprice"), "did you mean 'list_price'?"),
        ("products.csv", "120.00", "120,00", (2, ""), "12 cells where the header has 11"),
        ("products.csv", "45.50", "45.505", (3, "list_price"), "not a price in EUR: '45.505'"),
        ("products.csv", "45.50", "0", (3, "list_price"), "above zero"),
        ("products.csv", "45.50", "1e999999999", (3, "list_price"), "not a price"),
        ("products.csv", ",boots,", ",boot,", (2, "category"), "unknown category 'boot'; did you mean 'boots'?"),
        ("products.csv", "black|green", "black|geen", (2, "colours"), "unknown colour 'geen'; did you mean 'green'?"),
        ("products.csv", ",wool,", ",woo,", (4, "material"), "did you mean 'wool'?"),
        ("products.csv", "P2,", "P1,", (3, "product_id"), "'P1' is there twice"),
        ("products.csv", "Drift", "Dr\x07ift", (3, "model"), "control character U+0007"),
        ("products.csv", "Drift", "Dr\u202eift", (3, "model"), "control character U+202E"),
        ("products.csv", "Drift", "D" * 2_001, (3, "model"), "longer than 2000 characters"),
        ("products.csv", ",18,", ",eighteen,", (6, "min_age"), "not a whole number: 'eighteen'"),
        ("products.csv", '"Sturdy', '"Sturdy" x', (2, ""), "quotation marks"),
        ("products.csv", "41|42|43", "4.1|41", (2, "sizes"), "the same number"),
        ("stock.csv", "A,P2-BLACK-41", "C,P2-BLACK-41", (4, "kiosk_id"), "unknown kiosk 'C'"),
        ("stock.csv", "P2-BLACK-41", "P2-BLACK-4", (4, "sku"), "unknown sku 'P2-BLACK-4'; did you mean 'P2-BLACK-4"),
        ("stock.csv", "A1,3", "A1,-3", (2, "on_hand"), "must lie between 0 and"),
        ("stock.csv", "A3,2", "A1,2", (4, "slot"), "the slot A1 of A is taken"),
        ("customers.csv", ",gold,", ",golden,", (2, "loyalty_tier"), "unknown tier 'golden'; did you mean 'gold'?"),
        ("customers.csv", "feet=42", "feet:42", (2, "sizes"), "write it like tops=M"),
        ("customers.csv", "C2,Bo Lund,de", "C2,Bo Lund,dk", (3, "language"), "unknown language 'dk'"),
        ("promotions.csv", ",P3,", ",P9,", (4, "product_id"), "unknown product 'P9'; did you mean"),
        ("promotions.csv", "2026-03-07", "07.03.2026", (2, "ends_on"), "not a day: '07.03.2026'"),
        ("promotions.csv", "2026-03-07", "2026-02-07", (2, "ends_on"), "lies before starts_on"),
        ("promotions.csv", ",20,", ",120,", (2, "percent_off"), "not a percentage"),
        ("store.yaml", "EUR", "EURO", (2, "1"), "not the code of a currency"),
        ("store.yaml", "Europe/Oslo", "../../etc/passwd", (4, "1"), "not a time zone"),
        ("store.yaml", "id: B", "id: A", (6, "1"), "the kiosk 'A' is there twice"),
        ("store.yaml", "[sandals, boots]", "[sandals, bots]", (13, "19"), "did you mean 'boots'?"),
        ("store.yaml", "country:", "contry:", (3, "1"), "unknown key 'contry'; did you mean 'country'?"),
        ("store.yaml", "[en, es", "[en, {es", (5, "32"), "not YAML"),
        ("store.yaml", "name: Corner", "name: &a Corner", (1, "7"), "anchors"),
        ("vocabulary.yaml", "parent: footwear", "parent: footware", (5, "5"), "did you mean 'footwear'?"),
        ("vocabulary.yaml", "en: [black]", "english: [black]", (17, "19"), "not the code of a language"),
        ("vocabulary.yaml", "  boots:", "  sandals:", (7, "3"), "'sandals' is there twice"),
    ],
)
def test_says_where_a_problem_is(edit: Edit, file: str, old: str, new: str, place: tuple[int, str], said: str) -> None:
    found = [problem for problem in problems_of(edit(file, old, new)) if said in problem.problem]
    assert [(problem.file, problem.line, problem.column) for problem in found[:1]] == [(file, *place)]


def test_one_wrong_cell_is_reported_once(edit: Edit) -> None:
    assert only_problem(edit("products.csv", "45.50", "free"))[:3] == ("products.csv", 3, "list_price")


def test_says_which_byte_is_not_utf8(folder: Path) -> None:
    path = folder / "customers.csv"
    path.write_bytes(path.read_bytes().replace(b"Bo Lund", "Bø Lund".encode("latin-1")))
    file, line, column, problem = only_problem(folder)
    assert (file, line, column) == ("customers.csv", 3, "byte 5")
    assert "0xF8" in problem


def test_semicolons_are_named_as_the_cause(edit: Edit) -> None:
    folder = edit("stock.csv", "kiosk_id,sku,slot,on_hand", "kiosk_id;sku;slot;on_hand")
    assert "separated by commas" in problems_of(folder)[0].problem


def test_stops_at_a_hundred_problems(folder: Path) -> None:
    rows = [f"C{number},,xx,," for number in range(1_000)]
    (folder / "customers.csv").write_text("\n".join(["customer_id,name,language,loyalty_tier,sizes", *rows]))
    assert len(problems_of(folder)) == MAX_PROBLEMS


def test_quotes_that_never_close_are_placed_where_they_open(edit: Edit) -> None:
    folder = edit("products.csv", "Light sandals", '"Light sandals')
    assert ("products.csv", 3) in [(problem.file, problem.line) for problem in problems_of(folder)]


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes_give_rows_or_problems(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "stock.csv"
    path.write_bytes(b"a,b\n" + content)
    problems = Problems()
    for row in read_table(path, ("a", "b"), problems):
        assert set(row.cells) == {"a", "b"}


def test_check_prints_problems_and_fails(edit: Edit) -> None:
    result = CliRunner().invoke(app, ["check", str(edit("products.csv", "45.50", "free"))])
    assert result.exit_code == 1
    assert "products.csv:3:list_price: not a price in EUR" in result.output


def test_check_prints_a_summary() -> None:
    result = CliRunner().invoke(app, ["check", str(SMALL_STORE)])
    assert result.exit_code == 0
    assert "Corner Goods" in result.output
