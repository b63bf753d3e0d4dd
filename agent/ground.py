"""The gate before anything is said: drafts and evidence in, sentences out whose every claim a tool result backs."""

import logging
import re
import unicodedata
from collections.abc import Sequence

from agent.draft import Say
from agent.render import Rendered, Renderer, UngroundedClaim, clean
from tools.evidence import Evidence

log = logging.getLogger(__name__)
MAX_FREE_LENGTH = 320
_CURRENCY_WORDS = re.compile(
    r"\b(usd|eur|gbp|dollars?|euros?|pounds?|cents?|bucks|dólares|dollari|dólar)\b|美元|欧元|ドル|ユーロ|डॉलर",
    re.IGNORECASE,
)
_PROMISES = re.compile(
    r"\b(free|discount|refund|guarantee|gratis|descuento|remise|rabatt|sconto|desconto)\w*", re.IGNORECASE
)
_LINK = re.compile(r"https?:|www\.|@|\[|\]|\{|\}|<|>|\\|`")


class GroundedReply:
    """What may be said: the sentences, and how many were refused on the way."""

    def __init__(self, sentences: list[str], refused: int) -> None:
        self.sentences = sentences
        self.refused = refused


def ground(draft: Sequence[Say], evidence: Sequence[Evidence], language: str, renderer: Renderer) -> GroundedReply:
    """Render each sentence and let it pass only if its claims are backed; never empty.

    A refused sentence is left out; when nothing is left, the customer hears that something went wrong.
    """
    held = {item.id: item for item in evidence}
    sentences: list[str] = []
    refused = 0
    for said in draft:
        try:
            sentences.append(_checked(said, held, language, renderer))
        except UngroundedClaim as claim:
            refused += 1
            log.warning("refused a sentence (%s): %s", said.message or "free text", claim)
    if not sentences:
        sentences = [renderer.sentence(Say(message="something-wrong"), {}, language).text]
    return GroundedReply(sentences, refused)


def _checked(said: Say, held: dict[str, Evidence], language: str, renderer: Renderer) -> str:
    if said.text:
        return free_text(said.text)
    rendered = renderer.sentence(said, held, language)
    _require_backed_digits(rendered)
    return rendered.text


def _require_backed_digits(rendered: Rendered) -> None:
    """Digits may only come out of facts, so a message file cannot state a number of its own."""
    rest = rendered.text
    for value in sorted(rendered.values, key=len, reverse=True):
        rest = rest.replace(value, "", 1)
    if has_digit(rest):
        raise UngroundedClaim("a number that no evidence holds")


def free_text(text: str) -> str:
    """A sentence the model wrote, if it claims nothing: no number, price, promise, link or markup.

    Raises UngroundedClaim otherwise: facts are said by messages with evidence, not by the model.
    """
    cleaned = clean(text)
    if not cleaned or len(text) > MAX_FREE_LENGTH:
        raise UngroundedClaim("empty or too long")
    if has_digit(cleaned):
        raise UngroundedClaim("a number")
    if any(unicodedata.category(character) == "Sc" for character in cleaned) or _CURRENCY_WORDS.search(cleaned):
        raise UngroundedClaim("money")
    if _PROMISES.search(cleaned):
        raise UngroundedClaim("a promise")
    if _LINK.search(cleaned):
        raise UngroundedClaim("a link or markup")
    return cleaned


def has_digit(text: str) -> bool:
    """Whether any character is a digit or number, in any script but Han words."""
    return any(unicodedata.category(character) in ("Nd", "No", "Nl") for character in text)
