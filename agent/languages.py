"""Which language an utterance is in: text and the language of the talk in, a language code out."""

import unicodedata
from collections.abc import Iterable
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from agent.phrases import tokenise
from prompts.language_packs import load_language_packs

SURE = 0.9
LONG_ENOUGH = 3


def identify(text: str, default: str, names: Iterable[str] = ()) -> str:
    """The language of the text; `default` where it does not tell. `names` are words that belong to no language.

    The script decides first; a short text counts only if all its words are known in another language and not in the
    default one.
    """
    if (script := _by_script(text)) is not None:
        return script
    foreign = {token.text for name in names for token in tokenise(name)}
    words = [token.text for token in tokenise(text) if token.text not in foreign and not token.text[0].isdigit()]
    if not words:
        return default
    known = {code: sum(word in common for word in words) for code, common in _common_words().items()}
    best = max(known, key=lambda code: (known[code], code == default))
    if known[best] == len(words) and known.get(default, 0) < known[best]:
        return best
    if len(words) < LONG_ENOUGH or known.get(default, 0) >= known[best]:
        return default
    guessed, confidence = _identifier().classify(" ".join(words))
    if guessed == best and confidence >= 0.5:
        return guessed
    return guessed if confidence >= SURE and known[best] <= 1 else best if known[best] >= 2 else default


def _by_script(text: str) -> str | None:
    """Languages that their script gives away."""
    packs = load_language_packs()
    scripts = {unicodedata.name(character, "").split(" ")[0] for character in text if character.isalpha()}
    if scripts & {"HIRAGANA", "KATAKANA"} and "ja" in packs:
        return "ja"
    if "CJK" in scripts and "zh" in packs:
        return "zh"
    if "DEVANAGARI" in scripts and "hi" in packs:
        return "hi"
    return None


@cache
def _common_words() -> dict[str, frozenset[str]]:
    return {
        code: frozenset(
            token.text for phrase in (*pack.common_words, *pack.articles, *pack.yes) for token in tokenise(phrase)
        )
        for code, pack in load_language_packs().items()
    }


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(load_language_packs()))
    return identifier
