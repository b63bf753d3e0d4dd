"""The dialogue model with instructions and worked examples for one kind of question, which its server keeps read."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agent.dialogue_model import Answer, DialogueModel, ModelCall
from prompts.loading import Example

WARM_UP_LIMIT_S = 300.0


@dataclass(frozen=True)
class InstructedModel(Generic[Answer]):
    """Answers in one shape; `fixed` is the part of the prompt that is the same in every call."""

    name: str
    model: DialogueModel
    fixed: tuple[BaseMessage, ...]
    shape: type[Answer]
    call: ModelCall

    async def ask(self, said: str) -> Answer:
        """One typed answer to what was said. Raises ModelServerError as DialogueModel does."""
        return await self.model.answer([*self.fixed, HumanMessage(said)], self.shape, self.call)

    async def warm_up(self) -> None:
        """Have the server read the fixed part once, however long that takes."""
        patient = replace(self.call, timeout_s=WARM_UP_LIMIT_S)
        await self.model.answer([*self.fixed, HumanMessage("[start] hello")], self.shape, patient)

    @property
    def prefix_name(self) -> str:
        """Another name for every other prompt, to keep what the server has read of it under."""
        text = "\n".join(str(message.content) for message in self.fixed)
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def worked(examples: Sequence[Example]) -> list[BaseMessage]:
    """Examples as talk that went before: what was said, and the form filled in, compact and in its own script."""
    messages: list[BaseMessage] = []
    for example in examples:
        form = json.dumps(example.form, ensure_ascii=False, separators=(",", ":"))
        messages += [HumanMessage(f"[{example.state}] {example.say}"), AIMessage(form)]
    return messages
