"""Where a turn goes after `decide`: to the tools, or on to the reply."""

from typing import Literal

from agent.turn_state import TurnState


def after_decide(state: TurnState) -> Literal["act", "compose"]:
    """To `act` while there are calls to run."""
    return "act" if state["work"].calls else "compose"
