"""How well the kiosks listen, think and answer: what they counted comes in, shares of failures and times go out."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from tools.health import Signal, Tally, read_tallies
from tools.morning_report.scope import Scope


@dataclass(frozen=True)
class Part:
    """How often a part was used and failed, and the times (ms) that half and that 95 % of its uses did not exceed."""

    used: int
    failed: int
    half_ms: float | None
    most_ms: float | None

    @property
    def failed_share(self) -> float:
        """Of all uses; 0 where there are none."""
        return self.failed / self.used if self.used else 0.0


@dataclass(frozen=True)
class KioskHealth:
    """How one kiosk, or all of them (empty name), fared."""

    name: str
    turns: Part
    model: Part
    tools_failed: int
    sentences_refused: int
    hearing: Part
    speaking: Part

    @property
    def failures(self) -> int:
        """Of all parts."""
        return self.tools_failed + sum(part.failed for part in (self.turns, self.model, self.hearing, self.speaking))


@dataclass(frozen=True)
class Wellbeing:
    """All kiosks together now and before, and each of them, the one that failed most first."""

    total: KioskHealth
    before: KioskHealth
    kiosks: tuple[KioskHealth, ...]


def read_wellbeing(scope: Scope) -> Wellbeing:
    """What was counted in the period and until now; StoreError when the store cannot be read."""
    ids = None if scope.kiosk_id is None else [scope.kiosk_id]
    now = read_tallies(scope.engine, scope.recent.since, scope.now, ids)
    before = read_tallies(scope.engine, scope.recent.before.since, scope.recent.since, ids)
    kiosks = [_health(scope.kiosk_name(kiosk_id), tally) for kiosk_id, tally in now.items()]
    worst_first = sorted(kiosks, key=lambda kiosk: (-kiosk.failures, kiosk.name))
    return Wellbeing(_health("", _sum(now.values())), _health("", _sum(before.values())), tuple(worst_first))


def _sum(tallies: Iterable[Tally]) -> Tally:
    return reduce(lambda one, other: one + other, tallies, Tally())


def _health(name: str, tally: Tally) -> KioskHealth:
    return KioskHealth(
        name=name,
        turns=_part(tally, Signal.TURN, Signal.TURN_FAILED),
        model=_part(tally, Signal.MODEL_ANSWERED, Signal.MODEL_FAILED),
        tools_failed=tally.count(Signal.TOOL_FAILED),
        sentences_refused=tally.count(Signal.SENTENCE_REFUSED),
        hearing=_part(tally, Signal.HEARD, Signal.HEARING_FAILED),
        speaking=_part(tally, Signal.SPOKEN, Signal.SPEAKING_FAILED),
    )


def _part(tally: Tally, worked: Signal, failed: Signal) -> Part:
    failures = tally.count(failed)
    return Part(
        tally.count(worked) + failures, failures, tally.quantile_ms(worked, 0.5), tally.quantile_ms(worked, 0.95)
    )
