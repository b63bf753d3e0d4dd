"""Goods called by a part of their names ("the Overlook one"): a sentence comes in, the goods that it may mean go out.

The knowledge graph's linker knows whole names. What people say of a product's name is a word or two, in the middle of
any language, so a word counts here only if it tells products apart and is no everyday word.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence

from pydantic import BaseModel, ConfigDict
from rapidfuzz import process
from rapidfuzz.distance import OSA

from tools.name_index import Token, tokenise
from tools.vocabulary import Vocabulary

MAX_TEXT = 2_000
LEAST_LETTERS = 4
MAX_BEARERS = 3
"""A word in the names of more goods than this (a brand, say) does not name one of them."""
SLIP_LETTERS = 6
"""Words as long as this are recognised with one slip in them."""
PLAIN_WORTH = 0.4
"""What a word beside a telling one is worth if it is in the name, too: "Diner White" is no "Diner Mug"."""


class NamedGoods(BaseModel):
    """A stretch `start:end` of the text and the goods that it may name, equally well."""

    model_config = ConfigDict(frozen=True)

    text: str
    start: int
    end: int
    product_ids: tuple[str, ...]


class GoodsNames:
    """Finds goods by telling words of their names. Reading is thread safe."""

    def __init__(self, names: Mapping[str, str], vocabulary: Vocabulary, common_words: Container[str]) -> None:
        """`names` are by product id; the vocabulary's words (kinds, colours, materials) tell no product."""
        self._bearers: dict[str, set[str]] = defaultdict(set)
        for product_id, name in names.items():
            for token in tokenise(name):
                self._bearers[token.text].add(product_id)
        self._telling = {
            word
            for word, bearers in self._bearers.items()
            if len(word) >= LEAST_LETTERS and len(bearers) <= MAX_BEARERS and not vocabulary.find(word)
        }
        self._everyday = {word for word in self._telling if word in common_words}
        self._common = common_words

    def find(self, text: str) -> list[NamedGoods]:
        """All goods that are named, in text order.

        An everyday word of a name ("Office") counts only beside another word of the same name, or written with a
        capital inside the sentence.
        """
        text = text[:MAX_TEXT]
        tokens = tokenise(text)
        words = [self._word(token) for token in tokens]
        found: list[NamedGoods] = []
        place = 0
        while place < len(tokens):
            end = place
            while end < len(tokens) and words[end]:
                end += 1
            if end > place and (goods := self._goods(text, tokens[place:end], words[place:end], place == 0)):
                found.append(goods)
            place = max(end, place + 1)
        return found

    def _word(self, token: Token) -> str:
        """The word of some name that this is, perhaps with a slip in it; empty if it is none."""
        if token.text in self._bearers:
            return token.text
        if len(token.text) < SLIP_LETTERS or token.text in self._common:
            return ""
        near = process.extractOne(token.text, self._telling, scorer=OSA.distance, score_cutoff=1)
        return near[0] if near and near[0][0] == token.text[0] and len(near[0]) >= SLIP_LETTERS else ""

    def _goods(self, text: str, tokens: Sequence[Token], words: Sequence[str], is_opening: bool) -> NamedGoods | None:
        """The goods whose names have most of these words in a row, if the words name any."""
        worth: dict[str, float] = defaultdict(float)
        shared: dict[str, int] = defaultdict(int)
        telling = [
            self._tells(word, token, is_opening and place == 0)
            for place, (word, token) in enumerate(zip(words, tokens, strict=True))
        ]
        for word in words:
            for product_id in self._bearers[word]:
                worth[product_id] += 1 if word in self._telling else PLAIN_WORTH
                shared[product_id] += 1
        best = max(worth.values())
        named = [product_id for product_id in worth if worth[product_id] == best]
        is_named = any(telling) or (best >= 1 + PLAIN_WORTH and any(shared[one] > 1 for one in named))
        if not is_named or best < 1 or len(named) > MAX_BEARERS:
            return None
        start, end = tokens[0].start, tokens[-1].end
        return NamedGoods(text=text[start:end], start=start, end=end, product_ids=tuple(sorted(named)))

    def _tells(self, word: str, token: Token, is_first: bool) -> bool:
        """Whether a word alone names goods."""
        if word not in self._telling:
            return False
        return word not in self._everyday or (token.capital and not is_first)
