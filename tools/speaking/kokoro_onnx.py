"""Text comes in, its sound goes out: Kokoro 82M, int8, on onnxruntime (https://huggingface.co/hexgrad/Kokoro-82M)."""

import asyncio
import json
from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf, NoSuchFile

from tools.audio import Audio
from tools.errors import SpeechError
from tools.inference_thread import InferenceThread
from tools.speaking.espeak import voice_of
from tools.speaking.kokoro import Wave, known_phonemes, spoken
from tools.speaking.voices import voices

KOKORO_FILES = ("kokoro/kokoro-v1.0.int8.onnx", "kokoro/voices_ja.npz", "kokoro/vocab.json")
"""The model, its voices and its phonemes, in the folder of models."""

_THREADS = 2
_STYLE_SHAPE = (510, 1, 256)
_NORMAL_SPEED = np.array([1.0], np.float32)


class KokoroOnnxSynthesizer:
    """A `SpeechSynthesizer` for the languages that a bundled voice speaks well enough to be understood."""

    def __init__(self, models_dir: Path) -> None:
        """Load the model. Raises SpeechError when a file is missing or is another one."""
        model, styles, vocabulary = (models_dir / file for file in KOKORO_FILES)
        self._styles = _read_styles(styles)
        self._vocabulary = _read_vocabulary(vocabulary)
        self._thread = InferenceThread("kokoro")
        self._session = self._thread.load(lambda: _open_session(model))

    @property
    def languages(self) -> frozenset[str]:
        """The languages it can speak."""
        return frozenset(language for language, voice in voices().items() if voice.kokoro in self._styles)

    async def synthesize(self, text: str, language: str) -> Audio:
        """The sound of one sentence or clause; given up in the midst when cancelled. Raises SpeechError."""
        style = self._styles.get(voice_of(language).kokoro or "")
        if style is None:
            raise SpeechError(f"Kokoro has no voice for the language {language!r}.")
        said = await known_phonemes(text, language, self._vocabulary)
        tokens = [self._vocabulary[symbol] for symbol in said]
        options = onnxruntime.RunOptions()
        try:
            return spoken(await self._thread.run(lambda: self._run(tokens, style, options)))
        except asyncio.CancelledError:
            options.terminate = True
            raise

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.close()

    def _run(self, tokens: list[int], style: NDArray[np.float32], options: onnxruntime.RunOptions) -> Wave:
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[len(tokens) - 1],
            "speed": _NORMAL_SPEED,
        }
        try:
            return cast(Wave, self._session.run(None, inputs, options)[0]).reshape(-1)
        except Fail as failure:
            raise SpeechError("Kokoro failed in the midst of a sentence.") from failure


def _open_session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Waiting threads would burn the cores that recognition and the dialogue model need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidGraph, InvalidProtobuf, NoSuchFile) as failure:
        raise SpeechError(f"The model {path.name} cannot be loaded: run `walkiosk models pull --voice`.") from failure
    if {each.name for each in session.get_inputs()} != {"tokens", "style", "speed"}:
        raise SpeechError(f"{path.name} is another model than the one that is wanted.")
    return session


def _read_styles(path: Path) -> dict[str, NDArray[np.float32]]:
    """Each voice's style by the number of phonemes less one."""
    try:
        with np.load(path, allow_pickle=False) as file:
            styles = {name: cast(NDArray[np.float32], file[name]) for name in file.files}
    except (OSError, ValueError) as failure:
        raise SpeechError(f"The voices {path.name} cannot be read: run `walkiosk models pull --voice`.") from failure
    if any(style.shape != _STYLE_SHAPE for style in styles.values()):
        raise SpeechError(f"{path.name} has voices for another model.")
    return styles


def _read_vocabulary(path: Path) -> dict[str, int]:
    try:
        vocabulary = json.loads(path.read_text("utf-8"))["vocab"]
        return {str(symbol): int(number) for symbol, number in vocabulary.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as failure:
        raise SpeechError(f"The phonemes {path.name} cannot be read: run `walkiosk models pull --voice`.") from failure
