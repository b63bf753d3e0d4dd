"""Plays one scripted dialogue: sessions, a store and a scenario come in, what was said and how it scored goes out."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import Engine

from agent.state import TurnFinished, TurnReport
from evals.checks import Failure, MoneyTaken, check_end, check_turn
from evals.scenario import PASS, Scenario, StoreChange, Turn
from evals.store_state import StoreTemplate, apply_change, first_kiosk, read_state, with_stock_moved
from server.chat_roles import ChatSession
from server.error_boundary import expected_problem
from tools.database import utc_now
from tools.dispenser import DispenseFault
from tools.errors import WalkioskError
from tools.payment import PaymentFault

TURN_TIMEOUT_S = 120.0
FAILED = "failed"
log = logging.getLogger(__name__)

OpenSession = Callable[[str | None, str | None, str | None], ChatSession]
"""Kiosk, customer and language, each None for the usual one, to a session."""
Hear = Callable[[str, str], Awaitable[str]]
"""A text and the language of the talk to what is heard when the text is said."""


class FaultyTerminal(MoneyTaken, Protocol):
    """A terminal that can be told to fail."""

    def script(self, faults: Iterable[PaymentFault | None]) -> None:
        """Let the coming operations fail so."""
        ...

    def clear_script(self) -> None:
        """Let them work again."""
        ...


class FaultyDispenser(Protocol):
    """A dispenser that can be told to fail."""

    def script(self, faults: Iterable[DispenseFault | None]) -> None:
        """Let the coming requests fail so."""
        ...

    def clear_script(self) -> None:
        """Let them work again."""
        ...


@dataclass(frozen=True)
class Stage:
    """The store that dialogues play in, one after the other, and its hardware."""

    engine: Engine
    template: StoreTemplate
    terminal: FaultyTerminal
    dispenser: FaultyDispenser

    def set(self) -> None:
        """Make everything as it was before the first dialogue."""
        self.terminal.clear_script()
        self.dispenser.clear_script()
        self.template.restore()

    def change(self, change: StoreChange, kiosk_id: str | None) -> None:
        """Do to the store and its hardware what a scenario wants."""
        apply_change(self.engine, change, kiosk_id or first_kiosk(self.engine))
        self.terminal.script(None if name == PASS else PaymentFault(name) for name in change.terminal)
        self.dispenser.script(None if name == PASS else DispenseFault(name) for name in change.dispenser)


class DialogueRun(BaseModel):
    """One run of one scenario. `turn_ms` is what the customer waited for each reply, to its end."""

    scenario: str
    tags: tuple[str, ...]
    repeat: int
    started_at: datetime
    passed: bool
    failures: list[Failure]
    turn_ms: list[float]
    turns: list[TurnReport]
    languages: list[bool] = []
    """For each turn that was to be in a certain language whether it was."""

    @property
    def end_state_is_right(self) -> bool:
        """Whether the store is what it should be, whatever was said."""
        return not any(failure.kind == "store" for failure in self.failures)


class _Play:
    """One dialogue as it goes on."""

    def __init__(self, open_session: OpenSession, stage: Stage, scenario: Scenario, hear: Hear | None) -> None:
        self._open_session, self._stage, self._scenario, self._hear = open_session, stage, scenario, hear
        self._kiosk_id = scenario.kiosk
        self._session: ChatSession | None = None
        self.before = read_state(stage.engine)
        self.failures: list[Failure] = []
        self.reports: list[TurnReport] = []
        self.turn_ms: list[float] = []
        self.languages: list[bool] = []

    async def perform(self) -> None:
        scenario = self._scenario
        self._session = self._open_session(scenario.kiosk, scenario.customer, scenario.language)
        try:
            for number, turn in enumerate(scenario.turns, start=1):
                await self._prepare(turn)
                await self._say(turn, number)
        finally:
            await self._session.close()

    async def _prepare(self, turn: Turn) -> None:
        if turn.next_customer is not None:
            assert self._session is not None
            await self._session.close()
            self._kiosk_id = turn.next_customer.kiosk or self._kiosk_id
            customer, language = turn.next_customer.customer, turn.next_customer.language
            self._session = self._open_session(self._kiosk_id, customer, language)
        if turn.store is not None:
            as_it_was = read_state(self._stage.engine)
            self._stage.change(turn.store, self._kiosk_id)
            self.before = with_stock_moved(self.before, as_it_was, read_state(self._stage.engine))

    async def _say(self, turn: Turn, number: int) -> None:
        assert self._session is not None
        said = turn.utterance if self._hear is None else await self._hear(turn.utterance, self._session.language)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(TURN_TIMEOUT_S):
                report = await _report(self._session, said)
        except Exception as error:  # any error that reaches a customer is a failure of the dialogue, not of the run
            log.exception("%s, turn %d", self._scenario.id, number)
            problem = f"the turn ended in {type(error).__name__}: {error}"
            self.failures.append(Failure(kind="turn", turn=number, problem=problem))
            language = self._session.language
            report = TurnReport(utterance=turn.utterance, language=language, intent=FAILED, reply="")
        else:
            self.failures += check_turn(turn.expect, report, number)
        self.turn_ms.append(round((time.perf_counter() - started) * 1000, 1))
        if turn.expect.language:
            self.languages.append(report.language == turn.expect.language)
        self.reports.append(report)


async def _report(session: ChatSession, utterance: str) -> TurnReport:
    async for event in session.say(utterance):
        if isinstance(event, TurnFinished):
            return event.report
    raise RuntimeError("the turn gave no report")


async def run_dialogue(
    open_session: OpenSession, stage: Stage, scenario: Scenario, repeat: int = 1, hear: Hear | None = None
) -> DialogueRun:
    """Play the scenario in a fresh store and score it: the store first, then the words.

    With `hear` the customer says what they type otherwise. A scenario that cannot be played, say for a customer that
    the store does not have, has failed.
    """
    started_at = utc_now()
    play: _Play | None = None
    try:
        stage.set()
        stage.change(scenario.store, scenario.kiosk)
        play = _Play(open_session, stage, scenario, hear)
        await play.perform()
        after = read_state(stage.engine)
        failures = check_end(scenario.expect, play.reports, play.before, after, stage.terminal) + play.failures
    except WalkioskError as error:
        failures = [Failure(kind="store", problem=f"it could not be played: {expected_problem(error)}")]
    return DialogueRun(
        scenario=scenario.id,
        tags=scenario.tags,
        repeat=repeat,
        started_at=started_at,
        passed=not failures,
        failures=failures,
        turn_ms=play.turn_ms if play else [],
        turns=play.reports if play else [],
        languages=play.languages if play else [],
    )
