"""Frames of sound come in, how likely it is that someone speaks in each goes out: Silero VAD on ONNX.

The model looks at each frame together with the last 64 samples of the frame before, and carries a state of its own
from frame to frame (https://github.com/snakers4/silero-vad). The weights are shared by all streams.
"""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.audio import HEARING_HZ, Samples
from tools.errors import SpeechError
from tools.turn_taking.detectors import FRAME_SAMPLES
from tools.turn_taking.onnx_models import OnnxModel

SILERO_FILE = "silero_vad.onnx"
"""What the weights are called in the folder of models."""

_CONTEXT_SAMPLES = 64
_STATE_SIZE = 128
_FULL_SCALE = np.float32(32_768)
_RATE_HZ = np.array(HEARING_HZ, np.int64)


def load_silero(path: Path) -> OnnxModel:
    """The weights, for any number of detectors in any thread. Raises SpeechError when the file is no such model."""
    return OnnxModel(path, inputs={"input", "state", "sr"})


class _Stream:
    """What is kept of one stream between its frames."""

    def __init__(self) -> None:
        self.state = np.zeros((2, _STATE_SIZE), np.float32)
        self.window = np.zeros(_CONTEXT_SAMPLES + FRAME_SAMPLES, np.float32)

    def take(self, frame: Samples) -> None:
        """Put the next frame, shape (FRAME_SAMPLES,), into the window."""
        self.window[:_CONTEXT_SAMPLES] = self.window[-_CONTEXT_SAMPLES:]
        np.divide(frame, _FULL_SCALE, out=self.window[_CONTEXT_SAMPLES:])


def _newest(model: OnnxModel, streams: Sequence[_Stream]) -> NDArray[np.float32]:
    """How likely it is that someone speaks in the frame that each stream took last, shape (n,)."""
    inputs = {
        "input": np.stack([stream.window for stream in streams]),
        "state": np.stack([stream.state for stream in streams], axis=1),
        "sr": _RATE_HZ,
    }
    probabilities, states = model.run(inputs)
    for number, stream in enumerate(streams):
        stream.state = states[:, number]
    return probabilities[:, 0]


def speech_probabilities(model: OnnxModel, frames: Iterable[Samples]) -> list[float]:
    """How likely it is that someone speaks in each frame, shape (FRAME_SAMPLES,), of a stream from its start."""
    stream, found = _Stream(), list[float]()
    for frame in frames:
        stream.take(frame)
        found += _newest(model, [stream]).tolist()
    return found


class SharedSilero:
    """Silero for all streams of an event loop. Frames that wait go through it together, so that it keeps up when the
    processor is busy: what is slow is to fetch the weights, which several frames then do once."""

    def __init__(self, model: OnnxModel) -> None:
        self._model = model
        self._waiting: list[tuple[_Stream, asyncio.Future[float]]] = []

    def new_detector(self) -> "SileroDetector":
        """One for a stream of its own."""
        return SileroDetector(self)

    async def speech_probability(self, stream: _Stream) -> float:
        """How likely it is that someone speaks in the frame that a stream took last."""
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._run)
        self._waiting.append((stream, answer))
        return await answer

    def _run(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            found = _newest(self._model, [stream for stream, _ in waiting]).tolist()
        except Exception as failure:  # the runtime has many kinds of them; whoever waits must hear of each
            for _, answer in waiting:
                if not answer.done():
                    answer.set_exception(SpeechError(f"Silero failed: {failure}"))
            return
        for (_, answer), probability in zip(waiting, found, strict=True):
            if not answer.done():
                answer.set_result(probability)


class SileroDetector:
    """A `VoiceActivityDetector` for one stream."""

    def __init__(self, silero: SharedSilero) -> None:
        self._silero = silero
        self._stream = _Stream()

    async def speech_probability(self, frame: Samples) -> float:
        """How likely it is that someone speaks in the next frame, shape (FRAME_SAMPLES,)."""
        self._stream.take(frame)
        return await self._silero.speech_probability(self._stream)
