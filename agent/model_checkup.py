"""Looks a language model server over: its address comes in, what it can and cannot do, and how to mend it, goes out.

Each check asks the server what the kiosk will ask of it. Nothing of what the server says is shown but names of models
and short causes, as text: it is not trusted.
"""

import json
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal

import httpx
from langchain_core.messages import BaseMessage, HumanMessage, convert_to_openai_messages
from pydantic import BaseModel, ValidationError

from agent.dialogue_model import schema_of, without_reasoning
from agent.understand import Understander, fixed_messages, form_of
from prompts.loading import Example, load_checkup, load_examples, load_prompt
from tools.errors import ModelServerError
from tools.ontology import load_ontology

CONTEXT_TOKENS = 4096
"""What the kiosk's longest prompt and its answer need, with room to spare."""
SLOW_MS, TOO_SLOW_MS = 2_000.0, 12_000.0
"""A reading that takes longer than the first keeps customers waiting; than the second, the kiosk goes on without it."""
SKEW_S = 5.0
FEW_RIGHT, ENOUGH_RIGHT = 0.6, 0.8
"""Shares of the questions that a model reads rightly: below the first it is of no use, below the second of little.

Qwen2.5-Coder 1.5B (Q4), with which the scripted dialogues pass, reads 14 of 16; the 0.5B, with which many do not, 11.
"""
MAX_ANSWER_BYTES = 1_000_000
REPEATS = 30
"""How long the prompt is made by which it is seen whether prompts are kept."""

Verdict = Literal["ok", "doubtful", "wrong"]


@dataclass(frozen=True)
class Finding:
    """What one check found; `mend` says what to do about it."""

    check: str
    verdict: Verdict
    says: str
    mend: str = ""


@dataclass(frozen=True)
class Reading:
    """What customers say, as the kiosk asks the model about it: instructions, the shape wanted, questions to try."""

    fixed: Sequence[BaseMessage]
    shape: type[BaseModel]
    questions: Sequence[Example]
    max_tokens: int


def reading_of(store_dir: Path) -> Reading:
    """What the customers of a shop say, as its kiosks ask a model about it; OwnerFilesError for a faulty ontology."""
    ontology = load_ontology(store_dir / "graph" / "ontology.yaml")
    fixed = fixed_messages(load_prompt("understand"), ontology, load_examples("understand", store_dir))
    return Reading(fixed, form_of(ontology), load_checkup("understand"), Understander.CALL.max_tokens)


class Trouble(Exception):
    """A check cannot go on; and then neither can those after it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.says)
        self.finding = finding


@dataclass
class _Reply:
    """An answer of the chat endpoint."""

    text: str
    thought: str
    usage: dict[str, Any]
    ms: float


class ModelCheckup:
    """Checks one server. `model` is the name it is asked for, None where none is set."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str | None,
        reading: Reading,
        timeout_s: float = 30.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url, self._wanted, self._reading = base_url.rstrip("/"), model, reading
        self._timeout_s, self._now = timeout_s, now
        self._model = model or ""
        # A kept connection may be closed just as the next question goes out on it, which is no fault of the server
        # (llama.cpp's does so after one in twenty to thirty streamed answers): each question has its own.
        self._http = httpx.AsyncClient(
            timeout=timeout_s,
            headers={"Authorization": f"Bearer {api_key}"},
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def findings(self) -> AsyncIterator[Finding]:
        """All that is found, in the order of the checks; what makes the rest pointless is the last."""
        async with self._http:
            try:
                for check in (self._reach, self._answer, self._structure, self._stream, self._keep, self._read):
                    async for finding in check():
                        yield finding
            except Trouble as trouble:
                yield trouble.finding

    # the address, the key and the model

    async def _reach(self) -> AsyncIterator[Finding]:
        reply = await self._get("models")
        listed = _models(reply)
        if listed is None:
            raise Trouble(await self._no_such_server(reply))
        yield Finding("address", "ok", f"{self._url} answers as an OpenAI-compatible server")
        yield self._clock(reply)
        yield self._choose(listed)
        limit = next((entry.get("max_model_len") for entry in listed if entry.get("id") == self._model), None)
        yield _context(limit)

    async def _get(self, path: str, url: str = "") -> httpx.Response:
        try:
            reply = await self._http.get(f"{url or self._url}/{path}")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Trouble(self._unreachable(error)) from error
        if reply.status_code in (401, 403):
            raise Trouble(_bad_key(reply.status_code))
        if reply.status_code >= 500:
            says = f"the server answers with status {reply.status_code}"
            mend = "wait until it has loaded its model; else its log says why"
            raise Trouble(Finding("address", "wrong", says, mend))
        return reply

    def _unreachable(self, error: Exception) -> Finding:
        check, mend = "address", "check the address, that the server runs, and what is between it and this machine"
        if isinstance(error, httpx.TimeoutException):
            return Finding(check, "wrong", f"nothing came from {self._url} within {self._timeout_s:g} s", mend)
        if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
            return Finding(check, "wrong", f"{self._url!r} is no http address", "write it as http://host:8000/v1")
        if "certificate" in str(error).lower() or "ssl" in str(error).lower():
            says = f"no safe connection to {self._url}: its certificate is not accepted, or it speaks plain http"
            return Finding(check, "wrong", says, "use the name in the certificate and a trusted issuer, or http://")
        return Finding(check, "wrong", f"nothing can be reached at {self._url}", mend)

    async def _no_such_server(self, reply: httpx.Response) -> Finding:
        if not self._url.endswith("/v1"):
            try:
                is_below = _models(await self._get("v1/models")) is not None
            except Trouble:
                is_below = False
            if is_below:
                return Finding("address", "wrong", "the address lacks its ending /v1", f"use {self._url}/v1")
        kind = reply.headers.get("content-type", "nothing").partition(";")[0][:40]
        says = f"something answers (status {reply.status_code}, {kind}), but no OpenAI-compatible server"
        return Finding("address", "wrong", says, "check host, port and path; vLLM's is http://host:8000/v1")

    def _clock(self, reply: httpx.Response) -> Finding:
        try:
            skew_s = (parsedate_to_datetime(reply.headers["date"]) - self._now()).total_seconds()
        except (KeyError, TypeError, ValueError):
            return Finding("clock", "ok", "the server does not tell its time")
        if abs(skew_s) <= SKEW_S:
            return Finding("clock", "ok", "both clocks agree")
        says = f"its clock is {abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} this machine's"
        return Finding("clock", "doubtful", says, "let both take their time from a time server (chrony, timesyncd)")

    def _choose(self, listed: Sequence[dict[str, Any]]) -> Finding:
        names = [str(entry.get("id", ""))[:120] for entry in listed]
        if self._wanted is None:
            self._model = names[0]
            says = f"no model is named; the server has {', '.join(names[:5])}"
            return Finding("model", "doubtful", says, f"set WALKIOSK_LLM_MODEL={names[0]}")
        if self._wanted not in names:
            says = f"the server has no model {self._wanted!r}; it has {', '.join(names[:5])}"
            raise Trouble(Finding("model", "wrong", says, f"set WALKIOSK_LLM_MODEL={names[0]}, or serve the other one"))
        return Finding("model", "ok", f"it serves {self._wanted}")

    # what it answers

    async def _answer(self) -> AsyncIterator[Finding]:
        reply = await self._chat("answer", [{"role": "user", "content": "Say hello."}], max_tokens=64)
        try:
            said = without_reasoning(reply.text)
        except ModelServerError:
            said = ""
        is_thinking = bool(reply.thought) or said != reply.text.strip()
        quiet = (
            "start vLLM with --reasoning-parser qwen3 (or the model's own) and "
            """--default-chat-template-kwargs '{"enable_thinking": false}'"""
        )
        if not said:
            cause = "it only thinks, and has nothing left to answer with" if is_thinking else "its answers are empty"
            mend = quiet if is_thinking else "try an instruct model; its chat template may not fit the model"
            raise Trouble(Finding("answer", "wrong", cause, mend))
        yield Finding("answer", "ok", "it answers")
        if is_thinking:
            says = "it thinks aloud first; customers never see that, but they wait for it"
            yield Finding("reasoning", "doubtful", says, quiet)

    async def _structure(self) -> AsyncIterator[Finding]:
        """A shape that no model would answer in by itself, and none can fill with an endless number."""

        class Chosen(BaseModel):
            zq: Literal["vexl", "brundt"]
            count: Literal[2, 3]

        wanted: dict[str, Any] = {"name": "Chosen", "schema": schema_of(Chosen), "strict": True}
        reply = await self._chat(
            "structured output",
            [{"role": "user", "content": "Write two lines of prose about the sea."}],
            max_tokens=60,
            response_format={"type": "json_schema", "json_schema": wanted},
        )
        try:
            Chosen.model_validate_json(without_reasoning(reply.text))
        except (ValidationError, ModelServerError):
            says = "it does not keep to the shape that is asked for (response_format json_schema)"
            mend = "use vLLM, or another server that decodes under a JSON schema; in vLLM, remove limits on backends"
            raise Trouble(Finding("structured output", "wrong", says, mend)) from None
        yield Finding("structured output", "ok", "it keeps to a JSON schema")

    async def _stream(self) -> AsyncIterator[Finding]:
        pieces, is_ended, first_ms, started = 0, False, 0.0, time.perf_counter()
        body = self._body([{"role": "user", "content": "Count from one to twelve, in words."}], 40, stream=True)
        try:
            async with self._http.stream("POST", f"{self._url}/chat/completions", json=body) as reply:
                async for line in reply.aiter_lines():
                    if line.startswith("data:"):
                        is_ended = line.removeprefix("data:").strip() == "[DONE]"
                        pieces += not is_ended
                        first_ms = first_ms or (time.perf_counter() - started) * 1000
        except httpx.HTTPError:
            is_ended = False
        if is_ended and pieces > 2:
            yield Finding("streaming", "ok", f"it streams; the first piece came after {first_ms:.0f} ms")
        else:
            says = "it does not stream its answers piece by piece"
            yield Finding("streaming", "doubtful", says, "look for a proxy that buffers (proxy_buffering off in nginx)")

    async def _keep(self) -> AsyncIterator[Finding]:
        """The same long beginning twice: is the second time found in the server's cache?"""
        unique = f"[{time.time_ns()}] "
        long = unique + " ".join(f"Rule {number}: the shop sells article {number * 7}." for number in range(REPEATS))
        first = await self._chat("prefix caching", [{"role": "user", "content": f"{long} Say one."}], max_tokens=4)
        again = await self._chat("prefix caching", [{"role": "user", "content": f"{long} Say two."}], max_tokens=4)
        details = again.usage.get("prompt_tokens_details")
        cached = details.get("cached_tokens") if isinstance(details, dict) else None
        prompt = again.usage.get("prompt_tokens")
        if isinstance(cached, int) and isinstance(prompt, int) and cached > prompt / 2:
            yield Finding("prefix caching", "ok", f"it kept {cached} of {prompt} tokens of a prompt it had read")
        elif not isinstance(cached, int) and again.ms < 0.6 * first.ms:
            says = f"a prompt it has read takes {again.ms:.0f} ms instead of {first.ms:.0f} ms"
            yield Finding("prefix caching", "ok", says)
        else:
            says = "it seems to read the same beginning of a prompt anew each time"
            mend = "start vLLM with --enable-prefix-caching and --enable-prompt-tokens-details"
            yield Finding("prefix caching", "doubtful", says, mend)

    # how well and how fast it reads

    async def _read(self) -> AsyncIterator[Finding]:
        right: list[bool] = []
        times_ms: list[float] = []
        schema = {"name": "Form", "schema": schema_of(self._reading.shape), "strict": True}
        for question in self._reading.questions:
            asked = [*self._reading.fixed, HumanMessage(f"[{question.state}] {question.say}")]
            reply = await self._chat(
                "reading",
                convert_to_openai_messages(asked),
                max_tokens=self._reading.max_tokens,
                response_format={"type": "json_schema", "json_schema": schema},
            )
            times_ms.append(reply.ms)
            right.append(self._is_right(reply.text, question))
        yield _speed(statistics.median(times_ms[1:] or times_ms))
        yield _skill(sum(right), len(right))

    def _is_right(self, text: str, question: Example) -> bool:
        """Whether the model's form has what the right one has; more in it is judged by the kiosk, not here."""
        try:
            form = self._reading.shape.model_validate_json(without_reasoning(text)).model_dump()
        except (ValidationError, ModelServerError):
            return False
        wanted = {name: value for name, value in question.form.items() if name in form}
        return all(_folded(value) in _folded(form[name]) for name, value in wanted.items())

    # asking

    def _body(self, messages: Any, max_tokens: int, **more: Any) -> dict[str, Any]:
        return {"model": self._model, "messages": messages, "max_tokens": max_tokens, "temperature": 0, **more}

    async def _chat(self, check: str, messages: Any, max_tokens: int, **more: Any) -> _Reply:
        """The server's answer; Trouble that says why there is none."""
        started = time.perf_counter()
        body = self._body(messages, max_tokens, **more)
        try:
            reply = await self._http.post(f"{self._url}/chat/completions", json=body)
        except httpx.TimeoutException as error:
            says = f"no answer came within {self._timeout_s:g} s"
            mend = "is the GPU in use? is the model too large for it? vLLM's log and `nvidia-smi` tell"
            raise Trouble(Finding(check, "wrong", says, mend)) from error
        except httpx.HTTPError as error:
            raise Trouble(Finding(check, "wrong", "the server went away in the middle", "its log says why")) from error
        if not reply.is_success:
            raise Trouble(_refused(check, reply))
        try:
            content = json.loads(reply.content[:MAX_ANSWER_BYTES])
            message = content["choices"][0]["message"]
            thought = message.get("reasoning") or message.get("reasoning_content") or ""
            usage = content.get("usage") or {}
            return _Reply(
                str(message.get("content") or ""), str(thought), usage, (time.perf_counter() - started) * 1000
            )
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            says = "its answer is none of the OpenAI protocol"
            raise Trouble(Finding(check, "wrong", says, "check that the address is a chat server's")) from error


def _models(reply: httpx.Response) -> list[dict[str, Any]] | None:
    """The models that are listed; None when it is no such list, or an empty one."""
    try:
        listed = reply.json()["data"] if reply.is_success else None
    except (ValueError, KeyError, TypeError):
        return None
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return entries or None


def _bad_key(status: int) -> Finding:
    mend = "set WALKIOSK_LLM_API_KEY to the key that the server was started with (vLLM: --api-key or VLLM_API_KEY)"
    return Finding("key", "wrong", f"the server refuses the key (status {status})", mend)


def _context(limit: object) -> Finding:
    if not isinstance(limit, int):
        return Finding("context", "ok", "the server does not tell its context length; the reading below uses it")
    if limit < CONTEXT_TOKENS:
        says = f"its context of {limit:,} tokens is too short; the kiosk needs {CONTEXT_TOKENS:,}"
        return Finding("context", "wrong", says, f"start it with --max-model-len {CONTEXT_TOKENS} or more")
    return Finding("context", "ok", f"its context has {limit:,} tokens")


def _refused(check: str, reply: httpx.Response) -> Finding:
    """Why the server does not do what it was asked."""
    why = reply.text[:2_000].lower()
    if reply.status_code in (401, 403):
        return _bad_key(reply.status_code)
    if "chat template" in why or "chat_template" in why:
        mend = "serve an instruct model, or give vLLM a template with --chat-template FILE"
        return Finding(check, "wrong", "the model has no chat template, so it cannot be talked to", mend)
    if "context" in why and ("length" in why or "size" in why or "exceed" in why):
        says = "the kiosk's prompt does not fit into its context"
        return Finding("context", "wrong", says, f"start it with --max-model-len {CONTEXT_TOKENS} or more")
    if "response_format" in why or "schema" in why or "guided" in why or "grammar" in why:
        says = "it refuses answers in a shape that is asked for (response_format json_schema)"
        return Finding(check, "wrong", says, "use vLLM, or another server that decodes under a JSON schema")
    mend = "the server's log says why" if reply.status_code >= 500 else "is it a chat model, and of this version?"
    return Finding(check, "wrong", f"the server refuses with status {reply.status_code}", mend)


def _speed(median_ms: float) -> Finding:
    says = f"it reads what a customer says in {median_ms:,.0f} ms (median)"
    mend = "a smaller or quantised model, another GPU, or no other work on this one"
    if median_ms > TOO_SLOW_MS:
        return Finding("latency", "wrong", f"{says}: the kiosk waits {TOO_SLOW_MS / 1000:g} s at most", mend)
    if median_ms > SLOW_MS:
        return Finding("latency", "doubtful", says, mend)
    return Finding("latency", "ok", says)


def _skill(right: int, asked: int) -> Finding:
    says = f"it reads {right} of {asked} sentences rightly"
    mend = "serve a larger instruct model; Qwen3-8B and larger are fit for it"
    if right < FEW_RIGHT * asked:
        return Finding("reading", "wrong", f"{says}: the model is too small, or not made for this", mend)
    if right < ENOUGH_RIGHT * asked:
        return Finding("reading", "doubtful", f"{says}: customers will often have to ask again", mend)
    return Finding("reading", "ok", says)


def _folded(value: object) -> str:
    return " ".join(str(value).casefold().split())
