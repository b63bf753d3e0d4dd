"""The turn as a LangGraph state machine: understand → decide ⇄ act, improvise → (compose →) ground → speak."""

from langgraph.graph import END, START, StateGraph

from agent.routing import after_decide
from agent.stages import Stages
from agent.turn_state import TurnGraph, TurnState


def build_graph(stages: Stages) -> TurnGraph:
    """The compiled graph; the only cycles are decide ⇄ act and, once in a turn, decide ⇄ improvise.

    It has no checkpointer: a turn begins from its session's memory and is run again from there, whichever server it is.
    """
    graph = StateGraph(TurnState)
    graph.add_node("understand", stages.understand)
    graph.add_node("decide", stages.decide)
    graph.add_node("act", stages.act)
    graph.add_node("improvise", stages.improvise)
    graph.add_node("compose", stages.compose)
    graph.add_node("ground", stages.ground)
    graph.add_node("speak", stages.speak)
    graph.add_edge(START, "understand")
    graph.add_edge("understand", "decide")
    graph.add_conditional_edges("decide", after_decide, ["act", "improvise", "compose", "ground"])
    graph.add_edge("act", "decide")
    graph.add_edge("improvise", "decide")
    graph.add_edge("compose", "ground")
    graph.add_edge("ground", "speak")
    graph.add_edge("speak", END)
    return graph.compile()
