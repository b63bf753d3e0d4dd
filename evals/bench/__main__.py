"""Runs all benchmarks: `python -m evals.bench`."""

from evals.bench import checkout_bench, graph_bench, linking_bench, turn_bench


def main() -> None:
    """One after the other, so that none disturbs another."""
    for bench in (linking_bench, graph_bench, checkout_bench, turn_bench):
        bench.main()


main()
