"""Traces for OpenTelemetry: a turn that has ended comes in, its span with one for each stage, tool and call goes out.

Spans are made when a turn is over, from its events, so that a turn costs nothing while it runs and no attribute can
hold what an event does not.
"""

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, SpanContext, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from agent.observation import Observed, ReplyGiven, Step, TurnEnded

MAX_UNANSWERED = 1_000
"""Turns whose reply is still being spoken; the oldest is forgotten beyond that."""


class _TurnIds(RandomIdGenerator):
    """Gives a turn's trace the id that the turn has in the log."""

    turn_id = ""

    def generate_trace_id(self) -> int:
        """See IdGenerator."""
        return int(self.turn_id, 16)


class TurnTraces:
    """Makes spans of turns and of their replies, and hands them to a processor."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._ids = _TurnIds()
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "walkiosk"}), id_generator=self._ids, shutdown_on_exit=False
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("walkiosk")
        self._turns: OrderedDict[str, SpanContext] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, event: Observed) -> None:
        """Take what concerns a turn; leave the rest."""
        if isinstance(event, TurnEnded):
            with self._lock:
                self._turn(event)
        elif isinstance(event, ReplyGiven):
            with self._lock:
                self._reply(event)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()

    def _turn(self, turn: TurnEnded) -> None:
        self._ids.turn_id = turn.turn_id
        attributes: dict[str, AttributeValue] = {
            "walkiosk.session": turn.session_id,
            "walkiosk.kiosk": turn.kiosk_id,
            "walkiosk.language": turn.language,
            "walkiosk.intent": turn.intent,
            "walkiosk.sentences": turn.sentences,
            "walkiosk.refused_sentences": turn.refused_sentences,
        }
        root = self._tracer.start_span("turn", attributes=attributes, start_time=turn.started_ns)
        spans: dict[int, Span] = {}
        for step in turn.steps:
            parent = spans.get(id(step.within), root)
            spans[id(step)] = self._child(parent, _name(step), step.started_ns)
        for step in turn.steps:
            _end(spans[id(step)], step.outcome, step.started_ns, step.duration_ms)
        _end(root, turn.outcome, turn.started_ns, turn.duration_ms)
        self._turns[turn.turn_id] = root.get_span_context()
        if len(self._turns) > MAX_UNANSWERED:
            self._turns.popitem(last=False)

    def _reply(self, reply: ReplyGiven) -> None:
        """Hearing and answering lie before and after the turn itself, and belong to its trace."""
        context = self._turns.pop(reply.turn_id, None)
        if context is None:
            return
        turn = trace.NonRecordingSpan(context)
        asked_ns = reply.ended_ns - _ns(reply.done_ms)
        if reply.transcript_ms is not None:
            _end(self._child(turn, "hear", asked_ns), "ok", asked_ns, reply.transcript_ms)
        span = self._child(turn, "reply", asked_ns)
        span.set_attribute("walkiosk.spoken", reply.is_spoken)
        moments = (
            ("turn over", reply.turn_end_ms),
            ("first text", reply.first_text_ms),
            ("first sound", reply.first_audio_ms),
        )
        for name, moment_ms in moments:
            if moment_ms is not None:
                span.add_event(name, timestamp=asked_ns + _ns(moment_ms))
        _end(span, reply.outcome, asked_ns, reply.done_ms)

    def _child(self, parent: Span, name: str, started_ns: int) -> Span:
        return self._tracer.start_span(name, trace.set_span_in_context(parent), start_time=started_ns)


@contextmanager
def exported_traces(url: str) -> Generator[TurnTraces, None, None]:
    """Traces that are sent in batches to a collector's OTLP address, such as http://host:4318/v1/traces.

    A collector that is away costs the traces and nothing else.
    """
    traces = TurnTraces(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=5)))
    try:
        yield traces
    finally:
        traces.close()


def _name(step: Step) -> str:
    return step.name if step.kind == "stage" else f"{step.kind} {step.name}"


def _end(span: Span, outcome: str, started_ns: int, duration_ms: float) -> None:
    span.set_attribute("walkiosk.outcome", outcome)
    if outcome == "failed":
        span.set_status(Status(StatusCode.ERROR))
    span.end(started_ns + _ns(duration_ms))


def _ns(ms: float) -> int:
    return round(ms * 1_000_000)
