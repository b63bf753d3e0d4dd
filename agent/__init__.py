"""The dialogue agent: stages of a turn as a LangGraph state machine."""
