"""Sound comes in, words go out: Whisper on CTranslate2, embedded (https://github.com/SYSTRAN/faster-whisper).

The encoder is most of the work, so it runs once, over little more than was said, and a sentence is written out in each
language that it may be in: the one in which it makes most sense is taken.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray

from tools.audio import HEARING_HZ, Audio, Framer
from tools.errors import SpeechError
from tools.hearing.no_speech import Evidence, spoken_text
from tools.hearing.recogniser import NamesLike, Transcript, Word
from tools.turn_taking.detectors import FRAME_SAMPLES
from tools.turn_taking.silero import SILERO_FILE, SileroDetector, load_silero

WHISPER_FOLDER = "whisper-base"
"""What the model's folder is called in the folder of models."""

_THREADS = 2
_MAX_S = 120.0
_WINDOW_S = 30.0
"""What the model hears at once."""
_MAX_WAITING = 16
_FIRST_LANGUAGE_WEIGHT = 2.0
"""How much likelier the language of the talk is than another, before anything was heard."""
_FEW_WORDS_WEIGHT = 20.0
"""So much likelier where little is said: a word or two sound like many languages and seldom change the talk's."""
_FEW_WORDS_MS = 1_200
_MOST_TRIED = 3
_LEAST_LIKELY = 0.02
"""Languages that are written out to see which makes most sense; that costs little beside the encoder."""
_PRIOR_WEIGHT = 0.1
"""How much the likelihood of a language counts beside that of the words."""
_LEAST_FRAMES = 1000
"""The encoder hears 10 ms a frame and was made for 3000; with fewer it is as many times faster."""
_SPEECH = 0.5
_TOKENS_A_SECOND = 24
"""Scripts that the model spells out byte by byte take so many."""
_LEAST_TOKENS = 24
_MOST_TOKENS = 220

Wave = NDArray[np.float32]
"""Sound of -1 to 1 at HEARING_HZ, shape (n,)."""


@dataclass(frozen=True)
class _Heard:
    """Words and how sure they are."""

    text: str
    language: str
    mean_log_probability: float
    silent_probability: float
    words: tuple[Word, ...] = ()


class FasterWhisperRecognizer:
    """A `SpeechRecognizer`; one utterance at a time, others wait, the event loop does not."""

    def __init__(self, models_dir: Path, threads: int = _THREADS) -> None:
        """Load the model. Raises SpeechError when it is missing or is another one."""
        folder = models_dir / WHISPER_FOLDER
        try:
            self._model = WhisperModel(str(folder), "cpu", compute_type="int8", cpu_threads=threads)
        except (RuntimeError, ValueError, OSError) as failure:
            raise SpeechError(
                f"The model {WHISPER_FOLDER} cannot be loaded: run `walkiosk models pull --voice`."
            ) from failure
        self._silero = load_silero(models_dir / SILERO_FILE)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="whisper")
        self._waiting = 0

    async def transcribe(
        self,
        audio: Audio,
        languages: Sequence[str],
        word_times: bool = False,
        names_like: NamesLike | None = None,
    ) -> Transcript:
        """What was said in one of `languages`, the likeliest first; silence and noise give an empty text.

        Speech of up to half a minute whose words need no times is written out again with the names that `names_like`
        gives for it: the sound decides between them and what was written first. Raises SpeechError for sound at
        another rate or of more than two minutes, for languages of which the model knows none, and when too many
        utterances wait already.
        """
        if audio.rate_hz != HEARING_HZ:
            raise SpeechError(f"Speech is recognised at {HEARING_HZ} Hz, not at {audio.rate_hz}.")
        if audio.duration_s > _MAX_S:
            raise SpeechError(f"An utterance has at most {_MAX_S:.0f} s.")
        known = {language.split("-")[0]: language for language in reversed(languages)}
        known = {code: known[code] for code in reversed(known) if code in self._model.supported_languages}
        if not known:
            raise SpeechError(f"None of these languages can be recognised: {', '.join(languages)}.")
        if self._waiting >= _MAX_WAITING:
            raise SpeechError("Too many utterances wait to be recognised.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._recognise, audio, known, word_times, names_like
            )
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _recognise(
        self, audio: Audio, known: Mapping[str, str], word_times: bool, names_like: NamesLike | None
    ) -> Transcript:
        nothing = Transcript(text="", language=next(iter(known.values())), confidence=0.0)
        speech_ms = self._speech_ms(audio)
        if not speech_ms:
            return nothing
        wave = audio.samples.astype(np.float32) / np.float32(32_768)
        is_short = audio.duration_s <= _WINDOW_S and not word_times
        first_weight = _FEW_WORDS_WEIGHT if speech_ms < _FEW_WORDS_MS else _FIRST_LANGUAGE_WEIGHT
        heard = (
            self._decode(wave, list(known), first_weight, names_like)
            if is_short
            else self._decode_long(wave, list(known), word_times)
        )
        evidence = Evidence(heard.text, speech_ms, heard.silent_probability, heard.mean_log_probability)
        if not (text := spoken_text(evidence)):
            return nothing
        confidence = min(1.0, math.exp(heard.mean_log_probability))
        return Transcript(text=text, language=known[heard.language], confidence=confidence, words=heard.words)

    def _speech_ms(self, audio: Audio) -> float:
        """How much of it is speech; a frame more than the sound has is silence."""
        detector = SileroDetector(self._silero)
        padded = np.concatenate((audio.samples, np.zeros(FRAME_SAMPLES, np.int16)))
        frames = Framer(FRAME_SAMPLES).frames(padded)
        return sum(detector.speech_probability(frame) > _SPEECH for frame in frames) * FRAME_SAMPLES * 1000 / HEARING_HZ

    def _decode(
        self, wave: Wave, languages: Sequence[str], first_weight: float, names_like: NamesLike | None
    ) -> _Heard:
        """What fits into one window, in the language in which it makes most sense."""
        features = self._model.feature_extractor(wave)
        encoded = self._model.encode(pad_or_trim(features, max(_LEAST_FRAMES, features.shape[-1])))
        most = min(_MOST_TOKENS, _LEAST_TOKENS + round(len(wave) / HEARING_HZ * _TOKENS_A_SECOND))
        likely = self._likely_languages(encoded, languages, first_weight)
        heard = [self._write(encoded, language, most) for language in likely]
        best = max(heard, key=lambda each: each.mean_log_probability + math.log(likely[each.language]) * _PRIOR_WEIGHT)
        if names_like is None or not (names := names_like(best.text)):
            return best
        with_names = self._write(encoded, best.language, most, ", ".join(names))
        return max(best, with_names, key=lambda each: each.mean_log_probability)

    def _write(self, encoded: Any, language: str, most_tokens: int, names: str | None = None) -> _Heard:
        tokenizer = self._tokenizer(language)
        prompt = self._model.get_prompt(tokenizer, [], without_timestamps=True, hotwords=names)
        [result] = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=len(prompt) + most_tokens,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=_suppressed(tokenizer),
        )
        tokens = result.sequences_ids[0]
        mean = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return _Heard(tokenizer.decode(tokens).strip(), language, mean, result.no_speech_prob)

    def _decode_long(self, wave: Wave, languages: Sequence[str], word_times: bool) -> _Heard:
        """What is longer than a window, or wanted with the times of its words: as the library does it."""
        language = languages[0]
        if len(languages) > 1:
            encoded = self._model.encode(pad_or_trim(self._model.feature_extractor(wave)))
            language = next(iter(self._likely_languages(encoded, languages, _FIRST_LANGUAGE_WEIGHT)))
        found, _ = self._model.transcribe(
            wave,
            language=language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            max_new_tokens=_MOST_TOKENS,
            word_timestamps=word_times,
        )
        segments = list(found)
        if not segments:
            return _Heard("", language, 0.0, 1.0)
        words = tuple(
            Word(
                text=word.word.strip(), start_s=word.start, end_s=max(word.start, word.end), confidence=word.probability
            )
            for segment in segments
            for word in segment.words or ()
        )
        return _Heard(
            "".join(segment.text for segment in segments).strip(),
            language,
            float(np.mean([segment.avg_logprob for segment in segments])),
            min(segment.no_speech_prob for segment in segments),
            words,
        )

    def _likely_languages(self, encoded: Any, languages: Sequence[str], first_weight: float) -> dict[str, float]:
        """Those of the languages that it may be, likeliest first, with how likely each is."""
        if len(languages) == 1:
            return {languages[0]: 1.0}
        [found] = self._model.model.detect_language(encoded)
        all_probabilities: dict[str, float] = {token.strip("<|>"): probability for token, probability in found}
        allowed = {language: all_probabilities.get(language, 0.0) + 1e-6 for language in languages}
        allowed[languages[0]] *= first_weight
        total = sum(allowed.values())
        ranked = sorted(allowed, key=allowed.__getitem__, reverse=True)
        return {
            language: allowed[language] / total
            for language in ranked[:_MOST_TRIED]
            if allowed[language] / total >= _LEAST_LIKELY
        }

    def _tokenizer(self, language: str) -> Tokenizer:
        return Tokenizer(self._model.hf_tokenizer, True, task="transcribe", language=language)


def _suppressed(tokenizer: Tokenizer) -> list[int]:
    """What is never written: signs for music and asides, and the model's own marks."""
    return list(cast(Sequence[int], get_suppressed_tokens(tokenizer, cast(Any, [-1]))))
