"""A real vLLM server, on a processor, does for the kiosk what the embedded server does: `make test-vllm`."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from math import exp, log
from pathlib import Path
from typing import Literal

import pytest
from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import BaseModel
from vllm_server import Note, VllmServer

from agent.bootstrap import Kiosk, open_kiosk
from agent.dialogue_model import Answer, FixedEndpoint, ModelCall, OpenAICompatibleModel
from agent.path_judge import ModelPathJudge
from agent.settings import Settings
from agent.told_tokens import UNTOLD
from evals.scenario import load_scenarios
from evals.suite import SuiteOptions, choose, run_suite
from prompts.loading import load_prompt
from server.chat_roles import Notice
from server.error_boundary import ErrorBoundary
from tools.errors import ModelServerError
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.relation_path import RelationPath, Traversal

pytestmark = pytest.mark.vllm
ROOT = Path(__file__).parents[2]
PATIENCE_S = 300.0
SLOW_CALL = ModelCall(slot=0, max_tokens=60, timeout_s=PATIENCE_S)
DIALOGUES = ("find-black-belt", "find-wool-scarf", "price-gold-watch", "buy-umbrella", "owners-dialogue")
TO_PASS = 0.6
"""The share of the dialogues that a model of this size has to get through."""
SOUND = ["address", "clock", "model", "context", "answer", "structured output", "streaming", "prefix caching"]


class Colour(BaseModel):
    """A shape that no model would answer in by itself, and none can fill with an endless number."""

    zq: Literal["red", "blue"]
    count: Literal[2, 3]


class PatientModel:
    """The client of the kiosk, with the patience that a server without a GPU needs."""

    def __init__(self, model: OpenAICompatibleModel) -> None:
        self._model = model
        self.times_ms: list[float] = []
        self.answers = 0

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        """See DialogueModel."""
        started = time.perf_counter()
        try:
            answer = await self._model.answer(messages, shape, replace(call, timeout_s=PATIENCE_S))
        finally:
            self.times_ms.append((time.perf_counter() - started) * 1000)
        self.answers += 1
        return answer


def client(vllm: VllmServer, **other: str) -> OpenAICompatibleModel:
    endpoint = FixedEndpoint(vllm.url, other.get("api_key", vllm.api_key))
    return OpenAICompatibleModel(endpoint, other.get("model", vllm.model), has_slots=False)


def test_the_doctor_finds_the_server_sound_and_the_model_small(vllm: VllmServer, note: Note) -> None:
    command = [sys.executable, "-m", "server.cli", "doctor", "--llm", vllm.url, "--model", vllm.model, "--json"]
    environment = os.environ | {"WALKIOSK_LLM_API_KEY": vllm.api_key}
    done = subprocess.run(
        [*command, "--timeout", str(PATIENCE_S)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    found = {finding["check"]: finding for finding in map(json.loads, done.stdout.splitlines())}
    assert {check: found[check]["verdict"] for check in SOUND} == dict.fromkeys(SOUND, "ok"), done.stdout
    assert "reasoning" not in found
    assert found["reading"]["verdict"] == "doubtful"
    for check in ("prefix caching", "latency", "reading"):
        note(f"doctor: {check}", found[check]["says"])


async def test_an_answer_keeps_to_its_shape(vllm: VllmServer) -> None:
    answer = await client(vllm).answer([HumanMessage("Write two lines of prose about the sea.")], Colour, SLOW_CALL)
    assert answer.zq in ("red", "blue")


async def test_an_answer_that_the_token_limit_cuts_off_is_none(vllm: VllmServer) -> None:
    with pytest.raises(ModelServerError, match="does not fit Colour"):
        await client(vllm).answer([HumanMessage("Blue.")], Colour, replace(SLOW_CALL, max_tokens=3))


async def test_a_late_answer_is_not_waited_for_and_the_next_one_comes(vllm: VllmServer) -> None:
    model = client(vllm)
    with pytest.raises(ModelServerError, match="too long"):
        await model.answer([HumanMessage("Red or blue?")], Colour, replace(SLOW_CALL, timeout_s=0.2))
    assert await model.answer([HumanMessage("Red or blue?")], Colour, SLOW_CALL)


@pytest.mark.parametrize(
    ("other", "said", "why"),
    [
        ({"api_key": "another"}, "Red.", "AuthenticationError"),
        ({"model": "another"}, "Red.", "NotFoundError"),
        ({}, "red or blue? " * 2_000, "BadRequestError"),
    ],
    ids=["a wrong key", "another model", "a prompt that is too long"],
)
async def test_what_the_server_refuses_is_one_kind_of_error(
    vllm: VllmServer, other: dict[str, str], said: str, why: str
) -> None:
    with pytest.raises(ModelServerError, match=why):
        await client(vllm, **other).answer([HumanMessage(said)], Colour, SLOW_CALL)


async def test_it_tells_how_likely_each_option_is(vllm: VllmServer) -> None:
    asked = [HumanMessage("What is the colour of fresh snow? Answer in JSON.")]
    shares = [exp(share) for share in await client(vllm).weigh(asked, ["white", "black", "green"], SLOW_CALL)]
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] == max(shares)


async def test_paths_in_doubt_are_weighed(vllm: VllmServer) -> None:
    paths = [RelationPath(steps=(Traversal(relation=name, direction="out"),)) for name in ("directed_by", "has_genre")]
    examples = [
        (MaskedQuestion("who was the director of ", ""), paths[0]),
        (MaskedQuestion("what kind of film is ", ""), paths[1]),
    ]
    judge = ModelPathJudge(client(vllm), load_prompt("path_question"))
    weights = await judge.weigh(MaskedQuestion("who is the director of ", ""), paths, examples)
    assert sum(map(exp, weights)) == pytest.approx(1.0)
    assert min(weights) > log(10 * UNTOLD)  # the server told of both; which it prefers is not asked of a small model


def test_dialogues_go_as_they_should(
    vllm: VllmServer, note: Note, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few dialogues of the suite."""
    monkeypatch.setattr("evals.dialogue.TURN_TIMEOUT_S", PATIENCE_S)
    model = PatientModel(client(vllm))

    @asynccontextmanager
    async def open_patient_kiosk(settings: Settings, notice: Notice) -> AsyncIterator[Kiosk]:
        async with open_kiosk(settings, notice, model) as kiosk:
            yield kiosk

    every = load_scenarios(ROOT / "evals" / "scenarios")
    chosen = [scenario for name in DIALOGUES for scenario in choose(every, name, [], 0) if scenario.id == name]
    assert len(chosen) == len(DIALOGUES)
    code = run_suite(chosen, SuiteOptions(require=TO_PASS, out=tmp_path / "runs"), ErrorBoundary(), open_patient_kiosk)
    runs = [json.loads(line) for line in (tmp_path / "runs").read_text("utf-8").splitlines()]
    note("dialogues that pass", f"{sum(run['passed'] for run in runs)} of {len(runs)}")
    turns_ms = [ms for run in runs for ms in run["turn_ms"]]
    note("a turn", f"median {statistics.median(turns_ms) / 1000:.1f} s, at most {max(turns_ms) / 1000:.1f} s")
    calls = len(model.times_ms)
    note(
        "calls of the model",
        f"{model.answers} of {calls} answered; median {statistics.median(model.times_ms) / 1000:.1f} s",
    )
    assert code == 0
    assert model.answers > calls / 2  # or the dialogues went as they should without it
