"""What the kiosk knows of each language: a folder of YAML files in, one checked `LanguagePack` per file out."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from prompts.safe_yaml import read_yaml

LANGUAGES = Path(__file__).parent / "languages"
MAX_PACK_CHARACTERS = 200_000

Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Phrases = Annotated[tuple[Phrase, ...], Field(max_length=1000)]
Required = Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=1000)]
Pattern = Annotated[str, StringConstraints(pattern=r"^[^{}]*\{n\}[^{}]*$", max_length=80)]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=100)]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class LanguagePackError(Exception):
    """A language file that cannot be used; its text is one sentence that names the file."""


class LanguagePack(BaseModel):
    """One language as it is spoken at a counter. Lists are read without case, accents, apostrophes and hyphens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    endonym: Phrase
    english_name: Phrase
    names: Required
    """What customers call this language, in any language."""
    request_words: Required
    """Words that may stand around a language's name when a customer asks for it."""

    yes: Required
    """Whole utterances that are a clear yes."""
    agree: Phrases
    """Yes as well, but not beside thanks: "OK, thanks" is also how people leave."""
    no: Required
    fillers: Phrases
    """Words that change nothing: please, well, then, sorry."""
    hesitations: Phrases
    backchannels: Required
    """What one says to show that one listens, while the other goes on speaking."""
    greetings: Phrases
    thanks: Required
    cancel: Required
    goodbye: Required
    buy: Required
    buy_verbs: Phrases
    """Buying that needs a choice beside it: "I'll take" the second one."""
    help: Required
    staff: Required

    ordinals: dict[int, Required]
    """Place → words; -1 is the last or newest."""
    ordinal_patterns: Patterns
    not_ordinals: Phrases
    """Phrases with a word that only looks like an ordinal: "just a second"."""
    cardinals: dict[int, Required]
    round_numbers: dict[int, Required]
    halves_before: Phrases = ()
    """Words that add a half to the number they stand before; `halves_after` to the one they follow."""
    halves_after: Phrases = ()
    articles: Phrases
    choice_words: Phrases
    """Words that may stand beside an ordinal when something on show is picked."""
    choice_patterns: Patterns
    quantity_patterns: Patterns
    """How many, wherever it stands."""
    quantity_endings: Patterns
    """How many, if the clause ends or starts there: "I'll take two"."""

    size_cues: Required
    size_cues_after: Phrases = ()
    size_links: Phrases
    """Words that may stand between a cue and the size."""
    size_prepositions: Phrases
    """A weaker cue: counts only if the clause ends behind the size."""
    size_prepositions_after: Phrases = ()
    size_letters: dict[str, Required]
    size_up: Phrases = ()
    """Asking for the next larger size; `size_down` for the next smaller one."""
    size_down: Phrases = ()

    max_before: Phrases
    max_after: Phrases
    min_before: Phrases
    min_after: Phrases
    between_before: Phrases = ()
    """Words before or behind two amounts that something may cost between."""
    between_after: Phrases = ()
    currencies: dict[CurrencyCode, Required]
    cheaper: Required
    dearer: Required

    not_before: Phrases
    """Negations of what follows; in a question they negate nothing ("don't you have it in black?")."""
    not_after: Phrases
    without_before: Phrases
    """Negations of what follows, in questions too: "without laces"."""
    without_after: Phrases
    not_negations: Phrases
    not_goods: Phrases = ()
    """Phrases with a word that only looks like goods (pt: "bota" in "bota o marrom", put the brown one in)."""
    clause_breaks: Phrases
    question_endings: Phrases
    question_starts: Phrases = ()
    pointers: Required
    """Words that point at what the talk is about."""
    demonstratives: Phrases = ()
    """Words that do so where a noun follows: "that" film."""

    decades: dict[int, Required] = {}
    """The first year of a decade → words for it: "the nineties"."""
    decade_patterns: Patterns = ()
    year_before: Phrases = ()
    """Words beside a year that mean the years before it; `year_after` those after it."""
    year_after: Phrases = ()
    for_others: Phrases = ()
    """Words by which goods are for somebody else, whose size is not the customer's: "for my son"."""
    for_oneself: Phrases = ()
    goes_on: Phrases = ()
    """How a question begins that leaves out what was asked before: "and", "what about"."""
    more: Phrases = ()
    """Asking for what else there is."""
    price_questions: Phrases = ()
    """Asking how much it is; `material_questions` what it is made of."""
    material_questions: Phrases = ()
    language_verbs: Phrases = ()
    """Words by which a language's name in a longer sentence is the one to speak: "continue", "talk to her"."""

    rating_patterns: Patterns
    rating_words: Phrases
    praise: Required
    complaint: Required
    common_words: Required
    """Frequent words by which short utterances in this language are told from others; here accents count."""

    @model_validator(mode="after")
    def _numbers_are_there(self) -> "LanguagePack":
        missing = {-1, *range(1, 11)} - set(self.ordinals)
        missing |= set(range(1, 11)) - set(self.cardinals)
        if missing:
            raise ValueError(f"ordinals or cardinals lack {sorted(missing)}")
        return self


@cache
def load_language_packs(folder: Path = LANGUAGES) -> Mapping[str, LanguagePack]:
    """All packs of a folder by code, English first, read once; LanguagePackError where one is missing or wrong."""
    packs: dict[str, LanguagePack] = {}
    for path in sorted(folder.glob("*.yaml"), key=lambda path: (path.stem != "en", path.stem)):
        pack = _load(path)
        if pack.code != path.stem:
            raise LanguagePackError(f"{path.name}: the code in it is {pack.code!r}, its name says {path.stem!r}")
        packs[pack.code] = pack
    if not packs:
        raise LanguagePackError(f"{folder}: no language is there")
    return MappingProxyType(packs)


def _load(path: Path) -> LanguagePack:
    try:
        text = path.read_text(encoding="utf-8")
        if len(text) > MAX_PACK_CHARACTERS:
            raise LanguagePackError(f"{path.name}: longer than {MAX_PACK_CHARACTERS} characters")
        return LanguagePack.model_validate(read_yaml(text))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LanguagePackError(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in found["loc"])
        raise LanguagePackError(f"{path.name}: {where}: {found['msg']}") from error
