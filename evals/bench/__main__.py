"""Runs all benchmarks: `python -m evals.bench`."""

import subprocess
import sys

BENCHES = (
    "linking_bench",
    "names_bench",
    "graph_bench",
    "path_questions_bench",
    "checkout_bench",
    "feedback_bench",
    "forecast_bench",
    "turn_bench",
    "turn_taking_bench",
    "hearing_bench",
    "speaking_bench",
    "voice_bench",
    "session_load_bench",
    "many_kiosks_bench",
)


def main() -> None:
    """One after the other, so that none disturbs another; each in a process of its own, so that memory counts."""
    for bench in BENCHES:
        subprocess.run([sys.executable, "-m", f"evals.bench.{bench}"], check=True)  # our own modules


main()
