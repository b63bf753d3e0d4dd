"""Path queries: what a walk may do, what filters, links and places keep, what is refused, and what is never run."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from graph_fixtures import EVIL, EVIL_NAME, write_store
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from evals.bench.graph_bench import METAQA_FOLDER, gold_questions
from server.graph_commands import app
from tools import graph_paths
from tools.errors import GraphError
from tools.graph_load import build_graph
from tools.graph_paths import GraphStore, Statement, compile_path
from tools.ontology import Ontology, load_ontology
from tools.path_query import MAX_ANSWERS, Direction, Filter, Link, PathQuery, Step

ATTACKS = [
    EVIL,
    "'",
    '"',
    "`",
    "\\",
    "\\'",
    "}) DETACH DELETE n //",
    "$id",
    "a' OR 'a' = 'a",
    "\n;\nMATCH (n) DELETE n",
]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paths")
    build_graph(write_store(folder / "store"), folder / "graph")
    return folder / "graph"


@pytest.fixture(scope="module")
def store(graph: Path) -> Iterator[GraphStore]:
    with GraphStore.open(graph) as opened:
        yield opened


@pytest.fixture(scope="module")
def ontology(tmp_path_factory: pytest.TempPathFactory) -> Ontology:
    return load_ontology(write_store(tmp_path_factory.mktemp("ontology") / "store") / "ontology.yaml")


def step(relations: str, direction: Direction, node_type: str, **more: object) -> Step:
    return Step.model_validate(
        {"relations": tuple(relations.split()), "direction": direction, "node_type": node_type, **more}
    )


def query(start: str, *steps: Step, limit: int = 10) -> PathQuery:
    start_type, *ids = start.split(":")
    return PathQuery(start_type=start_type, start_ids=tuple(ids), steps=steps, limit=limit)


def link(relations: str, direction: Direction, *ids: str) -> Link:
    return Link(relations=tuple(relations.split()), direction=direction, node_ids=ids)


def names(store: GraphStore, asked: PathQuery) -> list[str]:
    return [answer.node.name for answer in store.follow(asked)]


# --- walks ------------------------------------------------------------------------------------------------------------


def test_one_hop_either_way(store: GraphStore) -> None:
    assert names(store, query("Person:cy", step("acted_in", "out", "Play"))) == ["The Storm"]
    assert names(store, query("Play:storm", step("acted_in", "in", "Person"))) == ["Ann Ash", "Bob Birch", "Cy"]


def test_several_relations_and_several_starts_count_each_node_once(store: GraphStore) -> None:
    plays = query("Person:ann:dora", step("acted_in directed", "out", "Play"))
    assert names(store, plays) == ["Draft", "Gulls", "Moons", "Owls", "The Storm"]
    assert store.count(plays) == 5


def test_the_start_is_no_answer(store: GraphStore) -> None:
    others = query("Person:ann", step("acted_in", "out", "Play"), step("acted_in directed", "in", "Person"))
    assert names(store, others) == ["Bob Birch", "Cy", "Dora Dell", "Eve Elm"]


def test_a_step_back_does_not_return_to_where_it_came_from(store: GraphStore) -> None:
    plays = query(
        "Person:cy",
        step("acted_in", "out", "Play"),
        step("acted_in", "in", "Person"),
        step("acted_in", "out", "Play"),
    )
    assert "The Storm" not in names(store, plays)
    assert store.count(plays) == 5


def test_a_walk_may_meet_a_node_again_by_another_way(store: GraphStore) -> None:
    plays = query(
        "Person:eve",
        step("acted_in", "out", "Play"),
        step("directed", "in", "Person"),
        step("directed", "out", "Play"),
        step("acted_in", "in", "Person"),
    )
    [ann] = [answer for answer in store.follow(plays) if answer.node.id == "ann"]
    walk = [ann.proof[0].source.id, ann.proof[0].target.id, ann.proof[1].source.id, ann.proof[2].target.id]
    assert walk[:3] == ["eve", "owls", "dora"]
    assert walk[3] != "owls"


def test_a_proof_is_a_walk_of_edges_as_the_graph_stores_them(store: GraphStore) -> None:
    asked = query(
        "Hat:cap", step("shows", "in", "Costume"), step("in_act", "out", "Act"), step("has_act", "in", "Play")
    )
    [answer] = store.follow(asked)
    edges = [(edge.source.type, edge.relation, edge.target.type) for edge in answer.proof]
    assert edges == [("Costume", "shows", "Hat"), ("Costume", "in_act", "Act"), ("Play", "has_act", "Act")]
    assert answer.proof[0].source == answer.proof[1].source
    assert answer.proof[1].target == answer.proof[2].target
    assert answer.proof[2].source == answer.node
    assert answer.node.properties["year"] == 1990


def test_every_proof_holds_and_turns_back_nowhere(store: GraphStore) -> None:
    steps = [step("acted_in directed", way, kind) for way, kind in (("out", "Play"), ("in", "Person"))] * 2
    for start in ("ann", "bob", "cy", "dora", "eve"):
        for answer in store.follow(query(f"Person:{start}", *steps, limit=50)):
            people = [answer.proof[0].source.id, answer.proof[1].source.id, answer.proof[3].source.id]
            plays = [answer.proof[0].target.id, answer.proof[2].target.id]
            assert len(set(people)) == 3
            assert len(set(plays)) == 2
            for edge in answer.proof:
                assert edge.target in store.neighbours(edge.source.id, edge.relation, "out")


def test_no_answers(store: GraphStore) -> None:
    assert store.follow(query("Person:dora", step("acted_in", "out", "Play"))) == []
    nothing = query("Person:dora", step("acted_in", "out", "Play"), step("has_act", "out", "Act", ordinal=1))
    assert store.find(nothing).total == 0


def test_the_limit_comes_last(store: GraphStore) -> None:
    found = store.find(query("Person:ann", step("acted_in", "out", "Play", order_by="year"), limit=2))
    assert [answer.node.name for answer in found.answers] == ["Owls", "Gulls"]
    assert found.total == 5


# --- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ordinal", "descending", "expected"),
    [
        (1, False, ["Owls"]),
        (2, False, ["Gulls", "The Storm"]),
        (3, False, ["Moons"]),
        (4, False, ["Draft"]),
        (5, False, []),
        (-1, False, ["Moons"]),
        (-2, False, ["Gulls", "The Storm"]),
        (-9, False, []),
        (1, True, ["Moons"]),
        (-1, True, ["Owls"]),
    ],
)
def test_places_in_an_order(store: GraphStore, ordinal: int, descending: bool, expected: list[str]) -> None:
    plays = step("acted_in", "out", "Play", order_by="year", ordinal=ordinal, descending=descending)
    assert names(store, query("Person:ann", plays)) == expected


def test_a_type_has_an_order_of_its_own_and_decimals_compare_as_numbers(store: GraphStore) -> None:
    assert names(store, query("Person:ann", step("acted_in", "out", "Play", ordinal=1))) == ["Owls"]
    dearest = step("acted_in", "out", "Play", order_by="ticket", ordinal=-1)
    assert names(store, query("Person:ann", dearest)) == ["Gulls"]


def test_a_single_node_without_a_value_is_both_first_and_last(store: GraphStore) -> None:
    for ordinal in (1, -1):
        only = step(
            "acted_in",
            "out",
            "Play",
            filters=(Filter(property="name", comparison="=", value="draft"),),
            ordinal=ordinal,
        )
        assert names(store, query("Person:ann", only)) == ["Draft"]


def test_places_within_places_and_what_nodes_are_also_linked_to(store: GraphStore) -> None:
    """The hat that Ann wore in the first act of the first play she did with Bob."""
    asked = query(
        "Person:ann",
        step("acted_in", "out", "Play", also=(link("acted_in directed", "in", "bob"),), ordinal=1),
        step("has_act", "out", "Act", ordinal=1),
        step("in_act", "in", "Costume", also=(link("worn_by", "out", "ann"),)),
        step("shows", "out", "Hat"),
    )
    answers = store.follow(asked)
    assert [answer.node.name for answer in answers] == ["Bowler", "Top Hat"]
    ties = [(edge.source.id, edge.relation, edge.target.id) for edge in answers[0].also]
    assert ties == [("bob", "acted_in", "storm"), ("c1", "worn_by", "ann")]


def test_a_link_to_several_nodes_takes_any_and_several_links_take_all(store: GraphStore) -> None:
    any_of = step("acted_in", "out", "Play", also=(link("acted_in", "in", "cy", "eve"),))
    assert names(store, query("Person:ann", any_of)) == ["Owls", "The Storm"]
    all_of = step("acted_in", "out", "Play", also=(link("acted_in", "in", "cy"), link("acted_in", "in", "eve")))
    assert names(store, query("Person:ann", all_of)) == []


# --- filters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("property_name", "comparison", "value", "expected"),
    [
        ("year", "=", 1990, ["Gulls", "The Storm"]),
        ("year", "<>", 1990, ["Moons", "Owls"]),
        ("year", "<", 1990, ["Owls"]),
        ("year", ">=", 1990, ["Gulls", "Moons", "The Storm"]),
        ("year", "in", (1985, 2001), ["Moons", "Owls"]),
        ("name", "=", "the STORM", ["The Storm"]),
        ("name", "in", ("OWLS", "x"), ["Owls"]),
        ("id", "in", ("storm", "gulls"), ["Gulls", "The Storm"]),
        ("id", "=", "STORM", []),
        ("ticket", "<", "20", ["Owls", "The Storm"]),
        ("ticket", ">", "12.5", ["Gulls"]),
        ("ticket", "=", "12.5", ["The Storm"]),
        ("link", ">", "", ["The Storm"]),
    ],
)
def test_filters(
    store: GraphStore, property_name: str, comparison: str, value: str | int | tuple[str, ...], expected: list[str]
) -> None:
    kept = {"property": property_name, "comparison": comparison, "value": value}
    assert names(store, query("Person:ann", step("acted_in", "out", "Play", filters=(kept,)))) == expected


def test_filters_choose_before_places_are_given(store: GraphStore) -> None:
    late = (Filter(property="year", comparison=">", value=1990), Filter(property="name", comparison="<>", value="x"))
    assert names(store, query("Person:ann", step("acted_in", "out", "Play", filters=late, ordinal=1))) == ["Moons"]


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (query("Pope:ann", step("acted_in", "out", "Play")), "no type 'Pope'"),
        (query("Person:ann", step("acted_inn", "out", "Play")), "no relation 'acted_inn'; did you mean 'acted_in'"),
        (query("Person:ann", step("acted_in`) DELETE n //", "out", "Play")), "no relation"),
        (query("Person:ann", step("acted_in", "out", "Play`) DELETE n //")), "no type"),
        (query("Person:ann", step("acted_in", "in", "Play")), "does not lead in"),
        (query("Person:ann", step("acted_in", "out", "Hat")), "does not lead out"),
        (query("Person:ann", step("acted_in", "out", "Play", order_by="yaer")), "no property 'yaer'"),
        (query("Person:ann", step("acted_in", "out", "Play", ordinal=0)), "count from 1"),
        (query("Costume:c1", step("shows", "out", "Hat", ordinal=1)), "has no order"),
        (query("Person:ann", step("acted_in", "out", "Play", also=(link("shows", "out", "cap"),))), "do not all lead"),
        (query("Person:ann", step("acted_in", "out", "Play", also=(link("acted_in", "in", "zoe"),))), None),
        (query("Person:zoe", step("acted_in", "out", "Play")), "no Person with the id 'zoe'"),
        (query("Person:ann:zoe", step("acted_in", "out", "Play")), "no Person with the id 'zoe'"),
    ],
)
def test_refuses_what_the_graph_does_not_have(store: GraphStore, asked: PathQuery, says: str | None) -> None:
    if says is None:
        assert store.follow(asked) == []
        return
    with pytest.raises(GraphError, match=re.escape(says)):
        store.follow(asked)


@pytest.mark.parametrize(
    "kept",
    [
        {"property": "colour", "comparison": "=", "value": "red"},
        {"property": "year` = 1 OR n.`year", "comparison": "=", "value": 1},
        {"property": "year", "comparison": "=", "value": "soon"},
        {"property": "year", "comparison": "=", "value": 2**70},
        {"property": "link", "comparison": "=", "value": 5},
        {"property": "year", "comparison": "in", "value": 5},
        {"property": "year", "comparison": "=", "value": (5, 6)},
        {"property": "link", "comparison": "in", "value": ()},
        {"property": "ticket", "comparison": "<", "value": "cheap"},
        {"property": "ticket", "comparison": "<", "value": "1e99"},
        {"property": "ticket", "comparison": "in", "value": ("1", "2")},
        {"property": "link", "comparison": "=", "value": "\ud800"},
        {"property": "link", "comparison": "=", "value": "x" * 5000},
    ],
)
def test_refuses_filters_that_do_not_fit(ontology: Ontology, kept: dict[str, object]) -> None:
    with pytest.raises(GraphError):
        compile_path(query("Person:ann", step("acted_in", "out", "Play", filters=(kept,))), ontology)


def test_a_query_that_takes_too_long_is_stopped(graph: Path) -> None:
    endless = Statement("UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b % 7)")
    with GraphStore.open(graph, timeout_ms=20) as store, pytest.raises(GraphError, match="longer than 20 ms"):
        store._run(endless)


# --- nothing a customer says is ever syntax ---------------------------------------------------------------------------


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_only_ever_values(store: GraphStore, attack: str) -> None:
    assert store.nodes([attack]) == ([store.node(EVIL, "Play")] if attack == EVIL else [])
    kept = Filter(property="name", comparison="=", value=attack)
    assert names(store, query("Person:ann", step("acted_in", "out", "Play", filters=(kept,)))) == []
    tied = step("acted_in", "out", "Play", also=(link("acted_in", "in", attack),))
    assert names(store, query("Person:ann", tied)) == []
    assert store.count(query("Person:ann", step("acted_in", "out", "Play"))) == 5


def test_nodes_with_harmful_names_can_be_asked_for(store: GraphStore) -> None:
    asked = PathQuery(start_type="Play", start_ids=(EVIL,), steps=(step("acted_in", "in", "Person"),))
    [answer] = store.follow(asked)
    assert answer.node.id == "bob"
    assert answer.proof[0].target.name == EVIL_NAME


anything = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


@given(
    start=anything,
    other=anything,
    text=anything,
    number=st.integers(-(2**62), 2**62),
    limit=st.integers(1, MAX_ANSWERS),
)
def test_values_never_reach_the_text_of_a_statement(
    ontology: Ontology, start: str, other: str, text: str, number: int, limit: int
) -> None:
    def compiled(start: str, other: str, text: str, number: int, limit: int) -> list[tuple[str, frozenset[str]]]:
        filters = (
            Filter(property="link", comparison="=", value=text),
            Filter(property="name", comparison="in", value=(text, other)),
            Filter(property="year", comparison=">", value=number),
            Filter(property="ticket", comparison="<=", value=str(number % 1000)),
        )
        steps = (step("acted_in", "out", "Play", filters=filters, also=(link("directed", "in", other),)),)
        asked = PathQuery(start_type="Person", start_ids=(start,), steps=steps, limit=limit)
        found = compile_path(asked, ontology).statements()
        return [(statement.text, frozenset(statement.parameters)) for statement in found]

    assert compiled(start, other, text, number, limit) == compiled("a", "b", "c", 1, 1)


# --- looking around ---------------------------------------------------------------------------------------------------


def test_names_leave_hidden_types_out(store: GraphStore) -> None:
    found = {(item.type, item.id): item for item in store.names()}
    assert {kind for kind, _ in found} == {"Play", "Person", "Act", "Hat"}
    assert found["Play", "storm"].aliases == ("Tempest", "Gale")
    assert found["Person", "cy"].name == "Cy"
    assert len(found) == 19


def test_neighbours_by_name_up_to_a_limit(store: GraphStore) -> None:
    assert [node.id for node in store.neighbours("storm", "acted_in", "in")] == ["ann", "bob", "cy"]
    assert [node.id for node in store.neighbours("storm", "acted_in", "in", limit=1)] == ["ann"]
    assert store.neighbours("nothing", "acted_in", "in") == []


def test_an_ontology_that_is_not_the_graphs_is_refused(graph: Path, ontology: Ontology) -> None:
    GraphStore.open(graph, ontology).close()
    other = ontology.model_copy(update={"slots": {}})
    with pytest.raises(GraphError, match="another ontology"):
        GraphStore.open(graph, other)


def test_threads_share_a_store(store: GraphStore) -> None:
    asked = query("Person:ann", step("acted_in", "out", "Play"), step("acted_in directed", "in", "Person"))
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(store.count(asked))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [4] * 8


def test_large_frontiers_are_walked_alike(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = query(
        "Person:ann",
        step("acted_in", "out", "Play", filters=({"property": "year", "comparison": ">", "value": 1},)),
        step("acted_in", "in", "Person"),
        limit=50,
    )
    expected = store.find(asked)
    monkeypatch.setattr(graph_paths, "MAX_LISTED", 0)
    assert store.find(asked) == expected


@pytest.mark.skipif(not METAQA_FOLDER.is_dir(), reason="the MetaQA data is not there")
@pytest.mark.parametrize("hops", [2, 3])
def test_metaqa_answers_are_reproduced(hops: int, metaqa: GraphStore) -> None:
    checked = 0
    for question in gold_questions(METAQA_FOLDER, hops, 150):
        result = metaqa.find(question.query.model_copy(update={"limit": 10_000}))
        assert {answer.node.name for answer in result.answers} == question.answers, question.text
        assert not {answer.node.id for answer in result.answers} & set(question.query.start_ids)
        checked += 1
    assert checked >= 150


@pytest.fixture(scope="module")
def metaqa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    target = tmp_path_factory.mktemp("metaqa")
    build_graph(METAQA_FOLDER / "kb.tsv.gz", target)
    with GraphStore.open(target) as opened:
        yield opened


# --- the command line -------------------------------------------------------------------------------------------------

ASKED = query("Person:cy", step("acted_in", "out", "Play"))


def test_the_commands_import_count_and_ask(tmp_path: Path) -> None:
    source, target = write_store(tmp_path / "store"), tmp_path / "graph"
    run, options = CliRunner(), ["--graph", str(target)]
    assert run.invoke(app, ["import", str(source), *options]).exit_code == 0
    counts = json.loads(run.invoke(app, ["stats", "--json", *options]).stdout)
    assert counts["nodes"]["Person"] == 5
    file = tmp_path / "query.json"
    file.write_text(ASKED.model_dump_json(), encoding="utf-8")
    told = run.invoke(app, ["ask", "--query", str(file), *options])
    assert told.stdout == "The Storm\n    Cy -acted_in-> The Storm\n"
    found = json.loads(run.invoke(app, ["ask", "--query", ASKED.model_dump_json(), "--json", *options]).stdout)
    assert found["answers"][0]["node"]["id"] == "storm"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "who?"], "names nothing that the graph knows"),
        (["ask", "--query", "no such file"], "cannot be read"),
        (["ask", "--query", "{}"], "not a path query"),
        (["ask"], "give one of"),
        (["import", "no such folder"], "no graph to import"),
    ],
)
def test_the_commands_refuse_in_a_sentence(graph: Path, arguments: list[str], says: str) -> None:
    told = CliRunner().invoke(app, [*arguments, "--graph", str(graph)])
    assert told.exit_code != 0
    assert says in told.stderr
    assert "Traceback" not in told.stderr


def test_a_question_in_plain_words_is_answered(graph: Path) -> None:
    told = CliRunner().invoke(app, ["ask", "which play has Cy acted in?", "--graph", str(graph)])
    assert told.stdout.startswith("The Storm")


def test_import_lists_the_problems_of_a_folder(tmp_path: Path) -> None:
    source = write_store(tmp_path / "store")
    (source / "people.csv").unlink()
    told = CliRunner().invoke(app, ["import", str(source), "--graph", str(tmp_path / "graph")])
    assert told.exit_code == 1
    assert "people.csv: the file is missing" in told.stderr
