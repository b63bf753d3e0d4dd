"""The dialogue model: messages and a Pydantic type in, an instance of that type out, by constrained decoding."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import openai
from langchain_core.messages import BaseMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr, ValidationError

from tools.errors import ModelServerError
from tools.model_server import ModelServer

log = logging.getLogger(__name__)
Answer = TypeVar("Answer", bound=BaseModel)


class DialogueModel(Protocol):
    """A language model that answers in the shape of a type."""

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], *, slot: int, max_tokens: int) -> Answer:
        """One typed answer. Raises ModelServerError when there is none in time or it does not fit the type.

        `slot` names the server's prompt cache to keep to: one per kind of call, or they evict each other.
        """
        ...


class Endpoint(Protocol):
    """Where a model server is to be found right now."""

    async def address(self) -> tuple[str, str]:
        """Its base URL and API key. Raises ModelServerError when there is no server."""
        ...


class FixedEndpoint:
    """A server that somebody else runs, at an address that stays."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._address = (base_url, api_key)

    async def address(self) -> tuple[str, str]:
        """See Endpoint."""
        return self._address


class EmbeddedEndpoint:
    """The kiosk's own server. After each start its slots get back the prompts they had read, from disk."""

    def __init__(self, server: ModelServer, patience_s: float = 15.0) -> None:
        self._server = server
        self._patience_s = patience_s
        self._warm_process: int | None = None
        self._prefixes: dict[int, str] = {}

    async def address(self) -> tuple[str, str]:
        """See Endpoint; waits for a server that is being restarted."""
        url = await self._server.ready(self._patience_s)
        if self._server.process_id != self._warm_process:
            self._warm_process = self._server.process_id
            for slot, name in self._prefixes.items():
                await self._server.restore_prefix(slot, name)
        return f"{url}/v1", self._server.api_key

    async def restore(self, slot: int, name: str) -> bool:
        """Put a kept prompt into a slot, now and after every restart; False when none was kept."""
        if not await self._server.restore_prefix(slot, name):
            return False
        self._prefixes[slot] = name
        return True

    async def keep(self, slot: int, name: str) -> None:
        """Keep what a slot has read, to be put back after restarts."""
        if await self._server.save_prefix(slot, name):
            self._prefixes[slot] = name


class OpenAICompatibleModel:
    """Any server that speaks the OpenAI chat protocol with `json_schema` response formats: llama.cpp, vLLM.

    A connection that breaks is tried once more, as the embedded server may just be restarting.
    """

    def __init__(self, endpoint: Endpoint, model: str, timeout_s: float, *, has_slots: bool) -> None:
        self._endpoint = endpoint
        self._model = model
        self._timeout_s = timeout_s
        self._has_slots = has_slots
        self._chats: dict[tuple[str, str], ChatOpenAI] = {}

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], *, slot: int, max_tokens: int) -> Answer:
        """See DialogueModel."""
        try:
            return await self._answer(messages, shape, slot, max_tokens)
        except openai.APIConnectionError as error:
            if isinstance(error, openai.APITimeoutError):
                raise ModelServerError("the language model server took too long") from error
            log.warning("the language model server went away; asking once more")
        except openai.OpenAIError as error:
            raise ModelServerError(f"the language model server refused: {type(error).__name__}") from error
        try:
            return await self._answer(messages, shape, slot, max_tokens)
        except openai.OpenAIError as error:
            raise ModelServerError(f"the language model server did not answer: {type(error).__name__}") from error

    async def _answer(self, messages: Sequence[BaseMessage], shape: type[Answer], slot: int, max_tokens: int) -> Answer:
        reply = await self._chat(*await self._endpoint.address()).ainvoke(
            list(messages),
            response_format={
                "type": "json_schema",
                "json_schema": {"name": shape.__name__, "schema": schema_of(shape), "strict": True},
            },
            max_tokens=max_tokens,
            extra_body={"id_slot": slot, "cache_prompt": True} if self._has_slots else {},
        )
        try:
            return shape.model_validate_json(str(reply.content))
        except ValidationError as error:
            raise ModelServerError(f"the language model's answer does not fit {shape.__name__}") from error

    def _chat(self, base_url: str, api_key: str) -> ChatOpenAI:
        """The client of an address; a restarted server may have another."""
        if (base_url, api_key) not in self._chats:
            self._chats = {
                (base_url, api_key): ChatOpenAI(
                    base_url=base_url,
                    model=self._model,
                    api_key=SecretStr(api_key),
                    timeout=self._timeout_s,
                    max_retries=0,
                    temperature=0,
                )
            }
        return self._chats[(base_url, api_key)]


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
