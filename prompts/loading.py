"""Reads prompts, few-shot examples and reply folders: a name in, text or typed examples out."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from prompts.safe_yaml import read_yaml

FOLDER = Path(__file__).parent
REPLIES = FOLDER / "replies"


class Example(BaseModel):
    """One worked example for `understand`: where the talk stood, what was said, and the form that is right for it."""

    model_config = ConfigDict(extra="forbid")

    state: str = "start"
    say: str
    form: dict[str, Any]


def load_prompt(name: str) -> str:
    """The text of `prompts/<name>.md`."""
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()


def load_small_talk(languages: Collection[str], shop_folder: Path | None = None) -> dict[str, dict[str, list[str]]]:
    """Topics of small talk with what is said of them, by language; a shop's own file takes its language's place."""
    talk: dict[str, dict[str, list[str]]] = {}
    for language in languages:
        own = shop_folder / "small_talk" / f"{language}.yaml" if shop_folder else None
        path = own if own and own.exists() else FOLDER / "small_talk" / f"{language}.yaml"
        if path.exists():
            content = read_yaml(path.read_text(encoding="utf-8"))
            talk[language] = TypeAdapter(dict[str, list[str]]).validate_python(content)
    return talk


def load_checkup(name: str) -> list[Example]:
    """`checkup/<name>.yaml`: what a model is asked to see how well it reads."""
    text = (FOLDER / "checkup" / f"{name}.yaml").read_text(encoding="utf-8")
    return TypeAdapter(list[Example]).validate_python(read_yaml(text))


def load_examples(name: str, shop_folder: Path | None = None) -> list[Example]:
    """`examples/<name>.yaml`; a shop's own file of that name takes its place."""
    own = shop_folder / "examples" / f"{name}.yaml" if shop_folder else None
    path = own if own and own.exists() else FOLDER / "examples" / f"{name}.yaml"
    return TypeAdapter(list[Example]).validate_python(read_yaml(path.read_text(encoding="utf-8")))
