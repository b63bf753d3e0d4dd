"""Answers questions to a graph: a question comes in, one record with its answers, their proofs and how it was read goes
out."""

from time import perf_counter
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from tools.errors import GraphError
from tools.graph_adjacency import GraphAdjacency
from tools.path_questions.reader import QuestionReader, Reading

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


def answer_question(text: str, reader: QuestionReader, graph: GraphAdjacency, limit: int) -> AnsweredQuestion:
    """The answer to a question, at most `limit` answers."""
    began = perf_counter()
    try:
        reading = reader.read(text)
        if reading is None:
            return AnsweredQuestion(
                question=text, problem="the question names nothing that any path leads on from", ms=_ms(began)
            )
        return _answered(text, reading, "learned", graph, limit, began)
    except GraphError as error:
        return AnsweredQuestion(question=text, problem=str(error), ms=_ms(began))


def _answered(
    text: str, reading: Reading, source: Source, graph: GraphAdjacency, limit: int, began: float
) -> AnsweredQuestion:
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
