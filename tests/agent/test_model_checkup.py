"""The doctor finds each fault of a model server and says how to mend it; a sound server has none."""

import dataclasses
import socket
from pathlib import Path

import pytest

from agent.model_checkup import Finding, ModelCheckup, reading_of
from agent.settings import DEMO_STORE, Settings
from tests.model_servers import ModelBehaviour, model_server
from tools.model_server import ModelServer
from tools.models import ModelsFolder, load_manifest

READING = reading_of(DEMO_STORE)
CHECKS = ["address", "clock", "model", "context", "answer", "structured output", "streaming", "prefix caching"]


async def findings(url: str, key: str = "none", model: str | None = "qwen3", limit_s: float = 10.0) -> list[Finding]:
    return [each async for each in ModelCheckup(url, key, model, READING, limit_s).findings()]


async def findings_about(behaviour: ModelBehaviour, key: str = "none", **options: float | str | None) -> list[Finding]:
    with model_server(behaviour) as url:
        return await findings(url + "/v1", key, **options)  # type: ignore[arg-type]


async def test_a_sound_server_has_no_fault() -> None:
    behaviour = ModelBehaviour(key="secret")
    found = await findings_about(behaviour, key="secret")
    assert [each.check for each in found] == [*CHECKS, "latency", "reading"]
    assert {each.verdict for each in found} == {"ok"}
    assert not [each.mend for each in found if each.mend]
    assert "16 of 16" in found[-1].says


async def test_a_kept_connection_that_the_server_closes_is_no_fault() -> None:
    found = await findings_about(ModelBehaviour(hangs_up_on_second=True))
    assert {each.verdict for each in found} == {"ok"}


FAULTS = {
    "a wrong key": (ModelBehaviour(key="another"), "key", "wrong", "WALKIOSK_LLM_API_KEY"),
    "a model that is not there": (ModelBehaviour(models=("llama",)), "model", "wrong", "WALKIOSK_LLM_MODEL=llama"),
    "a page in its place": (ModelBehaviour(is_html=True), "address", "wrong", "host, port and path"),
    "no models": (ModelBehaviour(models=()), "address", "wrong", "host, port and path"),
    "still loading": (ModelBehaviour(status=503), "address", "wrong", "until it has loaded"),
    "a short context": (ModelBehaviour(context=2048), "context", "wrong", "--max-model-len 4096"),
    "a prompt that does not fit": (
        ModelBehaviour(context=None, refusal="This model's maximum context length is 512 tokens."),
        "context", "wrong", "--max-model-len 4096",
    ),
    "no chat template": (
        ModelBehaviour(refusal="As of transformers v4.44, default chat template is no longer allowed"),
        "answer", "wrong", "--chat-template",
    ),
    "no words": (ModelBehaviour(is_silent=True), "answer", "wrong", "instruct"),
    "thoughts only": (ModelBehaviour(thinks="cut off"), "answer", "wrong", "enable_thinking"),
    "thoughts first": (ModelBehaviour(thinks="tags"), "reasoning", "doubtful", "--reasoning-parser"),
    "thoughts apart": (ModelBehaviour(thinks="field"), "reasoning", "doubtful", "--reasoning-parser"),
    "no shapes": (ModelBehaviour(ignores_shapes=True), "structured output", "wrong", "JSON schema"),
    "shapes refused": (
        ModelBehaviour(refuses_shapes="response_format is not supported"), "structured output", "wrong", "JSON schema",
    ),
    "one piece": (ModelBehaviour(streams=False), "streaming", "doubtful", "proxy"),
    "nothing kept": (ModelBehaviour(keeps_prompts=False), "prefix caching", "doubtful", "--enable-prefix-caching"),
    "a foolish model": (ModelBehaviour(is_foolish=True), "reading", "wrong", "larger"),
    "a clock ahead": (ModelBehaviour(skew_s=120), "clock", "doubtful", "time server"),
    "a clock behind": (ModelBehaviour(skew_s=-3600), "clock", "doubtful", "time server"),
    "a lost connection": (ModelBehaviour(hangs_up=True), "answer", "wrong", "log"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_found_and_how_to_mend_it(name: str) -> None:
    behaviour, check, verdict, mend = FAULTS[name]
    found = await findings_about(behaviour)
    [fault] = [each for each in found if each.verdict != "ok"]
    assert (fault.check, fault.verdict) == (check, verdict)
    assert mend in fault.mend


async def test_no_name_is_given_and_there_is_one() -> None:
    found = await findings_about(ModelBehaviour(models=("only-one", "other")), model=None)
    [fault] = [each for each in found if each.verdict != "ok"]
    assert fault.mend == "set WALKIOSK_LLM_MODEL=only-one"
    assert found[-1].check == "reading"


@pytest.mark.parametrize("behaviour", [ModelBehaviour(delay_s=5.0), ModelBehaviour(chat_delay_s=5.0)])
async def test_a_server_that_hangs_is_not_waited_for(behaviour: ModelBehaviour) -> None:
    found = await findings_about(behaviour, limit_s=0.2)
    assert found[-1].verdict == "wrong"
    assert "0.2 s" in found[-1].says


async def test_an_address_without_its_ending() -> None:
    with model_server(ModelBehaviour()) as url:
        [found] = await findings(url)
        assert found.mend == f"use {url}/v1"
        [found] = await findings(f"{url}/v2")
    assert "OpenAI-compatible" in found.says


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:{port}/v1", "nothing can be reached"),
        ("http://no-such-host.invalid/v1", "nothing can be reached"),
        ("localhost:8000/v1", "no http address"),
        ("ftp://host/v1", "no http address"),
        ("", "no http address"),
    ],
)
async def test_an_address_that_leads_nowhere(url: str, says: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    [found] = await findings(url.format(port=port))
    assert (found.check, found.verdict) == ("address", "wrong")
    assert says in found.says


async def test_https_where_there_is_none() -> None:
    with model_server(ModelBehaviour()) as url:
        [found] = await findings(url.replace("http:", "https:") + "/v1")
    assert "no safe connection" in found.says


@pytest.mark.model
async def test_the_embedded_server_is_sound(tmp_path: Path) -> None:
    """All but how well and fast its model reads, which depends on the machine."""
    server = ModelServer()
    path = ModelsFolder(Settings().models_dir).ensure_verified(load_manifest().model("dialogue"))
    await server.start(path, tmp_path)
    try:
        few = dataclasses.replace(READING, fixed=READING.fixed[:3], questions=READING.questions[:1])
        checkup = ModelCheckup(f"{server.url}/v1", server.api_key, None, few, 300.0)
        found = {each.check: each async for each in checkup.findings()}
    finally:
        await server.stop()
    assert [found[check].verdict for check in CHECKS if check != "model"] == ["ok"] * (len(CHECKS) - 1)
    assert "reading" in found
