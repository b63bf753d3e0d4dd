"""What plain words settle without a model: consent, sizes, ordinals, price limits and the like, in every language.

Pure functions over the language packs. `consent` is what lets money move, so it would rather miss a yes than invent
one: the whole utterance must consist of affirmatives and courtesies of one language.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

from rapidfuzz import fuzz

from agent.phrases import Match, PhraseSet, Token, covers, tokenise
from prompts.language_packs import LanguagePack

WAKE_SIMILARITY = 75.0
SIZES_MIN, SIZES_MAX = 20, 60
LETTER_SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")


class OrdinalMatch(NamedTuple):
    """A place in an order (1 first, -1 last) and where it was said."""

    value: int
    start: int
    end: int


class SizeMatch(NamedTuple):
    """A size as it was said, in digits or letters; `cue` tells whether a word marked it as a size."""

    value: str
    cue: bool


class PriceLimit(NamedTuple):
    """A price that must not be exceeded ("max") or undercut ("min"), in major units of the shop's currency."""

    kind: Literal["max", "min"]
    amount: Decimal


class _Pack:
    """One language's phrase sets."""

    def __init__(self, pack: LanguagePack) -> None:
        numbers = {word: value for value, phrases in pack.cardinals.items() for word in phrases}
        self.code = pack.code
        self.yes = PhraseSet(pack.yes)
        self.surest_yes = PhraseSet(pack.yes[:1])
        self.agree = PhraseSet(pack.agree)
        self.no = PhraseSet(pack.no)
        self.courtesies = PhraseSet((*pack.fillers, *pack.thanks, *pack.greetings))
        self.fillers = PhraseSet(pack.fillers)
        self.thanks = PhraseSet(pack.thanks)
        self.cancel = PhraseSet(pack.cancel)
        self.goodbye = PhraseSet(pack.goodbye)
        self.buy = PhraseSet(pack.buy)
        self.help = PhraseSet(pack.help)
        self.staff = PhraseSet(pack.staff)
        self.question_endings = pack.question_endings
        ordinals = {phrase: str(value) for value, phrases in pack.ordinals.items() for phrase in phrases}
        self.ordinals = PhraseSet({**ordinals, **dict.fromkeys(pack.ordinal_patterns, "")})
        self.not_ordinals = PhraseSet(pack.not_ordinals)
        self.around_choice = PhraseSet((*pack.articles, *pack.choice_words, *pack.fillers))
        self.choice_numbers = PhraseSet(pack.choice_patterns, numbers)
        self.quantities = PhraseSet(pack.quantity_patterns, numbers)
        self.quantity_endings = PhraseSet(pack.quantity_endings, numbers)
        self.size_cues = PhraseSet(pack.size_cues)
        self.size_links = PhraseSet(pack.size_links)
        self.size_prepositions = PhraseSet(pack.size_prepositions)
        self.around_size = PhraseSet((*pack.articles, *pack.size_links, *pack.fillers, *pack.size_prepositions))
        letters = {phrase: letter for letter, phrases in pack.size_letters.items() for phrase in phrases}
        self.size_words = PhraseSet({**letters, **{letter: letter for letter in LETTER_SIZES}})
        rounds = {phrase: str(value) for value, phrases in pack.round_numbers.items() for phrase in phrases}
        self.numbers = PhraseSet({**rounds, **{word: str(value) for word, value in numbers.items()}})
        self.max_before, self.max_after = PhraseSet(pack.max_before), PhraseSet(pack.max_after)
        self.min_before, self.min_after = PhraseSet(pack.min_before), PhraseSet(pack.min_after)
        self.currencies = PhraseSet([name for names in pack.currencies.values() for name in names])
        self.cheaper, self.dearer = PhraseSet(pack.cheaper), PhraseSet(pack.dearer)
        self.not_before = PhraseSet((*pack.not_before, *pack.without_before))
        self.not_after = PhraseSet((*pack.not_after, *pack.without_after))
        self.not_negations = PhraseSet(pack.not_negations)
        self.clause_breaks = PhraseSet(pack.clause_breaks)
        self.ratings = PhraseSet(pack.rating_patterns, numbers)
        self.names = PhraseSet(pack.names)
        self.around_language = PhraseSet((*pack.request_words, *pack.fillers, *pack.greetings))


class Lexicon:
    """The plain words of all the kiosk's languages."""

    def __init__(self, packs: Mapping[str, LanguagePack]) -> None:
        self._packs = [_Pack(pack) for pack in packs.values()]

    def consent(self, text: str, language: str = "") -> Literal["yes", "no"] | None:
        """A clear yes or no, and nothing else; None for anything with a condition, a question or a change in it.

        In the language of the talk all its affirmatives count, in others only their plainest one.
        """
        tokens = tokenise(text)
        if not tokens or any(mark in text for mark in "?？¿"):
            return None
        for pack in self._packs:
            spoken = pack.code == language or not language
            affirmative = [pack.yes, pack.agree] if spoken else [pack.surest_yes]
            if covers(tokens, [pack.courtesies, pack.agree] if spoken else [pack.fillers], affirmative):
                return "yes"
        for pack in self._packs:
            if covers(tokens, [pack.courtesies], [pack.no]):
                return "no"
        return None

    def is_cancel(self, text: str) -> bool:
        """Nothing but calling it off; a no in front is part of it."""
        tokens = tokenise(text)
        return any(covers(tokens, [pack.courtesies, pack.no, pack.agree], [pack.cancel]) for pack in self._packs)

    def is_goodbye(self, text: str) -> bool:
        """Nothing but leave-taking."""
        return self._is_only(text, lambda pack: pack.goodbye)

    def is_thanks(self, text: str) -> bool:
        """Nothing but thanks."""
        return self._is_only(text, lambda pack: pack.thanks)

    def is_buy(self, text: str) -> bool:
        """Nothing but wanting to buy what is on the table."""
        tokens = tokenise(text)
        return any(
            covers(tokens, [pack.courtesies, pack.yes, pack.agree, pack.clause_breaks], [pack.buy])
            for pack in self._packs
        )

    def is_help(self, text: str) -> bool:
        """Nothing but asking what the kiosk can do."""
        return self._is_only(text, lambda pack: pack.help)

    def is_staff(self, text: str) -> bool:
        """Nothing but asking for a person."""
        return self._is_only(text, lambda pack: pack.staff)

    def _is_only(self, text: str, wanted: Callable[[_Pack], PhraseSet]) -> bool:
        tokens = tokenise(text)
        return any(covers(tokens, [pack.courtesies, pack.agree], [wanted(pack)]) for pack in self._packs)

    def ordinals(self, text: str) -> list[OrdinalMatch]:
        """All places in an order that are said, each once."""
        tokens = tokenise(text)
        found: dict[int, OrdinalMatch] = {}
        for pack in self._packs:
            excluded = {place for match in pack.not_ordinals.find(tokens) for place in range(match.first, match.end)}
            for match in pack.ordinals.find(tokens):
                if match.first not in excluded and match.first not in found:
                    start, end = tokens[match.first].start, tokens[match.end - 1].end
                    found[match.first] = OrdinalMatch(int(match.value), start, end)
        return [found[place] for place in sorted(found)]

    def choice(self, text: str) -> int | None:
        """The number of an option ("the second one", "number 2", "the last"); None if anything else is said."""
        tokens = tokenise(text)
        for pack in self._packs:
            if not covers(tokens, [pack.around_choice], [pack.ordinals, pack.choice_numbers]):
                continue
            picked = [*pack.choice_numbers.find(tokens), *pack.ordinals.find(tokens)]
            values = {int(match.value) for match in picked}
            if len(values) == 1:
                return values.pop()
        return None

    def size(self, text: str) -> SizeMatch | None:
        """A size: with a cue ("size 43", "in XL") wherever it is said, without one only if nothing else is."""
        tokens = tokenise(text)
        for pack in self._packs:
            if value := self._marked_size(pack, tokens):
                return SizeMatch(value, cue=True)
        for pack in self._packs:
            sizes = [(place, value) for place in range(len(tokens)) if (value := self._size_at(pack, tokens, place))]
            if len(sizes) == 1 and self._is_all_else(pack, tokens, sizes[0][0]):
                return SizeMatch(sizes[0][1], cue=False)
        return None

    def _marked_size(self, pack: _Pack, tokens: Sequence[Token]) -> str:
        for cue in pack.size_cues.find(tokens):
            place = cue.end
            while place < len(tokens) and (link := next(pack.size_links.at(tokens, place), None)):
                place = link.end
            if value := self._size_at(pack, tokens, place):
                return value
            if value := self._size_at(pack, tokens, cue.first - 1):  # 43号, 43 サイズ
                return value
        for match in pack.size_prepositions.find(tokens):
            value = self._size_at(pack, tokens, match.end)
            if value and (not value[0].isdigit() or SIZES_MIN <= float(value) <= SIZES_MAX):
                after = match.end + 1
                if after >= len(tokens) or not next(pack.currencies.at(tokens, after), None):
                    return value
        return ""

    @staticmethod
    def _size_at(pack: _Pack, tokens: Sequence[Token], place: int) -> str:
        if not 0 <= place < len(tokens):
            return ""
        text = tokens[place].text
        if text.replace(".", "", 1).isdigit() and len(text) <= 4:
            return text
        match = next(pack.size_words.at(tokens, place), None)
        return match.value if match else ""

    @staticmethod
    def _is_all_else(pack: _Pack, tokens: Sequence[Token], place: int) -> bool:
        """Whether everything but the size is of no meaning of its own."""
        length = max((match.end - match.first for match in pack.size_words.at(tokens, place)), default=1)
        rest = [*tokens[:place], *tokens[place + length :]]
        return not rest or covers(rest, [], [pack.around_size])

    def quantity(self, text: str) -> int | None:
        """How many: "two pairs", "make it two", "x2"."""
        tokens = tokenise(text)
        for pack in self._packs:
            if found := pack.quantities.find(tokens):
                return int(found[0].value)
            for first in range(len(tokens)):
                for match in pack.quantity_endings.at(tokens, first):
                    if match.end == len(tokens) and int(match.value) < SIZES_MIN:
                        return int(match.value)
        return None

    def price_limit(self, text: str) -> PriceLimit | None:
        """The limit on a price: "under 100 dollars", "menos de 100", "100元以下"."""
        tokens = tokenise(text)
        for pack in self._packs:
            sides: list[tuple[Literal["max", "min"], PhraseSet, PhraseSet]] = [
                ("max", pack.max_before, pack.max_after),
                ("min", pack.min_before, pack.min_after),
            ]
            for kind, before, after in sides:
                for match in before.find(tokens):
                    if amount := self._amount_from(pack, tokens, match.end):
                        return PriceLimit(kind, amount)
                for match in after.find(tokens):
                    if amount := self._amount_until(pack, tokens, match.first):
                        return PriceLimit(kind, amount)
        return None

    @staticmethod
    def _amount_from(pack: _Pack, tokens: Sequence[Token], place: int) -> Decimal | None:
        """The amount that begins at a token, a currency in front of it left out."""
        currency = next(pack.currencies.at(tokens, place), None)
        place = currency.end if currency else place
        if place < len(tokens) and tokens[place].text in "$€£¥₹":
            place += 1
        if place >= len(tokens):
            return None
        word = next(pack.numbers.at(tokens, place), None)
        return _decimal(word.value if word and not tokens[place].text[0].isdigit() else tokens[place].text)

    def _amount_until(self, pack: _Pack, tokens: Sequence[Token], place: int) -> Decimal | None:
        """The amount that ends before a token."""
        for first in range(max(place - 4, 0), place):
            if amount := self._amount_from(pack, tokens, first):
                return amount
        return None

    def rating(self, text: str) -> int | None:
        """A rating of one to five, if one is said."""
        tokens = tokenise(text)
        for pack in self._packs:
            for match in pack.ratings.find(tokens):
                if 1 <= int(match.value) <= 5:
                    return int(match.value)
        return None

    def language_request(self, text: str) -> str | None:
        """The language the customer asks to speak: "en français, s'il vous plaît", "can we speak German?"."""
        tokens = tokenise(text)
        around = [pack.around_language for pack in self._packs]
        for pack in self._packs:
            if covers(tokens, around, [pack.names]):
                return pack.code
        return None

    def comparative(self, text: str) -> Literal["cheaper", "dearer"] | None:
        """Whether something cheaper or dearer is wanted."""
        tokens = tokenise(text)
        for pack in self._packs:
            if pack.cheaper.find(tokens):
                return "cheaper"
            if pack.dearer.find(tokens):
                return "dearer"
        return None

    def negated_spans(self, text: str) -> list[tuple[int, int]]:
        """What is said not to be wanted: from a negation to the end of its clause."""
        tokens = tokenise(text)
        spans: list[tuple[int, int]] = []
        for pack in self._packs:
            excused = _places(pack.not_negations.find(tokens))
            for match in pack.not_before.find(tokens):
                if match.first not in excused and (end := self._clause_end(pack, tokens, match.end)) > match.end:
                    spans.append((tokens[match.end].start, tokens[end - 1].end))
            for match in pack.not_after.find(tokens):
                if match.first > 0 and match.first not in excused:
                    spans.append((tokens[max(match.first - 4, 0)].start, tokens[match.first].start))
        return spans

    @staticmethod
    def _clause_end(pack: _Pack, tokens: Sequence[Token], first: int) -> int:
        for place in range(first, len(tokens)):
            if tokens[place].breaks or next(pack.clause_breaks.at(tokens, place), None):
                return place
        return len(tokens)

    @staticmethod
    def strip_wake_phrase(text: str, phrases: Iterable[str]) -> str:
        """The text without a wake phrase at its start, however it was heard ("OK Walmart", "okay wal mert")."""
        tokens = tokenise(text[:200])
        best, best_length = WAKE_SIMILARITY, 0
        for phrase in phrases:
            target = "".join(token.text for token in tokenise(phrase))
            for length in range(1, min(4, len(tokens)) + 1):
                likeness = fuzz.ratio("".join(token.text for token in tokens[:length]), target)
                if likeness > best:
                    best, best_length = likeness, length
        return text[tokens[best_length - 1].end :].lstrip(" ,.:;!?-–—，。、！？") if best_length else text


def _places(matches: Iterable[Match]) -> set[int]:
    return {place for match in matches for place in range(match.first, match.end)}


def _decimal(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount > 0 else None
