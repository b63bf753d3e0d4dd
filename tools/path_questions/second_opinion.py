"""Where the learned reading of a question is in doubt: a reading comes in, one that a judge has weighed goes out.

A judge only weighs paths that the reading holds, so whatever it answers, the graph has the path and something lies at
its end. It is asked once for all questions that differ in nothing but the name.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from tools.errors import OperatorError
from tools.path_questions.classifier import PathClassifier
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.reader import Reading
from tools.path_questions.relation_path import RelationPath

log = logging.getLogger(__name__)
Example = tuple[MaskedQuestion, RelationPath]

UNSURE = 0.8
"""A reading whose path is at least this likely is not in doubt."""
MAX_CANDIDATES = 6
MAX_EXAMPLES = 6
"""Examples that a judge is shown, of one path no more than `MAX_OF_A_PATH`."""
MAX_OF_A_PATH = 2
JUDGE_WEIGHT = 0.25
"""What the judge's log-probabilities count beside those that were learned: a small model is often sure and wrong."""
LEAST_TRUSTED = -6.0
"""A judge may rule nothing out: its log-probabilities are no lower than this."""
MAX_ASKED = 500
"""Questions that the judge is asked; a batch of which more are in doubt has the wrong examples."""
MAX_FAILURES = 3
"""In a row, after which the judge is taken to be away."""


class PathJudge(Protocol):
    """Weighs which path a question asks for."""

    async def weigh(
        self, question: MaskedQuestion, paths: Sequence[RelationPath], examples: Sequence[Example]
    ) -> Sequence[float]:
        """How likely each path is, as natural logarithms; the `examples` are like the question, the likest first.
        Raises OperatorError where there is no telling."""
        ...


class SecondOpinion:
    """Weighs doubtful readings anew."""

    def __init__(self, judge: PathJudge, classifier: PathClassifier) -> None:
        self._judge, self._classifier = judge, classifier
        self._weights: dict[tuple[MaskedQuestion, tuple[RelationPath, ...]], Sequence[float] | None] = {}
        self._failures = 0

    @property
    def asked(self) -> int:
        """How often the judge was asked."""
        return len(self._weights)

    async def on(self, reading: Reading) -> Reading | None:
        """The reading as the judge and what was learned see it together; None where it is in no doubt, or the judge
        does not know or is away."""
        possible = reading.possible[:MAX_CANDIDATES]
        if len(possible) < 2 or reading.path_confidence >= UNSURE:
            return None
        weights = await self._weigh(reading.question, tuple(one.path for one in possible))
        if weights is None:
            return None
        return reading.weighed([*weights, *(min(weights) for _ in reading.possible[MAX_CANDIDATES:])])

    async def _weigh(self, question: MaskedQuestion, paths: tuple[RelationPath, ...]) -> Sequence[float] | None:
        key = question, paths
        if key not in self._weights:
            if len(self._weights) >= MAX_ASKED or self._failures >= MAX_FAILURES:
                return None
            self._weights[key] = await self._ask(question, paths)
        return self._weights[key]

    async def _ask(self, question: MaskedQuestion, paths: Sequence[RelationPath]) -> Sequence[float] | None:
        examples = self._classifier.nearest(question, MAX_EXAMPLES, MAX_OF_A_PATH)
        try:
            told = await self._judge.weigh(question, paths, examples)
        except OperatorError as error:
            self._failures += 1
            log.info("a question stays as it was read: %s", error)
            return None
        self._failures = 0
        return [JUDGE_WEIGHT * max(weight, LEAST_TRUSTED) for weight in told]
