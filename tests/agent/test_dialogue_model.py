"""Answers of a model server become typed values; what a model thinks aloud on the way reaches nobody."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage

from agent.dialogue_model import FixedEndpoint, ModelCall, OpenAICompatibleModel, without_reasoning
from agent.improvise import Idea
from tests.model_servers import ModelBehaviour, model_server
from tools.errors import ModelServerError

ANSWER = '{"goods": "", "reply": "Nice to meet you."}'
CALL = ModelCall(slot=0, max_tokens=80)
THOUGHT = "zibblethorpe"


async def idea_of(behaviour: ModelBehaviour) -> Idea:
    with model_server(behaviour) as url:
        model = OpenAICompatibleModel(FixedEndpoint(f"{url}/v1", "none"), "qwen3", has_slots=False)
        return await model.answer([HumanMessage(f"hello, says {THOUGHT}")], Idea, CALL)


@pytest.mark.parametrize("thinks", ["tags", "late tag", "field", "reasoning", "reasoning_content", ""])
async def test_what_a_model_thinks_aloud_reaches_nobody(thinks: str) -> None:
    idea = await idea_of(ModelBehaviour(thinks=thinks, content=ANSWER))
    assert idea == Idea(reply="Nice to meet you.")


@pytest.mark.parametrize("thinks", ["cut off", "late tag cut off", "field only"])
async def test_thoughts_that_the_token_limit_cuts_off_are_no_answer(thinks: str) -> None:
    with pytest.raises(ModelServerError) as told:
        await idea_of(ModelBehaviour(thinks=thinks, content=ANSWER))
    assert THOUGHT not in str(told.value)


@pytest.mark.parametrize(
    "content",
    [
        "<think>He wants",
        '{"goods": "", "reply": "<think>He wants',
        '{"goods": "", "reply": "<think>He wants shoes. Hello!"}',
        '{"goods": "", "reply": "He wants shoes.</think> Hello!"}',
        '{"goods": "", "reply": "< Thinking >He wants shoes."}',
        "",
        "<think>all of it</think>",
    ],
)
async def test_thoughts_that_cannot_be_told_from_the_answer_are_no_answer(content: str) -> None:
    with pytest.raises(ModelServerError):
        await idea_of(ModelBehaviour(content=content))


async def test_thoughts_inside_the_answer_are_left_out() -> None:
    content = '{"goods": "", "reply": "<think>He wants shoes.</think>Hello!"}'
    assert (await idea_of(ModelBehaviour(content=content))).reply == "Hello!"


@given(st.text(), st.text().filter(lambda text: "<" not in text and text == text.strip()))
def test_nothing_of_closed_thoughts_is_left(thought: str, answer: str) -> None:
    if "<" in thought:
        return
    assert without_reasoning(f"<think>{thought}</think>\n{answer}") == answer
    assert without_reasoning(f"{thought}</think>{answer}") == answer


@pytest.mark.parametrize("fault", [{"status": 500}, {"refusal": "no"}, {"hangs_up": True}, {"is_silent": True}])
async def test_a_server_that_fails_is_one_kind_of_error(fault: dict[str, Any]) -> None:
    with pytest.raises(ModelServerError):
        await idea_of(ModelBehaviour(**fault))
