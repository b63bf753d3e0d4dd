"""`walkiosk doctor`: settings or a model server's address come in; findings, what to do and an exit code go out."""

import asyncio
import dataclasses
import json
import sys
from collections import Counter

from rich.console import Console
from rich.text import Text

from agent.home_checkup import look_over_home
from agent.model_checkup import Finding, ModelCheckup, Verdict, reading_of
from agent.settings import Settings
from server.terminal_text import neutral

MARKS: dict[Verdict, str] = {"ok": "✓", "doubtful": "!", "wrong": "✗"}
STYLES: dict[Verdict, str] = {"ok": "green", "doubtful": "yellow", "wrong": "red"}


def run_doctor(url: str | None, model: str | None, limit_s: float, as_json: bool) -> int:
    """Check the server of the address, or else the home and the server that is set, if one is.

    What is found is shown as it is found; 1 when something is wrong.
    """
    settings = Settings()
    report = _Report(as_json)
    if not url:
        for finding in look_over_home(settings):
            report.show(finding)
    address = url or settings.llm_url
    if address:
        key = settings.llm_api_key.get_secret_value()
        checkup = ModelCheckup(address, key, model or settings.llm_model, reading_of(settings.store_dir), limit_s)
        asyncio.run(_examine(checkup, report))
    report.sum_up("use this server" if url else "start")
    return 1 if report.verdicts["wrong"] else 0


async def _examine(checkup: ModelCheckup, report: "_Report") -> None:
    async for finding in checkup.findings():
        report.show(finding)


class _Report:
    """Findings on the screen, or as JSON objects, a line each."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._screen = Console(highlight=False)
        self.verdicts = Counter[Verdict]()

    def show(self, finding: Finding) -> None:
        self.verdicts[finding.verdict] += 1
        if self._as_json:
            print(json.dumps(dataclasses.asdict(finding), ensure_ascii=False), flush=True)
        else:
            self._screen.print(_line(finding), soft_wrap=True)

    def sum_up(self, what: str) -> None:
        if not self._as_json:
            print(_summary(self.verdicts, what), file=sys.stderr)


def _line(finding: Finding) -> Text:
    line = Text(f"{MARKS[finding.verdict]} ", style=STYLES[finding.verdict])
    line.append(neutral(f"{finding.check}: {finding.says}"), style="default")
    if finding.mend:
        line.append(f"\n  → {neutral(finding.mend)}", style="bold")
    return line


def _summary(verdicts: Counter[Verdict], what: str) -> str:
    if verdicts["wrong"]:
        return f"The kiosk cannot {what} as it is."
    if verdicts["doubtful"]:
        return f"The kiosk can {what}; see what is marked with !."
    return f"The kiosk can {what}."
