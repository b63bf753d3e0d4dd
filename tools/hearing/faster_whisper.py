"""Sound comes in, words go out: Whisper on CTranslate2, embedded (https://github.com/SYSTRAN/faster-whisper).

The encoder is most of the work, so it runs once for all that is written, over little more than was said.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from tools.errors import SpeechError
from tools.hearing.recogniser import Word
from tools.hearing.whisper import WINDOW_S, Utterance, Wave, WhisperRecognizer, Writer, Written
from tools.inference_thread import InferenceThread
from tools.turn_taking.silero import SILERO_FILE

WHISPER_FOLDER = "whisper-base"
"""What the model's folder is called in the folder of models."""

_THREADS = 2
_LEAST_FRAMES = 1000
"""The encoder hears 10 ms a frame and was made for 3000; with fewer it is as many times faster."""
_TOKENS_A_SECOND = 24
"""Scripts that the model spells out byte by byte take so many."""
_LEAST_TOKENS = 24
_MOST_TOKENS = 220


class FasterWhisperRecognizer(WhisperRecognizer):
    """Whisper base with int8 on the processor."""

    def __init__(self, models_dir: Path, threads: int = _THREADS) -> None:
        """Load the model. Raises SpeechError when it is missing or is another one."""
        folder, thread = str(models_dir / WHISPER_FOLDER), InferenceThread("whisper")
        try:
            self._model = thread.load(lambda: WhisperModel(folder, "cpu", compute_type="int8", cpu_threads=threads))
        except (RuntimeError, ValueError, OSError) as failure:
            raise SpeechError(
                f"The model {WHISPER_FOLDER} cannot be loaded: run `walkiosk models pull --voice`."
            ) from failure
        super().__init__(self._model.supported_languages, models_dir / SILERO_FILE, thread)

    def listen(self, utterance: Utterance) -> Writer:
        """Run the encoder over it; where that is not enough, the library does it all."""
        if utterance.needs_word_times or utterance.duration_s > WINDOW_S:
            return LibraryWriter(self._model, utterance)
        features = self._model.feature_extractor(utterance.wave)
        encoded = self._model.encode(pad_or_trim(features, max(_LEAST_FRAMES, features.shape[-1])))
        most_tokens = min(_MOST_TOKENS, _LEAST_TOKENS + round(utterance.duration_s * _TOKENS_A_SECOND))
        return _WindowWriter(self._model, encoded, most_tokens)


class _WindowWriter:
    """Writes what fits into one window."""

    def __init__(self, model: WhisperModel, encoded: Any, most_tokens: int) -> None:
        self._model, self._encoded, self._most_tokens = model, encoded, most_tokens

    def language_probabilities(self) -> dict[str, float]:
        return language_probabilities(self._model, self._encoded)

    def write(self, language: str, names: Sequence[str] = ()) -> Written:
        tokenizer = Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language=language)
        prompt = self._model.get_prompt(tokenizer, [], without_timestamps=True, hotwords=hotwords(names))
        [result] = self._model.model.generate(
            self._encoded,
            [prompt],
            beam_size=1,
            max_length=len(prompt) + self._most_tokens,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=_suppressed(tokenizer),
        )
        tokens = result.sequences_ids[0]
        mean = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return Written(tokenizer.decode(tokens).strip(), mean, result.no_speech_prob)


class LibraryWriter:
    """Writes sound of any length as the library does, with Whisper's own times of the words if they are wanted."""

    def __init__(self, model: WhisperModel, utterance: Utterance) -> None:
        """Nothing is heard yet."""
        self._model, self._utterance = model, utterance

    def language_probabilities(self) -> Mapping[str, float]:
        """How likely its first half minute is in each language."""
        wave = self._utterance.wave
        return language_probabilities(self._model, self._model.encode(first_window(self._model, wave)))

    def write(self, language: str, names: Sequence[str] = ()) -> Written:
        """The words of all of it."""
        found, _ = self._model.transcribe(
            self._utterance.wave,
            language=language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            max_new_tokens=_MOST_TOKENS,
            hotwords=hotwords(names),
            word_timestamps=self._utterance.needs_word_times,
        )
        segments = list(found)
        if not segments:
            return Written("", 0.0, 1.0)
        words = tuple(
            Word(
                text=word.word.strip(), start_s=word.start, end_s=max(word.start, word.end), confidence=word.probability
            )
            for segment in segments
            for word in segment.words or ()
        )
        return Written(
            "".join(segment.text for segment in segments).strip(),
            float(np.mean([segment.avg_logprob for segment in segments])),
            min(segment.no_speech_prob for segment in segments),
            words,
        )


def first_window(model: WhisperModel, wave: Wave) -> Any:
    """What the encoder takes of the first half minute."""
    return pad_or_trim(model.feature_extractor(wave[: round(WINDOW_S * model.feature_extractor.sampling_rate)]))


def language_probabilities(model: WhisperModel, encoded: Any) -> dict[str, float]:
    """How likely encoded sound is in each language, by its code."""
    [found] = model.model.detect_language(encoded)
    return {token.strip("<|>"): probability for token, probability in found}


def hotwords(names: Sequence[str]) -> str | None:
    """Names as they are given to the model to have an ear for."""
    return ", ".join(names) or None


def _suppressed(tokenizer: Tokenizer) -> list[int]:
    """What is never written: signs for music and asides, and the model's own marks."""
    return list(cast(Sequence[int], get_suppressed_tokens(tokenizer, cast(Any, [-1]))))
