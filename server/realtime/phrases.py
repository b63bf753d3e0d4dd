"""What a screen's buttons stand for: languages come in, what a customer would say in each goes out."""

from collections.abc import Iterable

from pydantic import BaseModel

from prompts.language_packs import LanguagePack, load_language_packs


class ButtonPhrases(BaseModel, frozen=True):
    """A language's own name, and what its buttons send as the customer's words; `pick` has {n} for the place."""

    endonym: str
    yes: str
    no: str
    pick: str
    buy: str
    cancel: str
    help: str
    staff: str


def button_phrases(languages: Iterable[str]) -> dict[str, ButtonPhrases]:
    """The phrases of these languages: the first, so the plainest, of each list in the language pack."""
    packs = load_language_packs()
    return {language: _of(packs[language]) for language in languages if language in packs}


def _of(pack: LanguagePack) -> ButtonPhrases:
    return ButtonPhrases(
        endonym=pack.endonym,
        yes=pack.yes[0],
        no=pack.no[0],
        pick=pack.choice_patterns[0],
        buy=pack.buy[0],
        cancel=pack.cancel[0],
        help=pack.help[0],
        staff=pack.staff[0],
    )
