"""Answers graph questions: plans, walks, and tells each answer as evidence with everything around it."""

from collections.abc import Container, Iterable

from pydantic import BaseModel, ConfigDict

from tools.evidence import Evidence, Fact
from tools.graph_paths import GraphStore
from tools.ontology import Ontology
from tools.path_planning import GraphQuestion, LinkedEntity, plan_queries
from tools.path_query import Direction, Node, PathAnswer, PathQuery, ProofStep

MAX_READINGS = 6


class GraphAnswers(BaseModel):
    """The answers to a question and the query that gave them; `doubtful` are names whose readings all have answers."""

    model_config = ConfigDict(frozen=True)

    query: PathQuery | None = None
    answers: tuple[PathAnswer, ...] = ()
    count: int = 0
    doubtful: tuple[Node, ...] = ()


class GraphReader:
    """Asks the graph with the shop's ontology."""

    def __init__(self, graph: GraphStore, ontology: Ontology) -> None:
        self.graph = graph
        self.ontology = ontology

    def answer(self, question: GraphQuestion) -> GraphAnswers:
        """The answers of the most natural plan that has any; none if no plan has.

        A name with several readings is read in each way alone: if their answers differ, they are `doubtful`.
        """
        question = self._with_possible_slots(question)
        readings = _readings(question)
        if len(readings) == 1:
            return self._answer(question)
        answered = [(node_id, found) for node_id, one in readings if (found := self._answer(one)).answers]
        told = {frozenset(answer.node.id for answer in found.answers) for _, found in answered}
        if len(told) <= 1:
            return answered[0][1] if answered else GraphAnswers()
        doubtful = tuple(self.graph.nodes([node_id for node_id, _ in answered]))
        return answered[0][1].model_copy(update={"doubtful": doubtful})

    def _answer(self, question: GraphQuestion) -> GraphAnswers:
        for plan in plan_queries(self.ontology, question):
            found = self.graph.find(plan.query)
            if found.answers:
                return GraphAnswers(query=plan.query, answers=found.answers, count=found.total)
        return GraphAnswers()

    def _with_possible_slots(self, question: GraphQuestion) -> GraphQuestion:
        """The question without slots that its entities cannot have: who never wore anything is no wearer."""
        entities = tuple(
            entity if self._can_have_slot(entity) else entity.model_copy(update={"slot": None})
            for entity in question.entities
        )
        return question.model_copy(update={"entities": entities})

    def _can_have_slot(self, entity: LinkedEntity) -> bool:
        slot = self.ontology.slots.get(entity.slot) if entity.slot else None
        if slot is None or not slot.relations:
            return True
        return any(
            self.graph.neighbours(node_id, name, direction, 1)
            for node_id in entity.node_ids
            for name in slot.relations
            for direction in ("out", "in")
            if self.ontology.ends(name, direction)[0] == entity.node_type
        )

    def tell(
        self, answer: PathAnswer, *, around: bool = True
    ) -> tuple[Evidence, tuple[Node, ...], tuple[ProofStep, ...]]:
        """An answer as evidence: each node on the way by its type, each relation by its name, and the way in words.

        A hidden node stands for something that joins several others (who wore what in which scene), so all it joins
        belongs to the answer, also what the walk did not touch; `around` says whether to look for that.
        """
        edges = [*_edges(answer), *(self._around(answer) if around else ())]
        facts: dict[str, Fact] = {"answer": answer.node.name, "path": self._in_words(answer)}
        for edge in edges:
            for node in (edge.source, edge.target):
                self._add_node(facts, node)
            facts[edge.relation] = (edge.source if edge.target == answer.node else edge.target).name
        for edge in edges:
            if self.ontology.types[edge.source.type].hidden:
                facts[edge.relation] = edge.target.name
        nodes = {node.id: node for edge in edges for node in (edge.source, edge.target)}
        return Evidence(kind="path", subject=answer.node.id, facts=facts), tuple(nodes.values()), tuple(edges)

    def describe(self, node: Node) -> Evidence:
        """A node's name and properties as evidence."""
        facts: dict[str, Fact] = {"name": node.name, "type": node.type}
        return Evidence(kind="node", subject=node.id, facts=facts | dict(node.properties))

    def _add_node(self, facts: dict[str, Fact], node: Node) -> None:
        kind = node.type.lower()
        facts[kind] = node.name
        for name, value in node.properties.items():
            facts[f"{kind}_{name}"] = value

    def _around(self, answer: PathAnswer) -> list[ProofStep]:
        """Edges of hidden nodes on the way, and of what these join the one edge that places it (a scene's film)."""
        walked = {(edge.source.id, edge.relation, edge.target.id) for edge in _edges(answer)}
        seen_types = {node.type for edge in _edges(answer) for node in (edge.source, edge.target)}
        found: list[ProofStep] = []
        for node in _nodes(answer):
            if not self.ontology.types[node.type].hidden:
                continue
            for edge in self._edges_of(node):
                if (edge.source.id, edge.relation, edge.target.id) not in walked:
                    found.append(edge)
                seen_types.add(edge.target.type)
        joined = [edge.target for edge in found] + [node for node in _nodes(answer) if node != answer.node]
        for node in joined:
            if self.ontology.types[node.type].hidden:
                continue
            for edge in self._edges_of(node, only_single=True, but_not=seen_types):
                other = edge.source if edge.target.id == node.id else edge.target
                if other.type not in seen_types and not self.ontology.types[other.type].hidden:
                    found.append(edge)
                    seen_types.add(other.type)
        return found

    def _edges_of(self, node: Node, only_single: bool = False, but_not: Container[str] = ()) -> Iterable[ProofStep]:
        """A node's edges; `only_single` those of relations it has just one edge of, `but_not` types to leave out."""
        for name, relation in self.ontology.relations.items():
            ends: tuple[tuple[Direction, str], ...] = (("out", relation.from_type), ("in", relation.to_type))
            for direction, here in ends:
                other_end = relation.to_type if direction == "out" else relation.from_type
                if here != node.type or other_end in but_not:
                    continue
                others = self.graph.neighbours(node.id, name, direction, 2)
                if only_single and len(others) != 1:
                    continue
                for other in others:
                    source, target = (node, other) if direction == "out" else (other, node)
                    yield ProofStep(source=source, relation=name, target=target)

    def _in_words(self, answer: PathAnswer) -> str:
        visible = [node.name for node in _nodes(answer) if not self.ontology.types[node.type].hidden]
        return " → ".join(visible)


def _readings(question: GraphQuestion) -> list[tuple[str, GraphQuestion]]:
    """The question once for each reading of the first name that has several, or as it is."""
    for place, entity in enumerate(question.entities):
        if len(entity.node_ids) > 1:
            entities = question.entities
            return [
                (
                    node_id,
                    question.model_copy(
                        update={
                            "entities": (
                                *entities[:place],
                                entity.model_copy(update={"node_ids": (node_id,)}),
                                *entities[place + 1 :],
                            )
                        }
                    ),
                )
                for node_id in entity.node_ids[:MAX_READINGS]
            ]
    return [("", question)]


def _edges(answer: PathAnswer) -> tuple[ProofStep, ...]:
    return (*answer.proof, *answer.also)


def _nodes(answer: PathAnswer) -> list[Node]:
    """The nodes of the walk in its order."""
    if not answer.proof:
        return [answer.node]
    nodes: list[Node] = []
    for edge in answer.proof:
        ends = [edge.source, edge.target]
        if nodes and ends[0].id != nodes[-1].id:
            ends.reverse()
        elif not nodes and len(answer.proof) > 1:
            following = answer.proof[1]
            if ends[0].id in (following.source.id, following.target.id):
                ends.reverse()
        nodes += [node for node in ends if not nodes or node.id != nodes[-1].id]
    if nodes[-1].id != answer.node.id and nodes[0].id == answer.node.id:
        nodes.reverse()
    return nodes
