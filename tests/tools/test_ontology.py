"""What an ontology file may say, and where it says a mistake is."""

from pathlib import Path

import pytest
from graph_fixtures import ONTOLOGY, edit, write_store

from tools.errors import DataError, GraphError
from tools.ontology import ENTITY, Ontology, load_ontology, triples_ontology
from tools.owner_files import OwnerFilesError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_store(tmp_path / "store") / "ontology.yaml"


@pytest.fixture
def ontology(path: Path) -> Ontology:
    return load_ontology(path)


def problem(path: Path) -> DataError:
    """The first problem of a file that is not sound."""
    with pytest.raises(OwnerFilesError) as caught:
        load_ontology(path)
    return caught.value.problems[0]


def line_of(text: str) -> int:
    return ONTOLOGY[: ONTOLOGY.index(text)].count("\n") + 1


def test_reads_types_relations_and_slots(ontology: Ontology) -> None:
    assert ontology.type("Person").name == ("first", "last")
    assert ontology.type("Play").properties == {"year": "integer", "link": "text", "ticket": "decimal"}
    assert ontology.type("Costume").hidden
    assert not ontology.type("Hat").hidden
    assert ontology.relation("worn_by").to_type == "Person"
    assert ontology.slots["worn_by"].relations == ("worn_by",)


def test_survives_being_written_as_json(ontology: Ontology) -> None:
    assert Ontology.model_validate_json(ontology.model_dump_json(by_alias=True)) == ontology


def test_tells_relations_between_types_in_both_directions(ontology: Ontology) -> None:
    outward = [(item.relation, item.direction) for item in ontology.relations_between("Person", "Play")]
    assert outward == [("acted_in", "out"), ("directed", "out")]
    assert [item.direction for item in ontology.relations_between("Play", "Person")] == ["in", "in"]
    assert ontology.relations_between("Hat", "Play") == ()


def test_a_relation_of_a_type_to_itself_goes_both_ways() -> None:
    ontology = triples_ontology(["knows"])
    assert [item.direction for item in ontology.relations_between(ENTITY, ENTITY)] == ["out", "in"]


def test_finds_words_for_types_and_relations(ontology: Ontology) -> None:
    found = ontology.type_words("WHO played in the play? ¿Qué obra? 这部戏剧")
    assert [(match.key, match.surface) for match in found] == [
        ("Person", "WHO"),
        ("Play", "play"),
        ("Play", "obra"),
        ("Play", "戏剧"),
    ]
    assert ontology.type_words("playful displays") == []
    assert ontology.relations_said("plays she acted in") == ("acted_in",)


def test_unknown_names_are_refused_with_what_was_perhaps_meant(ontology: Ontology) -> None:
    with pytest.raises(GraphError, match="no type 'Plya'; did you mean 'Play'"):
        ontology.type("Plya")
    with pytest.raises(GraphError, match="no relation 'acted_inn'; did you mean 'acted_in'"):
        ontology.relation("acted_inn")


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("from: Person, to: Play, file: plays.csv, from_column: cast", "from: Persn, to: Play, file: plays.csv,"
         " from_column: cast", "acted_in: {", "did you mean 'Person'"),
        ("order_by: year", "order_by: yaer", "order_by: year", "did you mean 'year'"),
        ("link: text", "link: date", "link: text", "link"),
        ("link: text", "aliases: text", "link: text", "reserved"),
        ("link: text", "'a`b': text", "link: text", "pattern"),
        ("  Hat:", "  'H`at':", "  Hat:", "pattern"),
        ("  shows: {", "  hat: {", "  shows: {", "already taken"),
        ("file: ../hats.csv", "file: ../../hats.csv", "file: ../hats.csv", "pattern"),
        ("file: ../hats.csv", "file: /etc/hats.csv", "file: ../hats.csv", "pattern"),
        ("hidden: true", "secret: true", "hidden: true", "unknown key"),
        ("relations: [worn_by]", "relations: [worn]", "relations: [worn_by]", "unknown relation"),
        ("relations: [worn_by]", "relations: [shows]", "relations: [worn_by]", "does not touch"),
        ("type: Person", "type: Parson", "type: Person", "did you mean 'Person'"),
        ("zh: [戏剧]", "Mandarin: [戏剧]", "zh: [戏剧]", "pattern"),
        ("  Act:", "  Play:", "  Act:", "twice"),
        ("key: hat_id", "", "key: hat_id", "missing"),
    ],
)  # fmt: skip
def test_says_in_which_line_a_mistake_is(path: Path, old: str, new: str, place: str, says: str) -> None:
    edit(path, old, new)
    found = problem(path)
    assert says in found.problem
    assert found.file == "ontology.yaml"
    assert abs(found.line - line_of(place)) <= (3 if says == "missing" else 0), str(found)


def test_a_file_that_is_not_there_or_not_yaml(path: Path) -> None:
    path.write_text("types: [", encoding="utf-8")
    assert "not YAML" in problem(path).problem
    path.unlink()
    assert "missing" in problem(path).problem
