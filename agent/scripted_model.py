"""A dialogue model that answers from a script: for tests of everything but the model, and for benchmarks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import ValidationError

from agent.dialogue_model import Answer, ModelCall
from tools.errors import ModelServerError

Script = Mapping[str, Mapping[str, Any]] | Callable[[str], Mapping[str, Any]]


class ScriptedModel:
    """Looks the last message up (without its mark in brackets) and answers with the fields found there.

    What is not in the script raises ModelServerError, as a server that is away would. `asked` holds every last
    message, so that a test can see what the model was told.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self.asked: list[str] = []

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        """See DialogueModel."""
        del call
        fields = self._fields(messages)
        try:
            return shape.model_validate(fields)
        except ValidationError as error:
            raise ModelServerError(f"the scripted answer does not fit {shape.__name__}") from error

    async def weigh(self, messages: Sequence[BaseMessage], options: Sequence[str], call: ModelCall) -> list[float]:
        """See OptionWeigher; the script's fields are the options."""
        del call
        fields = self._fields(messages)
        return [float(fields[option]) for option in options]

    def _fields(self, messages: Sequence[BaseMessage]) -> Mapping[str, Any]:
        """What the script has for the last message."""
        said = str(messages[-1].content)
        self.asked.append(said)
        text = said.split("] ", 1)[-1]
        fields = self._script(text) if callable(self._script) else self._script.get(text)
        if fields is None:
            raise ModelServerError(f"nothing is scripted for {text!r}")
        return fields
