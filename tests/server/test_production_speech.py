"""A server that hears by WhisperX and speaks by Kokoro on torch, where the shop says so."""

import importlib.util
from pathlib import Path

import pytest

from agent.settings import Settings
from server.speech import open_voice
from tests.spoken import need_speech, speech_model
from tests.tools.test_hearing import spoken
from tests.tools.test_speaking import random_kokoro
from tools.errors import SpeechError
from tools.hearing.faster_whisper import WHISPER_FOLDER
from tools.hearing.whisperx import WhisperXRecognizer
from tools.turn_taking.silero import SILERO_FILE
from tools.turn_taking.smart_turn import SMART_TURN_FILE

IS_INSTALLED = all(importlib.util.find_spec(package) for package in ("whisperx", "kokoro", "torch"))


async def test_a_server_hears_and_speaks_by_what_the_settings_name(tmp_path: Path) -> None:
    if not IS_INSTALLED:
        pytest.skip("the extra production-speech is not installed")
    need_speech()
    speech_model(SILERO_FILE)
    speech_model(SMART_TURN_FILE)
    whisper = speech_model(f"{WHISPER_FOLDER}/model.bin").parent
    settings = Settings().model_copy(update={"whisperx_dir": whisper, "kokoro_dir": random_kokoro(tmp_path)})
    told: list[str] = []
    async with open_voice(settings, ["en", "es"], told.append) as voice:
        assert isinstance(voice.recogniser, WhisperXRecognizer)
        transcript = await voice.recogniser.transcribe(
            await spoken("I want to buy a red umbrella.", "en"), ["en", "es"]
        )
        assert "umbrella" in transcript.text.lower()
        for language, sentence in (("en", "Of course."), ("es", "Por supuesto.")):  # espeak has what Kokoro lacks
            pieces = [piece async for piece in voice.speaker.speak(sentence, language)]
            assert sum(piece.audio.duration_s for piece in pieces) > 0.1


@pytest.mark.parametrize("setting", ["whisperx_dir", "kokoro_dir"])
async def test_what_is_not_installed_or_not_there_is_told(setting: str, tmp_path: Path) -> None:
    need_speech()
    speech_model(SILERO_FILE)
    speech_model(f"{WHISPER_FOLDER}/model.bin")
    settings = Settings().model_copy(update={setting: tmp_path})
    what = str(tmp_path) if IS_INSTALLED else r"walkiosk\[production-speech\]"
    with pytest.raises(SpeechError, match=what):
        async with open_voice(settings, ["en"], lambda _: None):
            pass
