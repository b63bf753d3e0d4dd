"""Weighs by the dialogue model what a question to a graph asks for: a question, paths and examples come in, how likely
each path is goes out."""

from collections.abc import Sequence

from langchain_core.messages import HumanMessage, SystemMessage

from agent.dialogue_model import ModelCall, OptionWeigher
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.relation_path import RelationPath
from tools.path_questions.second_opinion import Example

MAX_READ = 200
"""Characters of a question and of an example that the model reads."""


class ModelPathJudge:
    """Shows the model examples with their paths and lets it write the question's, one of those to choose from.

    Whatever a question or an example says, how likely these are is all that is read of the answer.
    """

    CALL = ModelCall(slot=1, max_tokens=60, timeout_s=15.0)

    def __init__(self, model: OptionWeigher, prompt: str) -> None:
        self._model, self._prompt = model, prompt

    async def weigh(
        self, question: MaskedQuestion, paths: Sequence[RelationPath], examples: Sequence[Example]
    ) -> Sequence[float]:
        """See PathJudge."""
        shown = [f"{_plain(asked)} -> {path}" for asked, path in reversed(examples)]
        said = "\n".join((*shown, f"{_plain(question)} ->"))
        options = [str(path) for path in paths]
        return await self._model.weigh([SystemMessage(self._prompt), HumanMessage(said)], options, self.CALL)


def _plain(question: MaskedQuestion) -> str:
    """A question in one line."""
    return " ".join(question.text.split())[:MAX_READ]
