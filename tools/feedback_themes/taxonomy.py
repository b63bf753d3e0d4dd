"""What customers are known to speak of: the program's files and a shop's own come in, checked themes go out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, RootModel, StringConstraints

from tools.errors import DataError
from tools.owner_files import Problems
from tools.owner_yaml import YamlModel, read_yaml

FOLDER = Path(__file__).parent.parent / "data" / "feedback"
OWN_FOLDER = "feedback"
"""Where a shop keeps its own files, in its folder."""
MAX_THEMES = 200
WORST_SEVERITY = 3

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
ThemeId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Severity = Annotated[int, Field(ge=0, le=WORST_SEVERITY)]


class Tone(StrEnum):
    """What somebody thinks of what they speak of."""

    PRAISE = "praise"
    COMPLAINT = "complaint"
    NEUTRAL = "none"


class Theme(YamlModel):
    """One thing that customers speak of; see `tools/data/feedback/themes.yaml`."""

    tone: Tone
    role: Literal["subject", "general", "nothing"] = "subject"
    severity: Severity = 0
    names: Annotated[dict[Language, Sentence], Field(min_length=1)]
    examples: Annotated[
        dict[Language, Annotated[list[Sentence], Field(min_length=1, max_length=300)]], Field(min_length=1)
    ]

    def name(self, language: str) -> str:
        """What the theme is called in a language, in English or in any where it has no name in that one."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()))


class Words(YamlModel):
    """The words of one language by which comments and summaries are read; see `tools/data/feedback/words.yaml`."""

    turns: tuple[Sentence, ...] = ()
    severe: dict[Sentence, Severity] = Field(default_factory=dict)
    amounts: tuple[Sentence, ...] = ()


class _Themes(RootModel[Annotated[dict[ThemeId, Theme], Field(max_length=MAX_THEMES)]]):
    pass


class _AllWords(RootModel[dict[Language, Words]]):
    pass


@dataclass(frozen=True)
class Example:
    """A sentence that is known to be about a theme."""

    theme: str
    language: str
    text: str


@dataclass(frozen=True)
class Taxonomy:
    """The themes by id, and the words by language."""

    themes: Mapping[str, Theme]
    words: Mapping[str, Words]

    def examples(self) -> list[Example]:
        """All sentences with what they are about."""
        return [
            Example(theme, language, text)
            for theme, own in self.themes.items()
            for language, texts in own.examples.items()
            for text in texts
        ]

    def turns(self) -> list[str]:
        """Words with which a comment turns to something else, in all languages."""
        return [word for words in self.words.values() for word in words.turns]

    def amounts(self, language: str) -> tuple[str, ...]:
        """Words of a language that say how many."""
        return self.words[language].amounts if language in self.words else ()

    def severe_words(self) -> dict[str, int]:
        """Words that make whatever is spoken of serious, in all languages, with how serious."""
        return {word.casefold(): level for words in self.words.values() for word, level in words.severe.items()}

    def general(self, tone: Tone) -> str | None:
        """The theme of opinions in this tone that name nothing in particular."""
        return next((name for name, own in self.themes.items() if own.role == "general" and own.tone is tone), None)


def load_taxonomy(shop_folder: Path | None = None) -> Taxonomy:
    """The program's themes and words, and the shop's own over them; OwnerFilesError when the shop's cannot be used."""
    problems = Problems()
    own = shop_folder / OWN_FOLDER if shop_folder else None
    themes = dict[str, Theme]()
    words = dict[str, Words]()
    for folder in (FOLDER, own):
        for file in _present(folder, "themes.yaml"):
            if (read := read_yaml(file, _Themes, problems)) is not None:
                themes |= read.model.root
        for file in _present(folder, "words.yaml"):
            if (read := read_yaml(file, _AllWords, problems)) is not None:
                words |= read.model.root
    if len({theme.tone for theme in themes.values()} & {Tone.PRAISE, Tone.COMPLAINT}) < 2 and not len(problems):
        raise DataError("needs at least one theme of praise and one of complaint", "themes.yaml")
    problems.raise_if_any()
    return Taxonomy(themes, words)


def _present(folder: Path | None, name: str) -> Iterable[Path]:
    return [folder / name] if folder is not None and (folder / name).is_file() else []
