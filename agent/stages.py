"""The nodes of the graph: each takes the turn's state, does its stages and times them."""

import asyncio
import hashlib
import logging
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from agent.act import ToolRunner
from agent.decide import decide
from agent.draft import Conclusion, Say
from agent.ground import ground
from agent.improvise import Idea
from agent.knowledge import Knowledge
from agent.model_gate import Asker, asking
from agent.observation import step
from agent.recipes.turn import Turn
from agent.render import Renderer
from agent.state import MAX_EVIDENCE, Dialogue, SentenceReady
from agent.turn_state import TurnState, Work
from agent.vain_wishes import MAX_REMEMBERED, vain_wishes
from tools.errors import OperatorError
from tools.evidence import Evidence
from tools.unmet_wishes import VainWish, WishBook

log = logging.getLogger(__name__)


class Stages:
    """The stages of a turn over one shop's parts; those that depend on the graph come with the turn."""

    def __init__(
        self,
        tools: ToolRunner,
        renderer: Renderer,
        wishes: WishBook,
    ) -> None:
        self._tools = tools
        self._renderer = renderer
        self._wishes = wishes

    async def understand(self, state: TurnState) -> dict[str, Any]:
        """Text and memory to an Understanding; the session's language follows the customer's."""
        dialogue, work = _open(state)
        with timed(work, "understand"), self._asking(work):
            work.understood = await _knowledge(work).understander.understand(work.utterance, dialogue)
        work.model_calls += work.understood.source != "lexicon"
        dialogue.language = work.understood.language
        if work.understood.intent == "language":
            dialogue.language_is_chosen = True
        if work.understood.recipient is not None:
            dialogue.is_gift = work.understood.recipient == "other"
        return {"work": work}

    async def act(self, state: TurnState) -> dict[str, Any]:
        """Decide on the next tool calls and run them, or on what to say."""
        dialogue, work = _open(state)
        self._decide(dialogue, work)
        if work.calls:
            await self._call(dialogue, work)
        return {"work": work}

    def _decide(self, dialogue: Dialogue, work: Work) -> None:
        """The next tool calls, or the conclusion."""
        assert work.understood is not None
        with timed(work, "decide"):
            decision = decide(Turn(dialogue, work.understood, _knowledge(work).shop), work.results)
        if isinstance(decision, Conclusion):
            in_vain = work.small_talk is not None and not decision.cards
            work.calls, work.conclusion = [], work.small_talk if in_vain else decision
        else:
            work.calls = decision

    async def _call(self, dialogue: Dialogue, work: Work) -> None:
        """Run the calls; their evidence joins the session's."""
        assert work.understood is not None
        if any(call.idempotency_key for call in work.calls):
            await work.may_act()
            if work.is_given_up:  # the cancellation is on its way, but another stage may still have been reached
                raise asyncio.CancelledError
            work.has_effects = True
        with timed(work, "act"):
            acted = await self._tools.run(
                work.calls,
                dialogue,
                work.understood,
                work.age_approval,
                graph=_knowledge(work).graph,
                claim=work.claim,
            )
        work.results.append(acted.results)
        work.records += acted.records
        for record in acted.records:
            work.tell(record)
        dialogue.evidence_count += len(acted.evidence)
        dialogue.evidence = (*dialogue.evidence, *acted.evidence)[-MAX_EVIDENCE:]

    async def improvise(self, state: TurnState) -> dict[str, Any]:
        """No recipe fits: an idea of what to look for, to be decided on as if it had been asked for, or to say."""
        _, work = _open(state)
        assert work.understood is not None
        with timed(work, "improvise"), self._asking(work):
            work.small_talk = work.conclusion
            work.model_calls += 1
            improviser = _knowledge(work).improviser
            work.idea = await improviser.think(work.understood)
            work.understood = improviser.reread(work.understood, work.idea)
        return {"work": work}

    async def reply(self, state: TurnState) -> dict[str, Any]:
        """Say what was decided on: compose it, let only sentences through whose claims are backed, give them out."""
        dialogue, work = _open(state)
        if work.idea is not None:
            _compose(work, work.idea)
        self._ground(dialogue, work)
        with timed(work, "speak"):
            for sentence in work.sentences:
                work.tell(SentenceReady(text=sentence))
        await self._remember(dialogue, work)
        return {"work": work}

    def _ground(self, dialogue: Dialogue, work: Work) -> None:
        """Only sentences whose claims are backed go on."""
        assert work.conclusion is not None
        with timed(work, "ground"):
            reply = ground(work.conclusion.draft, dialogue.evidence, dialogue.language, self._renderer)
        work.sentences, work.refused_sentences = reply.sentences, reply.refused

    async def _remember(self, dialogue: Dialogue, work: Work) -> None:
        """What the session remembers from now on."""
        assert work.conclusion is not None
        work.dialogue = dialogue.model_copy(update={**work.conclusion.changes, **await self._note_vain_wishes(work)})

    def _asking(self, work: Work) -> AbstractContextManager[None]:
        """Ask the model for this turn's kiosk; a customer who waits long is told so, once."""

        def tell_to_wait() -> None:
            if not work.asides:
                [aside] = ground([Say(message="one-moment")], [], work.dialogue.language, self._renderer).sentences
                work.asides.append(aside)
                work.tell(SentenceReady(text=aside))

        return asking(Asker(work.dialogue.kiosk_id, tell_to_wait))

    async def _note_vain_wishes(self, work: Work) -> dict[str, tuple[VainWish, ...]]:
        """Keep for the owner what the customer has just heard is not to be had; what to remember of it."""
        assert work.understood is not None
        assert work.conclusion is not None
        known = work.dialogue.vain_wishes
        found = vain_wishes(work.understood, work.conclusion, evidence_of_turn(work))
        new = [wish for wish in found if wish not in known][: MAX_REMEMBERED - len(known)]
        if not new:
            return {}
        await work.may_act()  # who goes on may yet wish for something else
        # The wishes are part of the key: a turn that was taken back leaves its number to the next.
        told = hashlib.sha256("".join(wish.model_dump_json() for wish in new).encode()).hexdigest()
        key = f"{work.dialogue.session_id}:{work.dialogue.turn}:wishes:{told}"
        try:
            await asyncio.to_thread(self._wishes.note, work.dialogue.kiosk_id, new, work.claim, key)
        except OperatorError as error:
            log.error("what was asked for in vain could not be noted: %s", error)
        return {"vain_wishes": (*known, *new)}


def evidence_of_turn(work: Work) -> list[Evidence]:
    """The evidence that this turn's tools gave."""
    return [item for step in work.results for result in step for item in result.evidence]


def _compose(work: Work, idea: Idea) -> None:
    """Put the words that were improvised into what the recipe says."""
    assert work.conclusion is not None
    with timed(work, "compose"):
        improviser = _knowledge(work).improviser
        work.conclusion = improviser.in_own_words(work.conclusion, work.utterance, idea)


@contextmanager
def timed(work: Work, stage: str) -> Generator[None, None, None]:
    """Add the time spent inside to the stage's milliseconds."""
    with step("stage", stage) as done:
        yield
    work.timings_ms[stage] = round(work.timings_ms.get(stage, 0.0) + done.duration_ms, 2)


def _open(state: TurnState) -> tuple[Dialogue, Work]:
    return state["work"].dialogue, state["work"]


def _knowledge(work: Work) -> Knowledge:
    """The version of the graph that the turn began with."""
    assert work.knowledge is not None
    return work.knowledge
