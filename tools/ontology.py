"""The shop's ontology: `graph/ontology.yaml` comes in; node types, relations and slots, typed and checked, go out."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tools.errors import GraphError
from tools.owner_files import Problems, suggestion
from tools.owner_yaml import YamlFile, YamlModel, read_yaml
from tools.path_query import Direction
from tools.term_finder import fold

# Names that become labels in the graph: nothing else is ever put into the text of a graph statement.
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,40}$")]
# Tables lie beside the ontology or one folder above, where the store's own tables are.
TableFile = Annotated[str, Field(pattern=r"^(\.\./)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}\.csv$")]
Column = Annotated[str, Field(min_length=1, max_length=80)]
Word = Annotated[str, Field(min_length=1, max_length=80)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Words = dict[Language, tuple[Word, ...]]
PropertyType = Literal["text", "integer", "decimal", "year"]
"""A `year` is an integer that words for years ("the nineties") choose by."""
RESERVED_PROPERTIES = frozenset({"id", "name", "aliases", "_id", "_label", "_src", "_dst"})
ENTITY = "Entity"
_UNSPACED_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


class NodeType(YamlModel):
    """A type of node and the table its nodes are read from; `name` holds the columns a node's name is joined from."""

    file: TableFile
    key: Column
    name: tuple[Column, ...] = Field(min_length=1, max_length=8)
    aliases: Column | None = None
    properties: dict[Identifier, PropertyType] = Field(default={}, max_length=60)
    order_by: str | None = None
    hidden: bool = False
    words: Words = Field(default={})

    @field_validator("name", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Relation(YamlModel):
    """A relation between two types; either column may hold several ids separated by a bar."""

    model_config = ConfigDict(populate_by_name=True)

    from_type: Identifier = Field(alias="from")
    to_type: Identifier = Field(alias="to")
    file: TableFile
    from_column: Column
    to_column: Column
    words: Words = Field(default={})


class SlotDefinition(YamlModel):
    """Something a customer can name: nodes of a type, perhaps tied to the rest by certain relations."""

    type: Identifier
    relations: tuple[Identifier, ...] = ()
    help: Annotated[str, Field(max_length=200)] = ""


class Traversal(BaseModel, frozen=True):
    """A relation and the direction it is walked in: `out` as it is stored, `in` against it."""

    relation: str
    direction: Direction

    @property
    def reverse(self) -> "Traversal":
        """The way back."""
        return Traversal(relation=self.relation, direction="in" if self.direction == "out" else "out")


class WordMatch(BaseModel):
    """A word of the ontology in a text: the type or relation it stands for and where (`end` is not part of it)."""

    model_config = ConfigDict(frozen=True)

    key: str
    start: int
    end: int
    surface: str


class Ontology(YamlModel):
    """What the graph is made of. `source` tells a folder of tables from a file of triples."""

    types: dict[Identifier, NodeType] = Field(min_length=1, max_length=60)
    relations: dict[Identifier, Relation] = Field(default={}, max_length=200)
    slots: dict[Identifier, SlotDefinition] = Field(default={}, max_length=40)

    @property
    def product_type(self) -> str:
        """The type of node that is a product of the catalogue: the one keyed by its product id; GraphError for none."""
        for name, declared in self.types.items():
            if declared.key == "product_id":
                return name
        raise GraphError("the ontology has no type keyed by product_id, so the graph leads to nothing that is sold")

    def type(self, name: str) -> NodeType:
        """The type of that name; GraphError when there is none."""
        if name not in self.types:
            raise GraphError(f"the graph has no type {name!r}{suggestion(name, self.types)}")
        return self.types[name]

    def relation(self, name: str) -> Relation:
        """The relation of that name; GraphError when there is none."""
        if name not in self.relations:
            raise GraphError(f"the graph has no relation {name!r}{suggestion(name, self.relations)}")
        return self.relations[name]

    def ends(self, relation: str, direction: Direction) -> tuple[str, str]:
        """The types a walk over the relation leaves from and arrives at."""
        found = self.relation(relation)
        return (found.from_type, found.to_type) if direction == "out" else (found.to_type, found.from_type)

    def relations_between(self, start: str, end: str) -> tuple[Traversal, ...]:
        """Every way to get from one type to another in a single hop, in either direction."""
        directions: tuple[Direction, Direction] = ("out", "in")
        return tuple(
            Traversal(relation=name, direction=direction)
            for name in self.relations
            for direction in directions
            if self.ends(name, direction) == (start, end)
        )

    def type_words(self, text: str) -> list[WordMatch]:
        """Words for types ("film", "películas") in a text, in order."""
        return self._type_finder.find(text)

    def relation_words(self, text: str) -> list[WordMatch]:
        """Words for relations in a text, in order."""
        return self._relation_finder.find(text)

    def relations_said(self, text: str) -> tuple[str, ...]:
        """The relations whose words are in a text, each once."""
        return tuple(dict.fromkeys(match.key for match in self.relation_words(text)))

    @cached_property
    def _type_finder(self) -> "_WordFinder":
        return _WordFinder({name: declared.words for name, declared in self.types.items()})

    @cached_property
    def _relation_finder(self) -> "_WordFinder":
        return _WordFinder({name: declared.words for name, declared in self.relations.items()})


class _WordFinder:
    """Finds words in folded text, the longest first; words of scripts with spaces only where they stand alone."""

    def __init__(self, words: Mapping[str, Words]) -> None:
        self._keys: dict[str, list[str]] = {}
        for key, by_language in words.items():
            for word in (word for listed in by_language.values() for word in listed):
                folded = fold(word)[0].strip()
                if folded and key not in self._keys.setdefault(folded, []):
                    self._keys[folded].append(key)
        longest_first = sorted(self._keys, key=len, reverse=True)
        self._pattern = re.compile("|".join(_alone(word) for word in longest_first)) if longest_first else None

    def find(self, text: str) -> list[WordMatch]:
        """All matches in order; a word that several keys share gives a match for each."""
        if self._pattern is None:
            return []
        folded, places = fold(text)
        found: list[WordMatch] = []
        for match in self._pattern.finditer(folded):
            start, end = places[match.start()], places[match.end() - 1] + 1
            keys = self._keys[match.group()]
            found += [WordMatch(key=key, start=start, end=end, surface=text[start:end]) for key in keys]
        return found


def _alone(word: str) -> str:
    """A pattern for the word that does not match inside a longer word."""
    before = r"(?<!\w)" if _is_spaced(word[0]) else ""
    after = r"(?!\w)" if _is_spaced(word[-1]) else ""
    return f"{before}{re.escape(word)}{after}"


def _is_spaced(character: str) -> bool:
    return not unicodedata.name(character, "").startswith(_UNSPACED_SCRIPTS)


def load_ontology(path: Path) -> Ontology:
    """The ontology of a file; OwnerFilesError with file and line of each problem when it is not sound."""
    problems = Problems()
    ontology = read_ontology(path, problems)
    problems.raise_if_any()
    assert ontology is not None
    return ontology


def read_ontology(path: Path, problems: Problems) -> Ontology | None:
    """The ontology of a file, or None; everything that is wrong with it is noted."""
    file = read_yaml(path, Ontology, problems)
    if file is None:
        return None
    before = len(problems)
    for where, problem in _inconsistencies(file):
        file.refuse(where, problem)
    return file.model if len(problems) == before else None


def _inconsistencies(file: YamlFile[Ontology]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    ontology = file.model
    yield from _clashing_names(ontology)
    for name, declared in ontology.types.items():
        yield from _type_problems(name, declared)
    for name, relation in ontology.relations.items():
        for key, end in (("from", relation.from_type), ("to", relation.to_type)):
            if end not in ontology.types:
                yield ("relations", name, key), f"unknown type {end!r}{suggestion(end, ontology.types)}"
    for name, slot in ontology.slots.items():
        if slot.type not in ontology.types:
            yield ("slots", name, "type"), f"unknown type {slot.type!r}{suggestion(slot.type, ontology.types)}"
        for position, relation_name in enumerate(slot.relations):
            relation = ontology.relations.get(relation_name)
            where = ("slots", name, "relations", position)
            if relation is None:
                yield where, f"unknown relation {relation_name!r}{suggestion(relation_name, ontology.relations)}"
            elif slot.type not in (relation.from_type, relation.to_type):
                yield where, f"the relation {relation_name!r} does not touch the type {slot.type!r}"


def _clashing_names(ontology: Ontology) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The graph's tables do not tell upper from lower case, nor a type from a relation."""
    seen: set[str] = set()
    sections: tuple[tuple[str, Mapping[str, Any]], ...] = (("types", ontology.types), ("relations", ontology.relations))
    for section, names in sections:
        for name in names:
            if name.casefold() in seen:
                yield (section, name), f"the name {name!r} is already taken by another type or relation"
            seen.add(name.casefold())


def _type_problems(name: str, declared: NodeType) -> Iterator[tuple[tuple[str | int, ...], str]]:
    seen: set[str] = set()
    for property_name in declared.properties:
        where = ("types", name, "properties", property_name)
        if property_name.casefold() in RESERVED_PROPERTIES:
            yield where, f"the property name {property_name!r} is reserved"
        if property_name.casefold() in seen:
            yield where, f"the property {property_name!r} is there twice"
        seen.add(property_name.casefold())
    if declared.order_by is not None and declared.order_by not in declared.properties:
        near = suggestion(declared.order_by, declared.properties)
        yield ("types", name, "order_by"), f"unknown property {declared.order_by!r}{near}"


def triples_ontology(relations: Mapping[str, None] | list[str]) -> Ontology:
    """The ontology of a plain file of triples: one type, `Entity`, and its relations from subject to object.

    A triple says nothing of types and the same name may stand on both sides, so a node is what has a name: its id.
    """
    entity = NodeType(file="triples.csv", key="subject", name=("subject",))
    relation = {"from": ENTITY, "to": ENTITY, "file": "triples.csv", "from_column": "subject", "to_column": "object"}
    return Ontology(types={ENTITY: entity}, relations={name: Relation.model_validate(relation) for name in relations})
