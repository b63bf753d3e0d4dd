"""Plans path queries: linked entities, what is asked for and the ordinals go in, candidate queries come out.

The model never writes a path. It (or the linker) says which entities an utterance names and what it asks for; the
ontology's types say how these can hang together. A plan walks from one entity over the ontology to the type asked
for; every other entity must be linked to a node on the way. Several plans may fit: they come best first, and the
graph decides, as most of them have no answer.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from pydantic import BaseModel, ConfigDict

from tools.ontology import Ontology
from tools.path_query import MAX_STEPS, Direction, Filter, Link, PathQuery, Step

MAX_PLANS = 16

# What a reading costs beyond its length in hops.
FAR_FETCHED = 2.0
"""A plan that costs this much more than the best one is no reading of the question at all."""
SLOT_COST = 0.75
UNNAMED_COST = 0.5
UNRANKED_COST = 3.0
UNTIED_SLOT_COST = 2.0
OWN_TIE_BONUS = 0.5
LATER_SUBJECT_COST = 0.2


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
    """One way to tie an entity to the node at `position` of a chain: by a link, or by being that node itself."""

    model_config = ConfigDict(frozen=True)

    position: int
    link: Link | None
    node_ids: tuple[str, ...]
    fits_slot: bool


def plan_queries(ontology: Ontology, question: GraphQuestion) -> list[Plan]:
    """All plans that use every entity and every ordinal, the most natural first, at most MAX_PLANS."""
    plans: list[Plan] = []
    for index, start in enumerate(question.entities):
        others = [entity for place, entity in enumerate(question.entities) if place != index]
        for chain in chains(ontology, start.node_type, question.target):
            if _passes_ordinals(chain, start, question):
                # Of equally natural plans, the one that starts from what was said first goes first: it is the subject.
                for plan in _plans_along(ontology, question, start, others, chain):
                    plans.append(plan.model_copy(update={"cost": plan.cost + LATER_SUBJECT_COST * index}))
    wanted = set(question.target_relations)
    plans = [plan for plan in plans if wanted & set(plan.query.steps[-1].relations)] or plans
    plans.sort(key=lambda plan: plan.cost)
    return [plan for plan in plans[:MAX_PLANS] if plan.cost < plans[0].cost + FAR_FETCHED]


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
    chain_cost = len(chain) + _slot_cost(ontology, start, chain[0].relations) + _unnamed_cost(ontology, question, chain)
    choices = [_ways_to_attach(ontology, entity, chain, required=True) for entity in others]
    choices.append([(), *_ways_to_attach(ontology, start, chain[1:], required=False, offset=1)])
    for combination in product(*choices):
        ties = [tie for way in combination for tie in way]
        cost = chain_cost + sum(_tie_cost(question, chain, tie) for tie in ties)
        cost -= OWN_TIE_BONUS * any(tie.fits_slot for tie in combination[-1])
        cost += UNTIED_SLOT_COST * _untied_slots(ontology, start, others, chain, combination)
        cost += UNRANKED_COST * _unranked(ontology, question, start, others, chain, combination)
        yield Plan(query=_compile_plan(ontology, question, start, chain, ties), cost=cost)


def _unnamed_cost(ontology: Ontology, question: GraphQuestion, chain: tuple[Hop, ...]) -> float:
    """Going through something that customers name when they mean it, but that was not named, is less natural.

    It is far-fetched where that something takes part in what a hidden node stands for: then anybody's would do.
    """
    nameable = {slot.type for slot in ontology.slots.values()} - set(question.ordinals)
    cost = 0.0
    for hop, following in pairwise(chain):
        if hop.node_type in nameable:
            cost += FAR_FETCHED if ontology.types[following.node_type].hidden else UNNAMED_COST
    return cost


def _tie_cost(question: GraphQuestion, chain: tuple[Hop, ...], tie: "_Attachment") -> float:
    """A tie against the slot's meaning is unnatural, but not where it only says among which nodes to count."""
    return 0.0 if tie.fits_slot or chain[tie.position].node_type in question.ordinals else FAR_FETCHED


def _unranked(
    ontology: Ontology,
    question: GraphQuestion,
    start: LinkedEntity,
    others: Sequence[LinkedEntity],
    chain: tuple[Hop, ...],
    ways: Sequence[tuple["_Attachment", ...]],
) -> int:
    """How many entities could narrow down the nodes that an ordinal counts among, but are not tied to them.

    "Her first film with him" counts their films, not all of hers.
    """
    missing = 0
    for position, hop in enumerate(chain):
        if hop.node_type not in question.ordinals:
            continue
        neighbours = {other.node_type for other in hops_from(ontology, hop.node_type)}
        for entity, way in zip((*others, start), ways, strict=True):
            tied = any(tie.position == position for tie in way) or (entity is start and position == 0)
            missing += entity.node_type in neighbours and not tied
    return missing


def _untied_slots(
    ontology: Ontology,
    start: LinkedEntity,
    others: Sequence[LinkedEntity],
    chain: tuple[Hop, ...],
    ways: Sequence[tuple["_Attachment", ...]],
) -> int:
    """How many entities were said in a slot whose relation the chain could use for them, but does not."""
    missing = 0
    for entity, way in zip((*others, start), ways, strict=True):
        wanted = set(_slot_relations(ontology, entity))
        if not wanted:
            continue
        usable = [
            hop for hop in chain if any(wanted & set(back.relations) for back in hops_from(ontology, hop.node_type))
        ]
        used = any(tie.link and wanted & set(tie.link.relations) for tie in way)
        used = used or (entity is start and bool(wanted & set(chain[0].relations)))
        missing += bool(usable) and not used
    return missing


def _slot_cost(ontology: Ontology, start: LinkedEntity, relations: tuple[str, ...]) -> float:
    """How unnatural it is to leave a slot's entity by these relations."""
    slot_relations = _slot_relations(ontology, start)
    if not slot_relations:
        return 0.0
    return 0.0 if set(slot_relations) & set(relations) else SLOT_COST


def _slot_relations(ontology: Ontology, entity: LinkedEntity) -> tuple[str, ...]:
    slot = ontology.slots.get(entity.slot) if entity.slot else None
    return tuple(slot.relations) if slot else ()


def _ways_to_attach(
    ontology: Ontology, entity: LinkedEntity, chain: tuple[Hop, ...], *, required: bool, offset: int = 0
) -> list[tuple[_Attachment, ...]]:
    """Each way to tie the entity to the chain: at one node, or at every node it can be tied to."""
    slot_relations = set(_slot_relations(ontology, entity))
    single: list[_Attachment] = []
    for position, hop in enumerate(chain, start=offset):
        if hop.node_type == entity.node_type:
            continue
        for back in hops_from(ontology, hop.node_type):
            if back.node_type == entity.node_type:
                relations = _narrow(back.relations, tuple(slot_relations))
                link = Link(relations=relations, direction=back.direction, node_ids=entity.node_ids)
                fits = not slot_relations or bool(slot_relations & set(back.relations))
                single.append(_Attachment(position=position, link=link, node_ids=entity.node_ids, fits_slot=fits))
    ways: list[tuple[_Attachment, ...]] = [(attachment,) for attachment in single]
    if len(single) > 1:
        ways.append(tuple(single))
    if ways or not required:
        return ways
    return [
        (_Attachment(position=position, link=None, node_ids=entity.node_ids, fits_slot=True),)
        for position, hop in enumerate(chain, start=offset)
        if hop.node_type == entity.node_type
    ]


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
        here = [attachment for attachment in attachments if attachment.position == position]
        ordinal = question.ordinals.get(hop.node_type)
        steps.append(
            Step(
                relations=relations,
                direction=hop.direction,
                node_type=hop.node_type,
                filters=(
                    *question.filters.get(hop.node_type, ()),
                    *(Filter(property="id", comparison="in", value=tie.node_ids) for tie in here if not tie.link),
                ),
                also=tuple(tie.link for tie in here if tie.link),
                order_by=ontology.types[hop.node_type].order_by if ordinal is not None else None,
                ordinal=ordinal,
            )
        )
    return PathQuery(
        start_type=start.node_type, start_ids=start.node_ids[:20], steps=tuple(steps), limit=question.limit
    )


def _narrow(relations: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in relations if name in wanted) or relations
