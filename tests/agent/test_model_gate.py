"""The gate before the model: nobody is starved, nobody waits for ever, who waits is told, and no turn fails for it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import BaseMessage, HumanMessage

from agent.bootstrap import open_kiosk
from agent.dialogue_model import Answer, ModelCall
from agent.improvise import Idea
from agent.model_gate import Asker, GatedModel, GateLimits, ModelBusy, ModelGate, asking
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from agent.state import SentenceReady, TurnFinished
from tests.agent.talk import UMBRELLA, UMBRELLA_FORMS, Talk

SPANISH = "hola buenas, estoy buscando algo para la lluvia de mañana"


class SlowModel:
    """Answers as a scripted model does, once it may."""

    def __init__(self, script: dict[str, Any]) -> None:
        self._model = ScriptedModel(script)
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    @property
    def asked(self) -> list[str]:
        return self._model.asked

    async def answer(self, messages: Sequence[BaseMessage], shape: type[Answer], call: ModelCall) -> Answer:
        self.is_asked.set()
        await self.may_answer.wait()
        return await self._model.answer(messages, shape, call)


async def served_order(callers: Sequence[str]) -> list[str]:
    """Who is served in which order, at a gate for one at a time, when all have come before the first is done."""
    gate, served, is_open = ModelGate(GateLimits(at_once=1, waiting_each=100)), list[str](), asyncio.Event()

    async def call(kiosk_id: str) -> None:
        async with gate.place(kiosk_id):
            served.append(kiosk_id)
            await is_open.wait()

    async with asyncio.TaskGroup() as group:
        for kiosk_id in callers:
            group.create_task(call(kiosk_id))
        await asyncio.sleep(0)  # all come to the gate
        is_open.set()
    return served


async def test_a_noisy_kiosk_does_not_starve_a_quiet_one() -> None:
    served = await served_order(["noisy"] * 20 + ["quiet"])
    assert served.index("quiet") == 2
    assert len(served) == 21


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=25))
def test_kiosks_that_wait_are_served_in_a_circle(callers: list[str]) -> None:
    served = asyncio.run(served_order(callers))
    assert sorted(served) == sorted(callers)
    waiting = list(callers[1:])
    last = dict.fromkeys(callers, -1)
    for turn, kiosk_id in enumerate(served[1:]):
        assert all(last[kiosk_id] <= last[other] for other in waiting)
        waiting.remove(kiosk_id)
        last[kiosk_id] = turn


async def test_who_would_wait_too_long_is_told_and_leaves_the_queue() -> None:
    gate = ModelGate(GateLimits(at_once=1, longest_wait_s=0))
    async with gate.place("K1"):
        with pytest.raises(ModelBusy):
            async with gate.place("K2"):
                pass
    async with gate.place("K2"):
        pass


async def test_too_many_calls_of_one_kiosk_are_refused_at_once_and_others_still_wait() -> None:
    gate = ModelGate(GateLimits(at_once=1, waiting_each=1))
    entered: list[str] = []

    async def call(kiosk_id: str) -> None:
        async with gate.place(kiosk_id):
            entered.append(kiosk_id)

    async with asyncio.TaskGroup() as group, gate.place("K1"):
        group.create_task(call("K1"))
        await asyncio.sleep(0)  # it comes to the gate
        with pytest.raises(ModelBusy):
            await call("K1")
        group.create_task(call("K2"))
        await asyncio.sleep(0)
    assert entered == ["K1", "K2"]


@pytest.mark.parametrize("is_given_before", [False, True])
async def test_who_gives_up_leaves_the_place_to_the_next(is_given_before: bool) -> None:
    gate = ModelGate(GateLimits(at_once=1))

    async def call() -> None:
        async with gate.place("K2"):
            raise AssertionError("it was given up")

    holding = gate.place("K1")
    await holding.__aenter__()
    waiting = asyncio.create_task(call())
    await asyncio.sleep(0)
    if is_given_before:
        await holding.__aexit__(None, None, None)
        waiting.cancel()
    else:
        waiting.cancel()
        await holding.__aexit__(None, None, None)
    with suppress(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(5), gate.place("K3"):
        pass


async def test_who_waits_for_a_slow_server_is_told_too() -> None:
    told = asyncio.Event()
    model = SlowModel({})
    gated = GatedModel(model, GateLimits(at_once=1, tell_after_s=0))
    with asking(Asker("K1", told.set)):
        asked = asyncio.create_task(gated.answer([HumanMessage("hello")], Idea, ModelCall(slot=0, max_tokens=1)))
    async with asyncio.timeout(5):
        await told.wait()
    asked.cancel()


async def test_a_customer_hears_one_moment_in_their_language_once_and_then_the_answer(
    make_home: Callable[[], Path],
) -> None:
    slow = SlowModel({SPANISH: {"intent": "find", "item": "paraguas"}})
    model = GatedModel(slow, GateLimits(at_once=1, tell_after_s=0))
    async with open_kiosk(Settings().in_home(make_home()), model=model) as kiosk:
        session, said, report = kiosk.new_session("K1"), list[str](), None
        async for event in session.say(SPANISH):
            if isinstance(event, SentenceReady):
                said.append(event.text)
                slow.may_answer.set()
            elif isinstance(event, TurnFinished):
                report = event.report
        assert report is not None
        assert said[0].startswith("Un momento")
        assert len([sentence for sentence in said if sentence.startswith("Un momento")]) == 1
        assert len(said) > 1
        assert report.reply == " ".join(said)
        assert report.products


async def test_when_the_model_is_overloaded_the_turn_goes_on_without_it(make_home: Callable[[], Path]) -> None:
    slow = SlowModel(dict(UMBRELLA_FORMS))
    model = GatedModel(slow, GateLimits(at_once=1, longest_wait_s=0))
    async with open_kiosk(Settings().in_home(make_home()), model=model) as kiosk:
        first = asyncio.create_task(Talk(kiosk.new_session("K1"))(UMBRELLA[0]))
        await slow.is_asked.wait()
        report = await Talk(kiosk.new_session("K2"))(UMBRELLA[0])
        assert report.products
        assert slow.asked == []
        slow.may_answer.set()
        assert (await first).products
