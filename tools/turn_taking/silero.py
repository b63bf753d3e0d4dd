"""Frames of sound come in, how likely it is that someone speaks in each goes out: Silero VAD on ONNX.

The model looks at each frame together with the last 64 samples of the frame before, and carries a state of its own
from frame to frame (https://github.com/snakers4/silero-vad). The weights are shared by all streams.
"""

from pathlib import Path

import numpy as np

from tools.audio import HEARING_HZ, Samples
from tools.turn_taking.detectors import FRAME_SAMPLES
from tools.turn_taking.onnx_models import OnnxModel

SILERO_FILE = "silero_vad.onnx"
"""What the weights are called in the folder of models."""

_CONTEXT_SAMPLES = 64
_STATE_SHAPE = (2, 1, 128)
_FULL_SCALE = np.float32(32_768)


def load_silero(path: Path) -> OnnxModel:
    """The weights, for any number of detectors in any thread. Raises SpeechError when the file is no such model."""
    return OnnxModel(path, inputs={"input", "state", "sr"})


class SileroDetector:
    """A `VoiceActivityDetector` for one stream."""

    def __init__(self, model: OnnxModel) -> None:
        self._model = model
        self._rate_hz = np.array(HEARING_HZ, np.int64)
        self.reset()

    def speech_probability(self, frame: Samples) -> float:
        """How likely it is that someone speaks in the next frame, shape (FRAME_SAMPLES,)."""
        self._window[0, :_CONTEXT_SAMPLES] = self._window[0, -_CONTEXT_SAMPLES:]
        self._window[0, _CONTEXT_SAMPLES:] = frame / _FULL_SCALE
        inputs = {"input": self._window, "state": self._state, "sr": self._rate_hz}
        probability, self._state = self._model.run(inputs)
        return float(probability[0, 0])

    def reset(self) -> None:
        """Forget the frames before; another stream begins."""
        self._state = np.zeros(_STATE_SHAPE, np.float32)
        self._window = np.zeros((1, _CONTEXT_SAMPLES + FRAME_SAMPLES), np.float32)
