"""One utterance, folded and searched once: what was heard comes in, its phrases by their roles go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agent.spoken.text import Folded, Found


class Pattern(NamedTuple):
    """Words before and after a number; glued where the pattern has no space there."""

    before: str
    after: str
    code: str
    before_glued: bool
    after_glued: bool


@dataclass(frozen=True)
class Utterance:
    """What is asked of an utterance is answered from here, so that it is not searched for every question anew.

    `patterns` and `codes` are those of all languages: numbers are read with any of them.
    """

    folded: Folded
    found: Sequence[Found]
    patterns: Mapping[str, Sequence[Pattern]]
    codes: Sequence[str]

    @property
    def text(self) -> str:
        """The folded text, in which all phrases have their places."""
        return self.folded.text

    def of(self, *roles: str) -> list[Found]:
        """The phrases that have one of these roles."""
        return [match for match in self.found if match.entry.role in roles]
