"""Reads questions to any graph without a model: plain words and a graph in, candidate path queries out."""

from agent.lexicon import Lexicon
from agent.terms import place_ordinals
from agent.understand import is_sure
from prompts.language_packs import load_language_packs
from tools.errors import OperatorError
from tools.graph_paths import GraphStore
from tools.linking import Mention, NameEntry, NameLinker
from tools.ontology import Ontology
from tools.path_planning import GraphQuestion, LinkedEntity, plan_queries
from tools.path_query import MAX_ANSWERS, PathQuery

STEM = 4


def link_names(store: GraphStore) -> NameLinker:
    """A linker over all names in the graph."""
    return NameLinker(
        NameEntry(node_id=node.id, node_type=node.type, name=node.name, aliases=node.aliases) for node in store.names()
    )


def read_question(question: str, store: GraphStore) -> list[PathQuery]:
    """Path queries for the question, the likeliest first; OperatorError when it names nothing the graph knows."""
    ontology = store.ontology
    mentions = [mention for mention in link_names(store).find(question) if is_sure(mention)]
    if not mentions:
        raise OperatorError("the question names nothing that the graph knows")
    masked = _masked(question, mentions)
    entities = tuple(_entity(mention) for mention in mentions)
    lexicon = Lexicon(load_language_packs())
    ordinals = place_ordinals(ontology, masked, lexicon.ordinals(masked), lexicon.numbers(masked))
    named = {entity.node_type for entity in entities}
    graph_question = GraphQuestion(
        entities=entities,
        target=_target(ontology, masked, named, ordinals),
        ordinals={node_type: place for node_type, place in ordinals.items() if node_type not in named},
        target_relations=ontology.relations_said(masked) or _relations_by_name(ontology, masked),
        limit=MAX_ANSWERS,
    )
    return [plan.query for plan in plan_queries(ontology, graph_question)]


def _masked(question: str, mentions: list[Mention]) -> str:
    """The question with blanks for the names, as words inside names ask for nothing."""
    text = question
    for mention in mentions:
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def _entity(mention: Mention) -> LinkedEntity:
    best = mention.candidates[0]
    same = [item for item in mention.candidates if (item.node_type, item.score) == (best.node_type, best.score)]
    return LinkedEntity(node_type=best.node_type, node_ids=tuple(dict.fromkeys(item.node_id for item in same)))


def _target(ontology: Ontology, text: str, named: set[str], ordinals: dict[str, int]) -> str:
    """The type asked for: the first type word of the question, one without an ordinal before one with."""
    said = [match.key for match in ontology.type_words(text)]
    for node_type in (*(key for key in said if key not in ordinals), *said):
        return node_type
    if len(ontology.types) == 1:
        return next(iter(ontology.types))
    shown = [name for name, declared in ontology.types.items() if not declared.hidden and name not in named]
    raise OperatorError(f"say what kind of thing you ask for, one of {', '.join(shown)}")


def _relations_by_name(ontology: Ontology, text: str) -> tuple[str, ...]:
    """Relations whose own name shares a word with the text, endings aside ("directed" and directed_by)."""
    stems = {word[:STEM] for word in text.lower().split() if len(word) >= STEM}
    return tuple(
        name
        for name in ontology.relations
        if any(part[:STEM] in stems for part in name.split("_") if len(part) >= STEM)
    )
