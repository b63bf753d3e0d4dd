"""Plays a suite: scenarios come in, each is played on a kiosk over a fresh store, the report is printed."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

from agent.languages import identify
from agent.settings import Settings
from evals.dialogue import DialogueRun, FaultyDispenser, FaultyTerminal, Hear, Stage, run_dialogue
from evals.report import RunLog, report_view, summarise
from evals.scenario import Scenario
from evals.store_state import StoreTemplate
from prompts.language_packs import load_language_packs
from server.chat_roles import ChatKiosk, Notice
from server.error_boundary import ErrorBoundary
from tools.database_address import file_of
from tools.errors import OperatorError


class TestedKiosk(ChatKiosk, Protocol):
    """A kiosk whose store and simulated hardware are at hand."""

    @property
    def engine(self) -> Engine:
        """The store's database."""
        ...

    @property
    def terminal(self) -> FaultyTerminal:
        """The simulated card terminal."""
        ...

    @property
    def dispenser(self) -> FaultyDispenser:
        """The simulated dispenser."""
        ...

    def names_like(self, text: str) -> Sequence[str]:
        """Names that may have been said where these words were heard."""
        ...


MAX_SPOKEN_CHARACTERS = 1_000
"""About a minute; nobody says more in one breath."""

OpenTestedKiosk = Callable[[Settings, Notice], AbstractAsyncContextManager[TestedKiosk]]


@dataclass(frozen=True)
class SuiteOptions:
    """How the suite is played."""

    repeat: int = 1
    jobs: int = 1
    out: Path | None = None
    require: float = 0.9
    small: bool = False
    store_dir: Path | None = None
    spoken: bool = False
    """Whether customers speak instead of typing."""
    noise: Path | None = None
    """A recording of the room they speak in."""


@dataclass(frozen=True)
class Task:
    """One run to be done."""

    scenario: Scenario
    repeat: int


def choose(
    scenarios: Sequence[Scenario],
    only: str,
    tags: Sequence[str],
    sample: int,
    language: str = "",
    is_spoken: bool = False,
) -> list[Scenario]:
    """Those that were asked for, `is_spoken` without what nobody could say; OperatorError when there are none."""
    pattern = only if any(sign in only for sign in "*?[") else f"*{only}*"
    chosen = [item for item in scenarios if fnmatchcase(item.id, pattern) and (not tags or {*tags} & {*item.tags})]
    chosen = [item for item in chosen if not language or _is_in(item, language)]
    if is_spoken:
        chosen = [item for item in chosen if all(len(turn.utterance) <= MAX_SPOKEN_CHARACTERS for turn in item.turns)]
    if not chosen:
        raise OperatorError("no scenario is like that")
    return _spread(chosen, sample) if sample else chosen


def _is_in(scenario: Scenario, language: str) -> bool:
    """Whether all of it can be said in one language."""
    asked = {identify(turn.say, language) for turn in scenario.turns}
    return asked == {language} and scenario.language in (None, language)


def _spread(scenarios: Sequence[Scenario], count: int) -> list[Scenario]:
    """So many of the scenarios, going round their first tags; always the same ones."""
    queues: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        queues.setdefault(scenario.tags[0] if scenario.tags else "", []).append(scenario)
    chosen: list[Scenario] = []
    while len(chosen) < min(count, len(scenarios)):
        for queue in queues.values():
            if queue and len(chosen) < count:
                chosen.append(queue.pop(0))
    return chosen


def run_suite(
    scenarios: Sequence[Scenario],
    options: SuiteOptions,
    boundary: ErrorBoundary,
    open_kiosk: OpenTestedKiosk | None = None,
) -> int:
    """Play everything and print the report; 0 when enough runs passed, else 1."""
    settings = _settings(options)
    boundary.log_to(settings.home)
    if options.jobs > 1 and not settings.llm_url:
        raise OperatorError("several kiosks at once need one model server of their own: set WALKIOSK_LLM_URL")
    if open_kiosk is None:
        from agent.bootstrap import open_kiosk as open_real_kiosk

        open_kiosk = open_real_kiosk
    runs: list[DialogueRun] = []
    try:
        asyncio.run(_play_all(scenarios, options, settings, open_kiosk, runs))
    finally:  # a suite that is stopped shows what it had
        if runs:
            Console(highlight=False).print(report_view(runs))
    return 0 if summarise(runs).pass_rate >= options.require else 1


def _settings(options: SuiteOptions) -> Settings:
    given: dict[str, Any] = {"small": True} if options.small else {}
    given |= {"store_dir": options.store_dir} if options.store_dir else {}
    return Settings(**given)


async def _play_all(
    scenarios: Sequence[Scenario],
    options: SuiteOptions,
    settings: Settings,
    open_kiosk: OpenTestedKiosk,
    runs: list[DialogueRun],
) -> None:
    """Play each scenario as often as wished and add its runs to `runs`."""
    tasks = [Task(scenario, repeat) for repeat in range(1, options.repeat + 1) for scenario in scenarios]
    waiting = iter(tasks)
    with _progress() as progress, closing(RunLog(options.out or Path(os.devnull))) as run_log:
        bar = progress.add_task("starting", total=len(tasks))

        def notice(text: str) -> None:
            progress.update(bar, description=text)

        async with AsyncExitStack() as stack:
            stages = [
                await stack.enter_async_context(_own_kiosk(settings, open_kiosk, notice))
                for _ in range(min(options.jobs, len(tasks)))
            ]

            hear = await stack.enter_async_context(_hearing(settings, options, stages[0][0], notice))

            async def play(kiosk: TestedKiosk, stage: Stage) -> None:
                for task in waiting:
                    progress.update(bar, description=task.scenario.id)
                    run = await run_dialogue(kiosk.new_session, stage, task.scenario, task.repeat, hear)
                    runs.append(run)
                    run_log.add(run)
                    progress.advance(bar)

            try:
                async with asyncio.TaskGroup() as group:
                    for kiosk, stage in stages:
                        group.create_task(play(kiosk, stage))
            except ExceptionGroup as several:  # the first one says it all
                raise several.exceptions[0] from several
    runs.sort(key=lambda run: (run.scenario, run.repeat))


@asynccontextmanager
async def _own_kiosk(
    settings: Settings, open_kiosk: OpenTestedKiosk, notice: Notice
) -> AsyncIterator[tuple[TestedKiosk, Stage]]:
    """A kiosk in a home folder of its own, so that no real order is touched; models and caches are the usual ones."""
    with tempfile.TemporaryDirectory(prefix="walkiosk-eval-") as folder:
        home = Path(folder)
        settings.cache_dir.mkdir(parents=True, exist_ok=True)
        (home / "cache").symlink_to(settings.cache_dir.resolve(), target_is_directory=True)
        apart = settings.in_home(home)
        async with open_kiosk(apart, notice) as kiosk:
            template = StoreTemplate(file_of(apart.database), home / "template.db")
            stage = Stage(engine=kiosk.engine, template=template, terminal=kiosk.terminal, dispenser=kiosk.dispenser)
            yield kiosk, stage


def _hearing(
    settings: Settings, options: SuiteOptions, kiosk: TestedKiosk, notice: Notice
) -> AbstractAsyncContextManager[Hear | None]:
    """Ears for customers who speak."""
    if not options.spoken:
        return nullcontext()
    from evals.spoken import open_hearing

    return open_hearing(settings, list(load_language_packs()), kiosk.names_like, options.noise, notice)


def _progress() -> Progress:
    columns: Iterable[Any] = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
