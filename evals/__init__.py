"""Scripted dialogues scored on the state they leave in the store, and benchmarks."""
