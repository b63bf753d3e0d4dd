"""The phrases of all languages: language packs and a text come in, an utterance with every phrase found in it out."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from agent.spoken.number_words import number_words
from agent.spoken.text import Entry, PhraseFinder, fold, fold_phrase, is_unspaced
from agent.spoken.utterance import Pattern, Utterance
from prompts.language_packs import LanguagePack
from tools.term_finder import COMPOUNDING_LANGUAGES

_LISTS = (
    "yes", "agree", "no", "fillers", "hesitations", "greetings", "thanks", "cancel", "goodbye", "buy", "buy_verbs",
    "help", "staff", "backchannels", "not_ordinals", "choice_words", "articles", "size_cues", "size_cues_after",
    "size_links", "size_prepositions", "size_prepositions_after", "max_before", "max_after", "min_before",
    "min_after", "cheaper", "dearer", "not_before", "not_after", "without_before", "without_after", "not_negations",
    "not_goods", "clause_breaks", "question_endings", "question_starts", "pointers", "demonstratives", "rating_words",
    "praise", "complaint", "request_words", "language_verbs", "for_others", "for_oneself", "goes_on", "more",
    "year_before", "year_after", "between_before", "between_after", "price_questions", "material_questions",
    "halves_before", "halves_after", "size_up", "size_down",
)  # fmt: skip
_PATTERNS = (
    "ordinal_patterns", "choice_patterns", "quantity_patterns", "quantity_endings", "rating_patterns",
    "decade_patterns",
)  # fmt: skip


class Phrasebook:
    """Reads utterances with the packs of all languages at once, in bounded time."""

    def __init__(self, packs: Mapping[str, LanguagePack]) -> None:
        self._codes = tuple(packs)
        self._finder = PhraseFinder(_phrases(packs.values()))
        self._patterns = {name: list(_patterns(packs.values(), name)) for name in _PATTERNS}
        # a turn asks some thirty questions of one utterance; older ones are not kept, as they are customers' words
        self.read = lru_cache(maxsize=2)(self.read_anew)

    def read_anew(self, text: str) -> Utterance:
        """A text that is asked about once, such as a clause of an utterance, and takes no place of the kept ones."""
        folded = fold(text)
        return Utterance(folded, self._finder.find(folded.text), self._patterns, self._codes)


def _phrases(packs: Iterable[LanguagePack]) -> Iterator[tuple[str, Entry]]:
    """All phrases of all packs with what they are."""
    for pack in packs:
        for role in _LISTS:
            for phrase in getattr(pack, role):
                yield phrase, Entry(role, pack.code)
        for name in (*pack.names, pack.endonym, pack.english_name):
            yield name, Entry("names", "", pack.code)
        for place, words in pack.ordinals.items():
            yield from ((word, Entry("ordinal", pack.code, str(place))) for word in words)
        for number, words in {**pack.cardinals, **pack.round_numbers}.items():
            yield from ((word, Entry("number", pack.code, str(number))) for word in words)
        for number, word in number_words(pack.code):
            yield word, Entry("number", pack.code, str(number))
            glued = (half for half in pack.halves_after if pack.code in COMPOUNDING_LANGUAGES and " " not in half)
            yield from ((word + half, Entry("number", pack.code, f"{number}.5")) for half in glued)
        for decade, words in pack.decades.items():
            yield from ((word, Entry("decade", pack.code, str(decade))) for word in words)
        for letters, words in pack.size_letters.items():
            yield from ((word, Entry("letter_size", pack.code, letters)) for word in words)
        for currency, words in pack.currencies.items():
            yield from ((word, Entry("currency", pack.code, currency)) for word in words)


def _patterns(packs: Iterable[LanguagePack], name: str) -> Iterator[Pattern]:
    for pack in packs:
        for pattern in getattr(pack, name):
            before, after = pattern.split("{n}")
            glued_before = bool(before) and before[-1] != " " and not is_unspaced(before[-1])
            glued_after = bool(after) and after[0] != " " and not is_unspaced(after[0])
            yield Pattern(fold_phrase(before), fold_phrase(after), pack.code, glued_before, glued_after)
