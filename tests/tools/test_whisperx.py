"""What is WhisperX's own: which parts are heard, and the times of words by a wav2vec2 (small and random here)."""

import importlib
import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spoken import speech_model
from tests.tools.test_hearing import spoken
from tools.errors import SpeechError
from tools.hearing.faster_whisper import WHISPER_FOLDER
from tools.hearing.whisperx import ALIGNMENT_FOLDER, WhisperXRecognizer, spoken_parts
from tools.turn_taking.silero import SILERO_FILE


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 1_200)), max_size=6))
def test_all_speech_lies_in_parts_that_fit_a_window(stretches: list[tuple[bool, int]]) -> None:
    is_speech = np.array([speaks for speaks, frames in stretches for _ in range(frames)], np.bool_)
    parts = spoken_parts(is_speech)
    heard = np.zeros(len(is_speech), np.bool_)
    for start, end in parts:
        assert 0 <= start < end <= len(is_speech)
        assert (end - start) * 0.032 <= 30
        assert not heard[start:end].any()
        heard[start:end] = True
    assert heard[is_speech].all()
    assert [start for start, _ in parts] == sorted(start for start, _ in parts)


def need_whisperx() -> None:
    if importlib.util.find_spec("whisperx") is None:
        pytest.skip("the package whisperx is not installed")


def random_wav2vec2(folder: Path) -> None:
    """A wav2vec2 of English letters that learned nothing, as the library saves it."""
    torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    letters = ["<pad>", "<s>", "</s>", "<unk>", "|", "'", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({letter: index for index, letter in enumerate(letters)}), "utf-8")
    torch.manual_seed(1)
    config = transformers.Wav2Vec2Config(
        vocab_size=len(letters),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
    )
    transformers.Wav2Vec2ForCTC(config).save_pretrained(folder)
    tokenizer = transformers.Wav2Vec2CTCTokenizer(str(folder / "vocab.json"))
    extractor = transformers.Wav2Vec2FeatureExtractor()
    transformers.Wav2Vec2Processor(extractor, tokenizer).save_pretrained(folder)


async def test_words_get_their_times_from_the_alignment_of_their_language(tmp_path: Path) -> None:
    need_whisperx()
    shutil.copytree(speech_model(f"{WHISPER_FOLDER}/model.bin").parent, tmp_path / "whisper")
    random_wav2vec2(tmp_path / "whisper" / ALIGNMENT_FOLDER / "en")
    plain = WhisperXRecognizer(speech_model(f"{WHISPER_FOLDER}/model.bin").parent, speech_model(SILERO_FILE))
    aligning = WhisperXRecognizer(tmp_path / "whisper", speech_model(SILERO_FILE))
    audio = await spoken("Do you have a red umbrella?", "en")
    by_whisper = await plain.transcribe(audio, ["en"], word_times=True)
    by_alignment = await aligning.transcribe(audio, ["en"], word_times=True)
    assert by_alignment.text == by_whisper.text
    assert [word.text for word in by_alignment.words] == by_alignment.text.split()
    assert [word.start_s for word in by_alignment.words] != [word.start_s for word in by_whisper.words]
    starts = [word.start_s for word in by_alignment.words]
    assert starts == sorted(starts)
    assert 0 <= starts[0] <= by_alignment.words[-1].end_s <= audio.duration_s
    plain.close()
    aligning.close()


async def test_what_is_missing_is_told_and_not_fetched(tmp_path: Path) -> None:
    silero = speech_model(SILERO_FILE)
    if importlib.util.find_spec("whisperx") is None:
        with pytest.raises(SpeechError, match=r"pip install 'walkiosk\[production-speech\]'"):
            WhisperXRecognizer(tmp_path, silero)
        return
    with pytest.raises(SpeechError, match=r"config\.json"):
        WhisperXRecognizer(tmp_path, silero)
