"""Names are found however people write them, and ordinary words are left alone."""

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.linking import CERTAIN, MAX_CANDIDATES, MAX_TEXT, Mention, NameEntry, NameLinker
from tools.name_index import fold, load_common_words, load_name_words, sound, tokenise

DEMO_GRAPH = Path(__file__).parents[2] / "tools" / "data" / "demo" / "graph"

PEOPLE: dict[str, tuple[str, ...]] = {
    "Leonardo DiCaprio": ("莱昂纳多·迪卡普里奥",),
    "Christopher Nolan": ("诺兰",),
    "Jonathan Nolan": (),
    "Quentin Tarantino": (),
    "Uma Thurman": (),
    "Tom Hanks": (),
    "Tom Cruise": (),
    "Keanu Reeves": (),
    "Robert Downey Jr.": (),
    "Helena Bonham Carter": (),
    "Penélope Cruz": (),
    "Ryan Gosling": (),
    "Al Pacino": (),
    "Robert De Niro": (),
    "Jack Black": (),
    "Scarlett Johansson": (),
    "Humphrey Bogart": (),
    "Natalie Portman": (),
    "Joaquin Phoenix": (),
    "Brad Pitt": (),
}
FILMS: dict[str, tuple[str, ...]] = {
    "Inception": ("盗梦空间", "インセプション", "Origen"),
    "The Godfather": ("El padrino",),
    "Pulp Fiction": (),
    "Kill Bill: Volume 1": (),
    "Her": (),
    "Heat": (),
    "Drive": (),
    "Big": (),
    "It": (),
    "300": (),
    "1917": (),
    "Titanic": ("泰坦尼克号",),
    "The Matrix": (),
    "Forrest Gump": (),
    "Fast & Furious": (),
    "Schindler's List": (),
    "Amélie": (),
    "Spider-Man": (),
    "Catch Me If You Can": (),
    "The Jacket": (),
    "Black Swan": (),
}


@pytest.fixture(scope="module")
def linker() -> NameLinker:
    people = [NameEntry(node_id=f"p:{name}", node_type="Person", name=name, aliases=a) for name, a in PEOPLE.items()]
    films = [NameEntry(node_id=f"f:{name}", node_type="Film", name=name, aliases=a) for name, a in FILMS.items()]
    return NameLinker(people + films)


_SMALL = NameLinker([NameEntry(node_id=name, node_type="Person", name=name) for name in PEOPLE])


def certain(linker: NameLinker, text: str) -> dict[str, list[str]]:
    """What a caller that wants no guesses sees: mention text to candidate names."""
    return {
        mention.text: [candidate.name for candidate in mention.candidates]
        for mention in linker.find(text)
        if mention.candidates[0].score >= CERTAIN
    }


CASES = [
    # exact
    ("exact", "I want the shoes which Leonardo DiCaprio wore in Inception", "Leonardo DiCaprio", "Leonardo DiCaprio"),
    ("exact", "I want the shoes which Leonardo DiCaprio wore in Inception", "Inception", "Inception"),
    ("exact", "the coat in Schindler's List", "Schindler's List", "Schindler's List"),
    ("exact", "the cap from catch me if you can", "catch me if you can", "Catch Me If You Can"),
    ("exact", "jacket from fast and furious", "fast and furious", "Fast & Furious"),
    ("exact", "las gafas de penelope cruz", "penelope cruz", "Penélope Cruz"),
    ("exact", "the dress in AMELIE please", "AMELIE", "Amélie"),
    ("exact", "the suit in the black swan scene", "black swan", "Black Swan"),
    # lower case and other spacing
    ("lower case", "shoes worn by leonardo dicaprio", "leonardo dicaprio", "Leonardo DiCaprio"),
    ("lower case", "shoes worn by leonardo di caprio", "leonardo di caprio", "Leonardo DiCaprio"),
    ("lower case", "what tom hanks wears in forrest gump", "tom hanks", "Tom Hanks"),
    ("lower case", "what tom hanks wears in forrest gump", "forrest gump", "Forrest Gump"),
    ("lower case", "the spiderman boots", "spiderman", "Spider-Man"),
    ("exact", "the Spider Man boots", "Spider Man", "Spider-Man"),
    ("lower case", "the black shoes that jack black wore", "jack black", "Jack Black"),
    # misspelt
    ("misspelt", "shoes of Leonardo the Caprio", "Leonardo the Caprio", "Leonardo DiCaprio"),
    ("misspelt", "the first film with Kristofer Nolan", "Kristofer Nolan", "Christopher Nolan"),
    ("misspelt", "the yellow suit of Uma Thurmann", "Uma Thurmann", "Uma Thurman"),
    ("misspelt", "that Tarrantino film", "Tarrantino", "Quentin Tarantino"),
    ("misspelt", "that tarrantino film", "tarrantino", "Quentin Tarantino"),
    ("misspelt", "the sunglasses of Keanu Reves", "Keanu Reves", "Keanu Reeves"),
    ("misspelt", "the coat from Inseption", "Inseption", "Inception"),
    ("misspelt", "the coat from the inceptoin film", "inceptoin", "Inception"),
    ("misspelt", "the tie in pulp fictoin", "pulp fictoin", "Pulp Fiction"),
    ("misspelt", "the tie in plup fiction", "plup fiction", "Pulp Fiction"),
    ("misspelt", "the dress of Scarlet Johanson", "Scarlet Johanson", "Scarlett Johansson"),
    ("misspelt", "the hat of humphry bogart", "humphry bogart", "Humphrey Bogart"),
    ("misspelt", "the suit of Joakin Phoenix", "Joakin Phoenix", "Joaquin Phoenix"),
    ("misspelt", "the shirt of Forest Gump", "Forest Gump", "Forrest Gump"),
    ("misspelt", "the coat of Natalie Portmann", "Natalie Portmann", "Natalie Portman"),
    ("misspelt", "the dress from Blcak Swan", "Blcak Swan", "Black Swan"),
    ("misspelt", "the shoes of Tom Henks", "Tom Henks", "Tom Hanks"),
    # partial
    ("partial", "the first film he did with Nolan", "Nolan", "Christopher Nolan"),
    ("partial", "the first film he did with Nolan", "Nolan", "Jonathan Nolan"),
    ("partial", "the shoes of Dicaprio", "Dicaprio", "Leonardo DiCaprio"),
    ("partial", "the shoes of dicaprio", "dicaprio", "Leonardo DiCaprio"),
    ("partial", "what did Uma wear", "Uma", "Uma Thurman"),
    ("partial", "what did gosling wear", "gosling", "Ryan Gosling"),
    ("partial", "what did Bonham Carter wear", "Bonham Carter", "Helena Bonham Carter"),
    ("partial", "the glasses of Downey", "Downey", "Robert Downey Jr."),
    ("partial", "the suit de niro wore", "de niro", "Robert De Niro"),
    ("partial", "what did Tom wear", "Tom", "Tom Hanks"),
    ("partial", "what did Tom wear", "Tom", "Tom Cruise"),
    ("partial", "the suit in Kill Bill", "Kill Bill", "Kill Bill: Volume 1"),
    # possessives and inflection
    ("inflected", "I want Hanks' shoes", "Hanks", "Tom Hanks"),
    ("inflected", "I want Nolan's coat", "Nolan", "Christopher Nolan"),
    ("inflected", "I want Nolan’s coat", "Nolan", "Christopher Nolan"),
    ("inflected", "Ich suche die Jacke aus Tarantinos Film", "Tarantinos", "Quentin Tarantino"),
    ("inflected", "la robe d'Uma Thurman", "Uma Thurman", "Uma Thurman"),
    # without the article
    ("no article", "the suit in Godfather", "Godfather", "The Godfather"),
    ("no article", "une veste comme dans Matrix", "Matrix", "The Matrix"),
    ("no article", "el sombrero de El padrino", "El padrino", "The Godfather"),
    ("no article", "el sombrero del padrino", "padrino", "The Godfather"),
    # other scripts
    ("script", "मुझे वो जूते चाहिए जो लियोनार्डो डिकैप्रियो ने पहने थे", "लियोनार्डो डिकैप्रियो", "Leonardo DiCaprio"),
    ("script", "क्रिस्टोफर नोलन की फिल्म का कोट", "क्रिस्टोफर नोलन", "Christopher Nolan"),
    ("script", "टॉम हैंक्स के जूते", "टॉम हैंक्स", "Tom Hanks"),
    ("script", "我想要莱昂纳多迪卡普里奥穿的鞋子", "莱昂纳多迪卡普里奥", "Leonardo DiCaprio"),
    ("script", "我想要诺兰电影里的鞋子", "诺兰", "Christopher Nolan"),
    ("script", "《盗梦空间》里的外套", "盗梦空间", "Inception"),
    ("script", "泰坦尼克号里的帽子", "泰坦尼克号", "Titanic"),
    ("script", "インセプションのコート", "インセプション", "Inception"),
    ("script", "レオナルド・ディカプリオが履いていた靴", "レオナルド・ディカプリオ", "Leonardo DiCaprio"),
    ("script", "トム・ハンクスが着ていたジャケット", "トム・ハンクス", "Tom Hanks"),
    ("script", "クエンティン・タランティーノの映画", "クエンティン・タランティーノ", "Quentin Tarantino"),
    ("script", "туфли как у Леонардо Ди Каприо", "Леонардо Ди Каприо", "Leonardo DiCaprio"),
    ("script", "حذاء ليوناردو دي كابريو", "ليوناردو دي كابريو", "Leonardo DiCaprio"),
    ("script", "레오나르도 디카프리오 신발", "레오나르도 디카프리오", "Leonardo DiCaprio"),
    # ordinary words as titles, with a sign that they are one
    ("title", "the boots from the movie Heat", "Heat", "Heat"),
    ("title", "the boots from the movie heat", "heat", "Heat"),
    ("title", "the suit from Drive", "Drive", "Drive"),
    ("title", 'what did she wear in "her"', "her", "Her"),
    ("title", "los zapatos de la película «Big»", "Big", "Big"),
    ("title", "the sandals in the film 300", "300", "300"),
    ("title", "the coat in the movie called It", "It", "It"),
]


@pytest.mark.parametrize(("kind", "text", "mention", "name"), CASES, ids=lambda value: str(value)[:40])
def test_a_name_is_found_however_it_is_written(
    linker: NameLinker, kind: str, text: str, mention: str, name: str
) -> None:
    assert name in certain(linker, text).get(mention, []), certain(linker, text)


ORDINARY = [
    "I am looking for her shoes",
    "a big jacket",
    "in this heat I need a hat",
    "I drive to the store, is it open?",
    "the first movie he did with her was long",
    "It was 300 dollars",
    "size 42 in black please",
    "do you have this jacket in a larger size",
    "something slower, I am hard of hearing",
    "Ich suche eine große schwarze Jacke",
    "Quiero unos zapatos negros de cuero",
    "Uma camisa preta, por favor",
    "je cherche une robe rouge pour un mariage",
    "मुझे काले चमड़े के जूते चाहिए",
    "我想要一双黑色的皮鞋",
    "黒いレザーのジャケットが欲しいです",
    "THAT IS A BIG HEAT",
    "",
    "👟👟 ???",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_are_not_taken_for_names(linker: NameLinker, text: str) -> None:
    assert certain(linker, text) == {}


def test_a_doubtful_title_is_still_offered_with_a_low_score(linker: NameLinker) -> None:
    (mention,) = linker.find("in this heat")
    assert mention.text == "heat"
    assert mention.candidates[0].name == "Heat"
    assert mention.candidates[0].score < CERTAIN


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("her", "Her"),
        ("it", "It"),
        ("1917", "1917"),
        ("the inception", "Inception"),
        ("Nolan's", "Christopher Nolan"),
        ("leanardo dicapro", "Leonardo DiCaprio"),
        ("cath me if you kan", "Catch Me If You Can"),
        ("Леонардо", "Leonardo DiCaprio"),
        ("the movie with Uma Thurman in it", "Uma Thurman"),
    ],
)
def test_a_string_known_to_be_a_name_is_linked(linker: NameLinker, name: str, expected: str) -> None:
    mention = linker.link(name)
    assert mention is not None
    assert mention.candidates[0].name == expected


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        ("the first movie he did with Nala", "Christopher Nolan"),
        ("what did kino reefs wear", "Keanu Reeves"),
        ("show me the shoes from Killbell", "Kill Bill: Volume 1"),
        ("Omatherman was there", "Uma Thurman"),
    ],
)
def test_names_that_were_misheard_are_among_those_that_sound_alike(linker: NameLinker, heard: str, name: str) -> None:
    assert name in linker.names_like(heard)


def test_a_misheard_name_may_be_any_that_sounds_so(linker: NameLinker) -> None:
    mention = linker.sounding_like("Nala", {"Person"})
    assert mention is not None
    assert "Christopher Nolan" in [candidate.name for candidate in mention.candidates]
    assert len({candidate.score for candidate in mention.candidates}) == 1
    assert linker.sounding_like("Xyzzyq", {"Person"}) is None
    assert linker.sounding_like("努尔", {"Person"}) is None


@pytest.mark.parametrize("text", ["", "I want the red one in my size, please", "我想买鞋", "?!"])
def test_common_words_sound_like_no_name(linker: NameLinker, text: str) -> None:
    assert linker.names_like(text) == []


@given(st.text(max_size=200), st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_names_that_sound_alike_are_few_and_each_is_told_once(text: str, limit: int) -> None:
    names = _SMALL.names_like(text, limit)
    assert len(names) == len(set(names)) <= limit


def test_link_keeps_to_the_types_asked_for(linker: NameLinker) -> None:
    mention = linker.link("nolan", types={"Person"})
    assert mention is not None
    assert {candidate.node_type for candidate in mention.candidates} == {"Person"}
    assert linker.link("nolan", types={"Film"}) is None
    assert linker.link("xyzzy qwrtp") is None
    assert linker.link("  ?! ") is None


def test_names_come_in_text_order_with_places_in_the_original_text(linker: NameLinker) -> None:
    text = "🎬 Straße: l’écharpe de PENÉLOPE CRUZ, puis Amélie et Tom Hanks."
    mentions = linker.find(text)
    assert [mention.candidates[0].name for mention in mentions] == ["Penélope Cruz", "Amélie", "Tom Hanks"]
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)


def test_a_decomposed_accent_is_the_same_letter(linker: NameLinker) -> None:
    assert "Amélie" in certain(linker, "the dress in Ame\u0301lie")["Ame\u0301lie"]


def test_the_longest_reading_wins() -> None:
    linker = NameLinker(
        [
            NameEntry(node_id="1", node_type="Film", name="Kings"),
            NameEntry(node_id="2", node_type="Film", name="Lost Kings of Avalonia"),
        ]
    )
    assert [mention.text for mention in linker.find("shoes from Lost Kings of Avalonia")] == ["Lost Kings of Avalonia"]


def test_only_types_that_are_shortened_are_known_by_a_part() -> None:
    entry = NameEntry(node_id="1", node_type="Band", name="Zorblax Quimby")
    assert NameLinker([entry]).find("the Quimby boots") == []
    assert len(NameLinker([entry], part_types={"Band"}).find("the Quimby boots")) == 1


def test_a_shared_last_name_gives_at_most_eight_candidates() -> None:
    linker = NameLinker(NameEntry(node_id=str(n), node_type="Person", name=f"A{n}x Quimby") for n in range(30))
    (mention,) = linker.find("the Quimby boots")
    assert len(mention.candidates) == MAX_CANDIDATES


def test_nothing_to_find_in_is_not_an_error() -> None:
    assert NameLinker([]).find("Leonardo DiCaprio") == []
    assert NameLinker([]).link("Leonardo DiCaprio") is None
    assert NameLinker([NameEntry(node_id="1", node_type="Film", name="!!!")]).find("what!!!") == []


@pytest.mark.parametrize(
    "unit", ["a ", "Tom ", "莱昂纳多", "ディカプ", "नोलन ", "\u202eنولان ", "👟", "\x00\x07", "Kristofer "]
)
def test_a_long_text_is_cut_and_read_in_good_time(linker: NameLinker, unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    began = time.perf_counter()
    mentions = linker.find(text)
    linker.link(text)
    assert time.perf_counter() - began < 2.0
    assert all(mention.end <= MAX_TEXT for mention in mentions)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_gives_ordered_mentions_inside_it(linker: NameLinker, text: str) -> None:
    mentions = linker.find(f"{text} Tom Hanks {text}")
    _check(mentions, f"{text} Tom Hanks {text}")
    linker.link(text)


def _check(mentions: list[Mention], text: str) -> None:
    place = 0
    for mention in mentions:
        assert place <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        scores = [candidate.score for candidate in mention.candidates]
        assert 0 < len(scores) <= MAX_CANDIDATES
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)
        place = mention.end


def test_words_are_folded_alike() -> None:
    assert fold("  L’Été—Straße & Çelik ") == "l ete strasse and celik"
    assert [token.text for token in tokenise("Don't, Nolan's 誰")] == ["dont", "nolan", "s", "誰"]
    assert sound("kristofer") == sound("christopher")


def test_the_shipped_words_are_read_as_words() -> None:
    words = load_name_words()
    assert "the" in words.articles
    assert "no" in words.function_words
    assert "on" in words.function_words
    assert {"shoes", "zapatos", "schuhe", "chaussures", "scarpe", "sapatos"} <= load_common_words()


def demo_entries() -> list[NameEntry]:
    entries: list[NameEntry] = []
    for file, kind, key, name in (
        ("people.csv", "Person", "person_id", "name"),
        ("films.csv", "Film", "film_id", "title"),
    ):
        path = DEMO_GRAPH / file
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as lines:
                entries += [
                    NameEntry(
                        node_id=row[key],
                        node_type=kind,
                        name=row[name],
                        aliases=tuple(alias for alias in (row.get("aliases") or "").split("|") if alias),
                    )
                    for row in csv.DictReader(lines)
                ]
    return entries


@pytest.fixture(scope="module")
def demo() -> NameLinker:
    return NameLinker(demo_entries())


@pytest.mark.skipif(not demo_entries(), reason="the demo store has no people or films")
class TestDemoStore:
    """Every name the demo store has is found, in the ways people write names, whatever the store holds by now."""

    def test_every_name_and_alias_is_linked(self, demo: NameLinker) -> None:
        for entry in demo_entries():
            for name in (entry.name, entry.name.lower(), entry.name.upper(), *entry.aliases):
                mention = demo.link(name, types={entry.node_type})
                assert mention is not None, name
                assert entry.node_id in {candidate.node_id for candidate in mention.candidates}, name

    def test_every_quoted_name_is_found_for_certain(self, demo: NameLinker) -> None:
        for entry in demo_entries():
            mentions = demo.find(f'the shoes from "{entry.name}" please')
            best = [c.node_id for m in mentions for c in m.candidates if c.score >= CERTAIN]
            assert entry.node_id in best, entry.name

    def test_a_swapped_pair_of_letters_is_forgiven(self, demo: NameLinker) -> None:
        for entry in demo_entries():
            name = entry.name
            if len(name) >= 8 and name[-4:].isalpha():
                mention = demo.link(name[:-3] + name[-2] + name[-3] + name[-1], types={entry.node_type})
                assert mention is not None, name
                assert mention.candidates[0].node_id == entry.node_id, name

    @pytest.mark.parametrize("text", ORDINARY)
    def test_ordinary_sentences_name_nothing(self, demo: NameLinker, text: str) -> None:
        assert certain(demo, text) == {}
