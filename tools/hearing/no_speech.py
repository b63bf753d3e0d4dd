"""Whether a transcript is something somebody said: evidence of speech and words come in, a verdict goes out. Pure.

Whisper writes words for silence and noise too, and mostly the same ones: what stood under the silent stretches of the
videos it learned from. What nobody says at a counter never counts; what people do say ("thank you") counts when there
was speech enough to say it.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

_INVENTIONS = Path(__file__).parents[1] / "data" / "inventions.yaml"

LEAST_SPEECH_MS = 96
"""Less of it than this is a click."""
LEAST_SPEECH_FOR_INVENTION_MS = 256
"""In less than this nobody says what a model is known to invent."""
LIKELY_SILENT = 0.6
UNSURE = -1.0
VERY_UNSURE = -1.6
"""Mean logarithms of the probabilities of a transcript's tokens."""
REPETITIVE = 2.4
"""How much smaller than itself a text becomes that goes round in circles."""
_NO_WORD = re.compile(r"[\W_]+")
_ASIDE = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|♪[^♪]*♪?")
"""[Music], (laughs), *sighs*: what is heard and not said."""


@dataclass(frozen=True)
class Evidence:
    """What is known of a stretch of sound and the words a model wrote for it."""

    text: str
    speech_ms: float
    """How much of it a voice activity detector takes for speech."""
    silent_probability: float
    """How likely the model itself takes it for silence."""
    mean_log_probability: float


class _Inventions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    never_said: Mapping[str, list[str]]
    also_said: Mapping[str, list[str]]


def spoken_text(evidence: Evidence) -> str:
    """The words that were said; empty when nobody spoke."""
    text = _ASIDE.sub(" ", evidence.text).strip()
    plain = _plain(text)
    never_said, also_said = _inventions()
    is_faint = evidence.speech_ms < LEAST_SPEECH_FOR_INVENTION_MS or evidence.silent_probability > LIKELY_SILENT
    is_unsure = evidence.silent_probability > LIKELY_SILENT and evidence.mean_log_probability < UNSURE
    is_nothing = (
        not plain
        or evidence.speech_ms < LEAST_SPEECH_MS
        or is_unsure
        or evidence.mean_log_probability < VERY_UNSURE
        or _repetitiveness(text) > REPETITIVE
        or any(phrase in plain for phrase in never_said)
        or (is_faint and plain in also_said)
    )
    return "" if is_nothing else text


def _repetitiveness(text: str) -> float:
    written = text.encode("utf-8", "replace")
    return len(written) / len(zlib.compress(written))


@cache
def _inventions() -> tuple[frozenset[str], frozenset[str]]:
    """What nobody says, and what people say too, in all languages: a model invents in any."""
    read = _Inventions.model_validate(yaml.safe_load(_INVENTIONS.read_text("utf-8")))
    never_said, also_said = (
        frozenset(_plain(phrase) for phrases in each.values() for phrase in phrases)
        for each in (read.never_said, read.also_said)
    )
    return never_said, also_said


def _plain(text: str) -> str:
    """A text as it is compared: its letters and digits only."""
    return _NO_WORD.sub("", text.casefold())
