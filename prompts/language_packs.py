"""Loads what the kiosk knows of each language: `languages/<code>.yaml` in, checked `LanguagePack`s out."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

FOLDER = Path(__file__).parent / "languages"
Phrases = tuple[str, ...]


class LanguagePack(BaseModel):
    """The words and phrases of one language; English's file says what each list is for by example."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    endonym: str
    english_name: str
    names: Phrases
    request_words: Phrases
    yes: Phrases
    agree: Phrases
    no: Phrases
    fillers: Phrases
    hesitations: Phrases
    greetings: Phrases
    thanks: Phrases
    cancel: Phrases
    goodbye: Phrases
    buy: Phrases
    buy_verbs: Phrases
    help: Phrases
    staff: Phrases
    ordinals: dict[int, Phrases]
    ordinal_patterns: Phrases
    not_ordinals: Phrases
    cardinals: dict[int, Phrases]
    round_numbers: dict[int, Phrases]
    articles: Phrases
    choice_words: Phrases
    choice_patterns: Phrases
    quantity_patterns: Phrases
    quantity_endings: Phrases
    size_cues: Phrases
    size_links: Phrases
    size_prepositions: Phrases
    size_letters: dict[str, Phrases]
    max_before: Phrases
    max_after: Phrases
    min_before: Phrases
    min_after: Phrases
    currencies: dict[str, Phrases]
    cheaper: Phrases
    dearer: Phrases
    not_before: Phrases
    not_after: Phrases
    without_before: Phrases
    without_after: Phrases
    not_negations: Phrases
    clause_breaks: Phrases
    question_endings: Phrases
    pointers: Phrases
    rating_patterns: Phrases
    rating_words: Phrases
    praise: Phrases
    complaint: Phrases
    common_words: Phrases


class LanguagePackError(Exception):
    """A language's file is not sound; the text says which and why."""


@cache
def load_language_packs(folder: Path = FOLDER) -> dict[str, LanguagePack]:
    """All packs by their code. LanguagePackError names the file that is not sound."""
    packs: dict[str, LanguagePack] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            # The base loader builds nothing but text, lists and mappings: "no" and "yes" stay words.
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
            pack = LanguagePack.model_validate(content)
        except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
            raise LanguagePackError(f"{path.name}: {error}") from error
        if pack.code != path.stem:
            raise LanguagePackError(f"{path.name}: its code says {pack.code!r}")
        packs[pack.code] = pack
    return packs
