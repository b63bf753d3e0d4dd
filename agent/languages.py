"""Tells which of the kiosk's languages an utterance is in: text and the session's language come in, a code goes out."""

import re
import unicodedata
from collections import ChainMap, Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from prompts.language_packs import load_language_packs

MAX_CHARACTERS = 600
FEW_WORDS = 3
"""Up to this many words only the packs' own words can change the language."""
MARGIN = 0.6
"""How much more of its own words another language must have in a short utterance."""
SURE = 0.8
"""Confidence at which the statistical guess counts where the packs know no word."""
MANY_WORDS = 5
MODEL_WEIGHT = 1.5
SHOP_WORD_WEIGHT = 0.6
"""Words for goods are lent and borrowed between languages ("office ke liye leather ka bag"), small words are not."""
SEEN_BY_WORDS = (
    "common_words", "yes", "agree", "no", "fillers", "greetings", "thanks", "cancel", "goodbye", "buy", "help",
    "staff", "size_cues", "cheaper", "dearer", "request_words", "choice_words",
)  # fmt: skip

_WORD = re.compile(r"(?<!\d)[^\W\d_]+")
"""A word; what hangs on a figure ("2e", "90er") is none."""


class Words(NamedTuple):
    """The words of all packs: Latin ones by the languages that have them, Han phrases of Chinese and of Japanese."""

    latin: dict[str, frozenset[str]]
    chinese: frozenset[str]
    japanese: frozenset[str]


OwnWords = Mapping[str, frozenset[str]]
"""Lower-case words, accents kept, with the languages that have them."""


def identify(text: str, default: str, shop_words: OwnWords = MappingProxyType({})) -> str:
    """The language of an utterance, or `default` (the session's) where the utterance does not tell: a name, a size,
    "ok". The script decides first, then the packs' own words and the shop's, then statistics over letters."""
    text = text[:MAX_CHARACTERS]
    if (by_script := _by_script(text, default)) is not None:
        return by_script
    words = [match.group() for match in _WORD.finditer(unicodedata.normalize("NFC", text))]
    known = ChainMap(_words().latin, shop_words)  # type: ignore[arg-type]
    telling = [word for position, word in enumerate(words) if not _is_name(word, position, known)]
    if len(telling) < len(words) and all(word.casefold() in _articles() for word in telling):
        return default  # "La La Land", "El Mariachi"
    votes = _votes(telling, _words().latin)
    for code, vote in _votes([word for word in telling if word.casefold() not in _words().latin], shop_words).items():
        votes[code] = votes.get(code, 0) + SHOP_WORD_WEIGHT * vote
    if len(telling) <= FEW_WORDS:
        return _by_few_words(telling, votes, default, known)
    return _by_many_words(telling, votes, default)


def is_foreign(text: str, language: str) -> bool:
    """Whether a text is clearly in another of the kiosk's languages than this one, be it only two words long."""
    words = _WORD.findall(unicodedata.normalize("NFC", text[:MAX_CHARACTERS]).casefold())
    if (by_script := _by_script(text, language)) is not None:
        return by_script != language
    if _script(load_language_packs()[language].endonym[0]) != "LATIN":
        return bool(words)
    votes = _votes(words, _words().latin)
    ranked: dict[str, float] = dict(_identifier().rank(" ".join(words)))
    best = max(ranked, key=ranked.__getitem__)
    return best != language and ranked[best] >= SURE and votes.get(language, 0) <= votes.get(best, 0)


def warm_up() -> None:
    """Load what `identify` needs, so that the first customer does not wait for it."""
    _words()
    _identifier()


def _by_script(text: str, default: str) -> str | None:
    """Devanagari is Hindi, Kana Japanese, Han without Kana Chinese unless the session is Japanese and no word of it is
    Chinese only. A few such letters in a sentence in Latin script do not count."""
    scripts = Counter(_script(letter) for letter in text if letter.isalpha())
    own = scripts["DEVANAGARI"] + scripts["KANA"] + scripts["HAN"]
    if own == 0:
        return None
    if scripts["LATIN"] > 3 * own and sum(_votes(_WORD.findall(text), _words().latin).values()) >= 2:
        return None
    if scripts["DEVANAGARI"] >= max(scripts["KANA"] + scripts["HAN"], 1):
        return "hi" if "hi" in load_language_packs() else None
    if scripts["KANA"]:
        return "ja"
    return _chinese_or_japanese(text, default)


def _chinese_or_japanese(text: str, default: str) -> str:
    chinese = sum(len(word) for word in _words().chinese if word in text)
    japanese = sum(len(word) for word in _words().japanese if word in text)
    if default == "ja":
        return "zh" if chinese > japanese else "ja"
    return "ja" if japanese > chinese and default != "zh" else "zh"


def _is_name(word: str, position: int, known: OwnWords) -> bool:
    """Whether a word that no pack knows is written like a name: with a capital inside the sentence, or at its start
    as the only sign of a language."""
    return word.casefold() not in known and word[0].isupper() and (position > 0 or word.isupper() or len(word) > 1)


def _votes(words: list[str], known: OwnWords) -> dict[str, float]:
    """For each language how many of the words are its own; a word of several languages is shared among them."""
    votes: dict[str, float] = defaultdict(float)
    for word in words:
        codes = known.get(word.casefold(), frozenset())
        for code in codes:
            votes[code] += 1 / len(codes)
    return votes


def _by_few_words(words: list[str], votes: dict[str, float], default: str, known: OwnWords) -> str:
    """Another language only if most telling words are its own (or half of them, and statistics agree), and clearly
    more so than the session's."""
    best = max(votes, key=votes.__getitem__, default=default)
    if sum(vote == votes.get(best) for vote in votes.values()) > 1:
        return default
    if best == default or votes[best] < votes.get(default, 0) + MARGIN:
        return default
    foreign = [word for word in words if best not in known.get(word.casefold(), frozenset())]
    if len(foreign) * 2 == len(words):
        return best if _identifier().classify(" ".join(words).casefold())[0] == best else default
    return default if len(foreign) * 2 > len(words) else best


def _by_many_words(words: list[str], votes: dict[str, float], default: str) -> str:
    """The packs' words and the statistical guess together; without either being sure the session's language."""
    ranked: dict[str, float] = dict(_identifier().rank(" ".join(words).casefold()))
    total = sum(votes.values())
    if total == 0:
        guess = max(ranked, key=ranked.__getitem__)
        return guess if len(words) >= MANY_WORDS and ranked[guess] >= SURE else default
    scores = {code: votes.get(code, 0) + MODEL_WEIGHT * ranked.get(code, 0) for code in {*votes, *ranked}}
    best = max(scores, key=scores.__getitem__)
    if votes.get(best, 0) < 1 or scores[best] < scores.get(default, 0) + MARGIN:
        return default
    return best


@cache
def _articles() -> frozenset[str]:
    return frozenset(word.casefold() for pack in load_language_packs().values() for word in pack.articles)


@cache
def _words() -> Words:
    """Which language each word of the packs belongs to. Accents count: "sí" is Spanish, "sì" Italian."""
    latin: dict[str, set[str]] = defaultdict(set)
    han: dict[str, set[str]] = defaultdict(set)
    romanised: set[str] = set()
    for code, pack in load_language_packs().items():
        for name in SEEN_BY_WORDS:
            for phrase in getattr(pack, name):
                for word in _WORD.findall(unicodedata.normalize("NFC", phrase).casefold()):
                    if _script(word[0]) == "LATIN":
                        latin[word].add(code)
                        romanised |= {word} if name == "common_words" else set()
                if name != "request_words" and all(_script(letter) == "HAN" for letter in phrase):
                    han[phrase].add(code)
    at_home = {code for code, pack in load_language_packs().items() if _script(pack.endonym[0]) == "LATIN"}
    return Words(
        # a loan word such as "cancel" in a pack of another script says nothing about the language; a small word that is
        # no English one does ("hai", "mein")
        {
            word: frozenset(codes if word in romanised and "en" not in codes else codes & at_home or codes)
            for word, codes in latin.items()
        },
        frozenset(word for word, codes in han.items() if codes == {"zh"}),
        frozenset(word for word, codes in han.items() if codes == {"ja"}),
    )


@cache
def _identifier() -> LanguageIdentifier:
    """The statistical identifier, for those of the kiosk's languages that are written in Latin letters."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    latin = [code for code, pack in load_language_packs().items() if _script(pack.endonym[0]) == "LATIN"]
    identifier.set_languages([code for code in latin if code in identifier.labels])
    return identifier


@cache
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    if name.startswith(("HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA")):
        return "KANA"
    if name.startswith("CJK"):
        return "HAN"
    return name.split(" ")[0]
