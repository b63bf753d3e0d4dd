"""Doubtful readings are weighed by a judge, which chooses only among them, is asked once a wording and may be away."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from path_graph import cafes

from tools.errors import OperatorError
from tools.graph_adjacency import GraphAdjacency
from tools.graph_paths import GraphStore
from tools.linking import NameLinker
from tools.path_questions import second_opinion
from tools.path_questions.answering import answer_question
from tools.path_questions.classifier import PathClassifier
from tools.path_questions.examples import PathExample
from tools.path_questions.features import MaskedQuestion
from tools.path_questions.learning import learn
from tools.path_questions.reader import QuestionReader, Reading
from tools.path_questions.relation_path import RelationPath
from tools.path_questions.second_opinion import Example, SecondOpinion

Cafes = tuple[GraphStore, GraphAdjacency, NameLinker]
ASKED = ("who runs [Blue Cup]", "run_by"), ("what can I order at [Red Pot]", "serves")
DOUBTFUL = "tell me about [Red Pot]"


class Judge:
    """Is sure of one path, or away; remembers what it was asked."""

    def __init__(self, chosen: str | None) -> None:
        self._chosen = chosen
        self.asked: list[tuple[MaskedQuestion, tuple[str, ...], tuple[Example, ...]]] = []

    async def weigh(
        self, question: MaskedQuestion, paths: Sequence[RelationPath], examples: Sequence[Example]
    ) -> Sequence[float]:
        self.asked.append((question, tuple(map(str, paths)), tuple(examples)))
        if self._chosen is None:
            raise OperatorError("away")
        return [0.0 if str(path) == self._chosen else -99.0 for path in paths]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cafes]:
    with cafes(tmp_path_factory.mktemp("cafes")) as opened:
        yield opened


@pytest.fixture(scope="module")
def classifier(town: Cafes) -> PathClassifier:
    store, graph, linker = town
    examples = [PathExample(text=text, path=path, file="e.tsv", line=2) for text, path in ASKED]
    return learn(examples, graph, store.ontology, linker).classifier


@pytest.fixture(scope="module")
def reader(town: Cafes, classifier: PathClassifier) -> QuestionReader:
    return QuestionReader(town[1], town[2], classifier)


def doubtful(reader: QuestionReader, question: str = DOUBTFUL) -> Reading:
    reading = reader.read(question)
    assert reading is not None
    assert len(reading.possible) > 1
    assert reading.path_confidence < second_opinion.UNSURE
    return reading


async def test_a_doubtful_question_is_answered_as_the_judge_sees_it(
    town: Cafes, classifier: PathClassifier, reader: QuestionReader
) -> None:
    second = str(doubtful(reader).possible[1].path)
    opinion = SecondOpinion(Judge(second), classifier)
    answered = await answer_question(DOUBTFUL, reader, town[1], 10, opinion)
    assert (answered.path, answered.source) == (second, "model")
    assert answered.answers


async def test_a_clear_question_is_not_asked_about(
    town: Cafes, classifier: PathClassifier, reader: QuestionReader
) -> None:
    judge = Judge("serves")
    opinion = SecondOpinion(judge, classifier)
    answered = await answer_question("who runs [Red Pot]", reader, town[1], 10, opinion)
    assert (answered.path, answered.source, judge.asked) == ("run_by", "learned", [])


async def test_a_wording_is_asked_about_once_with_the_examples_nearest_to_it(
    classifier: PathClassifier, reader: QuestionReader
) -> None:
    judge = Judge("serves")
    opinion = SecondOpinion(judge, classifier)
    for name in ("Red Pot", "Blue Cup"):
        await opinion.on(doubtful(reader, f"tell me about [{name}]"))
    ((question, paths, examples),) = judge.asked
    assert question.text == "tell me about X"
    assert set(paths) >= {"run_by", "serves"}
    assert {(wording.text, str(path)) for wording, path in examples} == {
        ("who runs X", "run_by"),
        ("what can I order at X", "serves"),
    }
    assert opinion.asked == 1


async def test_what_was_learned_stands_where_the_judge_is_away_and_it_is_soon_not_asked_any_more(
    town: Cafes, classifier: PathClassifier, reader: QuestionReader
) -> None:
    judge = Judge(None)
    opinion = SecondOpinion(judge, classifier)
    reading = doubtful(reader)
    for number in range(2 * second_opinion.MAX_FAILURES):
        assert await opinion.on(replace(reading, question=MaskedQuestion(f"{number} ", ""))) is None
    assert len(judge.asked) == second_opinion.MAX_FAILURES
    answered = await answer_question(DOUBTFUL, reader, town[1], 10, opinion)
    assert (answered.path, answered.source) == (str(reading.path), "learned")


async def test_no_more_wordings_are_asked_about_than_are_allowed(
    classifier: PathClassifier, reader: QuestionReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_opinion, "MAX_ASKED", 2)
    judge = Judge("serves")
    opinion = SecondOpinion(judge, classifier)
    reading = doubtful(reader)
    told = [await opinion.on(replace(reading, question=MaskedQuestion(f"{number} ", ""))) for number in range(4)]
    assert [one is None for one in told] == [False, False, True, True]


def test_weights_move_likelihood_between_paths_and_make_none(reader: QuestionReader) -> None:
    reading = doubtful(reader)
    before = np.exp([one.log_probability for one in reading.possible])
    weighed = reading.weighed([0.0, 5.0, *(0.0 for _ in reading.possible[2:])])
    after = np.exp([one.log_probability for one in weighed.possible])
    assert weighed.path == reading.possible[1].path
    assert {one.path for one in weighed.possible} == {one.path for one in reading.possible}
    assert after.sum() == pytest.approx(before.sum())
    assert list(after) == sorted(after, reverse=True)
    assert weighed.confidence > weighed.path_confidence * before.sum() - 1e-6
