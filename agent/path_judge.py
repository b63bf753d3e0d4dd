"""Weighs by the dialogue model what a question to a graph asks for: the question and paths come in, how likely each
path is goes out."""

import string
from collections.abc import Iterator, Sequence

from langchain_core.messages import HumanMessage, SystemMessage

from agent.dialogue_model import DialogueModel, ModelCall
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.second_opinion import Candidate

MAX_READ = 200
"""Characters of a question and of an example that the model reads."""


class ModelPathJudge:
    """Shows the model each path in words, beside an example, and takes how likely it would begin to answer with the
    letter of each. Whatever the question says, letters are all that is read of the answer."""

    CALL = ModelCall(slot=1, max_tokens=1, timeout_s=10.0)

    def __init__(self, model: DialogueModel, prompt: str) -> None:
        self._model, self._prompt = model, prompt

    async def weigh(self, question: MaskedQuestion, candidates: Sequence[Candidate]) -> Sequence[float]:
        """See PathJudge."""
        said = "\n".join(_lines(question, candidates))
        letters = string.ascii_uppercase[: len(candidates)]
        return await self._model.weigh([SystemMessage(self._prompt), HumanMessage(said)], letters, self.CALL)


def _lines(question: MaskedQuestion, candidates: Sequence[Candidate]) -> Iterator[str]:
    yield f"Question: {_plain(question)}"
    for letter, candidate in zip(string.ascii_uppercase, candidates, strict=False):
        example = f'; such as "{_plain(candidate.example)}"' if candidate.example is not None else ""
        yield f"{letter}: {candidate.in_words}{example}"
    yield "Answer:"


def _plain(question: MaskedQuestion) -> str:
    """A question in one line."""
    return " ".join(question.text.split())[:MAX_READ]
