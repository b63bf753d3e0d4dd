"""Questions in plain words become relation paths through a graph, learned from examples."""
