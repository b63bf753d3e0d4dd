"""Answers path queries over the knowledge graph: typed queries come in, nodes with the walks that prove them go out.

Every statement is compiled here to one of a few fixed shapes. Labels, relations and properties are put into the text
only after the ontology has been asked whether it declares them; everything else travels as a parameter.

A query is walked a step at a time over the engine's internal node numbers, which it finds fastest. What a walk means:
- the start nodes are no answers: from the second step on a walk never comes to one of them;
- where a step goes back over relations of the step before it, it does not return to the node it just came from;
- filters, "also linked to" and the ordinal of a step are applied, in this order, to all nodes the step reaches.
"""

import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import kuzu
from pydantic import BaseModel, ConfigDict

from tools.errors import GraphError
from tools.graph_load import (
    MAX_DATABASE_BYTES,
    GraphSummary,
    Progress,
    build_graph,
    read_manifest,
    source_fingerprint,
    verify_database,
)
from tools.ontology import Ontology
from tools.owner_tables import LIST_SEPARATOR
from tools.path_query import Direction, Filter, Link, Node, PathAnswer, PathQuery, ProofStep, Step

BUFFER_BYTES = 128 * 1024 * 1024
QUERY_TIMEOUT_MS = 2_000
CONNECTIONS = 2
# Beyond this many nodes it is faster to read a whole table than to have the engine look each row up in the list.
MAX_LISTED = 1_500
MAX_LISTED_REMEMBERED = 32
MAX_REMEMBERED = 10_000
MAX_REACHED = 200_000
MAX_INTEGER = 2**63 - 1
MAX_VALUE_CHARACTERS = 2_000
MAX_NEIGHBOURS = 1_000
_COMPARISONS = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "IN"}
Parameters = dict[str, Any]


class NodeName(BaseModel):
    """What a node is called, for finding it in what people say."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    name: str
    aliases: tuple[str, ...] = ()


class PathResult(BaseModel):
    """The first answers of a query in its order, and how many there are in all."""

    model_config = ConfigDict(frozen=True)

    answers: tuple[PathAnswer, ...]
    total: int


# --- compiling --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """Cypher of a fixed shape and its parameters; `$listed`, where there is one, is filled in as a query is walked.

    A list among the parameters is a tuple here, so that what was asked can be remembered.
    """

    text: str
    parameters: Parameters = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Hop:
    """The edges of one relation in one direction: from `$listed` nodes, or all of them."""

    relation: str
    listed: Statement
    whole: Statement


@dataclass(frozen=True)
class NodeRead:
    """Nodes of one type that pass the filters: `$listed` ones, or all of them."""

    node_type: str
    properties: tuple[str, ...]
    listed: Statement
    whole: Statement


@dataclass(frozen=True)
class CompiledLink:
    """The lookups of a link's nodes, and hops that lead from them to nodes that have the link."""

    node_type: str
    lookups: tuple[Statement, ...]
    hops: tuple[Hop, ...]
    direction: Direction


@dataclass(frozen=True)
class CompiledStep:
    """A step with what it takes to walk it."""

    step: Step
    hops: tuple[Hop, ...]
    nodes: NodeRead
    links: tuple[CompiledLink, ...]
    order_by: str | None
    order_is_decimal: bool

    def order_value(self, node: Node) -> str | int | Decimal | None:
        """What the node is ordered by; None when it has no such property."""
        value = node.name if self.order_by == "name" else node.properties.get(self.order_by or "")
        if self.order_is_decimal and value is not None:
            return Decimal(value)
        return value.casefold() if isinstance(value, str) else value


@dataclass(frozen=True)
class CompiledPath:
    """A query that the ontology allows, ready to be walked."""

    query: PathQuery
    starts: tuple[Statement, ...]
    steps: tuple[CompiledStep, ...]

    def statements(self) -> Iterator[Statement]:
        """Every statement that walking the query may run."""
        yield from self.starts
        for step in self.steps:
            for hop in (*step.hops, *(hop for link in step.links for hop in link.hops)):
                yield from (hop.listed, hop.whole)
            yield from (step.nodes.listed, step.nodes.whole)
            yield from (lookup for link in step.links for lookup in link.lookups)


def compile_path(query: PathQuery, ontology: Ontology) -> CompiledPath:
    """The query as statements; GraphError when it asks for what the ontology does not declare."""
    ontology.type(query.start_type)
    steps: list[CompiledStep] = []
    here = query.start_type
    for step in query.steps:
        steps.append(_compile_step(ontology, here, step))
        here = step.node_type
    return CompiledPath(
        query, tuple(_lookup(ontology, query.start_type, item) for item in query.start_ids), tuple(steps)
    )


def _compile_step(ontology: Ontology, here: str, step: Step) -> CompiledStep:
    declared = ontology.type(step.node_type)
    for relation in step.relations:
        if ontology.ends(relation, step.direction) != (here, step.node_type):
            raise GraphError(
                f"the relation {relation!r} does not lead {step.direction} from {here} to {step.node_type}"
            )
    order_by = step.order_by or (declared.order_by if step.ordinal is not None else None)
    if order_by is not None and order_by != "name" and order_by not in declared.properties:
        raise GraphError(f"{step.node_type} has no property {order_by!r} to be ordered by")
    if step.ordinal is not None and order_by is None:
        raise GraphError(f"{step.node_type} has no order, so there is no first or last of them")
    if step.ordinal == 0:
        raise GraphError("places count from 1, or from -1 at the end")
    return CompiledStep(
        step=step,
        hops=tuple(_hop(ontology, relation, step.direction) for relation in step.relations),
        nodes=_node_read(ontology, step.node_type, step.filters),
        links=tuple(_compile_link(ontology, step.node_type, link) for link in step.also),
        order_by=order_by,
        order_is_decimal=declared.properties.get(order_by or "") == "decimal",
    )


def _compile_link(ontology: Ontology, here: str, link: Link) -> CompiledLink:
    ends = {ontology.ends(relation, link.direction) for relation in link.relations}
    other = next(iter(ends))[1]
    if ends != {(here, other)}:
        raise GraphError(f"the relations {', '.join(link.relations)} do not all lead from {here} to one type")
    back: Direction = "in" if link.direction == "out" else "out"
    return CompiledLink(
        node_type=other,
        lookups=tuple(_lookup(ontology, other, node_id) for node_id in link.node_ids),
        hops=tuple(_hop(ontology, relation, back) for relation in link.relations),
        direction=link.direction,
    )


def _lookup(ontology: Ontology, node_type: str, node_id: str) -> Statement:
    ontology.type(node_type)
    return Statement(f"MATCH (n:`{node_type}`) WHERE n.`id` = $id RETURN offset(id(n))", {"id": _checked(node_id)})


def _hop(ontology: Ontology, relation: str, direction: Direction) -> Hop:
    start, end = ontology.ends(relation, direction)
    edge = f"-[r:`{relation}`]->" if direction == "out" else f"<-[r:`{relation}`]-"
    match, found = f"MATCH (a:`{start}`){edge}(b:`{end}`)", "RETURN offset(id(a)), offset(id(b))"
    # Without the hint the engine may read the whole relation first: 20 to 30 ms where this takes 1 to 3.
    listed = f"{match} WHERE offset(id(a)) IN $listed HINT (a JOIN r) JOIN b {found}"
    return Hop(relation, Statement(listed), Statement(f"{match} {found}"))


def _node_read(ontology: Ontology, node_type: str, filters: Sequence[Filter] = ()) -> NodeRead:
    properties = tuple(ontology.type(node_type).properties)
    conditions: list[str] = []
    parameters: Parameters = {}
    for position, wanted in enumerate(filters):
        condition, value = _condition(ontology, node_type, wanted, f"value{position}")
        conditions.append(condition)
        parameters[f"value{position}"] = value
    columns = ", ".join(f"n.`{column}`" for column in ("id", "name", *properties))
    match, found = f"MATCH (n:`{node_type}`)", f"RETURN offset(id(n)), {columns}"
    listed = " AND ".join(("offset(id(n)) IN $listed", *conditions))
    whole = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return NodeRead(
        node_type,
        properties,
        Statement(f"{match} WHERE {listed} {found}", parameters),
        Statement(f"{match}{whole} {found}", parameters),
    )


def _condition(ontology: Ontology, node_type: str, wanted: Filter, parameter: str) -> tuple[str, Any]:
    """A filter as a condition and its parameter's value. Text compares without case, but ids do not."""
    kind = "text" if wanted.property in ("id", "name") else ontology.type(node_type).properties.get(wanted.property)
    if kind is None:
        raise GraphError(f"{node_type} has no property {wanted.property!r}")
    values = wanted.value if isinstance(wanted.value, tuple) else (wanted.value,)
    if isinstance(wanted.value, tuple) != (wanted.comparison == "in") or not values:
        raise GraphError(f"{wanted.property}: 'in' takes a list with something in it, other comparisons a single value")
    column, right = f"n.`{wanted.property}`", f"${parameter}"
    if kind in ("integer", "year"):
        checked: list[Any] = [_checked_integer(wanted.property, value) for value in values]
    elif kind == "decimal":
        if wanted.comparison == "in":
            raise GraphError(f"{wanted.property}: decimal numbers cannot be looked up in a list")
        checked = [_checked_decimal(wanted.property, value) for value in values]
        column, right = f"CAST({column} AS DECIMAL(18, 4))", f"CAST({right} AS DECIMAL(18, 4))"
    else:
        checked = [_checked(value, wanted.property) for value in values]
        if wanted.property != "id":
            column, checked = f"lower({column})", [text.lower() for text in checked]
    value = tuple(checked) if wanted.comparison == "in" else checked[0]
    return f"{column} {_COMPARISONS[wanted.comparison]} {right}", value


def _checked(value: object, what: str = "an id") -> str:
    if not isinstance(value, str):
        raise GraphError(f"{what} is text, not {value!r}")
    if len(value) > MAX_VALUE_CHARACTERS or any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise GraphError(f"{what}: not a usable text")
    return value


def _checked_integer(what: str, value: object) -> int:
    if not isinstance(value, int) or abs(value) > MAX_INTEGER:
        raise GraphError(f"{what} is a whole number, not {value!r}")
    return value


def _checked_decimal(what: str, value: object) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise GraphError(f"{what} is a decimal number, not {value!r}") from error
    if not number.is_finite() or abs(number) >= 10**14:
        raise GraphError(f"{what} is a decimal number, not {value!r}")
    return f"{number:f}"


# --- walking ----------------------------------------------------------------------------------------------------------


@dataclass
class _Reached:
    """The nodes after a step, by number: for each the nodes it was reached from, and over which relation."""

    compiled: CompiledStep
    arrivals: dict[int, dict[int, str]]
    links: list[dict[int, list[tuple[str, int]]]] = field(default_factory=list[dict[int, list[tuple[str, int]]]])
    nodes: dict[int, Node] = field(default_factory=dict[int, Node])

    def keep(self, kept: Callable[[int], bool]) -> None:
        """Leave only these nodes."""
        self.arrivals = {node: sources for node, sources in self.arrivals.items() if kept(node)}


class GraphStore:
    """A graph opened for reading. Calls block and may come from any thread; each borrows one of a few connections."""

    def __init__(self, database: kuzu.Database, ontology: Ontology, summary: GraphSummary, timeout_ms: int) -> None:
        self.ontology = ontology
        self._summary = summary
        self._timeout_ms = timeout_ms
        self._database = database
        self._is_closed = False
        # An open graph never changes, and the same few films and people are asked about all day.
        self._remembered = lru_cache(maxsize=MAX_REMEMBERED)(self._rows)
        self._idle: queue.LifoQueue[kuzu.Connection | None] = queue.LifoQueue()
        for _ in range(CONNECTIONS):
            connection = kuzu.Connection(database, num_threads=1)
            connection.set_query_timeout(timeout_ms)
            self._idle.put(connection)

    @classmethod
    def open(
        cls,
        folder: Path,
        ontology: Ontology | None = None,
        buffer_bytes: int = BUFFER_BYTES,
        timeout_ms: int = QUERY_TIMEOUT_MS,
    ) -> Self:
        """Open the graph in a folder that `build_graph` filled; GraphError when it is missing, damaged or another's."""
        manifest = read_manifest(folder)
        if ontology is not None and ontology != manifest.ontology:
            raise GraphError(f"the graph in {folder} was made with another ontology; import it again")
        path = verify_database(folder, manifest)
        try:
            database = kuzu.Database(
                path,
                buffer_pool_size=buffer_bytes,
                max_db_size=MAX_DATABASE_BYTES,
                max_num_threads=CONNECTIONS,
                read_only=True,
            )
            return cls(database, manifest.ontology, manifest.summary, timeout_ms)
        except (RuntimeError, IndexError) as error:
            raise GraphError(f"the graph's database {path} cannot be opened: {_first_line(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, waiting for those in use, and the database; whoever asks later gets a GraphError."""
        if self._is_closed:
            return
        self._is_closed = True
        for _ in range(CONNECTIONS):
            if (connection := self._idle.get()) is not None:
                connection.close()
        self._idle.put(None)
        self._database.close()
        self._remembered.cache_clear()

    def follow(self, query: PathQuery) -> list[PathAnswer]:
        """The answers, at most `query.limit`, in the last step's order or by name, each with one walk as its proof."""
        return list(self.find(query).answers)

    def count(self, query: PathQuery) -> int:
        """How many answers there are in all."""
        return len(self._walk(compile_path(query, self.ontology))[-1].arrivals)

    def find(self, query: PathQuery) -> PathResult:
        """The answers as `follow` gives them, and how many there are in all."""
        reached = self._walk(compile_path(query, self.ontology))
        last = reached[-1]
        total = len(last.arrivals)
        if total > query.limit:
            self._read_nodes(last)
            last.keep(set(_ranked(last)[: query.limit]).__contains__)
        walks = {node: _witness(reached, node) for node in last.arrivals}
        known = self._proof_nodes(query, reached, list(walks.values()))
        last.nodes = {node: known[last.compiled.step.node_type, node] for node in walks}
        answers = tuple(_answer(query, reached, walks[node], known) for node in _ranked(last))
        return PathResult(answers=answers, total=total)

    def node(self, node_id: str, node_type: str) -> Node | None:
        """The node with that id, or None."""
        numbers = self._numbers([_lookup(self.ontology, node_type, node_id)])
        return next(iter(self._read(node_type, numbers).values()), None)

    def nodes(self, ids: Iterable[str], node_type: str | None = None) -> list[Node]:
        """The nodes with these ids in the order of the ids; of every type, unless one is given."""
        types = [node_type] if node_type is not None else list(self.ontology.types)
        found: dict[str, list[Node]] = {}
        wanted = list(dict.fromkeys(ids))
        for name in types:
            numbers = self._numbers(_lookup(self.ontology, name, node_id) for node_id in wanted)
            for node in self._read(name, numbers).values():
                found.setdefault(node.id, []).append(node)
        return [node for node_id in wanted for node in found.get(node_id, [])]

    def neighbours(self, node_id: str, relation: str, direction: Direction, limit: int = 50) -> list[Node]:
        """Nodes one hop away over the relation, by name; at most `limit`."""
        start, end = self.ontology.ends(relation, direction)
        numbers = self._numbers([_lookup(self.ontology, start, node_id)])
        hop = _hop(self.ontology, relation, direction)
        reached = {target for _, target in self._edges(hop, numbers)}
        ordered = sorted(self._read(end, reached).values(), key=lambda node: (node.name.casefold(), node.id))
        return ordered[: max(0, min(limit, MAX_NEIGHBOURS))]

    def names(self) -> Iterator[NodeName]:
        """What every node is called, but for those of hidden types."""
        for name, declared in self.ontology.types.items():
            if not declared.hidden:
                yield from (name for _, name in self.numbered_names(name))

    def numbered_names(self, node_type: str) -> Iterator[tuple[int, NodeName]]:
        """What every node of a type is called, with the number that it has among them in this database."""
        self.ontology.type(node_type)
        statement = Statement(f"MATCH (n:`{node_type}`) RETURN offset(id(n)), n.`id`, n.`name`, n.`aliases`")
        for number, node_id, label, aliases in self._run(statement):
            parts = tuple(aliases.split(LIST_SEPARATOR)) if aliases else ()
            yield number, NodeName(id=node_id, type=node_type, name=label, aliases=parts)

    def numbered_edges(self, relation: str) -> list[list[int]]:
        """Every edge of a relation as the numbers of its two nodes among those of their types."""
        return self._run(_hop(self.ontology, relation, "out").whole)

    def stats(self) -> GraphSummary:
        """How many nodes of each type and edges of each relation there are."""
        return self._summary

    def _walk(self, compiled: CompiledPath) -> list[_Reached]:
        """The nodes after each step; the last are the answers."""
        query = compiled.query
        starts = self._numbers(compiled.starts)
        if len(starts) < len(set(query.start_ids)):
            missing = self._missing(query.start_type, query.start_ids)
            raise GraphError(f"the graph has no {query.start_type} with the id {missing!r}")
        reached: list[_Reached] = []
        frontier = starts
        for position, step in enumerate(compiled.steps):
            closed = starts if position and step.step.node_type == query.start_type else set[int]()
            here = self._step(step, frontier, closed, reached[-1] if reached else None)
            reached.append(here)
            frontier = set(here.arrivals)
        return reached

    def _step(self, compiled: CompiledStep, frontier: set[int], closed: set[int], before: _Reached | None) -> _Reached:
        """Everything one step reaches that passes its filters, links and ordinal; nothing that is `closed`."""
        step = compiled.step
        turns_back = before is not None and _turns_back(before.compiled.step, step)
        here = _Reached(compiled, {})
        for hop in compiled.hops:
            for source, target in self._edges(hop, frontier):
                came_from_there = turns_back and before is not None and before.arrivals[source].keys() == {target}
                if target not in closed and not came_from_there:
                    here.arrivals.setdefault(target, {}).setdefault(source, hop.relation)
        if len(here.arrivals) > MAX_REACHED:
            raise GraphError(f"the query reaches more than {MAX_REACHED} nodes")
        if here.arrivals and step.filters:
            self._read_nodes(here)
        for link in compiled.links:
            found = self._linked(link)
            here.links.append(found)
            here.keep(found.__contains__)
        if step.ordinal is not None:
            self._read_nodes(here)
            chosen = _at_place(here, step.ordinal)
            here.keep(chosen.__contains__)
        return here

    def _linked(self, link: CompiledLink) -> dict[int, list[tuple[str, int]]]:
        """Nodes that have the link, each with the relations and the nodes that it has it to."""
        others = self._numbers(link.lookups)
        found: dict[int, list[tuple[str, int]]] = {}
        for hop in link.hops:
            for other, node in self._edges(hop, others):
                found.setdefault(node, []).append((hop.relation, other))
        return found

    def _read_nodes(self, reached: _Reached) -> None:
        """Read what is known of the nodes, once, and leave only those that pass the filters."""
        if reached.nodes.keys() >= reached.arrivals.keys():
            return
        reached.nodes = self._read_by(reached.compiled.nodes, set(reached.arrivals))
        reached.keep(reached.nodes.__contains__)

    def _proof_nodes(
        self, query: PathQuery, reached: list[_Reached], walks: list[list[int]]
    ) -> dict[tuple[str, int], Node]:
        """Every node that stands in one of the proofs, by type and number."""
        wanted: dict[str, set[int]] = {query.start_type: {walk[0] for walk in walks}}
        known: dict[tuple[str, int], Node] = {}
        for position, here in enumerate(reached):
            node_type = here.compiled.step.node_type
            passed = {walk[position + 1] for walk in walks}
            known |= {(node_type, number): here.nodes[number] for number in passed & here.nodes.keys()}
            wanted.setdefault(node_type, set()).update(passed)
            for link, found in zip(here.compiled.links, here.links, strict=True):
                linked = {other for node in passed for _, other in found[node]}
                wanted.setdefault(link.node_type, set()).update(linked)
        for node_type, numbers in wanted.items():
            unknown = {number for number in numbers if (node_type, number) not in known}
            known |= {(node_type, number): node for number, node in self._read(node_type, unknown).items()}
        return known

    def _read(self, node_type: str, numbers: set[int]) -> dict[int, Node]:
        return self._read_by(_node_read(self.ontology, node_type), numbers)

    def _read_by(self, read: NodeRead, numbers: set[int]) -> dict[int, Node]:
        if not numbers:
            return {}
        rows = self._run_listed(read.listed, read.whole, numbers)
        return {row[0]: _node(read, row) for row in rows if row[0] in numbers}

    def _edges(self, hop: Hop, sources: set[int]) -> Iterator[tuple[int, int]]:
        """Edges that leave the sources, as numbers."""
        if sources:
            for source, target in self._run_listed(hop.listed, hop.whole, sources):
                if source in sources:
                    yield source, target

    def _numbers(self, lookups: Iterable[Statement]) -> set[int]:
        return {number for lookup in lookups for (number,) in self._recall(lookup)}

    def _missing(self, node_type: str, ids: Iterable[str]) -> str:
        return next((one for one in ids if not self._numbers([_lookup(self.ontology, node_type, one)])), "")

    def _run_listed(self, listed: Statement, whole: Statement, numbers: set[int]) -> list[list[Any]]:
        if len(numbers) > MAX_LISTED:
            return self._run(whole)
        statement = Statement(listed.text, {**listed.parameters, "listed": tuple(sorted(numbers))})
        return self._run(statement) if len(numbers) > MAX_LISTED_REMEMBERED else self._recall(statement)

    def _run(self, statement: Statement) -> list[list[Any]]:
        """The rows of a statement compiled here; GraphError when the engine refuses it or takes too long."""
        return self._rows(statement.text, *statement.parameters.items())

    def _recall(self, statement: Statement) -> list[list[Any]]:
        """As `_run`, and remembered; for statements with small results. Whoever gets the rows only reads them."""
        return self._remembered(statement.text, *statement.parameters.items())

    def _rows(self, text: str, *parameters: tuple[str, Any]) -> list[list[Any]]:
        filled = {name: list(value) if isinstance(value, tuple) else value for name, value in parameters}
        with self._connection() as connection:
            try:
                result = connection.execute(text, filled)
                assert isinstance(result, kuzu.QueryResult)
                with result:
                    return [list(row) for row in result.get_all()]
            except RuntimeError as error:
                if "interrupt" in str(error).lower():
                    raise GraphError(f"the graph took longer than {self._timeout_ms} ms to answer") from error
                raise GraphError(f"the graph could not answer: {_first_line(error)}") from error

    @contextmanager
    def _connection(self) -> Iterator[kuzu.Connection]:
        connection = self._idle.get()
        try:
            if connection is None:
                raise GraphError("the graph was closed, as another version has taken its place")
            yield connection
        finally:
            self._idle.put(connection)


def open_or_build_graph(folder: Path, cache_folder: Path, progress: Progress | None = None) -> GraphStore:
    """The graph of a store's folder, made anew in `cache_folder` only when its tables changed or it is damaged.

    OwnerFilesError when it must be made and the tables are not sound; GraphError when it cannot be written. It looks
    twice, as another process that starts at the same time may just have replaced what this one made.
    """
    for _ in range(2):
        if store := _open_current(folder, cache_folder):
            return store
        build_graph(folder, cache_folder, progress)
    return GraphStore.open(cache_folder)


def _open_current(folder: Path, cache_folder: Path) -> GraphStore | None:
    """The graph that is there, unless it is missing, stale or damaged: making it anew puts all of that right."""
    try:
        manifest = read_manifest(cache_folder)
        if source_fingerprint(folder, manifest.ontology) == manifest.source_sha256:
            return GraphStore.open(cache_folder)
    except (GraphError, OSError):
        return None
    return None


def _turns_back(before: Step, step: Step) -> bool:
    return before.direction != step.direction and not set(before.relations).isdisjoint(step.relations)


def _node(read: NodeRead, row: Sequence[Any]) -> Node:
    values = zip(read.properties, row[3:], strict=True)
    known = {name: value for name, value in values if value is not None}
    return Node(id=row[1], type=read.node_type, name=row[2], properties=known)


def _groups(here: _Reached) -> list[list[int]]:
    """Nodes with the same value together, lowest value first (highest if descending), those without a value last."""
    by_value: dict[Any, list[int]] = {}
    for number in here.arrivals:
        by_value.setdefault(here.compiled.order_value(here.nodes[number]), []).append(number)
    unknown = by_value.pop(None, None)
    ordered = [by_value[value] for value in sorted(by_value, reverse=here.compiled.step.descending)]
    return [*ordered, unknown] if unknown else ordered


def _at_place(here: _Reached, ordinal: int) -> set[int]:
    """The nodes at a place, counted from the end if it is negative; those without a value are never the last."""
    groups = _groups(here)
    if ordinal < 0 and len(groups) > 1 and here.compiled.order_value(here.nodes[groups[-1][0]]) is None:
        groups.pop()
    place = ordinal - 1 if ordinal > 0 else len(groups) + ordinal
    return set(groups[place]) if 0 <= place < len(groups) else set()


def _ranked(here: _Reached) -> list[int]:
    """All nodes in the order asked for; those that tie, and all if none was asked for, by name."""
    groups = _groups(here) if here.compiled.order_by else [list(here.arrivals)]

    def by_name(number: int) -> tuple[str, str]:
        return here.nodes[number].name.casefold(), here.nodes[number].id

    return [number for group in groups for number in sorted(group, key=by_name)]


def _witness(reached: list[_Reached], answer: int) -> list[int]:
    """One walk to the answer, start first. Every arrival that was kept leads on to the start: no choice is undone."""
    walk = [answer]
    barred: int | None = None
    for position in range(len(reached) - 1, -1, -1):
        node = walk[-1]
        source = next(source for source in reached[position].arrivals[node] if source != barred)
        turns = position > 0 and _turns_back(reached[position - 1].compiled.step, reached[position].compiled.step)
        barred = node if turns else None
        walk.append(source)
    return walk[::-1]


def _answer(
    query: PathQuery, reached: list[_Reached], walk: list[int], known: dict[tuple[str, int], Node]
) -> PathAnswer:
    proof: list[ProofStep] = []
    also: list[ProofStep] = []
    source = known[query.start_type, walk[0]]
    for here, start, end in zip(reached, walk[:-1], walk[1:], strict=True):
        step = here.compiled.step
        target = known[step.node_type, end]
        proof.append(_edge(source, here.arrivals[end][start], target, step.direction))
        for link, found in zip(here.compiled.links, here.links, strict=True):
            edges = [(relation, known[link.node_type, other]) for relation, other in found[end]]
            also += [_edge(target, relation, other, link.direction) for relation, other in edges]
        source = target
    return PathAnswer(node=source, proof=tuple(proof), also=tuple(also))


def _edge(here: Node, relation: str, there: Node, direction: Direction) -> ProofStep:
    """The edge as the graph stores it."""
    source, target = (here, there) if direction == "out" else (there, here)
    return ProofStep(source=source, relation=relation, target=target)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
