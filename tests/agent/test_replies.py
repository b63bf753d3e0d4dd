"""The reply messages of every language: the same messages as in English, with the same placeholders and no numbers."""

import re
from pathlib import Path

import pytest
import yaml
from fluent.runtime import FluentResource
from fluent.syntax import ast
from fluent.syntax.visitor import Visitor

from agent.ground import has_digit
from agent.render import fixed_texts, read_messages
from prompts.loading import REPLIES

DEMO = Path(__file__).parents[2] / "tools" / "data" / "demo"
LANGUAGES: list[str] = yaml.safe_load((DEMO / "store.yaml").read_text(encoding="utf-8"))["languages"]
NO_BREAK_SPACE = "\u00a0"

FOLDERS = {"kiosk": REPLIES, "shop": DEMO / "replies"}
FILES = [pytest.param(folder, code, id=f"{name}-{code}") for name, folder in FOLDERS.items() for code in LANGUAGES]
every_file = pytest.mark.parametrize(("folder", "language"), FILES)


class Parts(Visitor):
    """What a message consists of: the names of its placeholders and the text around them."""

    def __init__(self, message: ast.Message) -> None:
        self.placeholders: set[str] = set()
        self.texts: list[str] = []
        self.visit(message)

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.placeholders.add(node.id.name)

    def visit_TextElement(self, node: ast.TextElement) -> None:
        self.texts.append(node.value)

    def visit_StringLiteral(self, node: ast.StringLiteral) -> None:
        self.texts.append(node.value)

    def visit_NumberLiteral(self, node: ast.NumberLiteral) -> None:
        self.texts.append(node.value)


def entries(folder: Path, language: str) -> list[ast.EntryType]:
    return FluentResource((folder / f"{language}.ftl").read_text(encoding="utf-8")).body


def messages(folder: Path, language: str) -> dict[str, Parts]:
    return {entry.id.name: Parts(entry) for entry in entries(folder, language) if isinstance(entry, ast.Message)}


@every_file
def test_every_entry_is_a_message_of_its_own(folder: Path, language: str) -> None:
    found = [entry for entry in entries(folder, language) if not isinstance(entry, ast.BaseComment)]
    assert [entry for entry in found if not isinstance(entry, ast.Message)] == []
    assert len(found) == len(messages(folder, language))


@every_file
def test_a_language_has_the_messages_of_english(folder: Path, language: str) -> None:
    assert list(messages(folder, language)) == list(messages(folder, "en"))


@every_file
def test_a_message_has_the_placeholders_of_english(folder: Path, language: str) -> None:
    english, own = messages(folder, "en"), messages(folder, language)
    assert {key: parts.placeholders for key, parts in own.items()} == {
        key: parts.placeholders for key, parts in english.items()
    }


@every_file
def test_numbers_come_only_from_facts(folder: Path, language: str) -> None:
    texts = {key: " ".join(parts.texts) for key, parts in messages(folder, language).items()}
    assert {key: text for key, text in texts.items() if has_digit(text)} == {}


@every_file
def test_every_message_can_be_said(folder: Path, language: str) -> None:
    bundle = read_messages(language, [folder])
    for key, parts in messages(folder, language).items():
        pattern = bundle.get_message(key).value
        assert pattern is not None, key
        said, errors = bundle.format_pattern(pattern, dict.fromkeys(parts.placeholders, "x"))
        assert not errors, key
        assert str(said).strip(), key


def test_what_is_said_to_everybody_names_no_fact() -> None:
    fixed = fixed_texts("en", [REPLIES])
    assert "Thank you!" in fixed
    assert not [text for text in fixed if "{" in text or text.startswith("Hello {")]
    without_facts = [key for key, parts in messages(REPLIES, "en").items() if not parts.placeholders]
    assert len(fixed) == len(without_facts)


def test_french_punctuation_stays_on_the_line_of_its_word() -> None:
    """The space that French puts before some marks looks like any other, so an edit easily loses it."""
    wrong = re.compile(rf"(?<!{NO_BREAK_SPACE})[:;?!»]|«(?!{NO_BREAK_SPACE})")
    texts = {key: "x".join(parts.texts) for key, parts in messages(REPLIES, "fr").items()}
    assert {key: text for key, text in texts.items() if wrong.search(text)} == {}
