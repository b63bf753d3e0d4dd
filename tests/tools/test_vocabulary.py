"""Which of a shop's terms are found in a sentence, and where."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.owner_files import OwnerFilesError
from tools.vocabulary import Vocabulary, VocabularyFile, load_vocabulary

VOCABULARY = load_vocabulary(Path(__file__).parent / "small_store" / "vocabulary.yaml")


@pytest.fixture
def vocabulary() -> Vocabulary:
    return VOCABULARY


GROUPS = {"footwear": None, "shoes": "footwear", "boots": "shoes"}


def keys(sentence: str, language: str | None = None) -> list[str]:
    return [match.key for match in VOCABULARY.find(sentence, language)]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("a foldable lamp, something summery", ["folding", "summer"]),
        ("sandalias de verano", ["summer"]),
        ("ein klappbares Messer", ["folding"]),
        ("折りたたみのナイフ", ["folding"]),
        ("black boots", []),
        ("summary", []),  # no slips: a feature's word is easily another word
    ],
)
def test_features_are_found_apart(sentence: str, found: list[str]) -> None:
    assert [match.key for match in VOCABULARY.find_features(sentence)] == found
    assert not set(found) & set(keys(sentence))


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("I want black leather boots", ["black", "leather", "boots"]),
        ("BLACK BOOTS!", ["black", "boots"]),
        ("Quiero unas botas negras... o una botas negra", ["boots", "boots", "black"]),
        ("una lampara verde", ["lamps", "green"]),
        ("Stiefel in grün, gruen oder grun", ["boots", "green", "green", "green"]),
        ("schwarze Ledersandalen", ["black", "leather", "sandals"]),
        ("eine Wollpullover", ["wool", "jumpers"]),
        ("eine Schreibtischlampe", ["lamps"]),
        ("Lederstiefelette", ["leather", "boots"]),
        ("uma lâmpada de lã", ["lamps", "wool"]),
        ("la lampara", ["lamps"]),
        ("Leder-Stiefel", ["leather", "boots"]),
        ("黒い革のブーツが欲しい", ["black", "leather", "boots"]),
        ("ｂｌａｃｋ boots", ["black", "boots"]),
        ("blackboots reboots", []),
        ("the boot-black", ["boots", "black"]),
    ],
)
def test_finds_terms_of_all_languages(sentence: str, found: list[str]) -> None:
    assert keys(sentence) == found


def test_says_where_the_words_stand(vocabulary: Vocabulary) -> None:
    sentence = "Weiß jemand, wo LEDERSTIEFEL oder ne\u0301gra sind?"
    for match in vocabulary.find(sentence):
        assert sentence[match.start : match.end] == match.surface
    assert [match.surface for match in vocabulary.find(sentence)] == ["LEDER", "STIEFEL", "ne\u0301gra"]


def test_the_longest_word_wins() -> None:
    [match] = VOCABULARY.find("something in sea green")
    assert (match.key, match.surface) == ("green", "sea green")


@pytest.mark.parametrize(
    ("sentence", "language", "found"),
    [
        ("black or green boots", None, ["black", "green", "boots"]),
        ("black or green boots", "en", ["black", "green", "boots"]),
        ("un pull or", "fr", ["jumpers", "gold"]),
        ("pull up a chair and sit down", "en", []),
        ("pull", "en", ["jumpers"]),  # so few words may be taken for the wrong language
        ("zapatos o sandalias", "en", ["sandals"]),
    ],
)
def test_short_words_of_another_language_are_false_friends(
    sentence: str, language: str | None, found: list[str]
) -> None:
    assert keys(sentence, language) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("balck", ["black"]),
        ("sandls", ["sandals"]),
        ("sandalz", ["sandals"]),
        ("leathr", ["leather"]),
        ("books", []),  # boots with another letter
        ("blank", []),
        ("lampshade", []),
        ("landals", []),
    ],
)
def test_one_slip_is_forgiven_where_it_leads_to_one_term(sentence: str, found: list[str]) -> None:
    assert keys(sentence) == found


def test_short_words_in_latin_letters_count_in_another_script() -> None:
    words = {"caps": {"words": {"en": ["cap"], "ja": ["帽子", "キャップ"]}}}
    vocabulary = Vocabulary(VocabularyFile.model_validate({"categories": words, "colours": {}, "materials": {}}))
    assert [match.key for match in vocabulary.find("capのM", "ja")] == ["caps"]


def test_a_small_thing_is_the_thing() -> None:
    words = {"slippers": {"words": {"pt": ["chinelo", "chinelos"], "it": ["ciabatta"]}}}
    vocabulary = Vocabulary(VocabularyFile.model_validate({"categories": words, "colours": {}, "materials": {}}))
    assert [match.key for match in vocabulary.find("um chinelinho de lã", "pt")] == ["slippers"]
    assert not vocabulary.find("um chinelinho de lã", "es")


def test_a_slip_is_told(vocabulary: Vocabulary) -> None:
    assert [match.is_slip for match in vocabulary.find("black sandls")] == [False, True]


def test_the_group_of_a_kind() -> None:
    words = {key: {"words": {"en": [key]}, "parent": parent} for key, parent in GROUPS.items()}
    vocabulary = Vocabulary(VocabularyFile.model_validate({"categories": words, "colours": {}, "materials": {}}))
    assert vocabulary.group_of("boots") == "shoes"
    assert vocabulary.group_of("shoes") == "shoes"  # footwear is all that they have in common with the rest
    assert vocabulary.group_of("unheard-of") == "unheard-of"


def test_groups_and_labels(vocabulary: Vocabulary) -> None:
    assert vocabulary.categories_under("footwear") == ("footwear", "sandals", "boots")
    assert vocabulary.categories_under("lamps") == ("lamps",)
    assert vocabulary.categories_under("none") == ()
    assert vocabulary.label("category", "boots", "de") == "Stiefel"
    assert vocabulary.label("colour", "black", "fr") == "black"
    assert vocabulary.label("colour", "unknown", "fr") == "unknown"


def test_a_broken_file_says_where(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.yaml"
    path.write_text("categories:\n  a:\n    parent: b\n    words: {en: [x]}\n  b:\n    parent: a\n    words: {}\n")
    with pytest.raises(OwnerFilesError) as caught:
        load_vocabulary(path)
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(3, "5"), (6, "5")]


@given(sentence=st.text(max_size=200), language=st.sampled_from([None, "de", "en", "ja"]))
def test_any_text_gives_matches_that_lie_in_it(sentence: str, language: str | None) -> None:
    last = 0
    for match in VOCABULARY.find(sentence, language):
        assert sentence[match.start : match.end] == match.surface
        assert last <= match.start or match.start == last - len(match.surface)
        last = match.end


def test_a_sentence_takes_under_a_millisecond(vocabulary: Vocabulary) -> None:
    sentence = "Ich suche schwarze Ledersandalen oder gruene Stiefel fuer den Urlaub am Meer"
    took_s: list[float] = []
    for _ in range(20):
        began = time.perf_counter()
        vocabulary.find(sentence)
        took_s.append(time.perf_counter() - began)
    assert min(took_s) < 0.001


def test_a_shop_without_features() -> None:
    bare = Vocabulary(VocabularyFile.model_validate({"categories": {"boots": {"words": {"en": ["boots"]}}}}))
    assert bare.find_features("folding boots") == []
