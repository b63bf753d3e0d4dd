"""Crash after crash in one shop: each run sells, is hurt somewhere, recovers, and is audited."""

import json
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import kiosk_process
from books import ON_HAND, Books
from checkout_fixtures import WRONG, make_shop
from kiosk_process import PLACES, Death, Posting
from proxy import Cable
from sqlalchemy import URL, update
from sqlmodel import Session
from twin_process import TwinProcess

from tools.database import Stock

RUN_TIMEOUT_S = 120.0
CARTS = 5
SLOW_S = 0.6


@dataclass
class Tally:
    """What came of the runs, by the place they were hurt at."""

    runs: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)


class Shop:
    """The store, its twins as processes, and the cables to them."""

    def __init__(self, folder: Path, database: URL) -> None:
        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)  # or the server that forks finds nothing to preload
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["kiosk_process", "twin_process"])
        engine = make_shop(database).engine
        with Session(engine) as session:
            session.execute(update(Stock).values(on_hand=ON_HAND))
            session.commit()
        engine.dispose()
        journals = folder / "payments.jsonl", folder / "dispensed.jsonl"
        slow = "--slow-s", str(SLOW_S)
        self.terminal = TwinProcess(self.context, "payment", journals[0], *slow)
        self.dispenser = TwinProcess(self.context, "dispenser", journals[1], *slow, "--wrong-sku", WRONG)
        self.cables = Cable(self.terminal.port), Cable(self.dispenser.port)
        self.posting = Posting(folder, database, self.cables[0].address, self.cables[1].address)
        self.books = Books(self.posting)
        self.tally = Tally()
        self.random = random.Random(7)

    def close(self) -> None:
        for cable in self.cables:
            cable.close()
        for twin in (self.terminal, self.dispenser):
            twin.kill()
        self.books.engine.dispose()

    # -- one run each

    def count_moments(self, seed: int, faults: bool) -> tuple[Counter[str], float]:
        """How often an undisturbed kiosk passes each place, and how many seconds it takes."""
        started = time.monotonic()
        self._finish(self._start(kiosk_process.sell, seed, CARTS, faults))
        lasted = time.monotonic() - started
        self.audit("undisturbed", was_hurt=False)
        return Counter(json.loads((self.posting.folder / "passed.json").read_text())), lasted

    def die_at(self, death: Death, seed: int, faults: bool) -> None:
        """The kiosk dies at one moment."""
        process = self._start(kiosk_process.sell, seed, CARTS, faults, death)
        self._finish(process, may_die=True)
        self.audit(f"kiosk, {death.place}", process.exitcode == -9)

    def kill_kiosk(self, within_s: float, faults: bool) -> None:
        """The kiosk is killed at some moment."""
        process = self._start(kiosk_process.sell, self.random.random(), CARTS, faults)
        time.sleep(self.random.uniform(0, within_s))
        process.kill()
        self._finish(process, may_die=True)
        self.audit("kiosk, at random", process.exitcode == -9)

    def kill_twin(self, within_s: float, also_kiosk: bool) -> None:
        """A device loses its power at some moment and comes back soon; perhaps the kiosk dies meanwhile."""
        name, twin = self.random.choice([("terminal", self.terminal), ("dispenser", self.dispenser)])
        process = self._start(kiosk_process.sell, self.random.random(), CARTS, False)
        time.sleep(self.random.uniform(0, within_s))
        twin.kill()
        time.sleep(self.random.uniform(0, 0.2))
        if also_kiosk:
            process.kill()
        twin.start()
        self._finish(process, may_die=also_kiosk)
        self.audit(f"{name}{' and kiosk' if also_kiosk else ''}, at random", was_hurt=True)

    def cut_power(self, device: str, moment: str, after: int) -> None:
        """A device loses its power just before or after the effect of one of its operations."""
        twin = self.terminal if device == "terminal" else self.dispenser
        twin.kill()
        faults = [*["ok"] * after, f"power cut {moment}"]
        twin.start(*(part for fault in faults for part in ("--fault", fault)))
        before = twin.revivals
        self._finish(self._start(kiosk_process.sell, self.random.random(), CARTS, False))
        self.audit(f"{device}, {moment} effect", was_hurt=twin.revivals > before)

    def cut_cable(self, within_s: float, also_kiosk: bool) -> None:
        """The connection to a device breaks at some moment and is mended soon."""
        cable = self.random.choice(self.cables)
        process = self._start(kiosk_process.sell, self.random.random(), CARTS, True)
        for _ in range(3):
            time.sleep(self.random.uniform(0, within_s / 2))
            cable.cut()
            time.sleep(self.random.uniform(0, 0.2))
            cable.mend()
        if also_kiosk:
            process.kill()
        self._finish(process, may_die=also_kiosk)
        self.audit(f"cable{' and kiosk' if also_kiosk else ''}, at random", was_hurt=True)

    # -- and after each

    def audit(self, place: str, was_hurt: bool) -> None:
        """Recover in a fresh process and look at the books."""
        self._finish(self._start(kiosk_process.recover))
        violations = self.books.violations()
        self.tally.runs[place] += 1
        self.tally.kills[place] += was_hurt
        self.tally.wrong[place] += bool(violations)
        self.tally.violations += [f"{place}: {violation}" for violation in violations]

    def finish(self) -> list[str]:
        """All violations, once also the slowest device has done what it was ever asked for."""
        time.sleep(2 * SLOW_S)
        self.audit("at the end", was_hurt=False)
        return self.tally.violations

    def _revive(self) -> None:
        for twin in (self.terminal, self.dispenser):
            if twin.is_dead():
                twin.revive()

    def _start(self, target: Any, *arguments: Any) -> BaseProcess:
        process = self.context.Process(target=target, args=(self.posting, *arguments))
        process.start()
        return process

    def _finish(self, process: BaseProcess, may_die: bool = False) -> None:
        """Wait until it ends; a device that lost its power meanwhile comes back."""
        deadline = time.monotonic() + RUN_TIMEOUT_S
        while process.is_alive() and time.monotonic() < deadline:
            process.join(0.01)
            self._revive()
        self._revive()
        assert not process.is_alive(), "a kiosk process hangs"
        assert process.exitcode == 0 or (may_die and process.exitcode == -9), f"it ended with {process.exitcode}"


def moments(passed: Counter[str], step: int = 1) -> list[Death]:
    """Every (or every so many-th) moment of an undisturbed run."""
    every = [Death(place, n) for place in PLACES for n in range(1, passed[place] + 1)]
    return every[::step]
