"""What to do where no recipe fits: the model looks for a need behind the words, and for words of its own."""

import logging
from collections.abc import Sequence
from itertools import pairwise

from babel.core import Locale
from langchain_core.messages import SystemMessage
from pydantic import BaseModel, Field

from agent.dialogue_model import DialogueModel, ModelCall
from agent.draft import Conclusion, Say
from agent.ground import free_text
from agent.instructed import InstructedModel, worked
from agent.render import UngroundedClaim
from agent.terms import ShopTerms
from agent.understanding import Understanding
from prompts.loading import Example
from tools.errors import ModelServerError

log = logging.getLogger(__name__)
MAX_READ = 300


class Idea(BaseModel):
    """What the model makes of it: goods that would help, if there is such a need, and something to say."""

    goods: str = Field(default="", max_length=60)
    reply: str = Field(default="", max_length=240)


class Improviser:
    """Thinks of something to do or say when a customer neither orders nor asks for goods.

    The model proposes, and code disposes: goods are searched for as if the customer had asked for them, and words are
    said only if they claim nothing.
    """

    CALL = ModelCall(slot=1, max_tokens=80, timeout_s=6.0)

    def __init__(self, model: DialogueModel, terms: ShopTerms, prompt: str, examples: Sequence[Example]) -> None:
        self._terms = terms
        self.model = InstructedModel("improvise", model, (SystemMessage(prompt), *worked(examples)), Idea, self.CALL)

    async def think(self, understood: Understanding) -> Idea:
        """An idea; an empty one when the model has none, or none in time."""
        said = f"[{Locale(understood.language).get_display_name('en')}] {understood.text[:MAX_READ]}"
        try:
            return await self.model.ask(said)
        except ModelServerError as error:
            log.info("improvising without the model: %s", error)
            return Idea()

    def reread(self, understood: Understanding, idea: Idea) -> Understanding:
        """The utterance as a wish for the goods of the idea; as it is if there are none."""
        if not idea.goods.strip():
            return understood
        attributes = self._terms.attributes(idea.goods, understood.language, [], [])
        wish = {
            "intent": "find",
            "item": idea.goods,
            "categories": attributes.categories,
            "colours": attributes.colours,
            "materials": attributes.materials,
            "features": attributes.features,
        }
        return understood.model_copy(update=wish)

    def in_own_words(self, conclusion: Conclusion, utterance: str, idea: Idea) -> Conclusion:
        """Small talk in the words of the idea; as it is where these claim anything, or speak of goods not found."""
        if not conclusion.freely or idea.goods:
            return conclusion
        try:
            words = free_text(idea.reply)
        except UngroundedClaim as error:
            log.info("the improvised words are not said: %s", error)
            return conclusion
        if new := self._terms.claims(words) - self._terms.claims(utterance):
            log.info("the improvised words are not said: they speak of %s", sorted(new))
            return conclusion
        if named := _names(words) - _names(utterance):
            log.info("the improvised words are not said: they name %s", sorted(named))
            return conclusion
        return conclusion.model_copy(update={"draft": [Say(text=words)]})


_NO_NAMES = ("I", "I'm", "I’m", "I'll", "I’ll", "Sie", "Ihnen", "Ihr", "Ihre", "Ihren")


def _names(text: str) -> set[str]:
    """Words with a capital letter inside a sentence: what is said of whoever is named there may be wrong."""
    return {
        word.strip(",;.!?").casefold()
        for before, word in pairwise(text.split())
        if word[0].isupper() and before[-1] not in ".!?…:" and word.strip(",;.!?") not in _NO_NAMES
    }
