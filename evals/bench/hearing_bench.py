"""Spoken turns and noises come in; how fast and how well they are recognised is printed."""

import asyncio
import time
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from agent.settings import Settings
from evals.bench.figures import median, p95
from evals.bench.recognised_speech import error_rate
from evals.bench.spoken_sounds import PAUSE, WIRE_HZ, can_speak, in_room, noises, read_turns, silence
from prompts.language_packs import load_language_packs
from tools.audio import HEARING_HZ, Audio, Samples
from tools.hearing.faster_whisper import WHISPER_FOLDER, FasterWhisperRecognizer
from tools.resampling import StreamResampler

_LENGTHS_S = (1, 2, 4, 8)
_TIMES = 8
_NOTHING_S = 3
_NOTHINGS = 10


def heard(samples: Samples) -> Audio:
    """Sound of the wire as it is heard."""
    resampler = StreamResampler(WIRE_HZ, HEARING_HZ)
    return Audio(np.concatenate((resampler.resample(samples), resampler.flush())), HEARING_HZ)


async def measure_times(recogniser: FasterWhisperRecognizer, languages: Sequence[str]) -> Table:
    """How long sounds of several lengths take, in one language and where it must be found."""
    speech = np.concatenate([turn.samples for turn in read_turns() if turn.language == "en" and not turn.pause_ms])
    table = Table("seconds of speech", "language known: p50 ms", "p95 ms", "to be found: p50 ms", "p95 ms")
    for length_s in _LENGTHS_S:
        row = [str(length_s)]
        for allowed in (["en"], languages):
            times: list[float] = []
            for number in range(_TIMES):
                start = number * WIRE_HZ * 3 % (len(speech) - length_s * WIRE_HZ)
                audio = heard(speech[start : start + length_s * WIRE_HZ])
                began = time.perf_counter()
                await recogniser.transcribe(audio, allowed)
                times.append((time.perf_counter() - began) * 1000)
            row += [f"{median(times):.0f}", f"{p95(times):.0f}"]
        table.add_row(*row)
    return table


async def measure_words(recogniser: FasterWhisperRecognizer, languages: Sequence[str]) -> Table:
    """How much of spoken turns is not understood, by language, in quiet and in noise."""
    rooms = (None, *noises())
    table = Table("language", "turns", *(f"{room or 'quiet'}: errors" for room in rooms), "language found")
    for language in languages:
        turns = [turn for turn in read_turns() if turn.language == language][:_TIMES]
        if not turns:
            continue
        row, found = [language, str(len(turns))], 0
        for room in rooms:
            shares: list[float] = []
            for number, turn in enumerate(turns):
                transcript = await recogniser.transcribe(heard(in_room(turn.samples, room, offset=number)), languages)
                shares.append(error_rate(" ".join(PAUSE.split(turn.text)[::2]), transcript.text))
                found += transcript.language == language
            row.append(f"{100 * sum(shares) / len(shares):.0f} %")
        table.add_row(*row, f"{100 * found / len(turns) / len(rooms):.0f} %")
    return table


async def measure_nothing(recogniser: FasterWhisperRecognizer, languages: Sequence[str]) -> str:
    """How often words are heard where nobody speaks."""
    told: list[str] = []
    for room in (None, *noises()):
        quiet = silence(_NOTHING_S * 1000)
        sounds = [heard(in_room(quiet, room, offset=number)) for number in range(_NOTHINGS)]
        words = sum([bool((await recogniser.transcribe(sound, languages)).text) for sound in sounds])
        told.append(f"{room or 'quiet'} {words}/{_NOTHINGS}")
    return f"words heard where nobody speaks: {', '.join(told)}"


async def measure() -> None:
    """Print all figures."""
    recogniser = FasterWhisperRecognizer(Settings().models_dir)
    languages = list(load_language_packs())
    console = Console(width=140)
    console.print(await measure_times(recogniser, languages))
    console.print(await measure_words(recogniser, languages))
    print(await measure_nothing(recogniser, languages))
    recogniser.close()


def main() -> None:
    """Print the figures, or what is missing for them."""
    if not (Settings().models_dir / WHISPER_FOLDER / "model.bin").is_file() or not can_speak():
        print("skipped: the model of hearing, or espeak-ng, is not here")
        return
    asyncio.run(measure())


if __name__ == "__main__":
    main()
