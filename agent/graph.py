"""The turn as a LangGraph state machine: understand → act, again and again → reply, perhaps by way of improvise."""

from langgraph.graph import END, START, StateGraph

from agent.routing import after_act
from agent.stages import Stages
from agent.turn_state import TurnGraph, TurnState


def build_graph(stages: Stages) -> TurnGraph:
    """The compiled graph; the only cycles are act ⟲ and, once in a turn, act ⇄ improvise.

    A node is where a turn can take another way; stages that follow one another share one, as each node costs a turn one
    to two milliseconds. It has no checkpointer: a turn begins from its session's memory and is run again from there,
    whichever server it is.
    """
    graph = StateGraph(TurnState)
    graph.add_node("understand", stages.understand)
    graph.add_node("act", stages.act)
    graph.add_node("improvise", stages.improvise)
    graph.add_node("reply", stages.reply)
    graph.add_edge(START, "understand")
    graph.add_edge("understand", "act")
    graph.add_conditional_edges("act", after_act, ["act", "improvise", "reply"])
    graph.add_edge("improvise", "act")
    graph.add_edge("reply", END)
    return graph.compile()
