"""The `walkiosk translate` command: a text comes in, its translation for staff and owners to read goes out."""

import asyncio
from contextlib import AsyncExitStack

import typer

from agent.bootstrap import start_model
from agent.settings import Settings
from agent.translation import ModelTranslator
from prompts.language_packs import load_language_packs
from prompts.loading import load_prompt
from tools.errors import OperatorError
from tools.translation import Translation, TranslationFailed, TranslatorByPair, dedicated_translators, translate_keeping

MAX_NAMES = 40


def run_translate(text: str, source: str, target: str, keep: list[str]) -> Translation:
    """The translation. Raises OperatorError for an unknown language, and when there is no translation."""
    codes = tuple(load_language_packs())
    for code in (source, target):
        if code not in codes:
            raise OperatorError(f"the language {code!r} is none of {', '.join(codes)}")
    try:
        return asyncio.run(_translate(text, source, target, keep[:MAX_NAMES], codes))
    except TranslationFailed as error:
        raise OperatorError(str(error)) from error


async def _translate(text: str, source: str, target: str, keep: list[str], codes: tuple[str, ...]) -> Translation:
    """The model is started only where no engine knows the pair."""
    engines = TranslatorByPair(dedicated_translators())
    if source == target or engines.translates(source, target):
        return await translate_keeping(engines, text, source, target, keep)
    async with AsyncExitStack() as stack:
        model, _ = await start_model(Settings(), stack, lambda notice: typer.echo(f"{notice} …", err=True))
        translator = ModelTranslator(model, load_prompt("translate"), codes)
        return await translate_keeping(translator, text, source, target, keep)
