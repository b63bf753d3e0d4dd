"""What an utterance says for sure, in any of the kiosk's languages: text and language packs in, typed readings out.

Nothing here guesses. Above all `consent`, which lets money move: it is a yes only if every word of the utterance
belongs to one.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from anyascii import anyascii
from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz

from agent.number_words import number_words
from agent.spoken_text import Entry, Folded, Found, PhraseFinder, fold, fold_phrase, is_boundary, is_unspaced
from prompts.language_packs import LanguagePack
from tools.term_finder import COMPOUNDING_LANGUAGES

MAX_PHRASE = 160
"""Whole utterances of one purpose are short; longer ones are something else."""
MAX_ORDINAL = 50
MAX_CHOICE = 20
MAX_QUANTITY = 20
SIZES = (Decimal(15), Decimal(60))
"""Bare numbers in this range can be sizes; with a cue any number up to the upper end can."""
SMALLEST_BARE_PRICE = 10
"""A limit below this needs its currency: "more than two" is not about money."""
FIRST_YEAR, LAST_YEAR = 1880, 2099
OLDEST_DECADE = 30
WAKE_SIMILARITY = 85.0
BACKWARD_WORDS = 3
MAX_RANGE_GAP = 8
"""Letters that may stand between the two amounts of a range."""
TEN_THOUSAND = 10_000
MAX_NUMBERS = 12
"""More numbers than people say in one utterance are not read, so that no input takes long."""

_SEPARATORS = ' .,!;:。、，！；：…·・"“”«»¡「」『』~'
_CLAUSE = re.compile(r"[.,!;:。、，！；：…।]+")
_CLAUSE_ENDS = ".,!?;:。、，！？；：…¿¡।"
_DIGITS = re.compile(r"\d{1,9}(?:[.,]\d{1,9}){0,4}")
_FRACTION = re.compile(r" ?1[/⁄]2(?!\d)")
_HAN_NUMBER = re.compile(r"[一二三四五六七八九十百千万萬两兩零〇]{1,12}")
_HAN_UNIT = re.compile(r" ?([百千万萬])")
_HAN_LARGE = tuple("百千万萬")
_LETTER_SIZE = re.compile(r"(?:[2-6]?x{0,4}[sl]|m)(?:/[sml])?")
_DOUBT = re.compile(r"\.\.|…|。。|[?？¿؟]")
"""A question, or a voice that trails off: what comes next may be a condition."""
_SYSTEMS = ("eu", "us", "uk")
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "", "₹": "INR"}


class OrdinalMatch(NamedTuple):
    """A place in an order: 1 is the first, -1 the last; where it stands in the text (up to but without `end`)."""

    value: int
    start: int
    end: int


class SizeMatch(BaseModel):
    """A size as the store writes it ("43", "43.5", "XL"); `cue` when the customer said that it is one."""

    model_config = ConfigDict(frozen=True)

    value: str
    cue: bool
    system: str = ""
    start: int
    end: int


class PriceLimit(BaseModel):
    """The most or least that something may cost, in major units; `currency` is empty when none was said.

    With `least` it is a range: the amount is then the most.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["max", "min"]
    amount: Decimal
    currency: str = ""
    least: Decimal | None = None


class YearSpan(NamedTuple):
    """Years that were said, both of them included: "the nineties", "in 1994", "before 2000"."""

    first: int
    last: int


class _Number(NamedTuple):
    """A number in the folded text. `code` is the language of a number word, empty for figures."""

    value: Decimal
    start: int
    end: int
    code: str = ""
    is_article: bool = False


class _Pattern(NamedTuple):
    """Words before and after a number; glued where the pattern has no space there."""

    before: str
    after: str
    code: str
    before_glued: bool
    after_glued: bool


class _Reading(NamedTuple):
    """One utterance, folded and searched once."""

    folded: Folded
    found: list[Found]

    @property
    def text(self) -> str:
        return self.folded.text

    def of(self, *roles: str) -> list[Found]:
        return [match for match in self.found if match.entry.role in roles]


_LISTS = (
    "yes", "agree", "no", "fillers", "hesitations", "greetings", "thanks", "cancel", "goodbye", "buy", "buy_verbs",
    "help", "staff", "backchannels", "not_ordinals", "choice_words", "articles", "size_cues", "size_cues_after",
    "size_links", "size_prepositions", "size_prepositions_after", "max_before", "max_after", "min_before", "min_after",
    "cheaper", "dearer", "not_before", "not_after", "without_before", "without_after", "not_negations", "clause_breaks",
    "question_endings", "question_starts", "pointers", "rating_words", "praise", "complaint", "request_words",
    "language_verbs", "for_others", "for_oneself", "more", "year_before", "year_after",
    "between_before", "between_after", "price_questions", "material_questions", "halves_before", "halves_after",
    "size_up", "size_down",
)  # fmt: skip
_PATTERNS = (
    "ordinal_patterns", "choice_patterns", "quantity_patterns", "quantity_endings", "rating_patterns",
    "decade_patterns",
)  # fmt: skip
_NEUTRAL = ("fillers", "hesitations")


class Lexicon:
    """Reads utterances with the packs of all languages at once. Every method is pure and takes bounded time."""

    def __init__(self, packs: Mapping[str, LanguagePack]) -> None:
        self._codes = tuple(packs)
        self._finder = PhraseFinder(_phrases(packs.values()))
        self._patterns = {name: list(_patterns(packs.values(), name)) for name in _PATTERNS}
        # a turn asks some thirty questions of one utterance; older ones are not kept, as they are customers' words
        self._read = lru_cache(maxsize=2)(self._read_anew)
        self._articles = {(pack.code, fold_phrase(word)) for pack in packs.values() for word in pack.articles}

    # --- whole utterances -------------------------------------------------------------------------------------

    def consent(self, text: str) -> Literal["yes", "no"] | None:
        """Whether the whole utterance is a yes or a no, and nothing else: no question, no condition, no change."""
        reading = self._read_short(text)
        if reading is None or "?" in reading.text:
            return None
        if self._is_only(reading, "no", "thanks", "cancel"):
            return None if self._refuses_to_cancel(reading) else "no"
        if _DOUBT.search(text) or self._has_loose_no(reading):
            return None
        clear = self._is_only(reading, "yes", "agree", "thanks", "buy")
        assent = self._is_only(reading, "agree", "yes")
        return "yes" if clear or assent else None

    def is_cancel(self, text: str) -> bool:
        """Nothing but giving up: "forget it", "no, cancel that please"."""
        return self._whole(text, "cancel", "no", "agree", "thanks", "greetings") and not self.is_told_not_to_cancel(
            text
        )

    def is_goodbye(self, text: str) -> bool:
        """Nothing but leaving: "no thanks, bye"."""
        return self._whole(text, "goodbye", "no", "yes", "agree", "thanks")

    def is_thanks(self, text: str) -> bool:
        """Nothing but thanks: "OK, thanks"."""
        return self._whole(text, "thanks", "agree")

    def has_buy_verb(self, text: str) -> bool:
        """Whether some words of it say that something is to be bought."""
        return bool(self._read(text).of("buy_verbs", "buy"))

    def is_greeting(self, text: str) -> bool:
        """Nothing but a greeting."""
        return self._whole(text, "greetings")

    def is_help(self, text: str) -> bool:
        """Nothing but a call for help with the kiosk, also as a question."""
        return self._whole(text, "help", "greetings", question=True)

    def is_backchannel(self, text: str) -> bool:
        """Nothing but nodding along, which asks the speaker to go on: "uh-huh", "okay, right"; or nothing at all."""
        return not text.strip() or self._whole(text, "backchannels")

    def is_staff(self, text: str) -> bool:
        """Nothing but a call for a person, also as a question."""
        return self._whole(text, "staff", "greetings", "yes", "agree", question=True)

    def is_buy(self, text: str) -> bool:
        """Nothing but buying what is on the table, or one of the things shown: "I'll take the second one"."""
        if self._whole(text, "buy", "yes", "agree", "thanks", question=True):
            return True
        reading = self._read_short(text)
        if reading is None:
            return False
        if "?" in reading.text or not reading.of("buy_verbs"):
            return False
        picks = self._picks(reading)
        if len({pick.entry.value for pick in picks}) != 1:
            return False
        spans = [*self._spans(reading, "buy_verbs", "choice_words", "articles", "agree", "yes"), *picks]
        return self._covered(reading.text, spans, {"buy_verbs", "pick"})

    def choice(self, text: str, bare: bool = False) -> int | None:
        """Which of the things shown is picked: 1, 2, … or -1 for the last; None if the utterance is about more.

        A number alone ("2") counts only if `bare`: after a list it is a choice, after "which size?" it is not.
        """
        if bare and (plain := self.choice(text)) is not None:
            return plain  # "the second one" has a bare number in it, too
        reading = self._read_short(text)
        if reading is None:
            return None
        picks = self._picks(reading, bare)
        spans = [*self._spans(reading, "choice_words", "articles", "buy_verbs", "agree", "yes", "pointers"), *picks]
        values = {pick.entry.value for pick in picks}
        return int(values.pop()) if len(values) == 1 and self._covered(reading.text, spans, {"pick"}) else None

    def language_request(self, text: str) -> str | None:
        """The code of the language that the customer asks to be served in, if that is all they ask for."""
        reading = self._read_short(text)
        if reading is None:
            return None
        names = reading.of("names")
        longest = [one for one in names if not any(_inside(one, other) and one != other for other in names)]
        codes = {name.entry.value for name in longest}
        if len(codes) != 1:
            return None
        spans = [*reading.of("request_words", "greetings", "agree", "yes", "thanks", *_NEUTRAL), *longest]
        return codes.pop() if _covers(reading.text, spans, {"names"}, question=True) else None

    def language_wish(self, text: str, current: str) -> str | None:
        """The code of another language in which somebody is to be spoken to, also where more is said: "my friend has
        no German, can we go on in English?"."""
        if (asked := self.language_request(text)) is not None:
            return asked
        reading = self._read_short(text)
        if reading is None or not reading.of("language_verbs"):
            return None
        names = reading.of("names")
        longest = [one for one in names if not any(_inside(one, other) and one != other for other in names)]
        negated = list(self._negated(reading))
        spoken = [one for one in longest if not any(one.start < end and start < one.end for start, end in negated)]
        wanted = {name.entry.value for name in spoken} - {current}
        return wanted.pop() if len(wanted) == 1 else None

    def gives_up(self, text: str) -> bool:
        """Whether one clause of it is nothing but giving up, or the last one nothing but a no, and none is a yes."""
        clauses = [clause for clause in _CLAUSE.split(text[:MAX_PHRASE]) if clause.strip()]
        said = [self.consent(clause) for clause in clauses]
        return "yes" not in said and ("no" in said[-1:] or any(self.is_cancel(clause) for clause in clauses))

    def question(self, text: str) -> Literal["price", "material"] | None:
        """What plain words ask of the goods: how much they are, what they are made of."""
        reading = self._read(text)
        if reading.of("price_questions"):
            return "price"
        return "material" if reading.of("material_questions") else None

    def takes_it(self, text: str) -> bool:
        """Whether some words of it take what is on the table, whatever else is said: "I'll take it for my dad"."""
        reading = self._read(text)
        return bool(reading.of("buy")) and not self._negated_roles(reading, "buy")

    def is_told_not_to_cancel(self, text: str) -> bool:
        """Whether giving up is spoken of only to refuse it: "no, don't cancel it"."""
        return self._refuses_to_cancel(self._read(text))

    def _refuses_to_cancel(self, reading: _Reading) -> bool:
        said, negated = reading.of("cancel"), list(self._negated(reading))
        longest = [one for one in said if not any(_strictly_inside(one, other) for other in said)]
        return bool(said) and all(
            any(start <= one.start and one.end <= end for start, end in negated) for one in longest
        )

    def _negated_roles(self, reading: _Reading, role: str) -> bool:
        negated = list(self._negated(reading))
        return any(one.start < end and start < one.end for one in reading.of(role) for start, end in negated)

    def is_more(self, text: str) -> bool:
        """Nothing but the wish to see what else there is."""
        return self._whole(text, "more", "yes", "agree", "no", "thanks", question=True)

    # --- parts of utterances ----------------------------------------------------------------------------------

    def ordinals(self, text: str) -> list[OrdinalMatch]:
        """All places in an order that were said, from left to right, with where they stand in the text."""
        reading = self._read(text)
        return [
            OrdinalMatch(int(match.entry.value), *reading.folded.span(match.start, match.end))
            for match in self._ordinals(reading)
        ]

    def numbers(self, text: str) -> list[OrdinalMatch]:
        """All whole numbers up to 20, in figures or words, that could be the place of something ("scene two")."""
        reading = self._read(text)
        return [
            OrdinalMatch(int(number.value), *reading.folded.span(number.start, number.end))
            for number in self._numbers(reading)
            if not number.is_article and number.value == int(number.value) and 1 <= number.value <= MAX_ORDINAL
        ]

    def size(self, text: str, made: Collection[str] = ()) -> SizeMatch | None:
        """The size that was said; the one with a cue before one without.

        `made` are the sizes of the product that the talk is about: one of those needs no other sign of a size.
        """
        reading = self._read(text)
        matches = [*self._figure_sizes(reading, made), *self._letter_sizes(reading, text, made)]
        best = min(matches, key=lambda match: (match.value not in made, not match.cue, match.start), default=None)
        if best is not None:
            best = self._corrected(reading, best, [match for match in matches if match.cue == best.cue])
        if best is None:
            return None
        start, end = reading.folded.span(best.start, best.end)
        return best.model_copy(update={"start": start, "end": end})

    def quantity(self, text: str) -> int | None:
        """How many are wanted, if it was said as a number of pieces: "two pairs", "make it two", "x2"."""
        reading = self._read(text)
        ordinals = self._ordinals(reading)
        for number in self._numbers(reading):
            if number.value != int(number.value) or not 1 <= number.value <= MAX_QUANTITY:
                continue
            if any(one.start < number.end and number.start < one.end for one in ordinals):
                continue
            if not number.is_article and self._fits(reading.text, number, "quantity_patterns"):
                return int(number.value)
            match = self._fits(reading.text, number, "quantity_endings")
            if match and self._is_clause(reading, *match, "no", "clause_breaks") and number.value <= 10:
                return int(number.value)
        return None

    def price_limit(self, text: str) -> PriceLimit | None:
        """The most or least that it may cost: "under 100 dollars", "bis 100 Euro", "100元以下"."""
        reading = self._read(text)
        if (between := self._price_range(reading)) is not None:
            return between
        for number in self._numbers(reading):
            start, end, currency = self._with_currency(reading, number)
            if not currency.said and (number.value < SMALLEST_BARE_PRICE or self._counts_things(reading, number)):
                continue
            beside = [
                *(one for one in reading.of("max_before", "min_before") if _just_before(reading.text, one.end, start)),
                *(one for one in reading.of("max_after", "min_after") if _just_before(reading.text, end, one.start)),
            ]
            if beside:  # "not less than" is longer than the "less than" in it
                longest = max(beside, key=lambda one: one.end - one.start)
                kind = "max" if longest.entry.role.startswith("max") else "min"
                return PriceLimit(kind=kind, amount=number.value, currency=currency.code)
        return None

    def _price_range(self, reading: _Reading) -> PriceLimit | None:
        """Two amounts that something may cost between: "between 50 and 100", "50 到 100 之间"."""
        for first, second in pairwise(self._numbers(reading)):
            start, end, currency = self._with_currency(reading, first)
            next_start, next_end, next_currency = self._with_currency(reading, second)
            is_between = any(_just_before(reading.text, one.end, start) for one in reading.of("between_before"))
            is_between |= any(_just_before(reading.text, next_end, one.start) for one in reading.of("between_after"))
            if reading.of("size_cues", "size_cues_after") and not (currency.said or next_currency.said):
                continue
            if is_between and next_start - end <= MAX_RANGE_GAP and first.value < second.value >= SMALLEST_BARE_PRICE:
                code = currency.code or next_currency.code
                return PriceLimit(kind="max", amount=second.value, currency=code, least=first.value)
        return None

    def years(self, text: str) -> YearSpan | None:
        """The years that were said: a year, a decade, or what lies before or after one of them."""
        reading = self._read(text)
        for span, start, end in self._year_spans(reading):
            before = {match.entry.role for match in reading.found if _just_before(reading.text, match.end, start)}
            after = {match.entry.role for match in reading.found if _just_before(reading.text, end, match.start)}
            if "year_before" in before | after:
                return YearSpan(FIRST_YEAR, span.first - 1)
            if "year_after" in before | after:
                return YearSpan(span.last if span.first == span.last else span.first, LAST_YEAR)
            return span
        return None

    def recipient(self, text: str) -> Literal["other", "self"] | None:
        """Whom the goods are for, if that was said: somebody else, or the customer after all."""
        reading = self._read(text)
        if reading.of("for_others"):
            return "other"
        return "self" if reading.of("for_oneself") else None

    def rating(self, text: str) -> int | None:
        """A mark from 1 to 5: "five stars", "4/5", or a number and nothing else."""
        reading = self._read(text)
        numbers = [one for one in self._numbers(reading) if 1 <= one.value <= 5 and one.value == int(one.value)]
        for number in numbers:
            if self._fits(reading.text, number, "rating_patterns"):
                return int(number.value)
        numbers = [number for number in numbers if not number.is_article] or numbers  # "un cuatro"
        values = {number.value for number in numbers}
        if len(values) != 1 or len(reading.text) > MAX_PHRASE or "?" in reading.text:
            return None
        marks = [Found(one.start, one.end, Entry("mark", code)) for one in numbers for code in self._codes]
        spans = [*self._spans(reading, "rating_words", "articles"), *marks]
        return int(values.pop()) if self._covered(reading.text, spans, {"mark"}) else None

    def comparative(self, text: str) -> Literal["cheaper", "dearer"] | None:
        """Whether something cheaper or dearer is wanted; a limit with an amount is none."""
        reading = self._read(text)
        limits = reading.of("max_before", "max_after", "min_before", "min_after")
        has_limit = self.price_limit(text) is not None
        matches = [
            match
            for match in reading.of("cheaper", "dearer")
            if not (has_limit and any(_inside(match, limit) for limit in limits))
        ]
        longest = max(matches, key=lambda match: (match.end - match.start, match.entry.role), default=None)
        if longest is None:
            return None
        return "cheaper" if longest.entry.role == "cheaper" else "dearer"

    def tone(self, text: str) -> Literal["praise", "complaint"] | None:
        """Whether an answer about the service praises or complains; None if neither or both."""
        reading = self._read(text)
        negated = [reading.folded.span(start, end) for start, end in self._negated(reading)]
        bad = bool(reading.of("complaint"))
        good = False
        for match in reading.of("praise"):
            start = reading.folded.origin[match.start]
            if any(_inside(match, worse) for worse in reading.of("complaint")):
                continue
            if any(first <= start < last for first, last in negated):
                bad = True
            else:
                good = True
        return None if good == bad else "praise" if good else "complaint"

    def negated_spans(self, text: str) -> list[tuple[int, int]]:
        """Stretches of the text that are not wanted: what follows "without" or "not" up to the end of the clause
        (in Hindi and Japanese what stands before it)."""
        reading = self._read(text)
        return [reading.folded.span(start, end) for start, end in self._negated(reading) if end > start]

    def mentions_it(self, text: str, language: str | None = None) -> bool:
        """Whether a word points at what the talk is about; of one language only, if given."""
        return any(language in (None, match.entry.code) for match in self._read(text).of("pointers"))

    @staticmethod
    def strip_wake_phrase(text: str, phrases: Sequence[str]) -> str:
        """The text without a wake phrase at its start, however a recogniser spelt it."""
        words = list(re.finditer(r"[^\W_]+", text[:80]))[:6]
        best, cut = WAKE_SIMILARITY, 0
        for phrase in phrases:
            wanted = _sound(phrase)
            length = len(phrase.split())
            for count in range(1, min(length + 2, len(words)) + 1):
                similarity = fuzz.ratio(_sound(text[: words[count - 1].end()]), wanted)
                if similarity > best or (cut == 0 and similarity == best):
                    best, cut = similarity, words[count - 1].end()
        return text[cut:].lstrip(_CLAUSE_ENDS + " -–—~") if cut else text

    # --- how it is done ---------------------------------------------------------------------------------------

    def _read_anew(self, text: str) -> _Reading:
        folded = fold(text)
        return _Reading(folded, self._finder.find(folded.text))

    def _read_short(self, text: str) -> _Reading | None:
        return self._read(text) if len(text) <= MAX_PHRASE else None

    def _whole(self, text: str, wanted: str, *beside: str, question: bool = False) -> bool:
        reading = self._read_short(text)
        return reading is not None and self._is_only(reading, wanted, *beside, question=question)

    def _is_only(self, reading: _Reading, wanted: str, *beside: str, question: bool = False) -> bool:
        spans = self._spans(reading, wanted, *beside)
        return self._covered(reading.text, spans, {wanted}, question)

    def _covered(self, text: str, spans: list[Found], wanted: set[str], question: bool = False) -> bool:
        """Whether phrases of one language cover the whole text, with all the wanted roles among them."""
        by_code: dict[str, list[Found]] = {}
        for span in spans:
            by_code.setdefault(span.entry.code, []).append(span)
        return any(_covers(text, of_one, wanted, question) for of_one in by_code.values())

    def _spans(self, reading: _Reading, *roles: str) -> list[Found]:
        return reading.of(*roles, *_NEUTRAL)

    @staticmethod
    def _has_loose_no(reading: _Reading) -> bool:
        """Whether a no stands in the text that is not part of a yes ("no problem")."""
        yes = reading.of("yes", "agree")
        return any(
            not any(_inside(no, one) and (no.start, no.end) != (one.start, one.end) for one in yes)
            for no in reading.of("no", "cancel")
            if any(one.entry.code == no.entry.code for one in yes)
        )

    def _ordinals(self, reading: _Reading) -> list[Found]:
        """Ordinals in the folded text; where they overlap the longest."""
        found = reading.of("ordinal")
        for number in self._numbers(reading):
            if number.value != int(number.value) or not 1 <= number.value <= MAX_ORDINAL:
                continue
            if span := self._fits(reading.text, number, "ordinal_patterns"):
                found.append(Found(*span, Entry("ordinal", number.code, str(int(number.value)))))
        decoys = reading.of("not_ordinals")
        kept: list[Found] = []
        for match in sorted(found, key=lambda match: (match.start - match.end, match.start)):
            if any(_inside(match, decoy) for decoy in decoys) or any(_overlap(match, other) for other in kept):
                continue
            kept.append(match)
        return sorted(kept, key=lambda match: match.start)

    def _picks(self, reading: _Reading, bare: bool = False) -> list[Found]:
        """Ordinals and numbered options, each as if said in every language, for their words stand in one."""
        spans = [(one.start, one.end, one.entry.value) for one in self._ordinals(reading)]
        for number in self._numbers(reading):
            if number.value != int(number.value) or not 1 <= number.value <= MAX_CHOICE:
                continue
            if span := self._fits(reading.text, number, "choice_patterns"):
                if not any(start < span[1] and span[0] < end for start, end, _ in spans):
                    spans.append((*span, str(int(number.value))))
            elif bare and not any(start < number.end and number.start < end for start, end, _ in spans):
                spans.append((number.start, number.end, str(int(number.value))))
        return [Found(start, end, Entry("pick", code, value)) for start, end, value in spans for code in self._codes]

    def _numbers(self, reading: _Reading) -> list[_Number]:
        """All numbers: figures, the packs' number words, and numbers in Han characters."""
        text = reading.text
        numbers: list[_Number] = []
        for match in _DIGITS.finditer(text):
            value, end = _amount(match.group()), match.end()
            if fraction := _FRACTION.match(text, end):
                value, end = (value or Decimal(0)) + Decimal("0.5"), fraction.end()
            elif value is not None and (unit := _HAN_UNIT.match(text, end)):
                value, end = value * int(unicodedata.numeric(unit[1])), unit.end()
            if value is not None:
                numbers.append(_Number(value, match.start(), end))
        for match in _HAN_NUMBER.finditer(text):
            if (value := _han_value(match.group())) is not None:
                numbers.append(_Number(value, match.start(), match.end(), "", match.group() == "一"))
        for found in reading.of("number"):
            word = text[found.start : found.end]
            is_article = (found.entry.code, word) in self._articles
            numbers.append(_Number(Decimal(found.entry.value), found.start, found.end, found.entry.code, is_article))
        numbers = [self._with_half(reading, number) for number in numbers]
        first = sorted(numbers, key=lambda number: (number.start, -number.end))[: 4 * MAX_NUMBERS]
        longest = [one for one in first if not any(_number_inside(one, other) for other in first)]
        return longest[:MAX_NUMBERS]

    @staticmethod
    def _with_half(reading: _Reading, number: _Number) -> _Number:
        """A whole number with the half that was said with it: "forty-two and a half", "साढ़े सात"."""
        text, half = reading.text, Decimal("0.5")
        if number.value != int(number.value):
            return number
        for said in reading.of("halves_after"):
            if _just_before(text, number.end, said.start):
                return number._replace(value=number.value + half, end=said.end)
        for said in reading.of("halves_before"):
            if _just_before(text, said.end, number.start):
                return number._replace(value=number.value + half, start=said.start)
        return number

    def _fits(self, text: str, number: _Number, name: str) -> tuple[int, int] | None:
        """The longest stretch that a pattern of that name covers around a number."""
        best: tuple[int, int] | None = None
        for pattern in self._patterns[name]:
            if number.code and pattern.code != number.code:
                continue
            span = _fit(text, number, pattern)
            if span and (best is None or span[1] - span[0] > best[1] - best[0]):
                best = span
        return best

    def _is_clause(self, reading: _Reading, start: int, end: int, *light: str) -> bool:
        """Whether nothing of weight, but for words of these roles, stands around a stretch up to the punctuation."""
        before, after = _clause(reading.text, start)[0], _clause(reading.text, end)[1]
        neutral = [*reading.of(*_NEUTRAL, "agree", "yes", "greetings", "thanks", "articles", *light)]
        return all(
            _covers(piece_text, _shifted(neutral, offset, offset + len(piece_text)), set())
            for piece_text, offset in ((reading.text[before:start], before), (reading.text[end:after], end))
        )

    def _counts_things(self, reading: _Reading, number: _Number) -> bool:
        """Whether a number is a number of pieces, a mark, an ordinal or a size rather than money."""
        names = ("quantity_patterns", "rating_patterns", "ordinal_patterns")
        if any(self._fits(reading.text, number, name) for name in names):
            return True
        cues = reading.of("size_cues")
        return any(_just_before(reading.text, cue.end, number.start) for cue in cues) or any(
            _just_before(reading.text, number.end, cue.start) for cue in reading.of("size_cues_after", "size_cues")
        )

    def _with_currency(self, reading: _Reading, number: _Number) -> tuple[int, int, "_Currency"]:
        """The stretch of a number with the currency beside it."""
        text, start, end = reading.text, number.start, number.end
        head, tail = text[:start].rstrip(), text[end:].lstrip()
        if head and head[-1] in _SIGNS:
            letters = re.search(r"(?:^|\s)(?:us|ca|au|r)$", head[:-1])
            begin = len(head) - 1 if letters is None else letters.end() - 2
            return begin, end, _Currency(True, _SIGNS[head[-1]])
        if tail and tail[0] in _SIGNS:
            return start, len(text) - len(tail) + 1, _Currency(True, _SIGNS[tail[0]])
        for match in sorted(reading.of("currency"), key=lambda match: match.start - match.end):
            if _just_before(text, end, match.start):
                return start, match.end, _Currency(True, match.entry.value)
            if _just_before(text, match.end, start):
                return match.start, end, _Currency(True, match.entry.value)
        return start, end, _Currency(False, "")

    def _year_spans(self, reading: _Reading) -> Iterator[tuple[YearSpan, int, int]]:
        """Decades, then single years, with where they stand in the folded text."""
        for match in reading.of("decade"):
            yield _decade(int(match.entry.value)), match.start, match.end
        numbers = [number for number in self._numbers(reading) if number.value == int(number.value)]
        for number in numbers:
            fitted = self._fits(reading.text, number, "decade_patterns")
            if fitted and number.value % 10 == 0 and (number.value < 100 or FIRST_YEAR <= number.value <= LAST_YEAR):
                yield _decade(int(number.value)), *fitted
        for number in numbers:
            is_year = FIRST_YEAR <= number.value <= LAST_YEAR and number.end - number.start == 4
            if is_year and not self._with_currency(reading, number)[2].said:
                yield YearSpan(int(number.value), int(number.value)), number.start, number.end

    def _figure_sizes(self, reading: _Reading, made: Collection[str]) -> Iterator[SizeMatch]:
        text = reading.text
        ordinals = self._ordinals(reading)
        limited = self.price_limit(text)
        for number in self._numbers(reading):
            is_made = _plain(number.value) in made
            too_large = number.value > SIZES[1] and not is_made
            if too_large or number.is_article or number.value * 2 != int(number.value * 2) or number.value <= 0:
                continue
            if any(one.start < number.end and number.start < one.end for one in ordinals):
                continue
            start, end, currency = self._with_currency(reading, number)
            if currency.said:
                continue
            start, end, system = _with_system(text, number.start, number.end)
            cue = bool(system) or self._has_size_cue(reading, start, end, number.value)
            counts = number.value <= MAX_QUANTITY and self._counts_things(reading, number)
            cue = cue or (is_made and number.value >= SIZES[0] and not counts)
            if not cue and (number.code or number.value < SIZES[0] or self._counts_things(reading, number)):
                continue
            if not cue and limited is not None and limited.amount == number.value:
                continue
            if not is_boundary(text, start) or not is_boundary(text, end):
                continue
            yield SizeMatch(value=_plain(number.value), cue=cue, system=system, start=number.start, end=number.end)

    def _corrected(self, reading: _Reading, said: SizeMatch, others: Sequence[SizeMatch]) -> SizeMatch:
        """The size that was said last, where a no stands between the two: "44, ah no, 43"."""
        last = max(others, key=lambda match: match.start)
        is_corrected = any(said.end <= no.start and no.end <= last.start for no in reading.of("no"))
        return last if is_corrected else said

    def size_step(self, text: str) -> int:
        """Whether a size larger (1) or smaller (-1) than the one being talked about is wanted; 0 if neither."""
        reading = self._read(text)
        larger, smaller = bool(reading.of("size_up")), bool(reading.of("size_down"))
        return larger - smaller

    def _letter_sizes(self, reading: _Reading, said: str, made: Collection[str]) -> Iterator[SizeMatch]:
        text = reading.text
        found = [(match.start, match.end, match.entry.value) for match in reading.of("letter_size")]
        for match in re.finditer(r"[2-6]?[xsml]{1,5}(?:/[sml])?", text):
            if (
                is_boundary(text, match.start())
                and is_boundary(text, match.end())
                and _LETTER_SIZE.fullmatch(match.group())
            ):
                found.append((match.start(), match.end(), _letters(match.group())))
        longest = [one for one in found if not any(_wider(other, one) for other in found)]
        for start, end, value in longest:
            cue = self._has_size_cue(reading, start, end, None)
            is_single = end - start == 1
            if is_single and said[reading.folded.origin[start]].isupper():
                # "do you have it in S there?", and "troca pra M" of something that is made in M
                is_led_to = any(_just_before(text, word.end, start) for word in reading.of("size_prepositions"))
                cue = cue or is_led_to or value in made
            if is_single and not cue and not self._is_clause_alone(reading, start, end):
                continue
            yield SizeMatch(value=value, cue=cue, start=start, end=end)

    def _is_clause_alone(self, reading: _Reading, start: int, end: int) -> bool:
        return _clause(reading.text, start)[0] == 0 and self._is_clause(reading, start, end)

    def _has_size_cue(self, reading: _Reading, start: int, end: int, value: Decimal | None) -> bool:
        """Whether a cue stands before it (with at most linking words between) or right behind it, or a preposition
        with nothing more in the clause."""
        text = reading.text
        links = reading.of("size_links", "articles")
        for cue in reading.of("size_cues"):
            between = text[cue.end : start]
            if cue.end <= start and len(between) <= 24:
                inner = _shifted(links, cue.end, start)
                if not between.strip(_SEPARATORS) or _covers(between, inner, set()):
                    return True
        is_small = value is not None and value < SIZES[0]
        for cue in reading.of("size_cues_after"):
            if start < cue.start and cue.end <= end:
                return True  # 42号半
            if _just_before(text, end, cue.start) and not (is_small and len(text[cue.start : cue.end]) == 1):
                return True
        if is_small:
            return False
        weak = any(_just_before(text, cue.end, start) for cue in reading.of("size_prepositions"))
        weak = weak and self._ends_here(reading, end)
        behind = [cue for cue in reading.of("size_prepositions_after") if _just_before(text, end, cue.start)]
        return weak or bool(behind)

    def _ends_here(self, reading: _Reading, end: int) -> bool:
        """Whether the clause ends here, but for fillers, or goes on with another preposition or break."""
        stop = _clause(reading.text, end)[1]
        rest = reading.text[end:stop]
        neutral = reading.of(*_NEUTRAL)
        if _covers(rest, _shifted(neutral, end, stop), set()):
            return True
        going_on = ("clause_breaks", "size_prepositions", "for_others", "for_oneself", "max_before")
        return any(_just_before(reading.text, end, cue.start) for cue in reading.of(*going_on))

    def _negated(self, reading: _Reading) -> list[tuple[int, int]]:
        text = reading.text
        decoys = reading.of("not_negations")
        spans: list[tuple[int, int]] = []
        cues = reading.of("not_before", "without_before", "not_after", "without_after")
        loose = [cue for cue in cues if not any(_inside(cue, decoy) for decoy in decoys)]
        longest = [cue for cue in loose if not any(_strictly_inside(cue, other) for other in loose)]
        for cue in longest:
            role = cue.entry.role
            begin, stop = _clause(text, cue.start)[0], _clause(text, cue.end)[1]
            if role.startswith("not") and self._is_question(reading, begin, stop):
                continue
            breaks = [one for one in reading.of("clause_breaks") if one.entry.code == cue.entry.code]
            if role.endswith("before"):
                first = min((one.start for one in breaks if cue.end <= one.start < stop), default=stop)
                spans.append((_skip(text, cue.end), first))
                continue
            if role == "not_after" and text[cue.end : stop].strip(_SEPARATORS) and _is_before_cue(cue, longest):
                continue
            last = max((one.end for one in breaks if begin <= one.start and one.end < cue.start), default=begin)
            spans.append((_back(text, last, cue.start), cue.start))
        shortest: dict[int, int] = {}
        for start, end in spans:  # the same word can negate in several languages, each with its own breaks
            shortest[start] = min(end, shortest.get(start, end))
        return sorted(shortest.items())

    def _is_question(self, reading: _Reading, begin: int, stop: int) -> bool:
        text = reading.text
        if text[stop : stop + 1] == "?" or "?" in text[stop : stop + 2]:
            return True
        sentence_end = next((at for at in range(stop, len(text)) if text[at] in ".!?。！"), len(text))
        if text[sentence_end : sentence_end + 1] == "?":
            return True
        if any(match.start == _skip(text, begin) for match in reading.of("question_starts")):
            return True
        clause_end = len(text[:stop].rstrip())
        return any(match.end == clause_end for match in reading.of("question_endings"))


class _Currency(NamedTuple):
    said: bool
    code: str


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


def _decade(said: int) -> YearSpan:
    """The ten years of a decade, which may be said without its century: nobody means the 1920s by "the 20s" today."""
    first = said if said >= FIRST_YEAR else said + (1900 if said >= OLDEST_DECADE else 2000)
    return YearSpan(first, first + 9)


def _patterns(packs: Iterable[LanguagePack], name: str) -> Iterator[_Pattern]:
    for pack in packs:
        for pattern in getattr(pack, name):
            before, after = pattern.split("{n}")
            glued_before = bool(before) and before[-1] != " " and not is_unspaced(before[-1])
            glued_after = bool(after) and after[0] != " " and not is_unspaced(after[0])
            yield _Pattern(fold_phrase(before), fold_phrase(after), pack.code, glued_before, glued_after)


def _fit(text: str, number: _Number, pattern: _Pattern) -> tuple[int, int] | None:
    """Where a pattern's words stand around the number, or None."""
    start, end = number.start, number.end
    if pattern.before:
        head = text[:start] if pattern.before_glued else text[:start].rstrip(" ")
        if not head.endswith(pattern.before):
            return None
        start = len(head) - len(pattern.before)
    if pattern.after:
        end = end if pattern.after_glued else _skip(text, end, " ")
        if not text.startswith(pattern.after, end):
            return None
        end += len(pattern.after)
        if pattern.after.endswith(".") and not text.startswith(" ", end):
            return None
    if not pattern.before and not is_boundary(text, start):
        return None
    return (start, end) if is_boundary(text, start) and is_boundary(text, end) else None


def _covers(text: str, spans: Sequence[Found], wanted: set[str], question: bool = False) -> bool:
    """Whether spans and separators make up the whole text, with all wanted roles among them.

    In scripts without spaces two different phrases must have a separator between them unless one of them is a filler:
    要 and 是 are each a yes, 要是 is "if".
    """
    separators = _SEPARATORS + "?¿" if question else _SEPARATORS
    starting: dict[int, list[Found]] = {}
    for span in spans:
        starting.setdefault(span.start, []).append(span)
    states: dict[int, set[tuple[frozenset[str], str]]] = {0: {(frozenset(), "")}}
    for position in range(len(text)):
        for seen, glued in states.pop(position, ()):
            if text[position] in separators:
                states.setdefault(position + 1, set()).add((seen, ""))
            for span in starting.get(position, ()):
                phrase = text[span.start : span.end]
                if not _may_follow(glued, phrase, span.entry.role):
                    continue
                roles = seen | ({span.entry.role} & wanted)
                states.setdefault(span.end, set()).add((roles, _glue(phrase, span.entry.role)))
    return any(seen == frozenset(wanted) for seen, _ in states.get(len(text), ()))


_WEIGHTY = frozenset({"yes", "agree", "no", "cancel", "goodbye", "buy", "thanks"})


def _glue(phrase: str, role: str) -> str:
    """What the next phrase must be told about this one, if it follows at once."""
    return phrase if role in _WEIGHTY and is_unspaced(phrase[-1]) else ""


def _may_follow(glued: str, phrase: str, role: str) -> bool:
    return not glued or glued == phrase or role not in _WEIGHTY or not is_unspaced(phrase[0])


def _shifted(spans: Sequence[Found], start: int, end: int) -> list[Found]:
    """The spans that lie inside a stretch, with places counted from its start."""
    return [
        Found(one.start - start, one.end - start, one.entry) for one in spans if start <= one.start and one.end <= end
    ]


def _clause(text: str, position: int) -> tuple[int, int]:
    """The clause around a place: from punctuation to punctuation, but not the points within numbers."""
    start, end = position, position
    while start > 0 and not _ends_clause(text, start - 1):
        start -= 1
    while end < len(text) and not _ends_clause(text, end):
        end += 1
    return start, end


def _ends_clause(text: str, position: int) -> bool:
    if text[position] not in _CLAUSE_ENDS:
        return False
    is_decimal = text[position] in ".," and text[position + 1 : position + 2].isdigit()
    return not (is_decimal and position > 0 and text[position - 1].isdigit())


def _skip(text: str, position: int, what: str = _SEPARATORS) -> int:
    while position < len(text) and text[position] in what:
        position += 1
    return position


def _back(text: str, begin: int, end: int) -> int:
    """Where the last few words before a place begin; in scripts without spaces all of the stretch."""
    words = list(re.finditer(r"\S+", text[begin:end]))
    if not words:
        return end
    return begin + words[max(len(words) - BACKWARD_WORDS, 0)].start()


def _just_before(text: str, first_end: int, second_start: int) -> bool:
    """Whether nothing but a space or colon stands between two stretches."""
    return first_end <= second_start and second_start - first_end <= 3 and not text[first_end:second_start].strip(" :")


def _inside(inner: Found, outer: Found) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _strictly_inside(inner: Found, outer: Found) -> bool:
    return _inside(inner, outer) and inner.end - inner.start < outer.end - outer.start


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _wider(other: tuple[int, int, str], one: tuple[int, int, str]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1] and other[1] - other[0] > one[1] - one[0]


def _number_inside(one: _Number, other: _Number) -> bool:
    return other.start <= one.start and one.end <= other.end and other.end - other.start > one.end - one.start


def _is_before_cue(cue: Found, cues: Sequence[Found]) -> bool:
    """Whether the same words also negate what follows them."""
    return any(one.start == cue.start and one.entry.role.endswith("before") for one in cues)


def _with_system(text: str, start: int, end: int) -> tuple[int, int, str]:
    """A size with the system of sizes beside it: "EU 42", "9 US"."""
    head, tail = text[:start].rstrip(), text[end:].lstrip()
    if tail.startswith("cm") and is_boundary(tail, 2):
        return start, len(text) - len(tail) + 2, "CM"
    for system in _SYSTEMS:
        if head.endswith(system) and is_boundary(head, len(head) - len(system)):
            return len(head) - len(system), end, system.upper()
        if tail.startswith(system) and is_boundary(tail, len(system)):
            return start, len(text) - len(tail) + len(system), system.upper()
    return start, end, ""


def _letters(written: str) -> str:
    """Letter sizes as stores write them: 2xl → XXL."""
    if written[0].isdigit():
        return "X" * int(written[0]) + written[1:].replace("x", "", 1).upper()
    return written.upper()


def _plain(value: Decimal) -> str:
    return str(int(value)) if value == int(value) else str(value.normalize())


def _amount(figures: str) -> Decimal | None:
    """A number as written in any of the languages: 1,000.50, 1.000,50, 1 000, 43,5."""
    parts = re.split(r"[.,]", figures)
    marks = re.findall(r"[.,]", figures)
    try:
        if not marks:
            return Decimal(figures)
        grouped = all(len(part) == 3 for part in parts[1:])
        if len(set(marks)) == 1 and grouped and parts[0] != "0" and len(parts[0]) <= 3:
            return Decimal("".join(parts))
        if marks.count(marks[-1]) > 1:
            return None
        return Decimal("".join(parts[:-1]) + "." + parts[-1])
    except InvalidOperation:
        return None


def _han_value(written: str) -> Decimal | None:
    """A number in Han characters: 四十三 → 43, 一百五 → 150, 一百零五 → 105, 两万三千 → 23000."""
    total, section, digit, unit = 0, 0, 0, 1
    for letter in written:
        value = 2 if letter in "两兩" else int(unicodedata.numeric(letter))
        if value == TEN_THOUSAND:
            total += (section + digit or 1) * value
            section, digit, unit = 0, 0, value
        elif value >= 10:
            section += (digit or 1) * value
            digit, unit = 0, value
        elif digit:
            return None
        else:
            digit, unit = value, unit if value else 1
    # 一百五 leaves its last unit out; 十五 does not
    left_out = unit // 10 if unit > 10 and written[-2:-1] in _HAN_LARGE else 1
    total += section + digit * left_out
    return Decimal(total) if total else None


def _sound(text: str) -> str:
    """Letters only, in Latin script, one spelling for OK."""
    letters = "".join(letter for letter in anyascii(text).casefold() if letter.isalnum())
    return "ok" + letters[4:] if letters.startswith("okay") else letters
