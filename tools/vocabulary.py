"""The shop's own words for goods and what they are like: vocabulary.yaml comes in, words, keys and terms go out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from babel import Locale, UnknownLocaleError
from pydantic import Field, StringConstraints

from tools.owner_files import Problems, suggestion, unfit_character
from tools.owner_yaml import YamlFile, YamlModel, read_yaml
from tools.term_finder import Kind, NamedWords, TermFinder, TermMatch, fold

FALLBACK_LANGUAGE = "en"

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_ ][a-z0-9]+)*$", max_length=60)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Words = dict[str, Annotated[list[Word], Field(max_length=100)]]


class Term(YamlModel):
    """The words for one colour, material or feature, per language."""

    words: Words


class CategoryTerm(Term):
    """The words for one kind of goods, and the wider kind it belongs to."""

    parent: str | None = None


class VocabularyFile(YamlModel):
    """vocabulary.yaml as it is written."""

    categories: dict[Key, CategoryTerm] = Field(min_length=1)
    colours: dict[Key, Term] = Field(default_factory=dict)
    materials: dict[Key, Term] = Field(default_factory=dict)
    features: dict[Key, Term] = Field(default_factory=dict)
    """What tells goods of one kind apart: cut, pattern, shape, occasion."""

    def terms(self) -> Iterator[tuple[Kind, str, Term]]:
        """All terms with their kind and key."""
        for key, category in self.categories.items():
            yield "category", key, category
        for key, colour in self.colours.items():
            yield "colour", key, colour
        for key, material in self.materials.items():
            yield "material", key, material
        for key, feature in self.features.items():
            yield "feature", key, feature


def read_vocabulary(path: Path, problems: Problems) -> VocabularyFile | None:
    """vocabulary.yaml as it is written, or None; everything that is wrong with it is noted."""
    file = read_yaml(path, VocabularyFile, problems)
    if file is None:
        return None
    for key, term in file.model.categories.items():
        _check_parent(file, key, term)
    section = {"category": "categories", "colour": "colours", "material": "materials", "feature": "features"}
    for kind, key, term in file.model.terms():
        for language, words in term.words.items():
            where = (section[kind], key, "words", language)
            if not _is_language(language):
                file.refuse(where, f"{language!r} is not the code of a language")
            for position, word in enumerate(words):
                if not fold(word)[0].strip() or unfit_character(word):
                    file.refuse((*where, position), f"not a word: {word!r}")
    return file.model


def _check_parent(file: YamlFile[VocabularyFile], key: str, term: CategoryTerm) -> None:
    categories = file.model.categories
    if term.parent is None:
        return
    if term.parent not in categories:
        near = suggestion(term.parent, categories)
        file.refuse(("categories", key, "parent"), f"unknown category {term.parent!r}{near}")
        return
    seen, above = {key}, term.parent
    while above is not None and above in categories:
        if above in seen:
            file.refuse(("categories", key, "parent"), f"{key!r} lies below itself")
            return
        seen.add(above)
        above = categories[above].parent


def _is_language(code: str) -> bool:
    try:
        return bool(Locale.parse(code.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        return False


def load_vocabulary(path: Path) -> "Vocabulary":
    """The vocabulary of a file; OwnerFilesError when the file has problems."""
    problems = Problems()
    file = read_vocabulary(path, problems)
    problems.raise_if_any()
    assert file is not None
    return Vocabulary(file)


class Vocabulary:
    """Finds a shop's terms in sentences of any of its languages, without a model and in well under a millisecond."""

    def __init__(self, file: VocabularyFile) -> None:
        self._file = file
        words: list[NamedWords] = [(kind, key, term.words) for kind, key, term in file.terms()]
        # apart from the rest: "sailor" may be a word of a name, and "polo neck" is no polo
        self._finder = TermFinder(one for one in words if one[0] != "feature")
        self._feature_finder = TermFinder((one for one in words if one[0] == "feature"), allows_slips=False)
        self._under = _below(file)
        self._terms = {(kind, key): term for kind, key, term in file.terms()}

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories' keys, groups among them."""
        return tuple(self._file.categories)

    @property
    def colours(self) -> tuple[str, ...]:
        """All colours' keys."""
        return tuple(self._file.colours)

    @property
    def materials(self) -> tuple[str, ...]:
        """All materials' keys."""
        return tuple(self._file.materials)

    def words(self) -> Iterator[tuple[str, str]]:
        """All words, each with its language."""
        for _, _, term in self._file.terms():
            for language, words in term.words.items():
                yield from ((language, word) for word in words)

    def categories_under(self, key: str) -> tuple[str, ...]:
        """The category itself and all below it; nothing for a key that is no category."""
        return self._under.get(key, ())

    def group_of(self, key: str) -> str:
        """The group that a category lies in where that is itself part of another: shoes for boots, but not accessories
        for hats, which have nothing else in common. The key itself where there is none."""
        parent = self._file.categories[key].parent if key in self._file.categories else None
        return parent if parent and self._file.categories[parent].parent else key

    def label(self, kind: Kind, key: str, language: str) -> str:
        """The term's first word in the language, else in English, else in any; the key for an unknown term."""
        term = self._terms.get((kind, key))
        if term is None:
            return key
        choices = (term.words.get(language), term.words.get(FALLBACK_LANGUAGE), *term.words.values())
        return next((words[0] for words in choices if words), key)

    def find(self, text: str, language: str | None = None) -> list[TermMatch]:
        """The kinds of goods, colours and materials in the text, in order; see `TermFinder.find`."""
        return self._finder.find(text, language)

    def find_features(self, text: str, language: str | None = None) -> list[TermMatch]:
        """The features of goods in the text, in order; see `TermFinder.find`."""
        return self._feature_finder.find(text, language)


def _below(file: VocabularyFile) -> dict[str, tuple[str, ...]]:
    under: dict[str, list[str]] = {key: [key] for key in file.categories}
    for key, term in file.categories.items():
        seen, above = {key}, term.parent
        while above in file.categories and above not in seen:
            under[above].append(key)
            seen.add(above)
            above = file.categories[above].parent
    return {key: tuple(keys) for key, keys in under.items()}
