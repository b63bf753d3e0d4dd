"""Questions to paths: what is learned from a few examples, what names of paths mean, and what bad files are told."""

import asyncio
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from path_graph import cafes

from tools.errors import GraphError
from tools.graph_adjacency import GraphAdjacency
from tools.graph_paths import GraphStore
from tools.linking import NameLinker
from tools.ontology import Ontology, Traversal, triples_ontology
from tools.owner_files import OwnerFilesError, Problems
from tools.path_questions import examples as example_files
from tools.path_questions.answering import AnsweredQuestion, answer_question
from tools.path_questions.classifier import PathClassifier
from tools.path_questions.examples import AskedQuestion, PathExample, read_examples, read_questions
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.kinds import Kinds, kinds_reached
from tools.path_questions.learning import learn
from tools.path_questions.reader import QuestionReader
from tools.path_questions.relation_path import MAX_COMPOSED, RelationPath, composed_paths, parse_relation_path

Cafes = tuple[GraphStore, GraphAdjacency, NameLinker]

WRITTEN = """\
question\tpath
who runs [Blue Cup]\trun_by
who is the owner of [The Street]\trun_by
which places does [Mia Moor] run\t^run_by
what can I order at [Red Pot]\tserves
what is on the menu of [Blue Cup]\tserves
where can I get [mint tea]\t^serves
who sells [date cake]\t^serves/run_by
in which town is [Red Pot]\tstands_in/located_in
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cafes]:
    with cafes(tmp_path_factory.mktemp("cafes")) as opened:
        yield opened


def written(folder: Path, text: str = WRITTEN) -> list[PathExample]:
    file = folder / "examples.tsv"
    file.write_text(text, encoding="utf-8")
    problems = Problems()
    read = list(read_examples(file, problems))
    problems.raise_if_any()
    return read


def learned(town: Cafes, examples: Sequence[PathExample]) -> PathClassifier:
    store, graph, linker = town
    return learn(examples, graph, store.ontology, linker).classifier


@pytest.fixture(scope="module")
def reader(town: Cafes, tmp_path_factory: pytest.TempPathFactory) -> QuestionReader:
    return QuestionReader(town[1], town[2], learned(town, written(tmp_path_factory.mktemp("examples"))))


def ask(town: Cafes, reader: QuestionReader, question: str, limit: int = 10) -> AnsweredQuestion:
    return asyncio.run(answer_question(question, reader, town[1], limit))


# --- paths ------------------------------------------------------------------------------------------------------------


def path(*steps: str) -> RelationPath:
    return RelationPath(
        steps=tuple(
            Traversal(relation=one.removeprefix("^"), direction="in" if one.startswith("^") else "out") for one in steps
        )
    )


def kinds_of(*alike: str) -> Kinds:
    """Kinds by steps that lead to the same, those of a kind in one text."""
    return {step: kind for kind, steps in enumerate(alike) for one in steps.split() for step in path(one).steps}


@given(st.lists(st.sampled_from(["run_by", "^run_by", "serves", "^serves"]), min_size=1, max_size=4))
def test_path_reads_back_what_it_writes(town: Cafes, steps: list[str]) -> None:
    assert parse_relation_path(str(path(*steps)), town[0].ontology) == path(*steps)


@pytest.mark.parametrize(
    ("text", "says"),
    [("sings", "sings"), ("", "relation"), ("run_by//serves", "relation"), ("/".join(["run_by"] * 40), "more than")],
)
def test_refuses_what_is_no_path(town: Cafes, text: str, says: str) -> None:
    with pytest.raises(GraphError, match=says):
        parse_relation_path(text, town[0].ontology)


def test_refuses_a_path_that_does_not_go_on() -> None:
    ontology = Ontology.model_validate(
        {
            "types": {name: {"file": "a.csv", "key": "id", "name": "name"} for name in ("Shop", "Person", "Dish")},
            "relations": {
                "run_by": {"from": "Shop", "to": "Person", "file": "a.csv", "from_column": "id", "to_column": "p"},
                "serves": {"from": "Shop", "to": "Dish", "file": "a.csv", "from_column": "id", "to_column": "d"},
            },
        }
    )
    assert str(parse_relation_path("^run_by / serves", ontology)) == "^run_by/serves"
    with pytest.raises(GraphError, match="'serves' does not go on from Person"):
        parse_relation_path("run_by/serves", ontology)


def test_composes_paths_out_of_known_steps() -> None:
    known = {path("^run_by", "serves"), path("run_by", "^run_by", "stands_in"), path("run_by", "^run_by", "run_by")}
    composed = composed_paths(known, kinds_of("run_by", "^run_by", "serves", "stands_in"))
    assert path("run_by", "^run_by", "serves") in composed
    assert path("serves", "^run_by", "run_by") not in composed
    assert path("^run_by", "run_by", "^run_by") not in composed


def test_what_follows_a_step_follows_others_that_lead_to_the_same_kind_of_thing() -> None:
    known = {path("^run_by", "serves"), path("^owned_by", "stands_in"), path("^led_by", "run_by")}
    composed = composed_paths(known, kinds_of("^run_by ^owned_by", "^led_by", "serves", "stands_in", "run_by"))
    assert composed == known | {path("^run_by", "stands_in"), path("^owned_by", "serves")}


def test_where_one_path_goes_back_over_its_relation_others_may() -> None:
    known = {path("^run_by", "run_by"), path("^sold_by"), path("sold_by")}
    kinds = kinds_of("run_by", "^run_by", "sold_by", "^sold_by")
    assert composed_paths(known, kinds) == known | {path("^sold_by", "sold_by")}


def test_composes_no_more_paths_than_can_be_learned() -> None:
    names = [f"r{number}" for number in range(60)]
    known = {path(one, other) for one, other in zip(names, reversed(names), strict=True)}
    composed = composed_paths(known, kinds_of(" ".join(names)))
    assert known < composed
    assert len(composed) <= MAX_COMPOSED
    assert composed == composed_paths(known, kinds_of(" ".join(names)))


def test_tells_what_leads_to_the_same_kind_of_thing(town: Cafes) -> None:
    kinds = kinds_reached(town[1])
    cafe, dish, person = (
        kinds[step] for step in (*path("^run_by").steps, *path("serves").steps, *path("run_by").steps)
    )
    assert len({cafe, dish, person}) == 3
    assert {kinds[step] for step in (*path("^serves").steps, *path("^stands_in").steps)} == {cafe}


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [False, True])
def test_reads_tables_plain_and_zipped(tmp_path: Path, zipped: bool) -> None:
    content = b'path\tquestion\tanswers\r\na\tx "y" [Z]?\tP|Q\r\n\r\nb\tw\t\r\n'
    file = tmp_path / "examples"
    file.write_bytes(gzip.compress(content) if zipped else b"\xef\xbb\xbf" + content)
    first, second = read_examples(file, Problems())
    assert (first.text, first.path, first.answers, first.line) == ('x "y" [Z]?', "a", ("P", "Q"), 2)
    assert (second.answers, second.line) == ((), 4)
    assert [question.text for question in read_questions(file, Problems())] == ['x "y" [Z]?', "w"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "examples:1: the column 'question' is missing"),
        (b"question\nx\n", "examples:1: the column 'path' is missing"),
        (b"question\tpath\nx\n", "examples:2: has 1 cells where the header has 2"),
        (b"question\tpath\n\ta\n", "question"),
        (b"question\tpath\nx\t\n", "path"),
        (b"question\tpath\n" + b"x" * 1_001 + b"\ta\n", "longer than 1000 characters"),
        (b"question\tpath\n" + b"x" * 100_001 + b"\ta\n", "longer than 100000 characters"),
        (b"question\tpath\n\xff\xfe\ta\n", "not UTF-8"),
        (gzip.compress(b"question\tpath\nx\ta\n", mtime=0)[:-9], "cannot be read"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "examples"
    file.write_bytes(content)
    problems = Problems()
    list(read_examples(file, problems))
    with pytest.raises(OwnerFilesError) as caught:
        problems.raise_if_any()
    assert says in str(caught.value.problems[0])


def test_stops_at_too_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example_files, "MAX_QUESTIONS", 2)
    file = tmp_path / "questions"
    file.write_text("question\na\nb\n", encoding="utf-8")
    problems = Problems()
    assert [question.text for question in read_questions(file, problems)] == ["a"]
    assert len(problems) == 1


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    problems = Problems()
    assert list(read_questions(tmp_path / "none.tsv", problems)) == []
    assert len(problems) == 1


# --- what names of paths mean -----------------------------------------------------------------------------------------


def test_finds_out_what_a_name_means_from_answers(town: Cafes, tmp_path: Path) -> None:
    table = """\
question\tanswers\tpath
what can I get from [Mia Moor]\tlentil soup|mint tea\tkeeper_to_dish
what does [Noa Nile] sell\tdate cake\tkeeper_to_dish
"""
    reader = QuestionReader(town[1], town[2], learned(town, written(tmp_path, table)))
    answered = ask(town, reader, "what does Mia Moor sell")
    assert (answered.path, answered.answers) == ("^run_by/serves", ("lentil soup", "mint tea"))


@pytest.mark.parametrize(
    ("questions", "means"),
    [
        ("films by [Ann]\tmade_by_writer\tDawn\n", "^written_by"),
        ("films by [Ann]\tmade_by_director\tDawn\n", "^directed_by"),
        ("films by [Ann]\tx\tDawn\nfilms by [Bob]\tx\tDusk|Noon\n", "^written_by"),
    ],
)
def test_of_paths_with_the_same_answers_the_one_that_the_name_or_another_example_speaks_of_is_meant(
    tmp_path: Path, questions: str, means: str
) -> None:
    triples = "Dawn|written_by|Ann\nDawn|directed_by|Ann\nDusk|written_by|Bob\nNoon|written_by|Bob\n"
    with cafes(tmp_path, triples) as films:
        classifier = learned(films, written(tmp_path, f"question\tpath\tanswers\n{questions}"))
        assert classifier.wordings
        assert {str(path) for _, path in classifier.wordings} == {means}


def test_names_the_line_of_an_unknown_relation_and_of_a_name_that_nothing_explains(town: Cafes, tmp_path: Path) -> None:
    table = """\
question\tanswers\tpath
who runs [Red Pot]\tMia Moor\trun_by
who sang at [Red Pot]\t\tsung_by
who owns [Red Pot]\tlentil soup|Hillside|Noa Nile\tpot_to_owner
"""
    with pytest.raises(OwnerFilesError) as caught:
        learned(town, written(tmp_path, table))
    unknown, unexplained = (str(problem) for problem in caught.value.problems)
    assert unknown.startswith("examples.tsv:3")
    assert "sung_by" in unknown
    assert unexplained.startswith("examples.tsv:4")
    assert "'pot_to_owner'" in unexplained


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "walked", "answers"),
    [
        ("who runs [Red Pot]", "run_by", ("Mia Moor",)),
        ("who runs red pot", "run_by", ("Mia Moor",)),
        ("who is the owner of Red Pto?", "run_by", ("Mia Moor",)),
        ("what can I order at Blue Cup", "serves", ("mint tea",)),
        ("which places does Noa Nile run", "^run_by", ("The Street",)),
        ("who sells lentil soup", "^serves/run_by", ("Mia Moor",)),
        ("in which town is Blue Cup", "stands_in/located_in", ("Riverton",)),
    ],
)
def test_answers_with_a_proof(
    town: Cafes, reader: QuestionReader, question: str, walked: str, answers: tuple[str, ...]
) -> None:
    answered = ask(town, reader, question)
    assert (answered.path, answered.answers, answered.total) == (walked, answers, len(answers))
    assert answered.source == "learned"
    assert 0 < answered.confidence <= 1
    assert all(len(way) == len(walked.split("/")) for way in answered.proof)
    assert {way[-1].target for way in answered.proof} | {way[-1].source for way in answered.proof} >= set(answers)


def test_gives_the_first_answers_of_many_by_name(town: Cafes, reader: QuestionReader) -> None:
    answered = ask(town, reader, "what can I order at Red Pot", limit=1)
    assert (answered.answers, answered.total, len(answered.proof)) == (("lentil soup",), 2, 1)


@pytest.mark.parametrize(
    "question",
    [
        "who runs Nobody's Kitchen",
        "",
        "?",
        "[",
        "[]",
        "[Nobody]",
        "🫖🫖🫖",
        "מי מנהל את המקום",
        "who runs",
        "x" * 1_000,
    ],
)
def test_says_so_when_nothing_is_named(town: Cafes, reader: QuestionReader, question: str) -> None:
    answered = ask(town, reader, question)
    assert answered.answers == ()
    assert answered.path is None
    assert answered.problem
    assert answered.confidence == 0


@given(st.text(max_size=200))
def test_any_text_gives_a_record(town: Cafes, reader: QuestionReader, text: str) -> None:
    answered = ask(town, reader, text)
    assert (answered.path is None) == (answered.problem is not None)


def test_a_cycle_does_not_lead_back_to_the_start(town: Cafes, tmp_path: Path) -> None:
    table = "question\tpath\nwhat else is run like [Blue Cup]\trun_by/^run_by\n"
    reader = QuestionReader(town[1], town[2], learned(town, written(tmp_path, table)))
    assert ask(town, reader, "what else is run like Blue Cup").answers == ("Red Pot",)


def test_relations_are_understood_that_no_example_has(town: Cafes, tmp_path: Path) -> None:
    table = "question\tpath\nwho runs [Blue Cup]\trun_by\n"
    reader = QuestionReader(town[1], town[2], learned(town, written(tmp_path, table)))
    assert ask(town, reader, "what serves Red Pot").path == "serves"


@pytest.mark.parametrize("name", ["Hello", "Hello!", "HELLO", "The Hello"])
def test_a_name_written_to_the_letter_is_meant(tmp_path: Path, name: str) -> None:
    triples = "".join(f"{bar}|run_by|{owner}\n" for owner, bar in enumerate(("Hello", "Hello!", "HELLO", "The Hello")))
    with cafes(tmp_path, triples) as bars:
        answered = ask(bars, QuestionReader(bars[1], bars[2], learned(bars, [])), f"run by {name}")
    assert [entity.name for entity in answered.entities] == [name]


def test_examples_that_name_nothing_are_told_of(town: Cafes) -> None:
    store, graph, linker = town
    useless = PathExample(text="who is this", path="run_by", file="e.tsv", line=2)
    useful = PathExample(text="who runs [Blue Cup]", path="run_by", file="e.tsv", line=3)
    assert learn([useless, useful], graph, store.ontology, linker).passed_over == (useless,)


def test_without_examples_the_names_of_relations_are_learned(town: Cafes) -> None:
    reader = QuestionReader(town[1], town[2], learned(town, []))
    assert ask(town, reader, "what serves Red Pot?").answers == ("lentil soup", "mint tea")
    assert ask(town, reader, "serves run by Mia Moor").path == "^run_by/serves"


# --- what was learned is kept -----------------------------------------------------------------------------------------


def test_reads_the_same_when_it_was_kept(town: Cafes, tmp_path: Path) -> None:
    classifier = learned(town, written(tmp_path))
    classifier.save(tmp_path / "learned.npz")
    kept = PathClassifier.load(tmp_path / "learned.npz", town[0].ontology)
    assert kept is not None
    question = MaskedQuestion("who is the owner of ", "?")
    assert set(kept.wordings) == set(classifier.wordings) != set()
    np.testing.assert_allclose(kept.log_probabilities(question), classifier.log_probabilities(question), atol=1e-2)
    assert list(tmp_path.glob("*.new.npz")) == []


def test_refuses_what_was_damaged_or_learned_for_another_graph(town: Cafes, tmp_path: Path) -> None:
    file = tmp_path / "learned.npz"
    assert PathClassifier.load(file, town[0].ontology) is None
    learned(town, written(tmp_path)).save(file)
    with pytest.raises(GraphError, match="another graph"):
        PathClassifier.load(file, triples_ontology(["sings"]))
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(GraphError, match="cannot be read"):
        PathClassifier.load(file, town[0].ontology)


def test_asked_questions_are_not_examples() -> None:
    assert "path" not in AskedQuestion.model_fields
