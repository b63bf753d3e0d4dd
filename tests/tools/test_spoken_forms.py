"""Numbers, prices, sizes and abbreviations as they are said; no word is lost, nothing raises."""

import re
from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from prompts.language_packs import load_language_packs
from tools.speaking.spoken_forms import spoken_form, spoken_forms

LANGUAGES = sorted(load_language_packs())
IN_WORDS = [language for language in LANGUAGES if (forms := spoken_forms(language)) and forms.numbers]
AMOUNTS = st.decimals(0, 10**9, places=2)


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("en", "$59.90", "fifty-nine dollars ninety"),
        ("en", "It costs $1,020.05.", "It costs one thousand and twenty dollars and five cents."),
        ("en", "-$3.00, €0.01", "minus three dollars, one cent"),
        ("en", "EU 42½, UK 8, size 8.5", "E U forty-two and a half, U K eight, size eight point five"),
        ("en", "S/M/L/XL, S, M, and XXL", "small, medium, large, extra large, small, medium, and double extra large"),
        ("en", "500 ml, 1 kg, 20 × 30 cm", "five hundred millilitres, one kilo, twenty by thirty centimetres"),
        ("en", "approx. 5 pcs. (No. 7)", "approximately five pieces (number seven)"),
        ("en", "slot A05, P001-BROWN-36", "slot A zero five, P zero zero one BROWN three six"),
        ("en", "the 1st scene, Nov 3, 2026", "the first scene, November third, twenty twenty-six"),
        ("en", "at 17:05, at 9:00", "at seventeen oh five, at nine o'clock"),
        ("en", "12 CHF, article 12VNN", "twelve Swiss francs, article one two V N N"),
        ("en", "number 969885 (gold −10%)", "number nine six nine eight eight five (gold minus ten percent)"),
        ("en", "2 × Mombasa by Samuel L. Jackson & M", "two Mombasa by Samuel L. Jackson and M"),
        ("en", "see https://clips.example/a/1?b", "see clips dot example"),
        ("es", "21,50 €, 1 libro, n.º 4", "veintiún euros con cincuenta, uno libro, número cuatro"),
        ("es", "1,00 US$ del 1 nov 2026", "un dólar del primero de noviembre de dos mil veintiséis"),
        ("fr", "1\u202f234,50 € à 9:30", "mille deux cent trente-quatre euros cinquante à neuf heures trente"),
        ("de", "Nr. 5, ca. 3 St., z. B. 1.234,56 €", "Nummer fünf, circa drei Stück, zum Beispiel "
         "eintausendzweihundertvierunddreißig Euro sechsundfünfzig"),
        ("de", "am 3. November um 17:00, 42½", "am dritten November um siebzehn Uhr, zweiundvierzigeinhalb"),
        ("it", "59,90 €, 10 %", "cinquantanove euro e novanta, dieci per cento"),
        ("pt", "R$ 1,00 ou US$ 59,90", "um real ou cinquenta e nove dólares e noventa"),
        ("hi", "₹12,34,567.50, 10%", "1234567 रुपये 50 पैसे, 10 प्रतिशत"),
        ("zh", "US$59.90，10%，2026年", "五十九美元九十美分，百分之十，二 零 二 六年"),
        ("ja", "￥1,500の26.5cm", "センゴヒャクエンのニジュウロク テン ゴセンチ"),
    ],
)  # fmt: skip
def test_what_is_written_is_said_as_a_person_would(language: str, written: str, said: str) -> None:
    assert spoken_form(written, language) == said


def test_every_language_is_known() -> None:
    assert all(spoken_forms(language) for language in LANGUAGES)
    assert spoken_form("5 €", "xx") == "5 €"


@pytest.mark.parametrize("language", LANGUAGES)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.from_regex(r"[-−]?[$€₹]?\d{1,20}([.,/:×½%–-]\d{1,4}){0,4}\s?(%|½|kg|ml|EUR|US\$|º|st)?", fullmatch=True),
            st.from_regex(r"[A-Z0-9/½.-]{1,9}", fullmatch=True),
            st.sampled_from(["https://", "XL", "2026-13-45", "31.02.2026", "99:99", "①", "Ⅷ", "२०", "\0", "\ud800"]),
        ),
        max_size=6,
    )
)
def test_nothing_raises_and_no_digit_is_left(language: str, pieces: list[str]) -> None:
    said = spoken_form(" ".join(pieces), language)
    if language in IN_WORDS:
        assert not re.search(r"\d", said)


@pytest.mark.parametrize("language", LANGUAGES)
@given(
    st.lists(
        st.from_regex(r"[b-fh-ln-z][a-z]{3,8}|größe|élève|नमस्ते|商品|サイズ|\d{1,6}|\d+ %|\$\d+\.\d\d", fullmatch=True)
    )
)
def test_no_word_is_lost(language: str, words: list[str]) -> None:
    said = spoken_form(" ".join(words), language)
    place = 0
    for word in words:
        if not any(letter.isdigit() for letter in word):
            place = said.index(word, place) + len(word)


@pytest.mark.parametrize("language", IN_WORDS)
@given(AMOUNTS, st.sampled_from(["USD", "EUR", "JPY", "KWD", "CHF"]))
def test_money_as_the_kiosk_writes_it_is_read_as_money(language: str, amount: Decimal, currency: str) -> None:
    said = spoken_form(format_currency(amount, currency, locale=language), language)
    assert not re.search(r"[\d$€¥]|[A-Z]{3}", said)


@pytest.mark.parametrize("language", IN_WORDS)
@given(st.decimals(-(10**6), 10**6, places=1), st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_numbers_as_the_kiosk_writes_them_are_read(language: str, number: Decimal, day: date) -> None:
    forms = spoken_forms(language)
    assert forms
    plain, percent = format_decimal(number, locale=language), format_percent(number, locale=language)
    for written in (plain, percent, format_date(day, locale=language)):
        assert not re.search(r"[\d%/−-]\d|\d|%", spoken_form(written, language))
    if number < 0:
        assert spoken_form(plain, language).startswith(forms.minus)
