"""What an utterance says for sure, in any of the kiosk's languages: text and language packs in, typed readings out.

Nothing here guesses. What part of an utterance says what is read in the modules that this one asks; how whole
utterances are read is said here.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from agent.spoken.choices import choice, takes_one_shown
from agent.spoken.consent import clauses, consent, refuses_to_cancel
from agent.spoken.covering import is_only
from agent.spoken.language_wishes import language_request, language_wish
from agent.spoken.negation import is_negated, negated_in
from agent.spoken.ordinals import OrdinalMatch, said_ordinals, said_places
from agent.spoken.phrasebook import Phrasebook
from agent.spoken.price_limits import PriceLimit, comparative, price_limit
from agent.spoken.quantities import quantity
from agent.spoken.service_feedback import rating, tone
from agent.spoken.sizes import SizeMatch, size, size_step
from agent.spoken.wake_phrase import strip_wake_phrase
from agent.spoken.years import YearSpan, years
from prompts.language_packs import LanguagePack

MAX_PHRASE = 160
"""Whole utterances of one purpose are short; longer ones are something else."""
MAX_ELLIPSIS = 30
"""Letters of a question that leaves out most of itself."""


class Lexicon:
    """Reads utterances with the packs of all languages at once. Every method is pure and takes bounded time."""

    def __init__(self, packs: Mapping[str, LanguagePack]) -> None:
        self._book = Phrasebook(packs)

    # --- whole utterances -------------------------------------------------------------------------------------

    def consent(self, text: str) -> Literal["yes", "no"] | None:
        """Whether the whole utterance is a yes or a no, and nothing else: no question, no condition, no change."""
        return consent(self._book, text) if _is_short(text) else None

    def gives_up(self, text: str) -> bool:
        """Whether one clause of it is nothing but giving up, or the last one nothing but a no, and none is a yes."""
        parts = clauses(text[:MAX_PHRASE])
        said = [self.consent(clause) for clause in parts]
        return "yes" not in said and ("no" in said[-1:] or any(self.is_cancel(clause) for clause in parts))

    def is_cancel(self, text: str) -> bool:
        """Nothing but giving up: "forget it", "no, cancel that please"."""
        return self._whole(text, "cancel", "no", "agree", "thanks", "greetings") and not self.is_told_not_to_cancel(
            text
        )

    def is_told_not_to_cancel(self, text: str) -> bool:
        """Whether giving up is spoken of only to refuse it: "no, don't cancel it"."""
        return refuses_to_cancel(self._book.read(text))

    def is_goodbye(self, text: str) -> bool:
        """Nothing but leaving: "no thanks, bye"."""
        return self._whole(text, "goodbye", "no", "yes", "agree", "thanks")

    def is_thanks(self, text: str) -> bool:
        """Nothing but thanks: "OK, thanks"."""
        return self._whole(text, "thanks", "agree")

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

    def is_more(self, text: str) -> bool:
        """Nothing but the wish to see what else there is."""
        return self._whole(text, "more", "yes", "agree", "no", "thanks", question=True)

    def is_buy(self, text: str) -> bool:
        """Nothing but buying what is on the table, or one of the things shown: "I'll take the second one"."""
        if self._whole(text, "buy", "yes", "agree", "thanks", question=True):
            return True
        return _is_short(text) and takes_one_shown(self._book.read(text))

    def choice(self, text: str, bare: bool = False) -> int | None:
        """Which of the things shown is picked: 1, 2, … or -1 for the last; None if the utterance is about more.

        A number alone ("2") counts only if `bare`: after a list it is a choice, after "which size?" it is not.
        """
        return choice(self._book.read(text), bare) if _is_short(text) else None

    def language_request(self, text: str) -> str | None:
        """The code of the language that the customer asks to be served in, if that is all they ask for."""
        return language_request(self._book.read(text)) if _is_short(text) else None

    def language_wish(self, text: str, current: str) -> str | None:
        """The code of another language in which somebody is to be spoken to, also where more is said: "my friend has
        no German, can we go on in English?"."""
        return language_wish(self._book.read(text), current) if _is_short(text) else None

    def goes_on(self, text: str) -> bool:
        """Whether it is a few words that go on with the question before: "and the shoes?"."""
        begins = any(match.start == 0 for match in self._book.read(text).of("goes_on"))
        return begins and len(text) <= MAX_ELLIPSIS

    # --- parts of utterances ----------------------------------------------------------------------------------

    def has_thanks(self, text: str) -> bool:
        """Whether some words of it are thanks."""
        return bool(self._book.read(text).of("thanks"))

    def has_buy_verb(self, text: str) -> bool:
        """Whether some words of it say that something is to be bought."""
        return bool(self._book.read(text).of("buy_verbs", "buy"))

    def takes_it(self, text: str) -> bool:
        """Whether some words of it take what is on the table, whatever else is said: "I'll take it for my dad"."""
        utterance = self._book.read(text)
        return bool(utterance.of("buy")) and not is_negated(utterance, "buy")

    def question(self, text: str) -> Literal["price", "material"] | None:
        """What plain words ask of the goods: how much they are, what they are made of."""
        utterance = self._book.read(text)
        if utterance.of("price_questions"):
            return "price"
        return "material" if utterance.of("material_questions") else None

    def recipient(self, text: str) -> Literal["other", "self"] | None:
        """Whom the goods are for, if that was said: somebody else, or the customer after all."""
        utterance = self._book.read(text)
        if utterance.of("for_others"):
            return "other"
        return "self" if utterance.of("for_oneself") else None

    def ordinals(self, text: str) -> list[OrdinalMatch]:
        """All places in an order that were said, from left to right, with where they stand in the text."""
        return said_ordinals(self._book.read(text))

    def numbers(self, text: str) -> list[OrdinalMatch]:
        """All whole numbers, in figures or words, that could be the place of something ("scene two")."""
        return said_places(self._book.read(text))

    def size(self, text: str, made: Collection[str] = ()) -> SizeMatch | None:
        """The size that was said; the one with a cue before one without.

        `made` are the sizes of the product that the talk is about: one of those needs no other sign of a size.
        """
        return size(self._book.read(text), text, made)

    def size_step(self, text: str) -> int:
        """Whether a size larger (1) or smaller (-1) than the one being talked about is wanted; 0 if neither."""
        return size_step(self._book.read(text))

    def quantity(self, text: str) -> int | None:
        """How many are wanted, if it was said as a number of pieces: "two pairs", "make it two", "x2"."""
        return quantity(self._book.read(text))

    def price_limit(self, text: str) -> PriceLimit | None:
        """The most or least that it may cost: "under 100 dollars", "bis 100 Euro", "100元以下"."""
        return price_limit(self._book.read(text))

    def comparative(self, text: str) -> Literal["cheaper", "dearer"] | None:
        """Whether something cheaper or dearer is wanted; a limit with an amount is none."""
        return comparative(self._book.read(text))

    def years(self, text: str) -> YearSpan | None:
        """The years that were said: a year, a decade, or what lies before or after one of them."""
        return years(self._book.read(text))

    def rating(self, text: str) -> int | None:
        """A mark from 1 to 5: "five stars", "4/5", or a number and nothing else."""
        return rating(self._book.read(text))

    def tone(self, text: str) -> Literal["praise", "complaint"] | None:
        """Whether an answer about the service praises or complains; None if neither or both."""
        return tone(self._book.read(text))

    def negated_spans(self, text: str) -> list[tuple[int, int]]:
        """Stretches of the text that are not wanted: what follows "without" or "not" up to the end of the clause
        (in Hindi and Japanese what stands before it)."""
        utterance = self._book.read(text)
        return [utterance.folded.span(start, end) for start, end in negated_in(utterance) if end > start]

    def not_goods_spans(self, text: str) -> list[tuple[int, int]]:
        """Stretches of the text in which a word only looks like one for goods."""
        utterance = self._book.read(text)
        return [utterance.folded.span(match.start, match.end) for match in utterance.of("not_goods")]

    def mentions_it(self, text: str, language: str | None = None) -> bool:
        """Whether a word points at what the talk is about; of one language only, if given."""
        return any(language in (None, match.entry.code) for match in self._book.read(text).of("pointers"))

    def is_pointed_at(self, text: str, start: int) -> bool:
        """Whether the word at `start` is the one being talked about: "in that film"."""
        utterance = self._book.read(text)
        ends = (utterance.folded.span(one.start, one.end)[1] for one in utterance.of("demonstratives"))
        return any(end <= start and not text[end:start].strip() for end in ends)

    @staticmethod
    def strip_wake_phrase(text: str, phrases: Sequence[str]) -> str:
        """The text without a wake phrase at its start, however a recogniser spelt it."""
        return strip_wake_phrase(text, phrases)

    def _whole(self, text: str, wanted: str, *beside: str, question: bool = False) -> bool:
        return _is_short(text) and is_only(self._book.read(text), wanted, *beside, question=question)


def _is_short(text: str) -> bool:
    return len(text) <= MAX_PHRASE
