"""What the customer has heard of a reply: clauses and the client's reports come in, text goes out. Pure.

The dialogue holds only what was heard. How far a clause was said is reckoned from its length, letter by letter, and
rounded down to whole words, in scripts without spaces to whole characters: a word too few is said again, a word too
many was never heard.
"""

from dataclasses import dataclass

from agent.spoken_text import is_unspaced
from tools.errors import WalkioskError


class PlayoutError(WalkioskError):
    """A report of the client that no playing can have led to."""


@dataclass(frozen=True)
class Clause:
    """A piece of a reply as it was sent: what it says, with the spaces around it, and how long that takes."""

    text: str
    duration_ms: int


class Playout:
    """One reply (in the wire's words: an item) on its way to a customer's ear."""

    def __init__(self) -> None:
        self._clauses: list[Clause] = []
        self._sent_ms = 0
        self._heard_ms = 0

    @property
    def sent_ms(self) -> int:
        """How much was sent."""
        return self._sent_ms

    @property
    def heard_ms(self) -> int:
        """How much was heard, as far as is known."""
        return self._heard_ms

    @property
    def is_heard(self) -> bool:
        """Whether everything that was sent has been heard."""
        return self._heard_ms == self._sent_ms

    @property
    def text(self) -> str:
        """What was sent."""
        return "".join(clause.text for clause in self._clauses)

    @property
    def heard_text(self) -> str:
        """What was heard: how `text` begins."""
        heard, left_ms = "", self._heard_ms
        for clause in self._clauses:
            if left_ms < clause.duration_ms:
                return heard + _begun(clause, left_ms)
            heard, left_ms = heard + clause.text, left_ms - clause.duration_ms
        return heard

    def sent(self, clause: Clause) -> None:
        """A clause was sent after those before it."""
        self._clauses.append(clause)
        self._sent_ms += clause.duration_ms

    def reported(self, heard_ms: int) -> None:
        """The client says how much of the reply it has played. What was heard stays heard: an earlier report that
        comes late changes nothing. Raises PlayoutError for more than was sent, and for less than nothing."""
        if not 0 <= heard_ms <= self._sent_ms:
            raise PlayoutError(f"{heard_ms} ms cannot have been played: {self._sent_ms} ms were sent.")
        self._heard_ms = max(self._heard_ms, heard_ms)


def _begun(clause: Clause, heard_ms: int) -> str:
    """The words of a clause that were over after `heard_ms`."""
    text = clause.text
    end = len(text) * heard_ms // clause.duration_ms
    while end and not text[end].isspace() and not is_unspaced(text[end - 1]):
        end -= 1
    return text[:end]
