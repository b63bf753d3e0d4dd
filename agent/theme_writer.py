"""Puts a theme of feedback into words: what customers said of it comes in, unchecked sentences go out."""

import json
from collections.abc import Sequence
from typing import Annotated, Protocol

from babel.core import Locale
from langchain_core.messages import SystemMessage
from pydantic import BaseModel, Field, StringConstraints

from agent.dialogue_model import DialogueModel, ModelCall
from agent.instructed import InstructedModel, worked
from prompts.loading import Example

MAX_READ_CHARACTERS = 160
"""Of each opinion."""


class Written(BaseModel):
    """What was written of a theme. Nothing of it may be shown before it was checked against what customers said."""

    label: Annotated[str, StringConstraints(max_length=60)]
    sentences: Annotated[list[Annotated[str, StringConstraints(max_length=240)]], Field(max_length=2)]


class ThemeWriter(Protocol):
    """Writes about themes in the owner's language."""

    def name(self, language: str) -> str:
        """Another one for every other way to write, so that what was written can be kept under it."""
        ...

    async def write(self, opinions: Sequence[str], language: str) -> Written:
        """A label and sentences about what customers said of one thing. Raises OperatorError where none can be had."""
        ...


class ModelThemeWriter:
    """Lets the dialogue model write, which has no tools and sees opinions only as quoted data."""

    CALL = ModelCall(slot=0, max_tokens=140, timeout_s=180.0)

    def __init__(self, model: DialogueModel, model_name: str, prompt: str, examples: Sequence[Example]) -> None:
        self._model_name = model_name
        self._model = InstructedModel("feedback", model, (SystemMessage(prompt), *worked(examples)), Written, self.CALL)

    def name(self, language: str) -> str:
        """See ThemeWriter."""
        return f"{self._model_name} {self._model.prefix_name} {language}"

    async def write(self, opinions: Sequence[str], language: str) -> Written:
        """See ThemeWriter."""
        said = json.dumps([opinion[:MAX_READ_CHARACTERS] for opinion in opinions], ensure_ascii=False)
        name = Locale.parse(language).get_display_name("en")
        return await self._model.ask(f"[{name}] {said}\nIn {name}:")
