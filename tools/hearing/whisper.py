"""Sound and a Whisper that writes words for anything come in, what was said goes out: what all its recognisers share.

A sentence is written out in each language that it may be in, and once more with names that sound like it: what makes
most sense is taken.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tools.audio import HEARING_HZ, Audio, Framer
from tools.errors import SpeechError
from tools.hearing.likely_languages import likely_languages
from tools.hearing.no_speech import Evidence, spoken_text
from tools.hearing.recogniser import NamesLike, Transcript, Word
from tools.inference_thread import InferenceThread
from tools.turn_taking.detectors import FRAME_SAMPLES
from tools.turn_taking.silero import load_silero, speech_probabilities

WINDOW_S = 30.0
"""What a Whisper hears at once."""

_MAX_S = 120.0
_MAX_WAITING = 16
_PRIOR_WEIGHT = 0.1
"""How much the likelihood of a language counts beside that of the words."""
_SPEECH = 0.5

Wave = NDArray[np.float32]
"""Sound of -1 to 1 at HEARING_HZ, shape (n,)."""


@dataclass(frozen=True, eq=False)
class Utterance:
    """A sound in which someone speaks."""

    wave: Wave
    is_speech: NDArray[np.bool_]
    """Of each frame of FRAME_SAMPLES, shape (frames,); the last may reach past the end of the sound."""
    needs_word_times: bool

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return len(self.wave) / HEARING_HZ

    @property
    def speech_ms(self) -> float:
        """How long somebody speaks in it."""
        return int(self.is_speech.sum()) * FRAME_SAMPLES * 1000 / HEARING_HZ


@dataclass(frozen=True)
class Written:
    """Words as a model wrote them, also where nobody spoke, and how sure it is of them."""

    text: str
    mean_log_probability: float
    silent_probability: float = 0.0
    """How likely the model takes it for silence, where it says so."""
    words: tuple[Word, ...] = ()


class Writer(Protocol):
    """A model that listened to one utterance and can write it out."""

    def language_probabilities(self) -> Mapping[str, float]:
        """How likely it is in each language the model knows, by its code."""
        ...

    def write(self, language: str, names: Sequence[str] = ()) -> Written:
        """The words in a language, with an ear for names where the model has one."""
        ...


class WhisperRecognizer(ABC):
    """A `SpeechRecognizer`; one utterance at a time, others wait, the event loop does not."""

    def __init__(self, languages: Collection[str], silero: Path, thread: InferenceThread) -> None:
        """`languages` are the codes that the model of `thread` knows. Raises SpeechError when Silero is missing."""
        self._languages = frozenset(languages)
        self._silero = load_silero(silero)
        self._thread = thread
        self._waiting = 0

    @abstractmethod
    def listen(self, utterance: Utterance) -> Writer:
        """Hear one utterance. Called in a thread; may raise RuntimeError or ValueError, as may what it gives back."""

    @property
    def is_busy(self) -> bool:
        """Whether what comes now would have to wait."""
        return self._waiting > 0

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
        another rate or of more than two minutes, for languages of which the model knows none, when too many
        utterances wait already, and when the model fails.
        """
        if audio.rate_hz != HEARING_HZ:
            raise SpeechError(f"Speech is recognised at {HEARING_HZ} Hz, not at {audio.rate_hz}.")
        if audio.duration_s > _MAX_S:
            raise SpeechError(f"An utterance has at most {_MAX_S:.0f} s.")
        known = {language.split("-")[0]: language for language in reversed(languages)}
        known = {code: known[code] for code in reversed(known) if code in self._languages}
        if not known:
            raise SpeechError(f"None of these languages can be recognised: {', '.join(languages)}.")
        if self._waiting >= _MAX_WAITING:
            raise SpeechError("Too many utterances wait to be recognised.")
        self._waiting += 1
        try:
            return await self._thread.run(lambda: self._recognise(audio, known, word_times, names_like))
        except (RuntimeError, ValueError) as failure:
            raise SpeechError("The recogniser failed in the midst of an utterance.") from failure
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.close()

    def _recognise(
        self, audio: Audio, known: Mapping[str, str], word_times: bool, names_like: NamesLike | None
    ) -> Transcript:
        nothing = Transcript(text="", language=next(iter(known.values())), confidence=0.0)
        is_speech = self._is_speech(audio)
        if not is_speech.any():
            return nothing
        wave = audio.samples.astype(np.float32) / np.float32(32_768)
        utterance = Utterance(wave, is_speech, word_times)
        language, written = self._most_sensible(utterance, list(known), names_like)
        evidence = Evidence(written.text, utterance.speech_ms, written.silent_probability, written.mean_log_probability)
        if not (text := spoken_text(evidence)):
            return nothing
        confidence = min(1.0, math.exp(written.mean_log_probability))
        return Transcript(text=text, language=known[language], confidence=confidence, words=written.words)

    def _most_sensible(
        self, utterance: Utterance, languages: Sequence[str], names_like: NamesLike | None
    ) -> tuple[str, Written]:
        """The language in which it makes most sense and its words; where writing is long, only the likeliest."""
        writer = self.listen(utterance)
        likely = {languages[0]: 1.0}
        if len(languages) > 1:
            likely = likely_languages(writer.language_probabilities(), languages, utterance.speech_ms)
        if utterance.needs_word_times or utterance.duration_s > WINDOW_S:
            language = next(iter(likely))
            return language, writer.write(language)
        written = {language: writer.write(language) for language in likely}
        language, best = max(
            written.items(), key=lambda each: each[1].mean_log_probability + math.log(likely[each[0]]) * _PRIOR_WEIGHT
        )
        if names_like is None or not (names := names_like(best.text)):
            return language, best
        return language, max(best, writer.write(language, names), key=lambda each: each.mean_log_probability)

    def _is_speech(self, audio: Audio) -> NDArray[np.bool_]:
        """Of each frame whether somebody speaks; a frame more than the sound has is silence."""
        padded = np.concatenate((audio.samples, np.zeros(FRAME_SAMPLES, np.int16)))
        frames = Framer(FRAME_SAMPLES).frames(padded)
        return np.array(speech_probabilities(self._silero, frames)) > _SPEECH
