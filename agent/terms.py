"""The shop's own words in an utterance: attributes of goods, types of graph nodes, relations, and places in orders."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agent.spoken.ordinals import OrdinalMatch
from agent.understanding import NamedEntity
from tools.goods_names import GoodsNames, NamedGoods
from tools.linking import CERTAIN, Candidate, Mention, NameLinker
from tools.name_index import tokenise
from tools.ontology import NodeType, Ontology, Relation, WordMatch
from tools.term_finder import TermMatch
from tools.vocabulary import Vocabulary


class Attributes(BaseModel):
    """Attributes of goods that were said, as the store's keys; `excluded` are those that were negated."""

    model_config = ConfigDict(frozen=True)

    categories: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


class ShopTerms:
    """Reads the words of one shop's vocabulary and ontology."""

    def __init__(
        self, ontology: Ontology, vocabulary: Vocabulary, linker: NameLinker, goods: GoodsNames, product_type: str
    ) -> None:
        self.ontology = ontology
        self.product_type = product_type
        self._vocabulary = vocabulary
        self._linker = linker
        self._goods = goods
        self.words = _single_words(vocabulary, ontology)

    def attributes(
        self, text: str, language: str, apart: Sequence[tuple[int, int]], negated: Sequence[tuple[int, int]]
    ) -> Attributes:
        """What is said of goods in the text, but not in the stretches set `apart`: names ("Black Swan"), phrases."""
        found: dict[str, list[str]] = {"category": [], "colour": [], "material": [], "feature": []}
        excluded: list[str] = []
        features = self._vocabulary.find_features(text, language)
        goods = self._vocabulary.find(text, language)
        # a word that is a feature as it stands is no misspelt kind of goods (es: claqueta, chaqueta)
        goods = [match for match in goods if not (match.is_slip and _is_within(match, features))]
        for match in (*goods, *features):
            if any(match.start < end and start < match.end for start, end in apart):
                continue
            if match.kind == "feature" and not any(start <= match.start and match.end <= end for start, end in negated):
                found[match.kind].append(match.key)  # "without laces" is itself a feature
            elif any(start < match.end and match.start < end for start, end in negated):
                excluded.append(match.key)
            else:
                found[match.kind].append(match.key)
        return Attributes(
            categories=_distinct(found["category"]),
            colours=_distinct(found["colour"]),
            materials=_distinct(found["material"]),
            features=_distinct(found["feature"]),
            excluded=_distinct(excluded),
        )

    def key_of_asked(self, asked: str, text: str) -> str:
        """What the model says is asked for, as a type's or property's own name; a type word in the text will do."""
        for name in self.ontology.types:
            if name.lower() == asked:
                return name
        if asked == "color":
            return "colour"
        if asked:
            return asked
        types = [match.key for match in self.ontology.type_words(text)]
        return types[0] if types else ""

    def other_end(self, asked: str, names: Sequence[NamedEntity], text: str) -> str:
        """What is asked for, where that is the type of the one thing named: the other end of the relation that was
        said, as who asks by whom a film is does not ask for a film."""
        named = {name.mention.candidates[0].node_type for name in names}
        if named != {asked}:
            return asked
        said = [self.ontology.relations[match.key] for match in self.ontology.relation_words(text)]
        ends = {
            end
            for relation in said
            for end in (relation.from_type, relation.to_type)
            if asked in (relation.from_type, relation.to_type)
        }
        others = ends - {asked}
        return others.pop() if len(others) == 1 else asked

    def leads_to_goods(self, relation: str) -> bool:
        """Whether a relation of the graph is about goods: who wore it."""
        declared = self.ontology.relations[relation]
        ends = (declared.from_type, declared.to_type)
        return any(end == self.product_type or self.ontology.types[end].hidden for end in ends)

    def with_goods(self, text: str, mentions: Sequence[Mention]) -> list[Mention]:
        """The mentions, and those of goods that are called by a part of their name, in the place of doubtful ones."""
        sure = [mention for mention in mentions if mention.candidates[0].score >= CERTAIN]
        goods = [
            Mention(text=named.text, start=named.start, end=named.end, candidates=self._candidates(named))
            for named in self._goods.find(text)
            if not any(named.start < mention.end and mention.start < named.end for mention in sure)
        ]
        left = [
            mention
            for mention in mentions
            if not any(mention.start < named.end and named.start < mention.end for named in goods)
        ]
        return sorted([*left, *goods], key=lambda mention: mention.start)

    def _candidates(self, named: NamedGoods) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(node_id=product_id, node_type=self.product_type, name=named.text, score=PART_OF_NAME)
            for product_id in named.product_ids
        )

    def is_of_goods(self, words: str, language: str) -> bool:
        """Whether a few words are a feature, a kind or another quality of goods, and nothing else."""
        said = [*self._vocabulary.find(words, language), *self._vocabulary.find_features(words, language)]
        return any(match.end - match.start >= len(words.strip()) for match in said)

    def is_attribute(self, mention: Mention, text: str, language: str) -> bool:
        """Whether what could be part of a name is plain words for goods, or only sounds like one and has such in it."""
        score = mention.candidates[0].score
        if score < WHOLE_NAME and self._overlaps_words(mention, text, language):
            return True
        if score < PART_OF_NAME and self._overlaps_goods(mention, text, language):
            return True  # it: "maglione di Natale" has nothing of Natalie
        if mention.text != mention.text.lower() or not mention.text.isascii() or len(mention.text.split()) > 1:
            return False
        return any(match.surface == mention.text for match in self._vocabulary.find(mention.text, language))

    def _overlaps_words(self, mention: Mention, text: str, language: str) -> bool:
        """Whether a name in a script without capitals lies over words of the shop or of its graph."""
        if not has_no_capitals(mention.text):
            return False
        words = [
            *self._vocabulary.find(text, language),
            *self.ontology.relation_words(text),
            *self.ontology.type_words(text),
        ]
        return any(word.start < mention.end and mention.start < word.end for word in words)

    def _overlaps_goods(self, mention: Mention, text: str, language: str) -> bool:
        found = (*self._vocabulary.find(text, language), *self._vocabulary.find_features(text, language))
        return any(match.start < mention.end and mention.start < match.end and not match.is_slip for match in found)

    def weighed(self, mention: Mention, text: str) -> Mention:
        """The mention, trusted less in a sentence that asks for nothing named if it is a lower-case part of a name, or
        only sounds like one.

        ("que sean dos" speaks of no Sean; "the boots dicaprio wore" does speak of DiCaprio.)
        """
        whole = mention.candidates[0].score >= WHOLE_NAME or mention.text != mention.text.lower()
        may_be_words = mention.text.isascii() or has_no_capitals(mention.text)
        if whole or not may_be_words or self.asks_the_graph(text):
            return mention
        doubted = tuple(item.model_copy(update={"score": item.score * DOUBT}) for item in mention.candidates)
        return mention.model_copy(update={"candidates": doubted})

    def asks_the_graph(self, text: str) -> bool:
        """Whether a word of the ontology is said: somebody wore it, it is in a film."""
        return bool(self.ontology.relation_words(text) or self.ontology.type_words(text))

    def shown_by_name(self, text: str, names: Sequence[str]) -> tuple[int | None, list[tuple[int, int]]]:
        """Which of the options (1 is the first) is called by its name or a telling part of it, and where."""
        tokens = tokenise(text)
        said = {token.text for token in tokens}
        telling = [
            {token.text for token in tokenise(name) if len(token.text) > 3 and not self._linker.is_common(token.text)}
            for name in names
        ]
        hits = [len(words & said) for words in telling]
        best = max(hits, default=0)
        if best == 0 or hits.count(best) > 1:
            return None, []
        option = hits.index(best)
        return option + 1, [(token.start, token.end) for token in tokens if token.text in telling[option]]

    def claims(self, text: str) -> set[str]:
        """Keys and ids of all goods' attributes and known names in a text: what it could be making claims about."""
        best = [mention.candidates[0] for mention in self._linker.find(text) if mention.candidates]
        names = {candidate.node_id for candidate in best if candidate.score >= CERTAIN}
        return names | {match.key for match in self._vocabulary.find(text)}

    def looks_like_a_name(self, words: str) -> bool:
        """Whether the words could be somebody's or something's name, so that not knowing it is worth saying."""
        return any(not self._linker.is_common(word) for word in words.split() if len(word) > 2)


def _single_words(vocabulary: Vocabulary, ontology: Ontology) -> dict[str, frozenset[str]]:
    """The shop's own words with the languages that have them, by which an utterance's language is told."""
    languages: dict[str, set[str]] = {}
    said = [*vocabulary.words(), *(item for kind in (ontology.types, ontology.relations) for item in _words_of(kind))]
    for language, word in said:
        if word.isalpha():
            languages.setdefault(unicodedata.normalize("NFC", word).casefold(), set()).add(language)
    return {word: frozenset(codes) for word, codes in languages.items()}


def _words_of(declared: Mapping[str, NodeType] | Mapping[str, Relation]) -> Iterator[tuple[str, str]]:
    for one in declared.values():
        for language, words in one.words.items():
            yield from ((language, word) for word in words)


PART_OF_NAME = 0.75
MAX_DISTANCE = 24
WHOLE_NAME = 0.9
DOUBT = 0.6
MAX_GAP = 4


def place_ordinals(
    ontology: Ontology, text: str, said: Sequence[OrdinalMatch], numbers: Sequence[OrdinalMatch]
) -> dict[str, int]:
    """Each ordinal given to the type whose word stands nearest to it, a word behind it before one in front.

    A plain number counts where it directly follows such a word ("scene 2").
    """
    types = [match for match in ontology.type_words(text) if ontology.types[match.key].order_by]
    placed: dict[str, int] = {}
    for ordinal in said:
        near = min(types, key=lambda match: _distance(ordinal, match), default=None)
        if near is not None and _distance(ordinal, near) <= MAX_DISTANCE:
            placed.setdefault(near.key, ordinal.value)
    for number in numbers:
        for match in types:
            if 0 <= number.start - match.end <= MAX_GAP:
                placed.setdefault(match.key, number.value)
    return placed


def has_no_capitals(text: str) -> bool:
    """Whether text is in a script whose names are written like all other words."""
    return not any(letter.isupper() or letter.islower() for letter in text)


def _distance(ordinal: OrdinalMatch, match: WordMatch) -> int:
    """Characters between an ordinal and a word; words in front count double, as most languages put them behind."""
    if match.start >= ordinal.end:
        return match.start - ordinal.end
    return 2 * max(ordinal.start - match.end, 0) + 1


def _is_within(match: TermMatch, others: Sequence[TermMatch]) -> bool:
    return any(other.start <= match.start and match.end <= other.end for other in others)


def _distinct(keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))
