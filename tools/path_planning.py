"""Plans path queries: linked entities, what is asked for and the ordinals go in, candidate queries come out.

The model never writes a path. It (or the linker) says which entities an utterance names and what it asks for; the
ontology's types say how these can hang together. A plan walks from one entity over the ontology to the type asked
for; every other entity must be linked to a node on the way. Several plans may fit: they come best first, and the
graph decides, as most of them have no answer.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from pydantic import BaseModel, ConfigDict

from tools.ontology import Ontology
from tools.path_query import MAX_STEPS, Direction, Filter, Link, PathQuery, Step

MAX_PLANS = 16


class LinkedEntity(BaseModel):
    """A node that the customer named (several ids: readings that are equally good) and the slot it was said in."""

    model_config = ConfigDict(frozen=True)

    node_type: str
    node_ids: tuple[str, ...]
    slot: str | None = None


class GraphQuestion(BaseModel):
    """What is asked of the graph: nodes of `target` that hang together with all entities.

    `ordinals` picks by place among nodes of a type ("the 1st film": {"Film": 1}); `filters` and `relations` narrow
    nodes of a type and the relation that leads to the target.
    """

    model_config = ConfigDict(frozen=True)

    entities: tuple[LinkedEntity, ...]
    target: str
    ordinals: dict[str, int] = {}
    filters: dict[str, tuple[Filter, ...]] = {}
    target_relations: tuple[str, ...] = ()
    limit: int = 10


class Hop(BaseModel):
    """A step between two types: every relation that joins them in one direction."""

    model_config = ConfigDict(frozen=True)

    relations: tuple[str, ...]
    direction: Direction
    node_type: str


class Plan(BaseModel):
    """A query with the price at which it was planned: lower is the more natural reading."""

    model_config = ConfigDict(frozen=True)

    query: PathQuery
    cost: float


def hops_from(ontology: Ontology, node_type: str) -> list[Hop]:
    """All hops that leave a type, relations between the same two types in one direction taken together."""
    grouped: dict[tuple[Direction, str], list[str]] = {}
    for name, relation in ontology.relations.items():
        if relation.from_type == node_type:
            grouped.setdefault(("out", relation.to_type), []).append(name)
        if relation.to_type == node_type:
            grouped.setdefault(("in", relation.from_type), []).append(name)
    return [
        Hop(relations=tuple(names), direction=direction, node_type=other)
        for (direction, other), names in grouped.items()
    ]


def chains(ontology: Ontology, start: str, target: str) -> Iterator[tuple[Hop, ...]]:
    """Ways over the ontology from a type to the target, shortest first; no type twice, but the target may be the
    start's own type."""
    frontier: list[tuple[Hop, ...]] = [()]
    for _ in range(MAX_STEPS):
        longer: list[tuple[Hop, ...]] = []
        for chain in frontier:
            here = chain[-1].node_type if chain else start
            passed = {start, *(hop.node_type for hop in chain)} - {target}
            for hop in hops_from(ontology, here):
                if hop.node_type in passed:
                    continue
                if hop.node_type == target:
                    yield (*chain, hop)
                else:
                    longer.append((*chain, hop))
        frontier = longer


class _Attachment(BaseModel):
    """One way to tie an entity to the node at `position` of a chain."""

    model_config = ConfigDict(frozen=True)

    position: int
    link: Link
    fits_slot: bool


def plan_queries(ontology: Ontology, question: GraphQuestion) -> list[Plan]:
    """All plans that use every entity and every ordinal, the most natural first, at most MAX_PLANS."""
    plans: list[Plan] = []
    for index, start in enumerate(question.entities):
        others = [entity for place, entity in enumerate(question.entities) if place != index]
        for chain in chains(ontology, start.node_type, question.target):
            if _passes_ordinals(chain, start, question):
                plans.extend(_plans_along(ontology, question, start, others, chain))
    unique = {plan.query: plan for plan in sorted(plans, key=lambda plan: -plan.cost)}
    return sorted(unique.values(), key=lambda plan: plan.cost)[:MAX_PLANS]


def _passes_ordinals(chain: tuple[Hop, ...], start: LinkedEntity, question: GraphQuestion) -> bool:
    """Whether the chain meets every type that has an ordinal; a place among named nodes needs no choosing."""
    met = {start.node_type, *(hop.node_type for hop in chain)}
    return all(node_type in met for node_type in question.ordinals)


def _plans_along(
    ontology: Ontology,
    question: GraphQuestion,
    start: LinkedEntity,
    others: Sequence[LinkedEntity],
    chain: tuple[Hop, ...],
) -> Iterator[Plan]:
    """Plans over one chain: one for each combination of ties of the entities to it."""
    start_cost = _slot_cost(ontology, start, chain[0].relations)
    choices: list[list[tuple[_Attachment, ...]]] = [_ways_to_attach(ontology, entity, chain, True) for entity in others]
    choices.append([(), *_ways_to_attach(ontology, start, chain[1:], False, offset=1)])
    for combination in product(*choices):
        attachments = [attachment for way in combination for attachment in way]
        own_ties = combination[-1]
        cost = float(len(chain)) + start_cost
        cost += sum(0.0 if attachment.fits_slot else 2.0 for attachment in attachments)
        cost -= 0.5 * sum(attachment.fits_slot for attachment in own_ties)
        cost -= 0.1 * sum(len(way) - 1 for way in combination[:-1])
        yield Plan(query=_compile_plan(ontology, question, start, chain, attachments), cost=cost)


def _slot_cost(ontology: Ontology, start: LinkedEntity, relations: tuple[str, ...]) -> float:
    """How unnatural it is to leave a slot's entity by these relations."""
    slot_relations = _slot_relations(ontology, start)
    if not slot_relations:
        return 0.0
    return 0.0 if set(slot_relations) & set(relations) else 0.75


def _slot_relations(ontology: Ontology, entity: LinkedEntity) -> tuple[str, ...]:
    slot = ontology.slots.get(entity.slot) if entity.slot else None
    return tuple(slot.relations) if slot else ()


def _ways_to_attach(
    ontology: Ontology, entity: LinkedEntity, chain: tuple[Hop, ...], required: bool, offset: int = 0
) -> list[tuple[_Attachment, ...]]:
    """Each way to tie the entity to the chain: at one node, or at every node it can be tied to."""
    single: list[_Attachment] = []
    slot_relations = set(_slot_relations(ontology, entity))
    for position, hop in enumerate(chain):
        if hop.node_type == entity.node_type:
            continue
        for back in hops_from(ontology, hop.node_type):
            if back.node_type != entity.node_type:
                continue
            fits = not slot_relations or bool(slot_relations & set(back.relations))
            narrowed = tuple(name for name in back.relations if name in slot_relations) or back.relations
            link = Link(relations=narrowed, direction=back.direction, node_ids=entity.node_ids)
            single.append(_Attachment(position=position + offset, link=link, fits_slot=fits))
    ways = [(attachment,) for attachment in single]
    if len(single) > 1:
        ways.append(tuple(single))
    if not ways and required and any(hop.node_type == entity.node_type for hop in chain):
        return [_as_filter(entity, chain, offset)]
    return ways


def _as_filter(entity: LinkedEntity, chain: tuple[Hop, ...], offset: int) -> tuple[_Attachment, ...]:
    """The entity is itself a node on the chain; a link without relations stands for "is one of these"."""
    position = next(place for place, hop in enumerate(chain) if hop.node_type == entity.node_type)
    return (_Attachment(position=position + offset, link=Link(node_ids=entity.node_ids, **_IDENTITY), fits_slot=True),)


_IDENTITY: dict = {"relations": ("=",), "direction": "out"}


def _compile_plan(
    ontology: Ontology,
    question: GraphQuestion,
    start: LinkedEntity,
    chain: tuple[Hop, ...],
    attachments: Sequence[_Attachment],
) -> PathQuery:
    """The chain with its ties, ordinals and filters as a path query."""
    steps: list[Step] = []
    for position, hop in enumerate(chain):
        relations = hop.relations
        if position == 0:
            relations = _narrow(relations, _slot_relations(ontology, start))
        if position == len(chain) - 1:
            relations = _narrow(relations, question.target_relations)
        here = [attachment.link for attachment in attachments if attachment.position == position]
        identities = [link for link in here if link.relations == ("=",)]
        ordinal = question.ordinals.get(hop.node_type)
        steps.append(
            Step(
                relations=relations,
                direction=hop.direction,
                node_type=hop.node_type,
                filters=(
                    *question.filters.get(hop.node_type, ()),
                    *(Filter(property="id", comparison="in", value=link.node_ids) for link in identities),
                ),
                also=tuple(link for link in here if link.relations != ("=",)),
                order_by=ontology.types[hop.node_type].order_by if ordinal is not None else None,
                ordinal=ordinal,
            )
        )
    return PathQuery(
        start_type=start.node_type, start_ids=start.node_ids[:20], steps=tuple(steps), limit=question.limit
    )


def _narrow(relations: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in relations if name in wanted) or relations
