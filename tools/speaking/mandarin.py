"""Chinese text comes in, its syllables in Kokoro's letters go out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

_SOUNDS = Path(__file__).parents[1] / "data" / "mandarin.yaml"


@dataclass(frozen=True)
class Syllable:
    """A syllable and how it sounds, or other text without a sound that is known here."""

    text: str
    sound: str


class _Sounds(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    initials: Mapping[str, str]
    hissing: frozenset[str]
    hissing_i: str
    tones: Mapping[str, str]
    finals: Mapping[str, tuple[str, str]]


def mandarin_syllables(text: str) -> list[Syllable]:
    """The syllables in their order, and what stands between them."""
    from pypinyin import Style, lazy_pinyin  # its dictionary takes a while, and only Chinese needs it

    initials = lazy_pinyin(text, style=Style.INITIALS, strict=True)
    finals = lazy_pinyin(text, style=Style.FINALS_TONE3, strict=True, neutral_tone_with_five=True)
    return [_syllable(initial, final) for initial, final in zip(initials, finals, strict=True)]


def _syllable(initial: str, final: str) -> Syllable:
    sounds = _sounds()
    vowel, tone = final[:-1], final[-1:]
    if vowel not in sounds.finals or tone not in sounds.tones or initial not in ("", *sounds.initials):
        return Syllable(final, "")
    before, after = sounds.finals[vowel]
    if vowel == "i" and initial in sounds.hissing:
        before = sounds.hissing_i
    return Syllable(initial + final, sounds.initials.get(initial, "") + before + sounds.tones[tone] + after)


@cache
def _sounds() -> _Sounds:
    return _Sounds.model_validate(yaml.safe_load(_SOUNDS.read_text("utf-8")))
