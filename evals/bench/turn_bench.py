"""Times whole turns: forty mixed turns with a scripted model and with the embedded one; start-up and memory too."""

import asyncio
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from agent.bootstrap import Kiosk, open_kiosk
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from agent.state import TurnFinished, TurnReport
from evals.bench.figures import median, p95
from tools.errors import OperatorError

TURNS = Path(__file__).with_name("turns.yaml")
ROUNDS = 5


def load_dialogues() -> list[dict[str, Any]]:
    """The dialogues of turns.yaml."""
    return yaml.safe_load(TURNS.read_text(encoding="utf-8"))


def scripted(dialogues: Sequence[dict[str, Any]]) -> ScriptedModel:
    """A model that answers with the forms of turns.yaml, and with a plain word where it is to chat."""
    forms = {turn["say"]: turn.get("form") for dialogue in dialogues for turn in dialogue["turns"]}
    return ScriptedModel(lambda text: forms.get(text) or {"intent": "chat", "reply": "Hello!"})


async def play(kiosk: Kiosk, dialogues: Sequence[dict[str, Any]]) -> list[TurnReport]:
    """Play all dialogues once."""
    reports: list[TurnReport] = []
    for dialogue in dialogues:
        session = kiosk.new_session(customer_id=dialogue.get("customer"))
        for turn in dialogue["turns"]:
            async for event in session.say(turn["say"]):
                if isinstance(event, TurnFinished):
                    reports.append(event.report)
        await session.close()
    return reports


def stage_rows(name: str, reports: Sequence[TurnReport]) -> list[tuple[str, ...]]:
    """A row for the whole turn and one for each stage, in milliseconds."""
    rows: list[tuple[str, ...]] = []
    for stage in ("total", "first_sentence", "understand", "decide", "act", "improvise", "ground", "speak"):
        values = [report.timings_ms[stage] for report in reports if stage in report.timings_ms]
        if values:
            rows.append((name, stage, str(len(values)), f"{median(values):.1f}", f"{p95(values):.1f}"))
    return rows


async def measure() -> Table:
    """Both runs as a table."""
    dialogues = load_dialogues()
    table = Table("model", "stage", "turns", "p50 ms", "p95 ms", title="Turns")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings().in_home(Path(folder))
        async with open_kiosk(settings, model=scripted(dialogues)) as kiosk:
            await play(kiosk, dialogues)  # the first round fills caches
            reports = [report for _ in range(ROUNDS) for report in await play(kiosk, dialogues)]
        for row in stage_rows("scripted", reports):
            table.add_row(*row)
        try:
            async with open_kiosk(settings) as kiosk:  # reads the prompt cold and keeps it
                pass
            started = time.perf_counter()
            async with open_kiosk(settings) as kiosk:
                ready_s = time.perf_counter() - started
                reports = await play(kiosk, dialogues)
            for row in stage_rows("embedded", reports):
                table.add_row(*row)
            table.caption = f"ready in {ready_s:.1f} s; "
        except OperatorError as error:
            table.caption = f"embedded model skipped: {error}; "
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    table.caption += f"peak memory of the app without the model server {peak_mb:.0f} MB"
    return table


def main() -> None:
    """Print the table."""
    Console(width=110).print(asyncio.run(measure()))


if __name__ == "__main__":
    main()
