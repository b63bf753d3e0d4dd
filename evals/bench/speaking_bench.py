"""Replies come in; how soon and how fast they are spoken, and how well that is understood, is printed."""

import asyncio
import time
from pathlib import Path

from agent.settings import Settings
from evals.bench.figures import median, p95
from evals.bench.recognised_speech import RECOGNISER_FILE, error_rate, recognised
from evals.bench.spoken_sounds import can_speak
from prompts.language_packs import load_language_packs
from tools.speaking.clauses import split_clauses
from tools.speaking.espeak import EspeakSynthesizer
from tools.speaking.kokoro_onnx import KOKORO_FILES, KokoroOnnxSynthesizer
from tools.speaking.phrase_cache import PhraseCache
from tools.speaking.synthesizer import SpeechSynthesizer

REPLIES = {
    "short": ("Sure.", "It is sold out here.", "Which one would you like?", "It costs $59.90."),
    "medium": (
        "It is in stock here in size 43. Would you like to buy it?",
        "The total is $116.95. Shall I charge that? Please say yes or no.",
        "Hello James Carter! What can I find for you today?",
        "The list price is $129.95; you pay $116.95 (gold −10%).",
    ),
    "long": (
        "In scene 1 of Inception (2010), Leonardo DiCaprio wore the Corvane Mombasa Lace-Up in brown. It is in stock "
        "here in your size, 43. The list price is $129.95; you pay $116.95 (gold −10%). Would you like to buy it?",
        "I have these:\n1. Corvane Mombasa Lace-Up, brown: $129.95.\n2. Brunnick Regent Oxford, black: $189.00.\n"
        "Which one would you like?",
        "Paid: $116.95. Please take your goods from slot A05. Thank you, James Carter! Your receipt number is 969885. "
        "How was it today? Tell me in a few words.",
    ),
}
_ROUNDS = 3
_SENTENCES_A_LANGUAGE = 8
_REPLY_FILES = Path(__file__).resolve().parents[2] / "prompts" / "replies"
_UNREADABLE = frozenset({"hi"})
"""Whisper base writes what it hears of these in another language's letters."""


async def measure_speed(name: str, voice: SpeechSynthesizer) -> None:
    """Print how soon the first sound is there, whole and by clauses, and the real-time factor."""
    for kind, replies in REPLIES.items():
        first_ms: list[float] = []
        whole_ms: list[float] = []
        factors: list[float] = []
        late_ms: list[float] = []
        for reply in replies * _ROUNDS:
            began = time.perf_counter()
            sound_s, gap_s, first_s = 0.0, 0.0, 0.0
            for number, clause in enumerate(split_clauses(reply, "en")):
                sound = await voice.synthesize(clause.text, "en")
                done_s = time.perf_counter() - began
                first_s = done_s if number == 0 else first_s
                gap_s = max(gap_s, done_s - first_s - sound_s)  # the sound before it has been played by then
                sound_s += sound.duration_s
            first_ms.append(first_s * 1000)
            late_ms.append(gap_s * 1000)
            factors.append((time.perf_counter() - began) / sound_s)
            began = time.perf_counter()
            await voice.synthesize(reply, "en")
            whole_ms.append((time.perf_counter() - began) * 1000)
        print(
            f"{name} {kind:>6}: first sound p50 {median(first_ms):.0f} ms p95 {p95(first_ms):.0f} ms  "
            f"(in one piece p50 {median(whole_ms):.0f} ms)  seconds for a second of sound p50 {median(factors):.2f} "
            f"p95 {p95(factors):.2f}  silence between clauses p50 {median(late_ms):.0f} ms p95 {p95(late_ms):.0f} ms"
        )


async def measure_cache(voice: SpeechSynthesizer) -> None:
    """Print how soon a phrase sounds that is kept, and how much memory phrases take."""
    cache = PhraseCache(voice)
    phrases = _phrases("en")[:20]
    began = time.perf_counter()
    for phrase in phrases:
        await cache.synthesize(phrase, "en")
    made_s = time.perf_counter() - began
    kept_ms: list[float] = []
    for phrase in phrases * 50:
        began = time.perf_counter()
        await cache.synthesize(phrase, "en")
        kept_ms.append((time.perf_counter() - began) * 1000)
    print(
        f"kept phrases: p50 {median(kept_ms):.3f} ms p95 {p95(kept_ms):.3f} ms; {len(phrases)} took "
        f"{made_s:.1f} s to make and {cache.kept_bytes / 1e6:.1f} MB"
    )


async def measure_understanding(name: str, voice: SpeechSynthesizer, folder: Path) -> None:
    """Print what share of the words (in Chinese and Japanese: characters) Whisper base gets wrong, by language."""
    for language in sorted(voice.languages & set(load_language_packs()) - _UNREADABLE):
        errors: list[float] = []
        for text in _phrases(language)[::5][:_SENTENCES_A_LANGUAGE]:
            errors.append(error_rate(text, recognised(folder, await voice.synthesize(text, language), language)))
        print(f"{name} {language}: wrong words, mean {sum(errors) / len(errors):.2f} median {median(errors):.2f}")


def _phrases(language: str) -> list[str]:
    """The replies without facts in them, of a length that is said in one breath."""
    lines = (_REPLY_FILES / f"{language}.ftl").read_text("utf-8").splitlines()
    messages = [line.partition(" = ")[2].strip() for line in lines if " = " in line and "{" not in line]
    return [message for message in messages if 6 < len(message) < 110]


async def measure() -> None:
    """Print the figures, or what is missing for them."""
    folder = Settings().models_dir
    missing = [file for file in (*KOKORO_FILES, RECOGNISER_FILE) if not (folder / file).is_file()]
    if missing or not can_speak():
        print(f"skipped: {' and '.join(missing) or 'espeak-ng'} is not here")
        return
    began = time.perf_counter()
    kokoro = KokoroOnnxSynthesizer(folder)
    loaded_s = time.perf_counter() - began
    began = time.perf_counter()
    await kokoro.synthesize(REPLIES["short"][0], "en")
    print(f"Kokoro is loaded in {loaded_s:.1f} s, its first word takes {time.perf_counter() - began:.1f} s")
    for name, voice in (("Kokoro", kokoro), ("espeak-ng", EspeakSynthesizer())):
        await measure_speed(name, voice)
        await measure_understanding(name, voice, (folder / RECOGNISER_FILE).parent)
    await measure_cache(kokoro)


if __name__ == "__main__":
    asyncio.run(measure())
