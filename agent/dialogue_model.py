"""The dialogue model: messages and a Pydantic type in, an instance of that type out, by constrained decoding."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import openai
from langchain_core.messages import BaseMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, ValidationError

from tools.errors import ModelServerError

log = logging.getLogger(__name__)
Answer = TypeVar("Answer", bound=BaseModel)


class DialogueModel(Protocol):
    """A language model that answers in the shape of a type."""

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], *, slot: int, max_tokens: int) -> Answer:
        """One typed answer. Raises ModelServerError when there is none in time or it does not fit the type.

        `slot` names the server's prompt cache to keep to: one per kind of call, or they evict each other.
        """
        ...


class OpenAICompatibleModel:
    """Any server that speaks the OpenAI chat protocol with `json_schema` response formats: llama.cpp, vLLM."""

    def __init__(self, base_url: str, model: str, api_key: str, timeout_s: float, is_llama_cpp: bool) -> None:
        self._is_llama_cpp = is_llama_cpp
        self._chat = ChatOpenAI(
            base_url=base_url, model=model, api_key=api_key, timeout=timeout_s, max_retries=0, temperature=0
        )

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], *, slot: int, max_tokens: int) -> Answer:
        """See DialogueModel."""
        schema = {"name": shape.__name__, "schema": schema_of(shape), "strict": True}
        extra = {"id_slot": slot, "cache_prompt": True} if self._is_llama_cpp else {}
        try:
            reply = await self._chat.ainvoke(
                list(messages),
                response_format={"type": "json_schema", "json_schema": schema},
                max_tokens=max_tokens,
                extra_body=extra,
            )
            return shape.model_validate_json(str(reply.content))
        except openai.OpenAIError as error:
            raise ModelServerError(f"the language model server did not answer: {type(error).__name__}") from error
        except ValidationError as error:
            raise ModelServerError(f"the language model's answer does not fit {shape.__name__}") from error


def schema_of(shape: type[BaseModel]) -> dict[str, Any]:
    """The type's JSON schema, closed and without titles and defaults, which only cost tokens and grammar."""

    def tidy(part: Any) -> Any:
        if isinstance(part, dict):
            kept = {key: tidy(value) for key, value in part.items() if key not in ("default",)}
            if isinstance(kept.get("title"), str):
                kept.pop("title")
            if kept.get("type") == "object":
                kept["additionalProperties"] = False
            return kept
        return [tidy(item) for item in part] if isinstance(part, list) else part

    return tidy(shape.model_json_schema())
