"""The graph's state: the session's memory, which is checkpointed, and the turn's work, which is not."""

from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict

from langgraph.channels import UntrackedValue
from langgraph.graph.state import CompiledStateGraph

from agent.draft import Conclusion
from agent.state import ToolCallRecord
from agent.understanding import Understanding
from tools.contract import ToolCall, ToolResult


@dataclass
class Work:
    """What one turn has come to so far. It lives in memory only and ends with the turn."""

    utterance: str
    understood: Understanding | None = None
    calls: list[ToolCall] = field(default_factory=list)
    results: list[list[ToolResult]] = field(default_factory=list)
    records: list[ToolCallRecord] = field(default_factory=list)
    conclusion: Conclusion | None = None
    sentences: list[str] = field(default_factory=list)
    refused_sentences: int = 0
    timings_ms: dict[str, float] = field(default_factory=dict)


class TurnState(TypedDict):
    """`dialogue` is a `Dialogue` as plain JSON values, so that a checkpoint needs none of our classes to be read."""

    dialogue: dict[str, Any]
    work: Annotated[Work, UntrackedValue]


TurnGraph = CompiledStateGraph[TurnState, None, TurnState, TurnState]
"""The compiled state machine of a turn."""
