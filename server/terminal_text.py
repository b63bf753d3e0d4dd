"""Makes text safe to show: what a model, a catalogue or a customer wrote goes in, what cannot steer a terminal out."""

import re
import unicodedata

MAX_SHOWN_CHARACTERS = 4_000
# Whole escape sequences go, so that their printable rest ("[31m") does not stay behind.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor moves
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # strings: titles, links, clipboards
    r"|\x1b[ -/]*[0-~]?"
)
_SPACES = frozenset("\t\n\v\f\r\x85\u2028\u2029")
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def neutral(text: str) -> str:
    """The text on one line without control characters, reading-direction overrides or broken characters."""
    without_sequences = _ESCAPE_SEQUENCE.sub("", text[: MAX_SHOWN_CHARACTERS + 1])
    shown = "".join(_neutral_character(character) for character in without_sequences)
    return shown if len(text) <= MAX_SHOWN_CHARACTERS else f"{shown[:MAX_SHOWN_CHARACTERS]}…"


def _neutral_character(character: str) -> str:
    if character in _SPACES:
        return " "
    if character in _DIRECTION_OVERRIDES:
        return ""
    category = unicodedata.category(character)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category == "Cc" else character
