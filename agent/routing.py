"""Where a turn goes after `act`: to the tools again, to the model for an idea, or on to the reply."""

from typing import Literal

from agent.turn_state import TurnState


async def after_act(state: TurnState) -> Literal["act", "improvise", "reply"]:
    """To `act` while there were calls to run; once to `improvise` where no recipe has more to say than small talk."""
    work = state["work"]  # no `await`, but LangGraph would run a plain function in a thread
    if work.calls:
        return "act"
    if work.conclusion is not None and work.conclusion.freely and work.idea is None:
        return "improvise"
    return "reply"
