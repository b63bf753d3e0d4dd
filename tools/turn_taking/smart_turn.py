"""The sound of a turn so far comes in, how likely it is that the speaker is done goes out: smart-turn on ONNX.

The model hears the last 8 s as Whisper does (https://github.com/pipecat-ai/smart-turn): silence before shorter
sound, mean 0 and variance 1, then the logarithm of the power in 80 mel bands, every 10 ms.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tools.audio import HEARING_HZ, Audio, Samples
from tools.errors import SpeechError
from tools.turn_taking.onnx_models import OnnxModel

SMART_TURN_FILE = "smart-turn-v3.2-cpu.onnx"
"""What the weights are called in the folder of models."""

_HEARD_SAMPLES = 8 * HEARING_HZ
_WINDOW_SAMPLES = 400
_HOP_SAMPLES = 160
_BANDS = 80
_BLOCK_FRAMES = 8
_LEAST_VARIANCE = 1e-7
_LEAST_POWER = 1e-10
_RANGE_LOG10 = 8.0
"""What is weaker than the strongest band by more than this is as good as silent."""


class SmartTurnDetector:
    """A `TurnEndDetector`; it remembers nothing, so one serves all sessions, from any thread."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path, inputs={"input_features"})

    def end_probability(self, turn: Audio) -> float:
        """How likely it is that the turn, heard so far from its start, is complete. Raises SpeechError."""
        if turn.rate_hz != HEARING_HZ:
            raise SpeechError(f"The end of a turn is heard at {HEARING_HZ} Hz, not at {turn.rate_hz}.")
        features = log_mel(last_seconds(turn.samples))
        (probability,) = self._model.run({"input_features": features[np.newaxis]})
        return float(probability[0, 0])


def last_seconds(samples: Samples) -> NDArray[np.float32]:
    """The last 8 s with mean 0 and variance 1, shape (128000,); silence stands before what is shorter."""
    heard = np.zeros(_HEARD_SAMPLES, np.float32)
    tail = samples[-_HEARD_SAMPLES:]
    heard[_HEARD_SAMPLES - len(tail) :] = tail / np.float32(32_768)
    return (heard - heard.mean()) / np.sqrt(heard.var() + np.float32(_LEAST_VARIANCE))


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Whisper's features, about -1 to 1, shape (80, n / 160), of n samples at HEARING_HZ, n a multiple of 1280."""
    padded = np.pad(samples, _WINDOW_SAMPLES // 2, mode="reflect")
    windows = sliding_window_view(padded, _WINDOW_SAMPLES)[::_HOP_SAMPLES][:-1]
    hann = np.hanning(_WINDOW_SAMPLES + 1)[:-1].astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(windows * hann)))
    # In small blocks: a product of the whole is spread over threads, which costs forty times as much on a busy machine.
    blocks = power.reshape(-1, _BLOCK_FRAMES, power.shape[1]) @ _mel_filters().T
    bands = np.log10(np.maximum(blocks.reshape(-1, _BANDS).T, _LEAST_POWER))
    return ((np.maximum(bands, bands.max() - _RANGE_LOG10) + 4.0) / 4.0).astype(np.float32)


@cache
def _mel_filters() -> NDArray[np.float32]:
    """Triangles evenly spaced in mel (Slaney's: linear up to 1 kHz, then logarithmic), of equal area; (80, 201)."""
    mel_of_1_khz, mel_per_log_hz = 15.0, 27.0 / np.log(6.4)
    top_mel = mel_of_1_khz + np.log(HEARING_HZ / 2 / 1000) * mel_per_log_hz
    mels = np.linspace(0.0, top_mel, _BANDS + 2)
    edges_hz = np.where(
        mels < mel_of_1_khz,
        mels * 200 / 3,
        1000 * np.exp((np.maximum(mels, mel_of_1_khz) - mel_of_1_khz) / mel_per_log_hz),
    )
    bins_hz = np.linspace(0.0, HEARING_HZ / 2, _WINDOW_SAMPLES // 2 + 1)
    return np.stack(
        [
            np.interp(bins_hz, (low, middle, high), (0.0, 1.0, 0.0)) * 2 / (high - low)
            for low, middle, high in zip(edges_hz, edges_hz[1:], edges_hz[2:], strict=False)
        ]
    ).astype(np.float32)
