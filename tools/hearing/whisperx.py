"""Sound comes in, words go out: WhisperX, for production, on a GPU where there is one (https://github.com/m-bain/whisperX).

Everything is loaded from folders of this machine: a Whisper for CTranslate2 and in it, where wanted, `alignment/<code>`
with a wav2vec2 of that language, which finds the times of words. When somebody speaks is told by our own Silero, as the
library's detectors are fetched from elsewhere.
"""

import importlib
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2 import get_cuda_device_count
from numpy.typing import NDArray

from tools.audio import HEARING_HZ
from tools.errors import SpeechError
from tools.hearing.faster_whisper import LibraryWriter, first_window, hotwords, language_probabilities
from tools.hearing.recogniser import Word
from tools.hearing.whisper import WINDOW_S, Utterance, WhisperRecognizer, Writer, Written
from tools.inference_thread import InferenceThread
from tools.turn_taking.detectors import FRAME_SAMPLES

ALIGNMENT_FOLDER = "alignment"

_COMPUTE_TYPES = {"cpu": "int8", "cuda": "float16"}
_THREADS = 2
_WINDOWS_AT_ONCE = 4
_AROUND_FRAMES = 6
"""So much before and after speech is heard with it: about 0.2 s."""
_WINDOW_FRAMES = int(WINDOW_S * HEARING_HZ / FRAME_SAMPLES)


class WhisperXRecognizer(WhisperRecognizer):
    """Any Whisper, by default in the numbers that suit the device."""

    def __init__(
        self,
        folder: Path,
        silero: Path,
        device: str | None = None,
        compute_type: str | None = None,
        threads: int = _THREADS,
    ) -> None:
        """Load the model of `folder` on `device`, "cpu" or "cuda", by default a GPU if there is one; int8 or float16.

        Raises SpeechError when the package, the device or a file is missing or is another one.
        """
        asr, self._alignment = _import()
        device = device or ("cuda" if get_cuda_device_count() else "cpu")
        thread = InferenceThread("whisper")
        try:
            self._parts = _spoken_parts()
            self._pipeline = thread.load(
                lambda: asr.load_model(
                    _complete(folder),
                    device,
                    compute_type=compute_type or _COMPUTE_TYPES.get(device, "default"),
                    vad_model=self._parts,
                    local_files_only=True,
                    threads=threads,
                )
            )
            self._aligners = {
                path.name: self._alignment.load_align_model(path.name, device, str(path), model_cache_only=True)
                for path in sorted((folder / ALIGNMENT_FOLDER).glob("*"))
            }
        except (RuntimeError, ValueError, OSError) as failure:
            raise SpeechError(f"WhisperX cannot be loaded from {folder} on {device}: {failure}") from failure
        self._device = device
        super().__init__(self._pipeline.model.supported_languages, silero, thread)

    def listen(self, utterance: Utterance) -> Writer:
        """The pipeline hears it when it writes it."""
        return _PipelineWriter(self._pipeline, self._parts, self._align, utterance)

    def _align(self, segments: Sequence[Mapping[str, Any]], language: str, utterance: Utterance) -> tuple[Word, ...]:
        """When each word was said. Without a model of the language, Whisper itself is asked."""
        if language not in self._aligners:
            return LibraryWriter(self._pipeline.model, utterance).write(language).words
        model, its_letters = self._aligners[language]
        aligned = self._alignment.align(segments, model, its_letters, utterance.wave, self._device)
        return tuple(_words(aligned["word_segments"], utterance.duration_s))


class _PipelineWriter:
    def __init__(self, pipeline: Any, parts: Any, align: Any, utterance: Utterance) -> None:
        self._pipeline, self._parts, self._align, self._utterance = pipeline, parts, align, utterance

    def language_probabilities(self) -> dict[str, float]:
        model = self._pipeline.model
        return language_probabilities(model, model.encode(first_window(model, self._utterance.wave)))

    def write(self, language: str, names: Sequence[str] = ()) -> Written:
        self._parts.is_speech = self._utterance.is_speech
        self._pipeline.options = replace(self._pipeline.options, hotwords=hotwords(names))
        found = self._pipeline.transcribe(self._utterance.wave, batch_size=_WINDOWS_AT_ONCE, language=language)
        segments = found["segments"]
        text = " ".join(segment["text"].strip() for segment in segments)
        if not text:
            return Written("", 0.0, 1.0)
        words = self._align(segments, language, self._utterance) if self._utterance.needs_word_times else ()
        return Written(text, float(np.mean([segment["avg_logprob"] for segment in segments])), words=words)


def _words(aligned: Sequence[Mapping[str, Any]], duration_s: float) -> list[Word]:
    """Words with their times; one that could not be aligned was said where the one before it ended."""
    words: list[Word] = []
    at_s = 0.0
    for word in aligned:
        start_s = min(max(0.0, float(word.get("start", at_s))), duration_s)
        at_s = min(max(start_s, float(word.get("end", start_s))), duration_s)
        confidence = min(1.0, max(0.0, float(word.get("score", 0.0))))
        words.append(Word(text=word["word"], start_s=start_s, end_s=at_s, confidence=confidence))
    return words


def _spoken_parts() -> Any:
    """A voice detector in the library's own shape that tells what is known already."""
    segment_class = importlib.import_module("whisperx.diarize").Segment
    vad_class = importlib.import_module("whisperx.vads").Vad

    class SpokenParts(vad_class):
        """Where `is_speech`, of the utterance in hand, is true."""

        is_speech: NDArray[np.bool_] = np.zeros(0, np.bool_)

        @staticmethod
        def preprocess_audio(audio: Any) -> Any:
            return audio

        def __call__(self, _: Any) -> list[Any]:
            to_s = FRAME_SAMPLES / HEARING_HZ
            return [segment_class(start * to_s, end * to_s) for start, end in spoken_parts(self.is_speech)]

    return SpokenParts(vad_onset=0.5)


def spoken_parts(is_speech: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one past the last frame of each stretch in which somebody speaks, with a little around it.

    None is longer than a Whisper's window.
    """
    around = np.convolve(np.pad(is_speech, _AROUND_FRAMES), np.ones(2 * _AROUND_FRAMES + 1), "valid") > 0
    turns = np.flatnonzero(np.diff(np.concatenate(([False], around, [False])).astype(np.int8)))
    return [
        (start, min(start + _WINDOW_FRAMES, int(end)))
        for first, end in zip(turns[::2], turns[1::2], strict=True)
        for start in range(int(first), int(end), _WINDOW_FRAMES)
    ]


def _complete(folder: Path) -> str:
    """The path of a model's folder. Raises FileNotFoundError where the library would fetch what is missing."""
    for file in ("config.json", "model.bin", "tokenizer.json"):
        (folder / file).stat()
    return str(folder)


class _OneSentence:
    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def _load_one_sentence(_: str) -> _OneSentence:
    return _OneSentence()


def _import() -> tuple[Any, Any]:
    """The library's recognition and alignment, which then tell nobody what is heard and fetch nothing."""
    # One of its parts reports how long each sound was to its makers unless this says no.
    os.environ["PYANNOTE_METRICS_ENABLED"] = "false"
    try:
        with warnings.catch_warnings(action="ignore"):
            asr, alignment = importlib.import_module("whisperx.asr"), importlib.import_module("whisperx.alignment")
    except ImportError as missing:
        raise SpeechError(
            f"WhisperX cannot be imported: pip install 'walkiosk[production-speech]' ({missing})."
        ) from missing
    # It would download a splitter of sentences, though only words are wanted.
    alignment.nltk_load = _load_one_sentence  # pyright: ignore[reportAttributeAccessIssue]
    return asr, alignment
