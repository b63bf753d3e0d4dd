"""Runs tool calls: validates their arguments, checks consent, keeps effects from being cut short, numbers evidence."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from agent.observation import step
from agent.state import Dialogue, ToolCallRecord
from agent.understanding import Understanding
from tools.age_approval import AgeApproval
from tools.contract import Effect, Tool, ToolCall, ToolContext, ToolResult
from tools.errors import CustomerError, WalkioskError
from tools.evidence import Evidence, Fact
from tools.graph_answers import GraphReader
from tools.money import Money
from tools.session_claim import SessionClaim, SessionTakenOver

log = logging.getLogger(__name__)
READ_TIMEOUT_S = 10.0


@dataclass
class Acted:
    """What a round of tool calls gave: results in the calls' order, records for the trace, and the new evidence."""

    results: list[ToolResult] = field(default_factory=list)
    records: list[ToolCallRecord] = field(default_factory=list)

    @property
    def evidence(self) -> list[Evidence]:
        """All new evidence, numbered."""
        return [item for result in self.results for item in result.evidence]


class ToolRunner:
    """Runs calls of the tools it is given, and of no others."""

    def __init__(self, tools: Mapping[str, Tool[Any]]) -> None:
        self._tools = tools
        self._effects: set[asyncio.Task[ToolResult]] = set()

    async def run(
        self,
        calls: Sequence[ToolCall],
        dialogue: Dialogue,
        understood: Understanding,
        age_approval: AgeApproval | None = None,
        graph: GraphReader | None = None,
        claim: SessionClaim | None = None,
    ) -> Acted:
        """Run the calls: READ ones together, then WRITE ones one after the other.

        Raises UnknownTool and ConsentMissing before anything runs: both are defects of whoever asked. Raises
        SessionTakenOver where another server has the session by now.
        """
        for call in calls:
            if call.name not in self._tools:
                raise UnknownTool(f"there is no tool {call.name!r}")
            if self._tools[call.name].effect is Effect.WRITE:
                require_consent(call, dialogue, understood)
        context = ToolContext(
            kiosk_id=dialogue.kiosk_id,
            session_id=dialogue.session_id,
            customer_id=dialogue.customer_id,
            age_approval=age_approval,
            graph=graph,
            claim=claim,
            uses_sizes_on_file=not dialogue.is_gift,
        )
        outcomes: dict[int, tuple[ToolResult, ToolCallRecord]] = {}
        reads = [place for place, call in enumerate(calls) if self._tools[call.name].effect is Effect.READ]
        done = await asyncio.gather(*(self._timed(calls[place], context) for place in reads))
        outcomes.update(zip(reads, done, strict=True))
        for place, call in enumerate(calls):
            if place not in outcomes:
                outcomes[place] = await self._timed(call, context)
        acted = Acted()
        number = dialogue.evidence_count
        for place in range(len(calls)):
            result, record = outcomes[place]
            numbered = []
            for item in result.evidence:
                number += 1
                numbered.append(item.model_copy(update={"id": f"e{number}"}))
            acted.results.append(result.model_copy(update={"evidence": numbered}))
            acted.records.append(record)
        return acted

    async def finish_effects(self) -> None:
        """Wait for effects whose turn was interrupted; call before the store is closed."""
        if self._effects:
            await asyncio.gather(*self._effects, return_exceptions=True)

    async def _timed(self, call: ToolCall, context: ToolContext) -> tuple[ToolResult, ToolCallRecord]:
        with step("tool", call.name) as done:
            result = await self._guarded(call, context)
            outcome = "ok" if result.refusal is None else "failed" if result.refusal == "something-wrong" else "refused"
            done.outcome = outcome
        shown = {name: value for name, value in call.arguments.items() if value not in ("", None, (), [])}
        return result, ToolCallRecord(name=call.name, arguments=shown, outcome=outcome, ms=round(done.duration_ms, 2))

    async def _guarded(self, call: ToolCall, context: ToolContext) -> ToolResult:
        """The tool's result, or a refusal: no error of a tool ends a session, and none is swallowed unseen."""
        tool = self._tools[call.name]
        try:
            arguments = tool.arguments.model_validate({**call.arguments, **_key_for(tool, call)})
            if tool.effect is Effect.READ:
                async with asyncio.timeout(READ_TIMEOUT_S):
                    return await tool.run(arguments, context)
            return await self._uninterrupted(tool, arguments, context)
        except CustomerError as refusal:
            return refusal_result(refusal.message, refusal.facts)
        except SessionTakenOver:
            raise  # whoever has the session now tells the customer
        except ValidationError as error:  # its own text would quote the values
            wrong = [
                ".".join(map(str, item["loc"])) for item in error.errors(include_input=False, include_context=False)
            ]
            log.error("tool %s was called with arguments that do not fit: %s", call.name, ", ".join(wrong))
        except (WalkioskError, TimeoutError) as error:
            log.error("tool %s failed: %s", call.name, error)
        except Exception:
            log.exception("tool %s failed unexpectedly", call.name)
        return refusal_result("something-wrong", {})

    async def _uninterrupted(self, tool: Tool[Any], arguments: Any, context: ToolContext) -> ToolResult:
        """An effect runs to its end even when the turn that asked for it is cancelled."""
        effect = asyncio.ensure_future(tool.run(arguments, context))
        self._effects.add(effect)
        effect.add_done_callback(self._effects.discard)
        return await asyncio.shield(effect)


def _key_for(tool: Tool[Any], call: ToolCall) -> dict[str, str]:
    if tool.effect is Effect.WRITE and call.idempotency_key:
        return {"idempotency_key": call.idempotency_key}
    return {}


def refusal_result(message: str, facts: Mapping[str, object]) -> ToolResult:
    """A refusal with what it names as evidence, so that the reply can say it."""
    kept: dict[str, Fact] = {
        name: value for name, value in facts.items() if isinstance(value, Money | bool | int | date | str | tuple)
    }
    return ToolResult(evidence=[Evidence(kind="policy", subject=message, facts=kept)], refusal=message)


class UnknownTool(WalkioskError):
    """A call of a tool that the kiosk does not have."""


class ConsentMissing(WalkioskError):
    """A call would have moved money without this customer's clear yes to exactly this order."""


def require_consent(call: ToolCall, dialogue: Dialogue, understood: Understanding) -> None:
    """Every WRITE call needs an idempotency key; a charge also needs this turn's clear yes to the order's hash.

    This guards against our own recipes as much as against the model: it is the last gate before money moves.
    """
    if not call.idempotency_key:
        raise ConsentMissing(f"{call.name} was called without an idempotency key")
    if call.name != "confirm_order":
        return
    order = dialogue.order
    clear_yes = understood.intent == "yes" and understood.source == "lexicon" and dialogue.awaiting == "confirmation"
    offered = order is not None and call.arguments == {
        "order_id": order.order_id,
        "consent_hash": order.consent_hash,
    }
    if not (clear_yes and offered):
        raise ConsentMissing("confirm_order was called without the customer's yes to this order")
