"""Ears and mouth for all sessions of a server: the folder of models comes in, a `Voice` goes out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from agent.lexicon import Lexicon
from agent.render import fixed_texts
from agent.settings import Settings
from prompts.language_packs import load_language_packs
from prompts.loading import REPLIES
from server.chat_roles import Notice
from server.clause_speaker import ClauseSpeaker
from server.realtime.voice import Voice
from tools.errors import SpeechError
from tools.hearing.faster_whisper import FasterWhisperRecognizer
from tools.hearing.whisper import WhisperRecognizer
from tools.hearing.whisperx import WhisperXRecognizer
from tools.resampling import StreamResampler
from tools.speaking.by_language import SynthesizerByLanguage
from tools.speaking.clauses import split_clauses
from tools.speaking.espeak import EspeakSynthesizer
from tools.speaking.kokoro_onnx import KokoroOnnxSynthesizer
from tools.speaking.kokoro_torch import KokoroTorchSynthesizer
from tools.speaking.phrase_cache import PhraseCache
from tools.turn_taking.silero import SILERO_FILE, SharedSilero, load_silero
from tools.turn_taking.smart_turn import SMART_TURN_FILE, SmartTurnDetector


@asynccontextmanager
async def open_voice(settings: Settings, languages: Sequence[str], notice: Notice) -> AsyncIterator[Voice]:
    """Load the models of speech. Raises SpeechError with what to do where one is missing or damaged."""
    notice("loading the models of speech")
    models_dir = settings.models_dir
    async with AsyncExitStack() as stack:
        recogniser = await asyncio.to_thread(_recogniser, settings)
        stack.callback(recogniser.close)
        kokoro = await asyncio.to_thread(_kokoro, settings)
        stack.callback(kokoro.close)
        silero = SharedSilero(await asyncio.to_thread(load_silero, models_dir / SILERO_FILE))
        synthesizer = SynthesizerByLanguage([kokoro, EspeakSynthesizer()])
        if mute := set(languages) - synthesizer.languages:
            raise SpeechError(f"There is no voice for the languages {', '.join(sorted(mute))}.")
        yield Voice(
            recogniser=recogniser,
            speaker=ClauseSpeaker(PhraseCache(synthesizer, _fixed_clauses(settings, languages))),
            turn_end=await asyncio.to_thread(SmartTurnDetector, models_dir / SMART_TURN_FILE),
            new_activity_detector=silero.new_detector,
            new_resampler=StreamResampler,
            is_backchannel=Lexicon(load_language_packs()).is_backchannel,
        )


def _recogniser(settings: Settings) -> WhisperRecognizer:
    if settings.whisperx_dir is None:
        return FasterWhisperRecognizer(settings.models_dir)
    return WhisperXRecognizer(settings.whisperx_dir, settings.models_dir / SILERO_FILE)


def _kokoro(settings: Settings) -> KokoroOnnxSynthesizer | KokoroTorchSynthesizer:
    if settings.kokoro_dir is None:
        return KokoroOnnxSynthesizer(settings.models_dir)
    return KokoroTorchSynthesizer(settings.kokoro_dir)


def _fixed_clauses(settings: Settings, languages: Sequence[str]) -> dict[str, frozenset[str]]:
    """What the kiosk says to everybody in each language, as it is spoken."""
    folders = [REPLIES, settings.store_dir / "replies"]
    return {
        language: frozenset(
            clause.text.strip() for text in fixed_texts(language, folders) for clause in split_clauses(text, language)
        )
        for language in languages
    }
