"""Years, amounts, sizes and people in wishes, as they are said in several languages."""

from decimal import Decimal

import pytest

from agent.lexicon import Lexicon
from agent.spoken.price_limits import PriceLimit
from agent.spoken.years import YearSpan
from prompts.language_packs import load_language_packs

LEXICON = Lexicon(load_language_packs())


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ("films of the nineties with Tom Hanks", (1990, 1999)),
        ("películas de los noventa", (1990, 1999)),
        ("film anni '70", (1970, 1979)),
        ("les films des années quatre-vingt-dix", (1990, 1999)),
        ("Filme der 80er", (1980, 1989)),
        ("नब्बे के दशक की फ़िल्में", (1990, 1999)),
        ("九十年代的电影", (1990, 1999)),
        ("90年代の映画", (1990, 1999)),
        ("the film from 1994", (1994, 1994)),
        ("films before 1990", (1880, 1989)),
        ("films since 2010", (2010, 2099)),
        ("a coat for 1990 dollars", None),
        ("size 43", None),
    ],
)
def test_years(said: str, years: tuple[int, int] | None) -> None:
    assert LEXICON.years(said) == (YearSpan(*years) if years else None)


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("between 50 and 100 dollars", 50, 100),
        ("entre 50 y 100 dólares", 50, 100),
        ("50到100块之间", 50, 100),
        ("zwischen fünfzig und hundertzwanzig Euro", 50, 120),
    ],
)
def test_ranges(said: str, least: int, most: int) -> None:
    limit = LEXICON.price_limit(said)
    assert limit is not None
    assert (limit.kind, limit.least, limit.amount) == ("max", Decimal(least), Decimal(most))


def test_not_less_is_no_limit_upwards() -> None:
    assert LEXICON.price_limit("pas moins de 100 euros") == PriceLimit(kind="min", amount=Decimal(100), currency="EUR")


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("size forty two", "42"),
        ("zweiundvierzig bitte", "42"),
        ("quarante-deux", "42"),
        ("la noventa y cinco", "95"),
        ("uy no, mejor la 105", "105"),
        ("calzo un 42", "42"),
    ],
)
def test_sizes_that_the_product_has_need_no_other_sign(said: str, size: str) -> None:
    found = LEXICON.size(said, made=("42", "95", "105"))
    assert found is not None
    assert (found.value, found.cue) == (size, True)


@pytest.mark.parametrize(
    ("said", "recipient"),
    [
        ("sneakers for my son, size 36", "other"),
        ("un regalo para mi madre", "other"),
        ("给我儿子买双鞋", "other"),
        ("in my size please", "self"),
        ("black sneakers", None),
    ],
)
def test_whom_goods_are_for(said: str, recipient: str | None) -> None:
    assert LEXICON.recipient(said) == recipient


@pytest.mark.parametrize("said", ["show me more", "¿qué más tienes?", "noch andere", "还有别的吗", "他には"])
def test_more(said: str) -> None:
    assert LEXICON.is_more(said)
    assert not LEXICON.is_more("more expensive")


@pytest.mark.parametrize(
    ("said", "current", "wanted"),
    [
        ("Meine Freundin versteht leider kein Deutsch, können wir auf Englisch weitermachen?", "de", "en"),
        ("¿puedes hablarle en francés a mi suegra? es que no entiende ni papa de español", "es", "fr"),
        ("我朋友听不懂中文，你跟她说英语吧", "zh", "en"),
        ("I like Italian shoes", "en", None),
    ],
)
def test_a_language_for_somebody_else(said: str, current: str, wanted: str | None) -> None:
    assert LEXICON.language_wish(said, current) == wanted


@pytest.mark.parametrize(
    ("said", "gives_up"),
    [
        ("oh no, I have one just like it at home. forget it", True),
        ("oh no, not today", True),
        ("oh no, just one then", False),
        ("yes. no wait", False),
        ("hmm, let me think", False),
    ],
)
def test_giving_up_in_more_words(said: str, gives_up: bool) -> None:
    assert LEXICON.gives_up(said) is gives_up
