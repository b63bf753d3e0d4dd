"""Spoken turns, noises and interruptions come in; how fast and how well turns are taken is printed.

Sound is fed in pieces of 20 ms at 24 kHz as a client sends it, in the time of the sound; to that is added the time
the models really took. Settings were chosen on the turns of even number (and how sure the model must be also on
neural speech, which sounds more like people); the figures are of those of odd number.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from agent.settings import Settings
from evals.bench.figures import median, p95
from evals.bench.spoken_sounds import (
    WIRE_HZ,
    HeardStream,
    SpokenTurn,
    at_level,
    can_speak,
    cough,
    in_room,
    mix,
    noises,
    read_turns,
    say,
    silence,
    slam,
)
from prompts.language_packs import load_language_packs
from server.barge_in import BargeIn, Command
from server.echo import EchoGate
from server.endpointing import (
    FRAME_MS,
    Endpointer,
    EndpointingSettings,
    MaybeOver,
    Resumed,
    SpeechStarted,
    TurnEvent,
    TurnOver,
)
from server.microphone import HeardFrame
from tools.audio import Samples, level_dbfs
from tools.turn_taking.detectors import TurnEndDetector
from tools.turn_taking.silero import SILERO_FILE, SharedSilero, load_silero
from tools.turn_taking.smart_turn import SMART_TURN_FILE, SmartTurnDetector

_PIECE_MS = 20
_PIECE_SAMPLES = _PIECE_MS * WIRE_HZ // 1000
_SPEAKS_OVER_MS = 4000
_KIOSK_SPEAKS_MS = 8000
_WORDS_AFTER_MS = 1100
"""How long after a pause a recogniser knows the words, on two cores."""


@dataclass(frozen=True)
class Models:
    """The models under test."""

    silero: SharedSilero
    turn_end: TurnEndDetector

    def microphone(self) -> HeardStream:
        """One for a stream of its own."""
        return HeardStream(self.silero.new_detector())


@dataclass
class TurnFigures:
    """What became of one turn; times count from the end of its speech."""

    decided_ms: float = float("nan")
    """From the end of speech to the last decision that the turn is over."""
    acted_ms: float = float("nan")
    """From the end of speech to when the answer may be heard."""
    began_in_pause: bool = False
    """The answer was begun in the pause, and withdrawn."""
    cut: bool = False
    """An answer might have been heard before the customer was done."""
    judged_ms: list[float] = field(default_factory=list)
    """The time of each judgement of the model."""


async def arriving(microphone: HeardStream, samples: Samples) -> AsyncIterator[tuple[int, HeardFrame]]:
    """Each frame with when the client has sent the piece that completed it."""
    for start in range(0, len(samples), _PIECE_SAMPLES):
        piece = samples[start : start + _PIECE_SAMPLES]
        async for frame in microphone.hear(piece):
            yield (start + len(piece)) * 1000 // WIRE_HZ, frame


async def take_turn(models: Models, turn: SpokenTurn, samples: Samples, settings: EndpointingSettings) -> TurnFigures:
    """Run one turn through microphone, endpointing and the model of the end of turns."""
    microphone, endpointer, figures = models.microphone(), Endpointer(settings), TurnFigures()
    waiting: list[tuple[float, MaybeOver, float]] = []
    over: tuple[float, TurnOver] | None = None
    async for now_ms, frame in arriving(microphone, samples):
        events: list[tuple[float, TurnEvent]] = []
        while waiting and waiting[0][0] <= now_ms:
            known_ms, question, probability = waiting.pop(0)
            events += [(known_ms, event) for event in endpointer.judge(question, probability)]
        lag_ms = now_ms - frame.time_ms
        events += [(now_ms, event) for event in endpointer.frame(frame.time_ms, frame.speech_probability)]
        for at_ms, event in events:
            if isinstance(event, MaybeOver):
                began = time.perf_counter()
                probability = models.turn_end.end_probability(microphone.between(event.start_ms, event.time_ms))
                figures.judged_ms.append((time.perf_counter() - began) * 1000)
                waiting.append((at_ms + figures.judged_ms[-1], event, probability))
            elif isinstance(event, TurnOver):
                over = (at_ms, event)
                figures.began_in_pause |= at_ms < turn.end_ms
            elif isinstance(event, Resumed) and event.was_over and over is not None:
                figures.cut |= over[1].act_from_ms + lag_ms <= at_ms
                over = None
            elif isinstance(event, SpeechStarted) and over is not None:
                figures.cut = True
    if over is not None:
        figures.decided_ms = over[0] - turn.end_ms
        figures.acted_ms = max(over[0], over[1].act_from_ms) - turn.end_ms
    return figures


async def measure_turns(models: Models, turns: Sequence[SpokenTurn], settings: EndpointingSettings) -> None:
    """Print one line for each room."""
    for room in (None, *noises()):
        figures = [
            (turn, await take_turn(models, turn, in_room(turn.samples, room, offset=number), settings))
            for number, turn in enumerate(turns)
        ]
        decided = [each.decided_ms for _, each in figures]
        acted = [each.acted_ms for _, each in figures]
        paused = [each for turn, each in figures if turn.pause_ms]
        judged = [ms for _, each in figures for ms in each.judged_ms]
        missed = sum(ms != ms or ms < -300 for ms in decided)
        print(
            f"{room or 'quiet':>15}: end of speech to decision p50 {median(decided):.0f} ms p95 {p95(decided):.0f} ms  "
            f"answer may be heard p50 {median(acted):.0f} ms  not ended right {missed}/{len(turns)}  "
            f"pauses in which the answer was begun {_share(each.began_in_pause for each in paused)}, "
            f"cut {_share(each.cut for each in paused)}  "
            f"judgement p50 {median(judged):.0f} ms"
        )


@dataclass
class BargeInFigures:
    """What the kiosk's voice did while something else was heard; times count from the start of that."""

    ducked_ms: float | None = None
    stopped_ms: float | None = None
    silent_ms: float = 0.0
    """How long it was silent without being stopped."""


async def interrupt(
    models: Models, sound: Samples, is_backchannel: bool | None, room: str | None = None, echo_db: float | None = None
) -> BargeInFigures:
    """Let the kiosk speak and the sound begin in the midst of it; `is_backchannel` is what its words will turn out to
    be, None for a kiosk that knows no words. `echo_db`: how loud the kiosk comes back."""
    kiosk = _kiosk_voice()
    start_ms = _SPEAKS_OVER_MS + len(sound) % 97  # anywhere in a frame
    heard = mix(silence(len(kiosk) * 1000 // WIRE_HZ), _from(sound, start_ms))
    if echo_db is not None:
        heard = mix(heard, _from(at_level(kiosk, level_dbfs(kiosk) + echo_db), 240))
    heard = in_room(heard, room, offset=len(sound) % 7)
    microphone, barge_in, gate, figures = models.microphone(), BargeIn(), EchoGate(), BargeInFigures()
    barge_in.started()
    words_ms: float | None = None
    ducked_ms: float | None = None
    async for now_ms, frame in arriving(microphone, heard):
        played = kiosk[(frame.time_ms - 32) * WIRE_HZ // 1000 : frame.time_ms * WIRE_HZ // 1000]
        echo = gate.is_echo(frame.level_dbfs, level_dbfs(played))
        commands = [barge_in.frame(0.0 if echo else frame.speech_probability)]
        if words_ms is not None and now_ms >= words_ms and is_backchannel is not None:
            commands.append(barge_in.words(is_backchannel))
            words_ms = None
        for command in commands:
            if command is Command.DUCK:
                ducked_ms = now_ms
                figures.ducked_ms = figures.ducked_ms or now_ms - start_ms
                words_ms = start_ms + len(sound) * 1000 // WIRE_HZ + _WORDS_AFTER_MS
            elif command is Command.STOP:
                figures.stopped_ms = now_ms - start_ms
                return figures
            elif command is Command.RESUME and ducked_ms is not None:
                figures.silent_ms += now_ms - ducked_ms
                ducked_ms = None
    return figures


async def measure_interruptions(models: Models, turns: Sequence[SpokenTurn]) -> None:
    """Print how soon real interruptions silence the kiosk, and what else does."""
    speech = [say(turn.text.split("|")[0], turn.language, number) for number, turn in enumerate(turns)]
    packs = load_language_packs().values()
    nodding = [say(phrase, pack.code, number) for pack in packs for number, phrase in enumerate(pack.backchannels[:8])]
    nobody = [silence(100 + number) for number in range(10)]
    others = {
        "nobody": nobody,
        "coughs": [cough(number) for number in range(20)],
        "doors": [slam(number) for number in range(20)],
    }
    for room in (None, *noises()):
        figures = [await interrupt(models, sound, False, room) for sound in speech]
        ducked = [each.ducked_ms for each in figures if each.ducked_ms is not None]
        stopped = [each.stopped_ms for each in figures if each.stopped_ms is not None]
        print(
            f"{room or 'quiet':>15}: speech to silence p50 {median(ducked):.0f} ms p95 {p95(ducked):.0f} ms "
            f"({len(ducked)}/{len(speech)})  to giving up p50 {median(stopped):.0f} ms p95 {p95(stopped):.0f} ms "
            f"({len(stopped)}/{len(speech)})"
        )
        for name, knows_words in (("words known", True), ("no words", None)):
            figures = [await interrupt(models, sound, knows_words, room) for sound in nodding]
            print(f"{'':>17}nodding along, {name}: {_outcome(figures)}")
        for name, sounds in others.items():
            print(f"{'':>17}{name}: {_outcome([await interrupt(models, sound, None, room) for sound in sounds])}")
    for echo_db in (-6.0, -12.0, -20.0):
        alone = await interrupt(models, silence(100), None, None, echo_db)
        figures = [await interrupt(models, sound, False, None, echo_db) for sound in speech]
        ducked = [each.ducked_ms for each in figures if each.ducked_ms is not None and each.ducked_ms > 0]
        early = sum(each.ducked_ms is not None and each.ducked_ms <= 0 for each in figures)
        print(
            f"echo of {echo_db:.0f} dB: alone {_outcome([alone])}; speech to silence p50 "
            f"{median(ducked) if ducked else float('nan'):.0f} ms p95 {p95(ducked) if ducked else float('nan'):.0f} ms "
            f"({len(ducked)}/{len(speech)}), silenced by itself before {early}"
        )


async def measure_models(models: Models, turns: Sequence[SpokenTurn]) -> None:
    """Print what a frame and a judgement cost."""
    microphone = models.microphone()
    began = time.thread_time()
    frames = sum([1 for turn in turns[:20] async for _ in arriving(microphone, turn.samples)])
    per_frame_ms = (time.thread_time() - began) * 1000 / frames
    heard, judged = microphone.between(0, frames * FRAME_MS), list[float]()
    for _ in range(30):
        began = time.thread_time()
        models.turn_end.end_probability(heard)
        judged.append((time.thread_time() - began) * 1000)
    print(
        f"processor time: {per_frame_ms:.2f} ms a frame of 32 ms (resampling, framing, voice activity), "
        f"{median(judged):.0f} ms a judgement of the end of a turn"
    )


def _kiosk_voice() -> Samples:
    text = (
        "In scene one of Inception, a late arrival in the greenhouse, he wore the lace up shoe in brown. It is in "
        "stock here in your size, forty three. The list price is one hundred and twenty nine dollars, and you pay "
        "less with the gold card. Would you like to buy it? I can also show you the film, or another colour."
    )
    spoken = say(text, "en", 1)
    return spoken[: _KIOSK_SPEAKS_MS * WIRE_HZ // 1000]


def _from(sound: Samples, start_ms: int) -> Samples:
    return np.concatenate((silence(start_ms), sound))


def _outcome(figures: Sequence[BargeInFigures]) -> str:
    silenced = [each.silent_ms for each in figures if each.silent_ms]
    return (
        f"stopped {_share(each.stopped_ms is not None for each in figures)}, "
        f"paused {len(silenced)} for p50 {median(silenced) if silenced else 0:.0f} ms"
    )


def _share(truths: Iterable[bool]) -> str:
    values = list(truths)
    return f"{sum(values)}/{len(values)} ({100 * sum(values) / max(1, len(values)):.0f} %)"


async def measure() -> None:
    """Print the figures, or what is missing for them."""
    folder = Settings().models_dir
    missing = [name for name in (SILERO_FILE, SMART_TURN_FILE) if not (folder / name).is_file()]
    if missing or not can_speak():
        print(f"skipped: {' and '.join(missing) or 'espeak-ng'} is not here")
        return
    models = Models(SharedSilero(load_silero(folder / SILERO_FILE)), SmartTurnDetector(folder / SMART_TURN_FILE))
    turns = read_turns()
    print(f"{len(turns)} turns, {sum(turn.pause_ms is not None for turn in turns)} with a pause; half of them measured")
    await measure_models(models, turns)
    await measure_turns(models, turns[1::2], EndpointingSettings())
    await measure_interruptions(models, turns[1::4])


def main() -> None:
    """Print all figures."""
    asyncio.run(measure())


if __name__ == "__main__":
    main()
