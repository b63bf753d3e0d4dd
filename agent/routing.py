"""Where a turn goes after `decide`: to the tools, to the model for an idea, or on to the reply."""

from typing import Literal

from agent.turn_state import TurnState


def after_decide(state: TurnState) -> Literal["act", "improvise", "compose", "ground"]:
    """To `act` while there are calls to run; once to `improvise` where no recipe has more to say than small talk.

    Messages of recipes go straight on to be grounded; only improvised words must be worked in first.
    """
    work = state["work"]
    if work.calls:
        return "act"
    if work.conclusion is not None and work.conclusion.freely and work.idea is None:
        return "improvise"
    return "ground" if work.idea is None else "compose"
