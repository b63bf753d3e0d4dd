"""What a run of the suite came to: runs of dialogues come in, a table for people and JSON lines for programs go out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evals.dialogue import DialogueRun
from server.terminal_text import neutral

MAX_FAILURES_SHOWN = 4


@dataclass(frozen=True)
class Summary:
    """The suite in numbers. A scenario is `steady` when each of its runs passed."""

    runs: int
    passed: int
    end_states_right: int
    scenarios: int
    steady: int
    p50_ms: float
    p95_ms: float
    languages_asked: int
    languages_right: int
    turns_by_model_calls: tuple[int, ...]
    """How many turns asked the model never, once, twice or more often."""

    @property
    def pass_rate(self) -> float:
        """The share of runs that passed, 0 to 1."""
        return self.passed / self.runs if self.runs else 0.0


def summarise(runs: Sequence[DialogueRun]) -> Summary:
    """Count."""
    by_scenario = _grouped(runs, lambda run: [run.scenario])
    waits = [ms for run in runs for ms in run.turn_ms]
    return Summary(
        runs=len(runs),
        passed=sum(run.passed for run in runs),
        end_states_right=sum(run.end_state_is_right for run in runs),
        scenarios=len(by_scenario),
        steady=sum(all(run.passed for run in group) for group in by_scenario.values()),
        p50_ms=percentile(waits, 50),
        p95_ms=percentile(waits, 95),
        languages_asked=sum(len(run.languages) for run in runs),
        languages_right=sum(sum(run.languages) for run in runs),
        turns_by_model_calls=tuple(sum(min(calls, 2) == count for calls in _model_calls(runs)) for count in range(3)),
    )


def _model_calls(runs: Sequence[DialogueRun]) -> list[int]:
    return [turn.model_calls for run in runs for turn in run.turns]


def percentile(values: Iterable[float], percent: int) -> float:
    """The smallest value that so many percent of the values do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def report_view(runs: Sequence[DialogueRun]) -> RenderableType:
    """Per tag and per scenario how many runs passed and how long turns took, what failed, and the sum."""
    parts: list[RenderableType] = [_table("scenario", _grouped(runs, lambda run: [run.scenario]))]
    by_tag = _grouped(runs, lambda run: run.tags or ("(no tag)",))
    parts.append(_table("tag", by_tag))
    failed = [run for run in runs if not run.passed]
    if failed:
        parts.append(Text("What failed", style="bold"))
        parts += [line for run in failed for line in _failure_lines(run)]
        parts.append(Text(""))
    parts.append(Text(summary_text(summarise(runs))))
    return Group(*parts)


def summary_text(summary: Summary) -> str:
    """The suite's numbers in one paragraph."""
    never, once, twice = summary.turns_by_model_calls
    return (
        f"{summary.passed} of {summary.runs} runs passed ({summary.pass_rate:.1%}); "
        f"the store ended as it should in {summary.end_states_right}. "
        f"{summary.steady} of {summary.scenarios} scenarios passed every run. "
        f"Turns: p50 {summary.p50_ms / 1000:.2f} s, p95 {summary.p95_ms / 1000:.2f} s. "
        f"The reply was in the right language in {summary.languages_right} of {summary.languages_asked} turns. "
        f"The model was asked not at all in {never}, once in {once}, twice in {twice} turns."
    )


def _grouped(runs: Sequence[DialogueRun], keys: Callable[[DialogueRun], Sequence[str]]) -> dict[str, list[DialogueRun]]:
    groups: dict[str, list[DialogueRun]] = {}
    for run in runs:
        for key in keys(run):
            groups.setdefault(key, []).append(run)
    return groups


def _table(what: str, groups: dict[str, list[DialogueRun]]) -> Table:
    table = Table(what, "passed", "all", "store", "p50 s", "p95 s", box=box.SIMPLE)
    for column in table.columns[1:]:
        column.justify = "right"
    for key, group in sorted(groups.items()):
        passed, waits = sum(run.passed for run in group), [ms for run in group for ms in run.turn_ms]
        style = "green" if passed == len(group) else "red" if passed == 0 else "yellow"
        names = {run.scenario for run in group}
        steady = sum(all(run.passed for run in group if run.scenario == name) for name in names)
        table.add_row(
            Text(neutral(key)),
            Text(f"{passed}/{len(group)}", style=style),
            f"{steady}/{len(names)}",
            f"{sum(run.end_state_is_right for run in group)}/{len(group)}",
            f"{percentile(waits, 50) / 1000:.2f}",
            f"{percentile(waits, 95) / 1000:.2f}",
        )
    return table


def _failure_lines(run: DialogueRun) -> list[Text]:
    lines = [Text(f"{run.scenario}, run {run.repeat}", style="red")]
    for failure in run.failures[:MAX_FAILURES_SHOWN]:
        where = f"turn {failure.turn}" if failure.turn else failure.kind
        lines.append(Text(f"  {where}: {neutral(failure.problem)}"))
    if len(run.failures) > MAX_FAILURES_SHOWN:
        lines.append(Text(f"  … and {len(run.failures) - MAX_FAILURES_SHOWN} more"))
    return lines


class RunLog:
    """Writes each run as one line of JSON as soon as it is there."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")

    def add(self, run: DialogueRun) -> None:
        """Write the run, and flush: a suite that is stopped keeps what it had."""
        self._file.write(run.model_dump_json() + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
