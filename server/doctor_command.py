"""`walkiosk doctor`: a model server's address comes in; findings, what to do about them and an exit code go out."""

import asyncio
import dataclasses
import json
import sys
from collections import Counter

from rich.console import Console
from rich.text import Text

from agent.model_checkup import Finding, ModelCheckup, Verdict, reading_of
from agent.settings import Settings
from server.terminal_text import neutral
from tools.errors import OperatorError

MARKS: dict[Verdict, str] = {"ok": "✓", "doubtful": "!", "wrong": "✗"}
STYLES: dict[Verdict, str] = {"ok": "green", "doubtful": "yellow", "wrong": "red"}


def run_doctor(url: str | None, model: str | None, limit_s: float, as_json: bool) -> int:
    """Check a server and show what is found as it is found; 1 when something is wrong."""
    settings = Settings()
    address = url or settings.llm_url
    if not address:
        raise OperatorError("which server? --llm URL or WALKIOSK_LLM_URL names it")
    key = settings.llm_api_key.get_secret_value()
    checkup = ModelCheckup(address, key, model or settings.llm_model, reading_of(settings.store_dir), limit_s)
    return asyncio.run(_examine(checkup, as_json))


async def _examine(checkup: ModelCheckup, as_json: bool) -> int:
    screen = Console(highlight=False)
    verdicts: Counter[Verdict] = Counter()
    async for finding in checkup.findings():
        verdicts[finding.verdict] += 1
        if as_json:
            print(json.dumps(dataclasses.asdict(finding), ensure_ascii=False), flush=True)
        else:
            screen.print(_line(finding), soft_wrap=True)
    if not as_json:
        print(_summary(verdicts), file=sys.stderr)
    return 1 if verdicts["wrong"] else 0


def _line(finding: Finding) -> Text:
    line = Text(f"{MARKS[finding.verdict]} ", style=STYLES[finding.verdict])
    line.append(neutral(f"{finding.check}: {finding.says}"), style="default")
    if finding.mend:
        line.append(f"\n  → {neutral(finding.mend)}", style="bold")
    return line


def _summary(verdicts: Counter[Verdict]) -> str:
    if verdicts["wrong"]:
        return "The kiosk cannot use this server as it is."
    if verdicts["doubtful"]:
        return "The kiosk can use this server; see what is marked with !."
    return "The kiosk can use this server."
