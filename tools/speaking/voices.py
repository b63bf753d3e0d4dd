"""Which voice speaks which language: a YAML file comes in, checked `Voice`s go out."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

_VOICES = Path(__file__).parents[1] / "data" / "voices.yaml"


class Voice(BaseModel):
    """The voices of one language, and how its text is brought to them. What is None speaks it not at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    espeak: str
    kokoro: str | None = None
    kokoro_full: str | None = None
    reading: Literal["kana", "pinyin"] | None = None
    symbols: Mapping[str, str] = {}


class _Voices(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    symbols: Mapping[str, str]
    languages: Mapping[str, Voice]


@cache
def voices() -> Mapping[str, Voice]:
    """The voices by language (BCP 47, as the language packs name them)."""
    return _read().languages


@cache
def kokoro_symbols(language: str) -> tuple[tuple[str, str], ...]:
    """What Kokoro writes otherwise than espeak-ng with ties, in the order to replace it."""
    return (*_read().symbols.items(), *voices()[language].symbols.items())


@cache
def _read() -> _Voices:
    return _Voices.model_validate(yaml.safe_load(_VOICES.read_text("utf-8")))
