"""Fills reply messages with facts for a language: message name and evidence in, one sentence out."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Junk, Message, Resource

from agent.draft import Say
from tools.errors import DataError
from tools.evidence import Evidence, Fact
from tools.money import Money
from tools.term_finder import Kind
from tools.vocabulary import Vocabulary

MAX_FACT_LENGTH = 300
VOCABULARY_FACTS: dict[str, Kind] = {
    "colour": "colour",
    "colours": "colour",
    "asked_colour": "colour",
    "material": "material",
}
FALLBACK_LANGUAGE = "en"


class UngroundedClaim(Exception):
    """A sentence refers to a fact that no evidence holds."""


class Rendered:
    """A sentence and the values that were filled into it."""

    def __init__(self, text: str, values: tuple[str, ...]) -> None:
        self.text = text
        self.values = values


class Renderer:
    """The reply messages of every language; a shop's own messages go before the kiosk's."""

    def __init__(self, folders: list[Path], languages: list[str], vocabulary: Vocabulary) -> None:
        self._bundles = {language: read_messages(language, folders) for language in languages}
        self._vocabulary = vocabulary

    def sentence(self, said: Say, evidence: Mapping[str, Evidence], language: str) -> Rendered:
        """The sentence in the language, or in English where the language lacks the message.

        The fallback is said where there is no such message, or where it needs a fact that is not given.
        Raises UngroundedClaim when a placeholder has no fact behind it.
        """
        values: dict[str, str] = {}
        for placeholder, reference in said.facts.items():
            held = evidence.get(reference.evidence)
            if held is None or reference.fact not in held.facts:
                raise UngroundedClaim(str(reference))
            values[placeholder] = self._shown(reference.fact, held.facts[reference.fact], language)
        if said.position is not None:
            values["position"] = format_decimal(said.position, locale=language)
        lacking = UngroundedClaim(f"no message {said.message!r}")
        for message in filter(None, (said.message, said.fallback)):
            try:
                text = self._format(message, values, language)
            except UngroundedClaim as error:
                lacking = error
                continue
            if text is not None:
                return Rendered(text, tuple(values.values()))
        raise lacking

    def has(self, message: str, language: str) -> bool:
        """Whether the language itself has the message."""
        return self._bundles[language].has_message(message)

    def languages(self) -> list[str]:
        """The languages that have messages."""
        return list(self._bundles)

    def _format(self, message: str, values: Mapping[str, str], language: str) -> str | None:
        for code in (language, FALLBACK_LANGUAGE):
            bundle = self._bundles.get(code)
            if bundle is None or not bundle.has_message(message):
                continue
            pattern = bundle.get_message(message).value
            if pattern is None:
                continue
            text, errors = bundle.format_pattern(pattern, dict(values))
            if errors:
                raise UngroundedClaim(f"{message}: {errors[0]}")
            return str(text)
        return None

    def _shown(self, name: str, value: Fact, language: str) -> str:
        """A fact as this language writes it; text from the catalogue is cleaned, as it is not ours."""
        match value:
            case Money():
                return format_currency(value.to_decimal(), value.currency, locale=language)
            case bool():
                return str(value).lower()
            case int():
                # A year is not grouped as an amount is.
                return str(value) if 1000 <= value <= 2999 else format_decimal(value, locale=language)
            case date():
                return format_date(value, locale=language)
            case tuple():
                words = [self._word(name, item, language) for item in value]
                return format_list(words, style="or" if name.endswith("_or") else "standard", locale=Locale(language))
            case _:
                return self._word(name, str(value), language)

    def _word(self, name: str, value: str, language: str) -> str:
        kind = VOCABULARY_FACTS.get("colour" if name.endswith("_colour") else name)
        if kind and (label := self._vocabulary.label(kind, value, language)):
            return label
        return clean(value)


def clean(text: str) -> str:
    """Text without control characters and line breaks, cut to a length that can be said."""
    kept = "".join(character for character in text if unicodedata.category(character)[0] != "C" or character == " ")
    return re.sub(r"\s+", " ", kept).strip()[:MAX_FACT_LENGTH]


def fixed_texts(language: str, folders: list[Path]) -> list[str]:
    """The messages of a language that always say the same, and so nothing about a customer."""
    bundle = read_messages(language, folders)
    entries = [entry for _, resource in _read(language, folders) for entry in resource.body]
    named = {entry.id.name for entry in entries if isinstance(entry, Message)}
    patterns = [bundle.get_message(name).value for name in sorted(named)]
    said = [bundle.format_pattern(pattern, {}) for pattern in patterns if pattern is not None]
    return [str(text) for text, errors in said if not errors]


def read_messages(language: str, folders: list[Path]) -> FluentBundle:
    """The bundle of a language out of `<folder>/<language>.ftl`, later folders overriding earlier ones.

    Raises DataError with file and line where a file is not valid Fluent.
    """
    bundle = FluentBundle([language], use_isolating=False)
    for path, resource in _read(language, folders):
        for entry in resource.body:
            if isinstance(entry, Junk):
                text = path.read_text(encoding="utf-8")
                start = entry.span.start if entry.span else 0
                raise DataError("not a valid message", str(path), text.count("\n", 0, start) + 1)
        bundle.add_resource(resource, allow_overrides=True)
    return bundle


def _read(language: str, folders: list[Path]) -> list[tuple[Path, Resource]]:
    paths = [folder / f"{language}.ftl" for folder in folders]
    return [(path, FluentResource(path.read_text(encoding="utf-8"))) for path in paths if path.exists()]
