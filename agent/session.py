"""One customer's session: utterances in, turn events out; ends with nothing of the customer left behind."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from agent.act import ToolRunner
from agent.knowledge import KnowledgeInUse
from agent.observation import Observe, TurnEnded, steps_of_turn, unobserved
from agent.stages import evidence_of_turn
from agent.state import (
    AgeCheck,
    Dialogue,
    ProductCard,
    SentenceReady,
    SessionMemory,
    ToolCallRecord,
    TurnEvent,
    TurnFinished,
    TurnReport,
)
from agent.turn_state import TurnGraph, TurnState, Work
from agent.understanding import Understanding
from tools.contract import ToolCall
from tools.errors import OperatorError
from tools.evidence import Evidence
from tools.money import Money
from tools.redaction import redact
from tools.session_claim import SessionClaim
from tools.staff import StaffBook

log = logging.getLogger(__name__)


@dataclass
class LastTurn:
    """The turn that runs or ran last: what it was to say, of which the first `heard` sentences reached the customer."""

    turn: asyncio.Task[None]
    turn_id: str
    work: Work
    missed: list[str]
    before: Dialogue
    """The session's memory when it began."""
    heard: int = 0
    is_taken_back: bool = False
    """Whether it never was: the customer had not said everything."""
    is_awaited: bool = False
    """Whether somebody waits for its end, and so hears of its failure."""


class Session:
    """A customer at a kiosk. Turns run one after the other. With a `memory` it goes on where another one was."""

    def __init__(
        self,
        graph: TurnGraph,
        knowledge: KnowledgeInUse,
        tools: ToolRunner,
        staff: StaffBook,
        memory: SessionMemory,
        observe: Observe = unobserved,
    ) -> None:
        self.session_id = memory.dialogue.session_id
        self._graph = graph
        self._knowledge = knowledge
        self._tools = tools
        self._staff = staff
        self._observe = observe
        self._age_approval = memory.age_approval
        self._turns = asyncio.Lock()
        self._last: LastTurn | None = None
        self._dialogue = memory.dialogue
        self._unsaid = list(memory.missed)
        """What was missed before the next turn."""
        self._claim: SessionClaim | None = None

    @property
    def kiosk_id(self) -> str:
        """The machine the customer stands at."""
        return self._dialogue.kiosk_id

    @property
    def turn_id(self) -> str:
        """The turn that runs or ran last, by the name it has in the log and in traces; empty before the first."""
        return self._last.turn_id if self._last else ""

    @property
    def customer_id(self) -> str | None:
        """Who it is, if known."""
        return self._dialogue.customer_id

    @property
    def language(self) -> str:
        """The language of the running turn as soon as it is known, else of the last one."""
        is_running = self._last is not None and not self._last.turn.done()
        return self._last.work.dialogue.language if self._last and is_running else self._dialogue.language

    @property
    def has_effects(self) -> bool:
        """Whether the last turn began to change something (an order, a payment); it is not given up then."""
        return self._last is not None and self._last.work.has_effects

    @property
    def age_check(self) -> AgeCheck | None:
        """The goods that wait for a member of staff to look at the customer's age."""
        return self._dialogue.age_check

    def act_under(self, claim: SessionClaim) -> None:
        """Change something from now on only as long as no other server has taken the session over."""
        self._claim = claim

    def memory(self) -> SessionMemory | None:
        """What another server needs to go on after the last turn; None while one runs."""
        dialogue, missed = self._dialogue, self._unsaid
        if self._last is not None:
            if not self._last.turn.done():
                return None
            dialogue, missed = self._after(self._last)
        return SessionMemory(dialogue=dialogue, missed=tuple(missed), age_approval=self._age_approval)

    async def approve_age(self, name: str, pin: str) -> None:
        """Let this customer buy the goods that wait, for a few minutes, on the word of whoever's PIN this is.

        Raises PinRefused, and OperatorError when nothing waits or the shop has no staff on file. Nothing that is said
        to the kiosk leads here.
        """
        async with self._turns:
            if self._dialogue.age_check is None:
                raise OperatorError("nothing here waits for an age check")
            wanted = self._dialogue.age_check.product_ids
            self._age_approval = await asyncio.to_thread(self._staff.approve, name, pin, wanted)

    async def choose_language(self, language: str) -> None:
        """The customer pressed a language's button: it stays until they ask for another."""
        async with self._turns:
            self._dialogue.language, self._dialogue.language_is_chosen = language, True

    def was_heard(self, sentences: int) -> None:
        """So many sentences of the last turn reached the customer, who may have talked over the rest."""
        if self._last is not None:
            self._last.heard = sentences

    def take_back(self) -> None:
        """Nothing of the last turn was heard, and what was said in it comes again with what follows."""
        if self._last is not None:
            self._last.is_taken_back = True

    async def say(
        self,
        text: str,
        may_act: Callable[[], Awaitable[None]] | None = None,
        on_begin: Callable[[], asyncio.Future[None]] | None = None,
    ) -> AsyncGenerator[TurnEvent, None]:
        """One turn: tools as they have run, sentences as they are ready, then the report.

        Nothing reads the utterance unredacted. Whoever stops listening ends the turn, unless it has begun to change
        something (an order, a payment): then it runs to its end, and what was not heard of its reply is said at the
        beginning of the next one. A sentence counts as heard once it is given out, until `was_heard` knows better.
        Before anything is changed `may_act` is waited for, if given: until then the customer may go on. `on_begin` is
        called when the turn before is through and nothing of this one has happened yet; what it begins is waited for
        before anything is given out or changed. A turn that is run again from the memory of that moment has no second
        effect.
        """
        async with self._turns:
            missed = self._unsaid = await self._missed()
            begun = on_begin() if on_begin is not None else None
            started = time.perf_counter()
            before = self._dialogue.model_copy()
            self._dialogue.turn += 1
            ready: asyncio.Queue[ToolCallRecord | SentenceReady | None] = asyncio.Queue()

            def tell(event: ToolCallRecord | SentenceReady) -> None:
                if isinstance(event, SentenceReady) and work.sentences:  # not one that says that it takes a moment
                    work.timings_ms.setdefault("first_sentence", _since_ms(started))
                ready.put_nowait(event)

            async def until_begun() -> None:
                if begun is not None:
                    await asyncio.shield(begun)

            async def may_change() -> None:
                await until_begun()
                if may_act is not None:
                    await may_act()

            dialogue = self._dialogue.model_copy()
            work = Work(redact(text), dialogue, tell, may_change, self._age_approval, claim=self._claim)
            turn_id = uuid.uuid4().hex
            running = self._observed(turn_id, work, ready)
            turn = asyncio.create_task(running, name=f"turn of session {self.session_id}")
            last = self._last = LastTurn(turn, turn_id, work, missed, before)
            self._unsaid = []
            try:
                await until_begun()
                for sentence in missed:
                    last.heard += 1
                    yield SentenceReady(text=sentence)
                while (event := await ready.get()) is not None:
                    last.heard += isinstance(event, SentenceReady)
                    yield event
                last.is_awaited = True
                await turn
            finally:
                if not turn.done() and not work.has_effects:
                    work.is_given_up = True
                    turn.cancel()
            work.timings_ms["total"] = _since_ms(started)
            assert work.conclusion is not None
            yield TurnFinished(report=self._report(work, missed), is_farewell=work.conclusion.is_farewell)

    async def _run(self, work: Work, ready: "asyncio.Queue[ToolCallRecord | SentenceReady | None]") -> None:
        """The turn's stages, and the session's memory after them."""
        try:
            await self._graph.ainvoke(TurnState(work=work))
            if self._dialogue.order is not None and work.dialogue.order is None:
                self._age_approval = None  # it was for the order that has just ended
            self._dialogue = work.dialogue
        finally:
            ready.put_nowait(None)

    async def _observed(
        self, turn_id: str, work: Work, ready: "asyncio.Queue[ToolCallRecord | SentenceReady | None]"
    ) -> None:
        """The turn, and at its end, whatever that is, an event of it."""
        outcome: Literal["ok", "failed", "given_up"] = "failed"
        started_ns, started = time.time_ns(), time.perf_counter()
        with steps_of_turn(turn_id) as steps, self._knowledge.borrow() as knowledge:
            work.knowledge = knowledge
            try:
                await self._run(work, ready)
                outcome = "ok"
            except asyncio.CancelledError:
                outcome = "given_up"
                raise
            finally:
                work.knowledge = None
                intent = work.understood.intent if work.understood else ""
                ended = TurnEnded(
                    turn_id=turn_id,
                    session_id=self.session_id,
                    kiosk_id=self.kiosk_id,
                    language=work.dialogue.language,
                    intent=work.conclusion.intent or intent if work.conclusion else intent,
                    outcome=outcome,
                    started_ns=started_ns,
                    duration_ms=_since_ms(started),
                    steps=tuple(steps),
                    sentences=len(work.sentences),
                    refused_sentences=work.refused_sentences,
                    first_sentence_ms=work.timings_ms.get("first_sentence"),
                )
                self._observe(ended)

    async def _missed(self) -> list[str]:
        """Wait for a turn that was interrupted; what it changed and nobody heard of, in its own sentences."""
        last = self._last
        if last is None:
            return self._unsaid
        await asyncio.wait([last.turn])  # who stops waiting here does not stop the turn
        self._last = None
        error = None if last.turn.cancelled() else last.turn.exception()
        if error is not None and not last.is_awaited:
            log.error("an interrupted turn of session %s failed", self.session_id, exc_info=error)
        self._dialogue, missed = self._after(last)
        return missed

    def _after(self, last: LastTurn) -> tuple[Dialogue, list[str]]:
        """What is remembered after a turn that is over, and what of it is still to be said."""
        unheard = [*last.missed, *last.work.asides, *last.work.sentences][last.heard :]
        missed = [sentence for sentence in unheard if sentence not in last.work.asides]
        if last.is_taken_back and not last.work.has_effects:
            return last.before, last.missed
        dialogue, is_through = self._dialogue, not last.turn.cancelled() and last.turn.exception() is None
        if missed and is_through and dialogue.awaiting == "confirmation":
            # A yes would be to a total that was not heard. It is said again and asked about anew, whatever comes now.
            dialogue = dialogue.model_copy(update={"awaiting": None})
            if "confirm_order" not in [record.name for record in last.work.records]:
                return dialogue, last.missed[last.heard :]
        return dialogue, missed if last.work.has_effects else last.missed[last.heard :]

    async def close(self) -> tuple[str, ...]:
        """The customer has left: release what is held for them and forget everything but the order ledger.

        Gives back what an interrupted turn still had to say, such as where the goods are that it paid for.
        """
        missed = tuple(await self._missed())
        await self._tools.finish_effects()
        if self._dialogue.order is not None:
            call = ToolCall(
                name="cancel_order",
                arguments={"order_id": self._dialogue.order.order_id},
                idempotency_key=f"{self.session_id}:close",
            )
            await self._tools.run([call], self._dialogue, NOBODY_SPOKE, claim=self._claim)
        self._forget()
        return missed

    async def leave(self) -> None:
        """Another server goes on with the customer: forget everything here and change nothing."""
        if self._last is not None:
            await asyncio.wait([self._last.turn])
            self._last = None
        self._forget()

    def _forget(self) -> None:
        self._dialogue = Dialogue(session_id=self.session_id, kiosk_id=self.kiosk_id)
        self._age_approval, self._unsaid = None, []

    def _report(self, work: Work, missed: list[str]) -> TurnReport:
        dialogue = self._dialogue
        assert work.understood is not None
        assert work.conclusion is not None
        return TurnReport(
            utterance=work.utterance,
            language=dialogue.language,
            intent=work.conclusion.intent or work.understood.intent,
            reply=" ".join([*missed, *work.asides, *work.sentences]),
            tool_calls=work.records,
            evidence=evidence_of_turn(work),
            products=[card(item) for item in work.conclusion.cards],
            proof=[edge for step in work.results for result in step for edge in result.proof],
            cart=list(dialogue.order.lines) if dialogue.order else [],
            total_minor=dialogue.order.total_minor if dialogue.order else None,
            checkout_stage=_stage(dialogue, work),
            order_id=dialogue.order.order_id if dialogue.order else dialogue.sold_order_id,
            timings_ms=work.timings_ms,
            model_calls=work.model_calls,
        )


NOBODY_SPOKE = Understanding(text="", language="en", intent="bye", source="lexicon")


def _since_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def _stage(dialogue: Dialogue, work: Work) -> str | None:
    """The state of the order being made, or the one that an order reached in this turn."""
    if dialogue.order:
        return dialogue.order.state
    reached = [item.facts["state"] for item in evidence_of_turn(work) if item.kind in ("order", "cart")]
    return str(reached[-1]) if reached else None


def card(offer: Evidence) -> ProductCard:
    """An offer as a card."""
    facts = offer.facts
    price, list_price = facts["price"], facts["list_price"]
    assert isinstance(price, Money)
    assert isinstance(list_price, Money)
    return ProductCard(
        sku=str(facts["sku"] or facts["product_id"]),
        name=str(facts["name"]),
        price_minor=price.amount_minor,
        currency=price.currency,
        in_stock=bool(facts["in_stock"]),
        product_id=str(facts["product_id"]),
        colour=str(facts["colour"]),
        size=str(facts.get("size", "")),
        list_price_minor=list_price.amount_minor,
    )
