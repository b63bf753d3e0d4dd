"""The dialogue model: messages and a Pydantic type in, an instance of that type out, by constrained decoding."""

import logging
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

import openai
from langchain_core.messages import BaseMessage, convert_to_openai_messages
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError, create_model

from agent.told_tokens import ToldToken, shares_of
from tools.errors import ModelServerError
from tools.model_server import ModelServer

log = logging.getLogger(__name__)
Answer = TypeVar("Answer", bound=BaseModel)
Given = TypeVar("Given")
MAX_TOLD = 20
"""Likeliest tokens to be told of; no server tells of more without being set to."""
_BEGUN_CHOICE = re.compile(r'\{\s*"choice"\s*:\s*"')


@dataclass(frozen=True)
class ModelCall:
    """How one kind of call is made.

    `slot` is the server's prompt cache to keep to: one per kind of call, or they evict each other's.
    """

    slot: int
    max_tokens: int
    timeout_s: float = 20.0


class DialogueModel(Protocol):
    """A language model that answers in the shape of a type."""

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        """One typed answer. Raises ModelServerError when there is none in time or it does not fit the type."""
        ...


class OptionWeigher(Protocol):
    """A language model that weighs answers it is given."""

    async def weigh(self, messages: Sequence[BaseMessage], options: Sequence[str], call: ModelCall) -> list[float]:
        """How likely each option is as the answer, as natural logarithms of shares of 1. The options are short and free
        of quotation marks. Raises ModelServerError when there is no telling, or not in time."""
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

    @property
    def process_id(self) -> int | None:
        """The server's process, None while it is down."""
        return self._server.process_id

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

    def __init__(self, endpoint: Endpoint, model: str, *, has_slots: bool) -> None:
        self._endpoint = endpoint
        self._model = model
        self._has_slots = has_slots
        self._clients: dict[tuple[str, str], openai.AsyncOpenAI] = {}

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        """See DialogueModel."""
        return await _patiently(lambda: self._answer(messages, shape, call))

    async def weigh(self, messages: Sequence[BaseMessage], options: Sequence[str], call: ModelCall) -> list[float]:
        """See OptionWeigher."""
        return await _patiently(lambda: self._weigh(messages, options, call))

    async def _answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        reply = await self._create(messages, shape, call)
        try:
            return shape.model_validate_json(without_reasoning(reply.choices[0].message.content or ""))
        except (ValidationError, IndexError) as error:
            raise ModelServerError(f"the language model's answer does not fit {shape.__name__}") from error

    async def _weigh(self, messages: Sequence[BaseMessage], options: Sequence[str], call: ModelCall) -> list[float]:
        reply = await self._create(messages, _choice_of(options), call, logprobs=True, top_logprobs=MAX_TOLD)
        told = reply.choices[0].logprobs if reply.choices else None
        if told is None or not told.content:
            raise ModelServerError("the language model server does not tell how likely its answers are")
        tokens = [
            ToldToken(each.token, {other.token: min(other.logprob, 0.0) for other in each.top_logprobs or ()})
            for each in told.content
        ]
        if any(math.isnan(told) for token in tokens for told in token.likeliest.values()):
            raise ModelServerError("the language model server tells of likelihoods that are no numbers")
        begun = _BEGUN_CHOICE.search(said := "".join(token.text for token in tokens))
        if begun is None:
            raise ModelServerError("the language model answers with none of the options")
        return shares_of(options, said[: begun.end()], tokens)

    async def _create(
        self, messages: Sequence[BaseMessage], shape: type[BaseModel], call: ModelCall, **more: Any
    ) -> ChatCompletion:
        client = self._client(*await self._endpoint.address())
        return await client.chat.completions.create(
            model=self._model,
            messages=convert_to_openai_messages(messages),  # type: ignore[arg-type]  # dicts of that very shape
            response_format={
                "type": "json_schema",
                "json_schema": {"name": shape.__name__, "schema": schema_of(shape), "strict": True},
            },
            temperature=0,
            max_tokens=call.max_tokens,
            timeout=call.timeout_s,
            extra_body={"id_slot": call.slot, "cache_prompt": True} if self._has_slots else None,
            **more,
        )

    def _client(self, base_url: str, api_key: str) -> openai.AsyncOpenAI:
        """The client of an address; a restarted server may have another. The embedded one is never behind a proxy."""
        address = (base_url, api_key)
        if address not in self._clients:
            http_client = openai.DefaultAsyncHttpxClient(trust_env=not self._has_slots)
            self._clients = {
                address: openai.AsyncOpenAI(base_url=base_url, api_key=api_key, max_retries=0, http_client=http_client)
            }
        return self._clients[address]


class ModelOnDemand:
    """A model that is started when it is first asked, for work that may turn out to need none."""

    def __init__(self, start: Callable[[], Awaitable[OpenAICompatibleModel]]) -> None:
        self._start = start
        self._model: OpenAICompatibleModel | None = None

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        """See DialogueModel. Raises OperatorError too, where the model cannot be started."""
        return await (await self._started()).answer(messages, shape, call)

    async def weigh(self, messages: Sequence[BaseMessage], options: Sequence[str], call: ModelCall) -> list[float]:
        """See OptionWeigher, and `answer`."""
        return await (await self._started()).weigh(messages, options, call)

    async def _started(self) -> OpenAICompatibleModel:
        if self._model is None:
            self._model = await self._start()
        return self._model


async def _patiently(ask: Callable[[], Awaitable[Given]]) -> Given:
    """What asking gives, tried once more where the connection breaks. Raises ModelServerError."""
    try:
        return await ask()
    except openai.APIConnectionError as error:
        if isinstance(error, openai.APITimeoutError):
            raise ModelServerError("the language model server took too long") from error
        log.warning("the language model server went away; asking once more")
    except openai.OpenAIError as error:
        raise ModelServerError(f"the language model server refused: {type(error).__name__}") from error
    try:
        return await ask()
    except openai.OpenAIError as error:
        raise ModelServerError(f"the language model server did not answer: {type(error).__name__}") from error


def _choice_of(options: Sequence[str]) -> type[BaseModel]:
    """The type of an answer that is one of these."""
    one_of: Any = Literal[tuple(options)]
    return create_model("Choice", choice=(one_of, ...))


_REASONING_TAG = re.compile(r"<\s*/?\s*(?:think|thinking|reasoning)\s*>", re.IGNORECASE)
_REASONING = re.compile(r"<\s*(think|thinking|reasoning)\s*>.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
_REASONING_BEFORE = re.compile(r"\A.*<\s*/\s*(?:think|thinking|reasoning)\s*>", re.IGNORECASE | re.DOTALL)


def without_reasoning(content: str) -> str:
    """An answer without what the model thought aloud; ModelServerError when the two cannot be told apart.

    Some prompts open the first tag themselves, so that only the closing one is in the answer. What a server keeps apart
    (`reasoning`, `reasoning_content`) is not read at all.
    """
    answer = _REASONING_BEFORE.sub("", _REASONING.sub("", content))
    if _REASONING_TAG.search(answer):
        raise ModelServerError("the language model's reasoning was cut off before an answer")
    return answer.strip()


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
