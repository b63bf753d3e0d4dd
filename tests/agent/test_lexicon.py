"""What utterances say for sure: above all that only a plain yes is a yes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lexicon import Lexicon
from agent.spoken.price_limits import PriceLimit
from agent.spoken.text import fold
from prompts.language_packs import load_language_packs

PACKS = load_language_packs()
LEXICON = Lexicon(PACKS)
WAKE = ["OK Walmrt"]
YESES = [(code, phrase) for code, pack in PACKS.items() for phrase in (*pack.yes, *pack.agree)]
NOES = [(code, phrase) for code, pack in PACKS.items() for phrase in pack.no]
UNSPACED = ("zh", "ja")


def is_spaced(code: str) -> bool:
    return code not in UNSPACED


# --- consent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "phrase"), YESES)
def test_every_yes_of_every_language_is_a_yes(code: str, phrase: str) -> None:
    assert LEXICON.consent(phrase) == "yes"
    assert LEXICON.consent(f"  {phrase.upper()}! ") == "yes"


@pytest.mark.parametrize(("code", "phrase"), NOES)
def test_every_no_of_every_language_is_a_no(code: str, phrase: str) -> None:
    assert LEXICON.consent(phrase) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "yes please", "Yes, yes.", "OK, go ahead", "yeah sure", "uh, yes", "well ok then", "yes thanks",
        "Yes, I'll take it.", "sí, por favor", "si claro", "vale, gracias sí", "oui, s’il vous plaît",
        "d’accord, allez-y", "ja, bitte", "ja danke", "sì grazie", "va bene, confermo", "sim, pode confirmar",
        "हाँ जी", "हां, ठीक है", "जी हाँ कृपया", "haan ji", "好的，谢谢", "好的，可以", "没问题", "那好",
        "はい、お願いします", "ええ", "ではお願いします", "ＯＫ", "ＹＥＳ",
    ],
)  # fmt: skip
def test_a_plain_yes(text: str) -> None:
    assert LEXICON.consent(text) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "yes?", "yes but in black", "yes if it is cheaper", "I guess yes", "ok cancel", "yes no", "ok thanks",
        "yes...", "yes…", "yes in size 43", "yes two", "yes, the second one", "maybe", "please", "thanks", "", "?",
        "no yes", "yes/no", "is that ok", "yes 👎", "ok so what", "not sure", "you're not sure", "yes not", "sí?",
        "¿sí?", "sí pero en negro", "oui si", "oui mais", "ja aber", "ja oder", "bon", "sì ma", "sim se", "要是",
        "可是", "好吗", "是吗？", "是不是", "好不好", "对不起", "要不", "うーん", "いいです", "はいか", "大丈夫です",
        "そうですね", "はい？", "हाँ लेकिन", "हाँ या ना", "क्या हाँ", "yes oui but", "ok 2", "x", "yes to what",
        "yeah right no", "sure about that", "of course i do not", "sí, si...", "claro que", "es correcto eso",
        "fine print", "good question", "right shoe",
    ],
)  # fmt: skip
def test_anything_more_than_a_yes_is_none(text: str) -> None:
    assert LEXICON.consent(text) != "yes"


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No, thanks!",
        "not yet",
        "no, cancel it",
        "uh uh",
        "nein danke",
        "いいえ、結構です",
        "不用了，谢谢",
        "नहीं जी",
    ],
)
def test_a_plain_no(text: str) -> None:
    assert LEXICON.consent(text) == "no"


WORD = st.text(st.characters(categories=("Ll", "Lu", "Lo", "Nd")), min_size=1, max_size=12)


@given(st.sampled_from(YESES), WORD, st.booleans())
def test_any_unknown_word_beside_a_yes_makes_it_none(yes: tuple[str, str], word: str, before: bool) -> None:
    text = f"{word} {yes[1]}" if before else f"{yes[1]} {word}"
    if LEXICON.consent(text) == "yes":
        pack = PACKS[yes[0]]
        allowed = (*pack.yes, *pack.agree, *pack.fillers, *pack.hesitations, *pack.thanks, *pack.buy)
        others = {fold(phrase).text for phrase in allowed}
        assert fold(word).text.strip() in others | {""} or fold(text).text.strip() in others


@given(st.sampled_from(YESES), st.sampled_from(NOES), st.sampled_from([" ", ", ", ""]), st.booleans())
def test_a_no_beside_a_yes_is_never_a_yes(yes: tuple[str, str], no: tuple[str, str], between: str, first: bool) -> None:
    joined = yes[1] + between + no[1] if first else no[1] + between + yes[1]
    if between or not is_spaced(yes[0]) or not is_spaced(no[0]):
        assert LEXICON.consent(joined) != "yes" or fold(joined).text in {fold(phrase).text for _, phrase in YESES}


@given(st.sampled_from(YESES), st.sampled_from(["?", "？", "...", "…", "/", "%"]))
def test_a_doubtful_mark_is_never_a_yes(yes: tuple[str, str], mark: str) -> None:
    assert LEXICON.consent(yes[1] + mark) is None


@given(st.text(max_size=120))
def test_nothing_made_up_is_a_yes(text: str) -> None:
    if LEXICON.consent(text) == "yes":
        words = " ".join(
            fold(phrase).text for pack in PACKS.values() for phrase in (*pack.yes, *pack.agree, *pack.thanks)
        )
        assert all(word in words for word in fold(text).text.strip(" .,!").split()[:1])


# --- whole utterances ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "role"),
    [
        ("is_cancel", "cancel"),
        ("is_goodbye", "goodbye"),
        ("is_thanks", "thanks"),
        ("is_buy", "buy"),
        ("is_help", "help"),
        ("is_staff", "staff"),
    ],
)
def test_every_phrase_of_a_pack_is_recognised(method: str, role: str) -> None:
    for pack in PACKS.values():
        for phrase in getattr(pack, role):
            assert getattr(LEXICON, method)(phrase), (pack.code, phrase)
            assert not getattr(LEXICON, method)(f"{phrase} zyxw"), (pack.code, phrase)


def test_phrases_with_company() -> None:
    assert LEXICON.is_goodbye("no thanks, bye")
    assert LEXICON.is_thanks("OK, thank you very much")
    assert LEXICON.is_buy("Yes, I'll take it please!")
    assert LEXICON.is_buy("I'll take the second one")
    assert LEXICON.is_help("Can you help me, please?")
    assert not LEXICON.is_buy("I want to buy black shoes")
    assert not LEXICON.is_help("can you help me find shoes")
    assert not LEXICON.is_thanks("thanks but no")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the second one", 2), ("number 2", 2), ("the last", -1), ("the latest one please", -1), ("option three", 3),
        ("la segunda", 2), ("el último", -1), ("le deuxième", 2), ("numéro 3", 3), ("die zweite bitte", 2),
        ("Nummer zwei", 2), ("il secondo", 2), ("a terceira", 3), ("दूसरा वाला", 2), ("第二个", 2), ("我要第二双", 2),
        ("二番目の", 2), ("2つ目をください", 2), ("the 3rd", 3), ("1er", 1), ("1ª", 1), ("第３个", 3),
        ("I'll take the first one", 1),
    ],
)  # fmt: skip
def test_a_choice_among_what_is_shown(text: str, place: int) -> None:
    assert LEXICON.choice(text) == place


@pytest.mark.parametrize(
    "text", ["the first movie", "one second", "first of all", "the first or the second", "2", "43", "un segundo"]
)
def test_what_is_no_choice(text: str) -> None:
    assert LEXICON.choice(text) is None


def test_a_bare_number_is_a_choice_only_where_it_may_be() -> None:
    assert LEXICON.choice("2", bare=True) == 2
    assert LEXICON.choice("43", bare=True) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en français, s'il vous plaît", "fr"), ("can we speak German?", "de"), ("¿Podemos hablar en español?", "es"),
        ("auf Deutsch bitte", "de"), ("日本語でお願いします", "ja"), ("用中文", "zh"), ("हिंदी में बात करें", "hi"),
        ("parla italiano?", "it"), ("em português por favor", "pt"), ("请说英语", "en"), ("in Spanish", "es"),
        ("English please", "en"),
    ],
)  # fmt: skip
def test_a_request_for_a_language(text: str, code: str) -> None:
    assert LEXICON.language_request(text) == code


@pytest.mark.parametrize("text", ["do you have the film in French?", "not in German", "Spanish boots", "please", ""])
def test_a_language_that_is_only_mentioned(text: str) -> None:
    assert LEXICON.language_request(text) is None


# --- parts of utterances ---------------------------------------------------------------------------------------


def test_ordinals_and_where_they_stand() -> None:
    text = "shoes from the 1st scene of the LATEST film, the tenth"
    assert [(one.value, text[one.start : one.end]) for one in LEXICON.ordinals(text)] == [
        (1, "1st"),
        (-1, "LATEST"),
        (10, "tenth"),
    ]
    assert [one.value for one in LEXICON.ordinals("第十二部电影")] == [12]
    assert [one.value for one in LEXICON.ordinals("पहली फ़िल्म का २रा सीन")] == [1, 2]
    assert LEXICON.ordinals("just a second") == []


@pytest.mark.parametrize(
    ("text", "value", "cue"),
    [
        ("size 43", "43", True), ("do you have it in 43?", "43", True), ("talla 40", "40", True), ("43", "43", False),
        ("XL", "XL", False), ("a medium", "M", False), ("in medium?", "M", True), ("EU 42", "42", True),
        ("43.5", "43.5", False), ("43,5 bitte", "43.5", False), ("43½", "43.5", False), ("size M please", "M", True),
        ("L", "L", False), ("43码", "43", True), ("四十三码", "43", True), ("४३ नंबर के जूते", "43", True),
        ("साइज 43", "43", True), ("27cm", "27", True), ("３８サイズ", "38", True), ("サイズは42です", "42", True),
        ("Größe 41", "41", True), ("taille 38", "38", True), ("taglia M", "M", True), ("3xl", "XXXL", False),
        ("tamanho 39 por favor", "39", True), ("size nine", "9", True),
    ],
)  # fmt: skip
def test_sizes(text: str, value: str, cue: bool) -> None:
    match = LEXICON.size(text)
    assert match is not None
    assert (match.value, match.cue) == (value, cue)


@pytest.mark.parametrize(
    "text",
    ["I'm here", "in 2010", "2 pairs", "$40", "40 dollars", "5 stars", "the 1st", "let's go", "d'accord", "under 50"],
)
def test_what_is_no_size(text: str) -> None:
    assert LEXICON.size(text) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("two pairs", 2), ("make it two", 2), ("x2", 2), ("2x", 2), ("I'll take two", 2), ("dos pares", 2),
        ("deux paires", 2), ("zwei Paar", 2), ("due paia", 2), ("dois pares", 2), ("दो जोड़ी", 2), ("两双", 2),
        ("2足ください", 2), ("二つください", 2), ("a pair of shoes", None), ("un par de zapatos", None),
        ("一双鞋", None), ("第二个", None), ("size 43", None), ("43", None),
    ],
)  # fmt: skip
def test_quantities(text: str, count: int | None) -> None:
    assert LEXICON.quantity(text) == count


@pytest.mark.parametrize(
    ("text", "kind", "amount", "currency"),
    [
        ("shoes under 100 dollars", "max", "100", "USD"), ("menos de 100", "max", "100", ""),
        ("bis 100 Euro", "max", "100", "EUR"), ("100元以下", "max", "100", "CNY"),
        ("100ドル以下の靴", "max", "100", "USD"), ("$100 or less", "max", "100", "USD"),
        ("under $1,000.50", "max", "1000.50", "USD"), ("unter 1.000 €", "max", "1000", "EUR"),
        ("सौ डॉलर से कम", "max", "100", "USD"), ("moins de 99,99 €", "max", "99.99", "EUR"),
        ("不超过一百元", "max", "100", "CNY"), ("at least 50 bucks", "min", "50", "USD"),
        ("più di 80 euro", "min", "80", "EUR"), ("até 200 reais", "max", "200", "BRL"),
        ("under a hundred dollars", "max", "100", "USD"),
    ],
)  # fmt: skip
def test_price_limits(text: str, kind: str, amount: str, currency: str) -> None:
    assert LEXICON.price_limit(text) == PriceLimit(kind=kind, amount=Decimal(amount), currency=currency)


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [
        ("I won't pay more than 80 for leather boots", "max", 80),
        ("mehr als 80 Euro will ich nicht ausgeben", "max", 80),
        ("che non costi più di 80 euro", "max", 80),
        ("80 डॉलर से ज़्यादा खर्च नहीं करना", "max", 80),
        ("80块以上不要", "max", 80),
        ("80ドル以上は出したくない", "max", 80),
        ("do you have nothing over 80?", "min", 80),
        ("über 80 und nicht aus Leder", "min", 80),
        ("80ドル以上で革じゃないもの", "min", 80),
        ("boots over 100, not brown", "min", 100),
    ],
)
def test_more_that_is_refused_is_the_most(text: str, kind: str, amount: int) -> None:
    limit = LEXICON.price_limit(text)
    assert limit is not None
    assert (limit.kind, limit.amount) == (kind, Decimal(amount))


def test_what_a_refused_price_is_for_is_wanted() -> None:
    text = "I won't pay more than 80 for leather boots"
    assert not any(start <= text.index("leather") < end for start, end in LEXICON.negated_spans(text))


@pytest.mark.parametrize("text", ["yes, sim, fechou", "Sorry. Ja, gern", "désolé, oui", "すみません、はい"])
def test_a_yes_may_follow_an_apology_and_mix_languages(text: str) -> None:
    assert LEXICON.consent(text) == "yes"


@pytest.mark.parametrize("text", ["uh uh, ja", "yes, não", "sorry", "ja, aber in schwarz", "yes, sim, if it is black"])
def test_no_other_clause_may_stand_beside_a_yes(text: str) -> None:
    assert LEXICON.consent(text) != "yes"


def test_words_that_only_look_like_goods_are_told() -> None:
    text = "peraí, bota o marrom"
    assert [text[start:end] for start, end in LEXICON.not_goods_spans(text)] == ["bota o"]


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [("and the shoes?", True), ("aur joote?", True), ("sandals", False), ("and " + "x" * 40, False)],
)
def test_questions_that_go_on(text: str, goes_on: bool) -> None:
    assert LEXICON.goes_on(text) is goes_on


def test_what_is_pointed_at() -> None:
    text = "and the shirt in that film?"
    assert LEXICON.is_pointed_at(text, text.index("film"))
    assert not LEXICON.is_pointed_at(text, text.index("shirt"))


@pytest.mark.parametrize(
    "text", ["more than 2", "up to size 45", "cheaper than that", "100 dollars", "less than 5 stars", "under"]
)
def test_what_is_no_price_limit(text: str) -> None:
    assert LEXICON.price_limit(text) is None


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("five stars", 5), ("5 stars", 5), ("cinco estrellas", 5), ("4/5", 4), ("3 out of 5", 3), ("5", 5),
        ("I'd give it a 4", 4), ("星五つ", 5), ("五星", 5), ("पाँच स्टार", 5), ("vier Sterne", 4), ("10", None),
        ("5 shoes", None), ("it was great", None), ("5?", None),
    ],
)  # fmt: skip
def test_ratings(text: str, mark: int | None) -> None:
    assert LEXICON.rating(text) == mark


def test_comparatives_and_tone() -> None:
    for text in (
        "something cheaper",
        "less expensive",
        "too expensive",
        "más barato",
        "zu teuer",
        "便宜点",
        "और सस्ता",
        "もっと安いの",
    ):
        assert LEXICON.comparative(text) == "cheaper", text
    for text in ("more expensive", "più caro", "更贵的"):
        assert LEXICON.comparative(text) == "dearer", text
    assert LEXICON.comparative("cheaper than 100 dollars") is None
    assert LEXICON.tone("it was great, very quick") == "praise"
    assert LEXICON.tone("too slow and confusing") == "complaint"
    assert LEXICON.tone("not good") == "complaint"
    assert LEXICON.tone("great but slow") is None


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("not leather", "leather"), ("shoes without heels, in black", "heels"), ("sin cuero", "cuero"),
        ("ohne Leder", "Leder"), ("pas de cuir", "cuir"), ("non di pelle", "pelle"), ("sem couro", "couro"),
        ("चमड़े के बिना जूते", "चमड़े"), ("काला नहीं", "काला"), ("革じゃない靴", "革"), ("黒以外", "黒"),
        ("不要黑色的", "黑色的"), ("黑色的不要", "黑色的"), ("not black but brown", "black"),
        ("do you have it without laces?", "laces"), ("no leather and in black", "leather"),
        ("don't you have it in black?", ""), ("要不要黑色的", ""), ("haben Sie keine schwarzen?", ""),
        ("no, black", ""), ("why not black", ""),
    ],
)  # fmt: skip
def test_what_is_not_wanted(text: str, negated: str) -> None:
    assert " ".join(text[start:end] for start, end in LEXICON.negated_spans(text)).strip() == negated


def test_pointing_at_what_the_talk_is_about() -> None:
    assert LEXICON.mentions_it("how much is it?")
    assert LEXICON.mentions_it("¿lo tienen en negro?", "es")
    assert LEXICON.mentions_it("它多少钱")
    assert not LEXICON.mentions_it("black leather shoes")
    assert not LEXICON.mentions_it("es ist kalt", "en")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("OK Walmrt, show me shoes", "show me shoes"), ("okay wal mart show me", "show me"), ("ok walmert. Hi", "Hi"),
        ("OK WALMART", ""), ("OK, wall art please", "OK, wall art please"), ("ok", "ok"),
        ("I said OK Walmrt", "I said OK Walmrt"), ("", ""),
    ],
)  # fmt: skip
def test_wake_phrases(text: str, rest: str) -> None:
    assert LEXICON.strip_wake_phrase(text, WAKE) == rest
    assert LEXICON.strip_wake_phrase(text, []) == text


READERS = (
    "consent", "is_cancel", "is_goodbye", "is_thanks", "is_buy", "is_help", "is_staff", "choice", "ordinals", "size",
    "quantity", "price_limit", "rating", "language_request", "comparative", "negated_spans", "mentions_it", "tone",
)  # fmt: skip
PIECES = st.sampled_from(
    [
        "size",
        "43",
        "第",
        "二",
        "no",
        "not",
        "がい",
        "½",
        "१",
        "x2",
        "$",
        "1.000,5",
        "under",
        "é",
        "e\u0301",
        "ﾞ",
        "🙂",
        "\u200d",
        "?",
        "nahi",
    ]
)


@given(
    st.one_of(
        st.text(max_size=200), st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES, max_size=40).map("".join)
    )
)
def test_anything_can_be_read_and_places_lie_in_the_text(text: str) -> None:
    for name in READERS:
        getattr(LEXICON, name)(text)
    for start, end in LEXICON.negated_spans(text):
        assert 0 <= start < end <= len(text)
    for one in LEXICON.ordinals(text):
        assert 0 <= one.start < one.end <= len(text)
    if size := LEXICON.size(text):
        assert 0 <= size.start < size.end <= len(text)


@pytest.mark.parametrize("text", ["size 43 " * 400, "一二三四五" * 150, "no not sin " * 100, "x" * 5000, "( " * 3000])
def test_long_input_is_read_in_bounded_time(text: str) -> None:
    for name in READERS:
        getattr(LEXICON, name)(text)
