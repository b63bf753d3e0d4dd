"""Translates with the dialogue model: a text and two languages come in, its translation goes out."""

from babel.core import Locale
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, Field

from agent.dialogue_model import DialogueModel, ModelCall
from tools.errors import ModelServerError
from tools.translation import MAX_TEXT, Translation, TranslationFailed


class Translated(BaseModel):
    """What the model answers."""

    translation: str = Field(max_length=3 * MAX_TEXT)


class ModelTranslator:
    """Any pair of the kiosk's languages, as well as the dialogue model knows them: for staff and owners to read.

    What the embedded model makes of a text is sometimes wrong, so customers are not told it.
    """

    CALL = ModelCall(slot=1, max_tokens=600, timeout_s=60.0)

    def __init__(self, model: DialogueModel, instructions: str, languages: tuple[str, ...]) -> None:
        self._model, self._instructions, self._languages = model, instructions, languages

    def translates(self, source: str, target: str) -> bool:
        """See Translator."""
        return source in self._languages and target in self._languages

    async def translate(self, text: str, source: str, target: str) -> Translation:
        """See Translator. The text is data to the model: what it asks for is translated and not done."""
        names = [Locale(code).get_display_name("en") for code in (source, target)]
        said = f"[{names[0]} → {names[1]}]\n{text[:MAX_TEXT]}"
        try:
            answer = await self._model.answer(
                [SystemMessage(self._instructions), HumanMessage(said)], Translated, self.CALL
            )
        except ModelServerError as error:
            raise TranslationFailed(str(error)) from error
        if not answer.translation.strip():
            raise TranslationFailed("the model gave no translation")
        return Translation(text=answer.translation.strip(), source=source, target=target, engine="dialogue model")
