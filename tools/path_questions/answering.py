"""Answers questions to a graph: a question comes in, one record with its answers, their proofs and how it was read goes
out."""

from time import perf_counter
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from tools.errors import GraphError
from tools.graph_adjacency import GraphAdjacency
from tools.path_questions.reader import QuestionReader, Reading
from tools.path_questions.second_opinion import SecondOpinion

Source = Literal["learned", "model"]


class ProofEdge(NamedTuple):
    """One edge on the way to an answer, as the graph stores it."""

    source: str
    relation: str
    target: str


class QuestionEntity(BaseModel):
    """What the question starts from: the words that name it, and the node they were taken for."""

    model_config = ConfigDict(frozen=True)

    text: str
    id: str
    type: str
    name: str


class AnsweredQuestion(BaseModel):
    """A question and what became of it. `answers` are the first of `total` by name, each with one way to it as proof.

    Without a reading there is no path and `problem` says why; `confidence` is from 0 to 1.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    entities: tuple[QuestionEntity, ...] = ()
    path: str | None = None
    answers: tuple[str, ...] = ()
    total: int = 0
    proof: tuple[tuple[ProofEdge, ...], ...] = ()
    source: Source | None = None
    confidence: float = 0.0
    problem: str | None = None
    ms: float


async def answer_question(
    text: str, reader: QuestionReader, graph: GraphAdjacency, limit: int, opinion: SecondOpinion | None = None
) -> AnsweredQuestion:
    """The answer to a question, at most `limit` answers; where its reading is in doubt, by a second `opinion`."""
    began = perf_counter()
    try:
        reading = reader.read(text)
        weighed = await opinion.on(reading) if opinion is not None and reading is not None else None
        source: Source = "learned" if weighed is None else "model"
        return _answered(text, weighed or reading, source, graph, limit, began)
    except GraphError as error:
        return AnsweredQuestion(question=text, problem=str(error), ms=_ms(began))


def _answered(
    text: str, reading: Reading | None, source: Source, graph: GraphAdjacency, limit: int, began: float
) -> AnsweredQuestion:
    if reading is None:
        problem = "the question names nothing that any path leads on from"
        return AnsweredQuestion(question=text, problem=problem, ms=_ms(began))
    start = graph.nodes[reading.start]
    first = graph.by_name(reading.walk.reached)[:limit]
    ways = [graph.proof(reading.walk, answer) for answer in first]
    return AnsweredQuestion(
        question=text,
        entities=(QuestionEntity(text=reading.name, id=start.id, type=start.type, name=start.name),),
        path=str(reading.path),
        answers=tuple(graph.nodes[answer].name for answer in first),
        total=len(reading.walk.reached),
        proof=tuple(
            tuple(ProofEdge(edge.source.name, edge.relation, edge.target.name) for edge in way) for way in ways
        ),
        source=source,
        confidence=round(reading.confidence, 4),
        ms=_ms(began),
    )


def _ms(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)
