"""What can be seen of a running server: metrics, traces and log lines are right, and hold nothing of any customer."""

import asyncio
import json
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
import pytest_asyncio
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent.bootstrap import Kiosk, open_kiosk
from agent.observation import (
    ConnectionRefused,
    LedgerWritten,
    ModelAsked,
    Observed,
    ReplyGiven,
    SessionBegan,
    SessionEnded,
    StaffWanted,
    Step,
    TurnEnded,
    all_of,
    step,
    steps_of_turn,
)
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from server.server_settings import ServerSettings
from server.watching.json_log import JsonLines, log_turns
from server.watching.metrics import KioskMetrics
from server.watching.opening import _require, open_watchers  # pyright: ignore[reportPrivateUsage]
from server.watching.traces import TurnTraces
from tests.agent.test_customer_boundary import CANARIES, FORMS, LAST_CUSTOMER, NAME
from tests.server.realtime_server import SmallTalkKiosk, served
from tests.server.realtime_voice import small_voice
from tools.errors import OperatorError

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPAN_ATTRIBUTES = {"session", "kiosk", "language", "intent", "sentences", "refused_sentences", "outcome", "spoken"}
TURN_ID = "ab" * 16


class Watched:
    """All that watches a kiosk, and every event besides."""

    def __init__(self) -> None:
        self.events: list[Observed] = []
        self.metrics = KioskMetrics()
        self.exporter = InMemorySpanExporter()
        self.traces = TurnTraces(SimpleSpanProcessor(self.exporter))
        self.observe = all_of([self.events.append, self.metrics, self.traces, log_turns])

    def sample(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0

    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())


@pytest.fixture(scope="module")
def watched() -> Watched:
    return Watched()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kiosk(make_home: Callable[[], Path], watched: Watched) -> AsyncIterator[Kiosk]:
    settings = Settings().in_home(make_home())
    async with open_kiosk(settings, model=ScriptedModel(FORMS), observe=watched.observe) as opened:
        yield opened


@pytest.fixture
def json_log() -> Iterator[list[str]]:
    """What the whole program logs, as lines of JSON."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, root = Kept(), logging.getLogger()
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.INFO)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


async def test_a_customer_is_seen_by_what_was_done_and_not_by_what_was_said(
    kiosk: Kiosk, watched: Watched, json_log: list[str]
) -> None:
    async with served(kiosk) as server, server.client("customer=C001") as client:
        for text in LAST_CUSTOMER:
            await client.say(text)
        assert watched.sample("walkiosk_sessions") == 1
        await client.send("kiosk.session.end")
        await client.closed()

    turns = [event for event in watched.events if isinstance(event, TurnEnded)]
    assert [turn.outcome for turn in turns] == ["ok"] * len(LAST_CUSTOMER)
    stages = [done.name for done in turns[-1].steps if done.kind == "stage"]
    assert (stages[0], stages[-1]) == ("understand", "speak")
    around = {done.within.name for done in turns[-1].steps if done.kind == "tool" and done.within}
    assert around == {"act"}
    assert watched.sample("walkiosk_turn_seconds_count", outcome="ok") == len(LAST_CUSTOMER)
    assert watched.sample("walkiosk_first_text_seconds_count") == len(LAST_CUSTOMER)
    assert watched.sample("walkiosk_checkout_events_total", event="reserved") == 1
    assert watched.sample("walkiosk_checkout_events_total", event="cancelled") == 1
    assert watched.sample("walkiosk_sessions") == 0
    assert watched.sample("walkiosk_sessions_ended_total", reason="left") == 1
    assert watched.sample("walkiosk_staff_wanted_total", kiosk="K1") == 1
    assert watched.sample("walkiosk_model_queue") == 0
    assert watched.sample("walkiosk_model_calls_total", outcome="ok") > 0

    roots = [span for span in watched.spans() if span.name == "turn"]
    assert [f"{span.get_span_context().trace_id:032x}" for span in roots] == [turn.turn_id for turn in turns]
    lines = [json.loads(line) for line in json_log]
    assert {turn.turn_id for turn in turns} <= {line.get("turn_id") for line in lines}

    spans = [span.to_json() for span in watched.spans()]
    metrics = [str(family.samples) for family in watched.metrics.registry.collect()]
    seen = "\n".join([*spans, *metrics, *json_log, *map(repr, watched.events)]).lower()
    assert "umbrella" not in seen
    assert not [word for word in (*CANARIES, NAME.lower(), "c001") if word in seen]
    named = {name.removeprefix("walkiosk.") for span in watched.spans() for name in span.attributes or ()}
    assert named <= SPAN_ATTRIBUTES


async def test_events_have_room_for_kinds_and_figures_only() -> None:
    texts = {
        f"{event.__name__}.{field.name}"
        for event in get_args(Observed)
        if is_dataclass(event)
        for field in fields(event)
        if "str" in str(field.type)
    }
    assert texts == {
        "TurnEnded.turn_id", "TurnEnded.session_id", "TurnEnded.kiosk_id", "TurnEnded.language", "TurnEnded.intent",
        "ReplyGiven.turn_id", "ReplyGiven.kiosk_id", "UtteranceHeard.kiosk_id", "ModelAnswered.call",
        "ModelAnswered.outcome", "LedgerWritten.event", "StaffWanted.kiosk_id", "SessionBegan.kiosk_id",
        "SessionEnded.reason", "ConnectionRefused.reason",
    }  # fmt: skip


def a_turn(**changes: Any) -> TurnEnded:
    act = Step("stage", "act", 1_000_000, None, 40.0)
    tool = Step("tool", "search", 2_000_000, act, 30.0, "failed")
    given: dict[str, Any] = {
        "turn_id": TURN_ID,
        "session_id": "s",
        "kiosk_id": "K1",
        "language": "en",
        "intent": "find",
        "outcome": "ok",
        "started_ns": 500_000,
        "duration_ms": 50.0,
        "steps": (act, tool),
        "sentences": 1,
        "refused_sentences": 2,
    }
    return TurnEnded(**{**given, **changes})


REPLY = ReplyGiven(TURN_ID, "K1", 5_000_000_000, True, "completed", 200.0, 600.0, 700.0, 1_900.0, 3_000.0)


async def test_the_trace_of_a_turn_holds_what_came_before_and_after_it() -> None:
    watched = Watched()
    watched.observe(a_turn())
    watched.observe(REPLY)
    watched.observe(REPLY)  # of no turn that is still known
    spans = {span.name: span for span in watched.spans()}
    assert list(spans) == ["act", "tool search", "turn", "hear", "reply"]
    ids = {span.get_span_context().span_id: name for name, span in spans.items()}
    parents = {name: ids.get(span.parent.span_id) if span.parent else None for name, span in spans.items()}
    assert parents == {"turn": None, "act": "turn", "tool search": "act", "hear": "turn", "reply": "turn"}
    assert {span.get_span_context().trace_id for span in spans.values()} == {int(TURN_ID, 16)}
    assert (spans["tool search"].start_time, spans["tool search"].end_time) == (2_000_000, 32_000_000)
    assert not spans["tool search"].status.is_ok
    assert (spans["hear"].start_time, spans["hear"].end_time) == (2_000_000_000, 2_600_000_000)
    assert [(event.name, event.timestamp) for event in spans["reply"].events] == [
        ("turn over", 2_200_000_000),
        ("first text", 2_700_000_000),
        ("first sound", 3_900_000_000),
    ]


async def test_metrics_count_what_happens() -> None:
    watched = Watched()
    for event in (
        a_turn(),
        a_turn(outcome="failed"),
        REPLY,
        ModelAsked(),
        LedgerWritten("captured"),
        StaffWanted("K2"),
    ):
        watched.observe(event)
    for event in (SessionBegan("K1"), SessionBegan("K1"), SessionEnded("idle"), ConnectionRefused("401")):
        watched.observe(event)
    assert watched.sample("walkiosk_turn_seconds_count", outcome="failed") == 1
    assert watched.sample("walkiosk_turn_seconds_sum", outcome="ok") == pytest.approx(0.05)
    assert watched.sample("walkiosk_stage_seconds_count", stage="act") == 2
    assert watched.sample("walkiosk_tool_calls_total", tool="search", outcome="failed") == 2
    assert watched.sample("walkiosk_gate_refusals_total") == 4
    assert watched.sample("walkiosk_first_sound_seconds_sum") == pytest.approx(1.9)
    assert watched.sample("walkiosk_model_queue") == 1
    assert watched.sample("walkiosk_checkout_events_total", event="captured") == 1
    assert watched.sample("walkiosk_staff_wanted_total", kiosk="K2") == 1
    assert watched.sample("walkiosk_sessions") == 1
    assert watched.sample("walkiosk_connections_refused_total", reason="401") == 1


async def test_what_never_happened_is_zero_so_that_the_first_time_counts_as_an_increase() -> None:
    sample = KioskMetrics().registry.get_sample_value
    assert sample("walkiosk_checkout_events_total", {"event": "capture_refused"}) == 0
    watched = Watched()
    watched.observe(SessionBegan("K1"))
    watched.observe(a_turn())
    assert watched.metrics.registry.get_sample_value("walkiosk_staff_wanted_total", {"kiosk": "K1"}) == 0
    labels = {"tool": "search", "outcome": "refused"}
    assert watched.metrics.registry.get_sample_value("walkiosk_tool_calls_total", labels) == 0


async def test_a_tracer_of_somebody_elses_sees_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    trace.get_tracer("a part").start_span("it works").end()
    async with served(SmallTalkKiosk()) as server, server.client("customer=C1") as client:
        await client.say("shoes")
    assert [span.name for span in exporter.get_finished_spans()] == ["it works"]


async def test_who_is_not_let_in_is_counted() -> None:
    watched = Watched()
    async with served(SmallTalkKiosk(watched.observe), tokens="K1=" + "0" * 64) as server:
        with pytest.raises(Exception, match="401"):
            async with server.client(token="wrong"):
                pass
    assert watched.sample("walkiosk_connections_refused_total", reason="401") == 1


async def test_a_spoken_reply_tells_when_its_first_sound_came() -> None:
    watched = Watched()
    voice, _, _ = small_voice()
    async with served(SmallTalkKiosk(watched.observe), voice) as server, server.client() as client:
        await client.say("shoes")
    assert watched.sample("walkiosk_first_sound_seconds_count") == 1
    assert watched.sample("walkiosk_replies_total", outcome="completed") == 1


async def test_metrics_have_a_port_of_their_own_and_customers_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with open_watchers(ServerSettings(metrics_port=port)) as observe:
        observe(SessionBegan("K1"))
        async with served(SmallTalkKiosk(observe)) as server, httpx.AsyncClient(trust_env=False) as http:
            public = await http.get(f"http://127.0.0.1:{server.port}/metrics")
            fetched = await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/metrics", trust_env=False)
        logging.getLogger("some.part").warning("something is wrong")
        again = await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/metrics", trust_env=False)
        with pytest.raises(OperatorError, match=f"port {port}"), open_watchers(ServerSettings(metrics_port=port)):
            pass
    assert public.status_code == 404
    assert "walkiosk_sessions 1.0" in fetched.text
    assert 'walkiosk_log_problems_total{level="warning"} 1.0' in again.text
    with pytest.raises(httpx.ConnectError):
        await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/metrics", trust_env=False)


async def test_without_the_extra_it_is_said_what_to_install() -> None:
    with pytest.raises(OperatorError, match=r"walkiosk\[production\]"):
        _require("nothing_by_this_name.at_all", "traces")
    with open_watchers(ServerSettings()) as observe:
        observe(a_turn())


async def test_the_core_does_not_load_what_watches() -> None:
    program = (
        "import sys, agent.bootstrap, server.serving, server.watching.opening\n"
        "print([name for name in ('prometheus_client', 'opentelemetry.exporter') if name in sys.modules])"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert out.decode().strip() == "[]"


async def test_a_watcher_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Observed) -> None:
        raise RuntimeError("no room")

    seen: list[Observed] = []
    all_of([broken, seen.append])(SessionBegan("K1"))
    assert seen == [SessionBegan("K1")]
    assert "SessionBegan could not be recorded" in caplog.text


async def test_steps_know_what_they_are_part_of_also_in_tasks_and_threads() -> None:
    async def tool(name: str) -> None:
        with step("tool", name):
            await asyncio.to_thread(work)

    def work() -> None:
        with step("model", "Form"):
            pass

    with steps_of_turn(TURN_ID) as steps:
        with step("stage", "act"):
            await asyncio.gather(tool("one"), tool("two"))
        with pytest.raises(ZeroDivisionError), step("stage", "compose"):
            raise ZeroDivisionError
    with step("tool", "of no turn"):
        pass
    assert sorted(done.name for done in steps) == ["Form", "Form", "act", "compose", "one", "two"]
    parents = {(done.name, done.within.name if done.within else "") for done in steps}
    assert parents == {("act", ""), ("one", "act"), ("two", "act"), ("Form", "one"), ("Form", "two"), ("compose", "")}
    assert next(done.outcome for done in steps if done.name == "compose") == "failed"


async def test_log_lines_are_json_with_the_turn_and_without_card_numbers() -> None:
    formatter = JsonLines()

    def line(message: str, *arguments: object, exc_info: Any = None) -> dict[str, Any]:
        record = logging.LogRecord("a.part", logging.ERROR, "f.py", 1, message, arguments, exc_info)
        text = formatter.format(record)
        assert "\n" not in text
        return json.loads(text)

    try:
        raise ValueError("with 4111 1111 1111 1111 in it")
    except ValueError:
        failed = line("card %s of %s", "4111111111111111", "q@example.org", exc_info=sys.exc_info())
    assert (failed["level"], failed["logger"]) == ("error", "a.part")
    assert failed["time"].endswith("+00:00")
    assert "turn_id" not in failed
    assert "4111" not in json.dumps(failed)
    assert "example.org" not in json.dumps(failed)
    assert "ValueError" in failed["exception"]
    with steps_of_turn(TURN_ID):
        assert (await asyncio.to_thread(line, "inside\nof it"))["turn_id"] == TURN_ID
