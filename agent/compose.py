"""Composes what to say: recipes' messages as they are, small talk in the model's words where it has better ones."""

import logging
from collections.abc import Sequence
from string import Template

from babel.core import Locale
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, Field

from agent.dialogue_model import DialogueModel, ModelCall
from agent.draft import Conclusion, Say
from agent.ground import free_text
from agent.render import UngroundedClaim
from agent.state import Dialogue
from agent.terms import ShopTerms
from tools.errors import ModelServerError

log = logging.getLogger(__name__)
REMEMBERED_EXCHANGES = 2


class Chat(BaseModel):
    """The model's own words."""

    reply: str = Field(max_length=240)


class Composer:
    """Puts conclusions into words."""

    CALL = ModelCall(slot=1, max_tokens=60, timeout_s=5.0)

    def __init__(self, model: DialogueModel, terms: ShopTerms, prompt: str) -> None:
        self._model = model
        self._terms = terms
        self._prompt = prompt

    async def compose(self, conclusion: Conclusion, utterance: str, dialogue: Dialogue) -> Conclusion:
        """The conclusion with its draft final; the recipe's own messages stand whenever the model's do not."""
        if not conclusion.freely:
            return conclusion
        try:
            chat = await self._model.answer(self._messages(utterance, dialogue), Chat, self.CALL)
            words = self._harmless(chat.reply, utterance)
        except (ModelServerError, UngroundedClaim) as error:
            log.info("small talk by message file: %s", error)
            return conclusion
        return conclusion.model_copy(update={"draft": [Say(text=words)]})

    def _harmless(self, reply: str, utterance: str) -> str:
        """The reply if it names no goods or people that the customer did not name; UngroundedClaim otherwise."""
        words = free_text(reply)
        if new := self._terms.claims(words) - self._terms.claims(utterance):
            raise UngroundedClaim(f"it speaks of {sorted(new)}")
        return words

    def _messages(self, utterance: str, dialogue: Dialogue) -> Sequence[BaseMessage]:
        language = Locale(dialogue.language).get_display_name("en") or dialogue.language
        messages: list[BaseMessage] = [SystemMessage(Template(self._prompt).safe_substitute(language=language))]
        for exchange in dialogue.history[-REMEMBERED_EXCHANGES:]:
            messages += [HumanMessage(exchange.utterance[:160]), AIMessage(exchange.reply[:160])]
        return [*messages, HumanMessage(utterance[:300])]
