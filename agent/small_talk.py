"""Tells what small talk is about: an utterance comes in, the topic goes out whose examples mean the same.

Topics and examples are files (`prompts/small_talk`), and so is what the kiosk says to each of them: a question about
the kiosk, a joke, an insult or a lonely evening gets an answer that somebody has read before.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tools.embedding import Embedder

SURE = 0.965
"""So alike an utterance is only to an example that says the very same.

Short texts are alike whatever they mean: of the wishes and answers in the scripted dialogues in nine languages the
nearest to an example of small talk was 0.94 alike, of the small talk half was more than 0.90.
"""
LIKELY = 0.9
"""Enough where the dialogue model takes it for talk as well."""
MAX_CHARACTERS = 160
"""Small talk is short; longer texts are something else, or several things."""


class Topic(NamedTuple):
    """What somebody talks about, and how alike (0..1) their words are to the nearest example of it."""

    name: str
    likeness: float


class SmallTalk:
    """Knows the examples of all topics. Reading is thread safe."""

    def __init__(self, embedder: Embedder, examples: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """`examples` by language and topic. Computes their vectors, which the embedder keeps."""
        self._embedder = embedder
        pairs = sorted(
            {(topic, said) for topics in examples.values() for topic, all_ in topics.items() for said in all_}
        )
        self._topics = [topic for topic, _ in pairs]
        self._vectors = embedder.passages([said for _, said in pairs])

    def topic(self, text: str, least: float) -> Topic | None:
        """The nearest topic, if it is at least so near. Takes one embedding (20 ms), so not on the event loop."""
        if not self._topics or not text.strip() or len(text) > MAX_CHARACTERS:
            return None
        likeness = self._vectors @ self._embedder.query(text)
        best = int(np.argmax(likeness))
        return Topic(self._topics[best], float(likeness[best])) if likeness[best] >= least else None
