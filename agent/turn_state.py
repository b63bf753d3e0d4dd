"""The graph's state: what a turn has come to so far."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypedDict

from langgraph.graph.state import CompiledStateGraph

from agent.draft import Conclusion
from agent.improvise import Idea
from agent.knowledge import Knowledge
from agent.state import Dialogue, SentenceReady, ToolCallRecord
from agent.understanding import Understanding
from tools.age_approval import AgeApproval
from tools.contract import ToolCall, ToolResult
from tools.session_claim import SessionClaim


@dataclass
class Work:
    """What one turn has come to so far. It lives in memory only and ends with the turn.

    `dialogue` is the turn's own copy of the session's memory; the session takes it over when the turn is through.
    """

    utterance: str
    dialogue: Dialogue
    tell: Callable[[ToolCallRecord | SentenceReady], None]
    """Hears at once of tools that have run and of sentences that may be given out."""
    may_act: Callable[[], Awaitable[None]]
    """Waited for before anything is changed: until then the customer may go on, and the turn be given up."""
    age_approval: AgeApproval | None = None
    knowledge: Knowledge | None = None
    """The version of the graph that the turn began with, as long as it runs."""
    claim: SessionClaim | None = None
    """This server's right to change anything for the session; None where no other server could have it."""
    understood: Understanding | None = None
    idea: Idea | None = None
    small_talk: Conclusion | None = None
    """What is said if the idea leads nowhere."""
    calls: list[ToolCall] = field(default_factory=list)
    results: list[list[ToolResult]] = field(default_factory=list)
    records: list[ToolCallRecord] = field(default_factory=list)
    has_effects: bool = False
    """Whether a WRITE tool was called: from then on the turn is not given up."""
    is_given_up: bool = False
    """Whether nobody listens any more: from then on no WRITE tool is called."""
    conclusion: Conclusion | None = None
    asides: list[str] = field(default_factory=list)
    """What was said before the reply: that it takes a moment."""
    sentences: list[str] = field(default_factory=list)
    refused_sentences: int = 0
    timings_ms: dict[str, float] = field(default_factory=dict)
    model_calls: int = 0


class TurnState(TypedDict):
    """What goes from stage to stage."""

    work: Work


TurnGraph = CompiledStateGraph[TurnState, None, TurnState, TurnState]
"""The compiled state machine of a turn."""
