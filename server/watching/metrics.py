"""Metrics for Prometheus: events of the kiosk come in, counters and histograms go out on a port of their own.

The port is not the one that customers reach, and listens on this machine only unless told otherwise.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from agent.observation import (
    ConnectionRefused,
    GraphRefused,
    GraphTakenUp,
    LedgerWritten,
    ModelAnswered,
    ModelAsked,
    Observed,
    ReplyGiven,
    SessionBegan,
    SessionEnded,
    StaffWanted,
    TurnEnded,
    UtteranceHeard,
)
from tools.checkout_table import Event
from tools.errors import OperatorError

TURN_BUCKETS_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)
STEP_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class KioskMetrics:
    """The metrics of one process. Labels are kinds out of the program's own lists, so their number stays small."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

        def histogram(name: str, meaning: str, *labels: str, buckets: tuple[float, ...] = TURN_BUCKETS_S) -> Histogram:
            return Histogram(f"walkiosk_{name}", meaning, labels, buckets=buckets, registry=registry)

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"walkiosk_{name}", meaning, labels, registry=registry)

        self._turns = histogram("turn_seconds", "Turns, from the words to the end of the last stage", "outcome")
        self._stages = histogram("stage_seconds", "Stages of turns", "stage", buckets=STEP_BUCKETS_S)
        self._first_text = histogram("first_text_seconds", "From the customer's last word to the first sentence")
        self._first_sound = histogram("first_sound_seconds", "From the customer's last word to the first sound")
        self._heard = histogram("transcript_seconds", "From the customer's last word to its transcript")
        self._replies = counter("replies_total", "Replies by how they ended", "outcome")
        self._tools = histogram("tool_seconds", "Tool calls", "tool", buckets=STEP_BUCKETS_S)
        self._tool_calls = counter("tool_calls_total", "Tool calls by how they ended", "tool", "outcome")
        self._refusals = counter("gate_refusals_total", "Sentences that no evidence backed and nobody heard")
        self._model = histogram("model_call_seconds", "Calls of the dialogue model", "call")
        self._model_calls = counter("model_calls_total", "Calls of the dialogue model by how they ended", "outcome")
        self._model_queue = Gauge("walkiosk_model_queue", "Model calls that wait for their answer", registry=registry)
        self._checkout = counter("checkout_events_total", "What orders came to, one row of the ledger each", "event")
        self._sessions = Gauge("walkiosk_sessions", "Sessions that are open", registry=registry)
        self._sessions_ended = counter("sessions_ended_total", "Sessions by why they ended", "reason")
        self._refused = counter("connections_refused_total", "Connections that were not let in", "reason")
        self._graph_version = Gauge("walkiosk_graph_version", "The graph's version that answers", registry=registry)
        self._graphs = counter("graph_versions_total", "Versions of the graph that were to be taken up", "outcome")
        self._staff = counter("staff_wanted_total", "Calls for staff", "kiosk")
        self._problems = counter("log_problems_total", "Warnings and errors in the log", "level")
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """Prometheus sees no increase in a series whose first value is a one."""
        for outcome in ("ok", "failed", "given_up"):
            self._turns.labels(outcome)
            self._model_calls.labels(outcome)
        self._model_calls.labels("refused")
        for outcome in ("ok", "failed"):
            self._graphs.labels(outcome)
        for event in Event:
            self._checkout.labels(event)
        for reason in ("401", "403", "too_many_sessions"):
            self._refused.labels(reason)
        for level in ("warning", "error"):
            self._problems.labels(level)

    def __call__(self, event: Observed) -> None:
        """Count an event."""
        match event:
            case TurnEnded():
                self._turn(event)
            case ReplyGiven():
                self._reply(event)
            case UtteranceHeard():
                if event.is_recognised:
                    self._heard.observe(event.duration_ms / 1000)
            case ModelAsked():
                self._model_queue.inc()
            case ModelAnswered():
                self._model_queue.dec()
                self._model.labels(event.call).observe(event.duration_ms / 1000)
                self._model_calls.labels(event.outcome).inc()
            case LedgerWritten():
                self._checkout.labels(event.event).inc()
            case StaffWanted():
                self._staff.labels(event.kiosk_id).inc()
            case SessionBegan():
                self._sessions.inc()
                self._staff.labels(event.kiosk_id)
            case SessionEnded():
                self._sessions.dec()
                self._sessions_ended.labels(event.reason).inc()
            case ConnectionRefused():
                self._refused.labels(event.reason).inc()
            case GraphTakenUp():
                self._graph_version.set(event.number)
                self._graphs.labels("ok").inc()
            case GraphRefused():
                self._graphs.labels("failed").inc()

    def problem_logged(self, level: str) -> None:
        """Count a warning or an error of the log."""
        self._problems.labels(level).inc()

    def _turn(self, turn: TurnEnded) -> None:
        self._turns.labels(turn.outcome).observe(turn.duration_ms / 1000)
        self._refusals.inc(turn.refused_sentences)
        for step in turn.steps:
            if step.kind == "stage":
                self._stages.labels(step.name).observe(step.duration_ms / 1000)
            elif step.kind == "tool":
                self._tools.labels(step.name).observe(step.duration_ms / 1000)
                for outcome in ("ok", "refused", "failed"):
                    self._tool_calls.labels(step.name, outcome).inc(outcome == step.outcome)

    def _reply(self, reply: ReplyGiven) -> None:
        self._replies.labels(reply.outcome).inc()
        moments = (
            (self._first_text, reply.first_text_ms),
            (self._first_sound, reply.first_audio_ms),
        )
        for histogram, moment_ms in moments:
            if moment_ms is not None:
                histogram.observe(moment_ms / 1000)


class _ProblemCounter(logging.Handler):
    """Counts what is logged as a warning or worse."""

    def __init__(self, metrics: KioskMetrics) -> None:
        super().__init__(logging.WARNING)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        self._metrics.problem_logged(record.levelname.lower())


@contextmanager
def served_metrics(host: str, port: int) -> Generator[KioskMetrics, None, None]:
    """Metrics that Prometheus can fetch at http://host:port/metrics; OperatorError when the port cannot be had."""
    metrics = KioskMetrics()
    try:
        server, thread = start_http_server(port, host, metrics.registry)
    except OSError as error:
        raise OperatorError(f"metrics cannot be served on {host} port {port}: {error.strerror}") from error
    counter = _ProblemCounter(metrics)
    logging.getLogger().addHandler(counter)
    try:
        yield metrics
    finally:
        logging.getLogger().removeHandler(counter)
        server.shutdown()
        server.server_close()
        thread.join()
