"""Settings come in; whoever is to watch the server is brought up, and goes down with it."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec

from agent.observation import Observe, all_of
from server.server_settings import ServerSettings
from server.watching.json_log import log_turns
from tools.errors import OperatorError


@contextmanager
def open_watchers(settings: ServerSettings) -> Generator[Observe, None, None]:
    """Metrics, traces and log lines, each if it is set. OperatorError where what it needs is not there."""
    watchers: list[Observe] = []
    with ExitStack() as stack:
        if settings.metrics_port is not None:
            _require("prometheus_client", "metrics")
            from server.watching.metrics import served_metrics

            watchers.append(stack.enter_context(served_metrics(settings.metrics_host, settings.metrics_port)))
        if settings.traces_url is not None:
            _require("opentelemetry.sdk", "traces")
            _require("opentelemetry.exporter.otlp.proto.http", "traces")
            from server.watching.traces import exported_traces

            watchers.append(stack.enter_context(exported_traces(str(settings.traces_url))))
        if settings.log_format == "json":
            watchers.append(log_turns)
        yield all_of(watchers)


def _require(module: str, purpose: str) -> None:
    try:
        is_there = find_spec(module) is not None
    except ModuleNotFoundError:  # a package that it lies in is not there either
        is_there = False
    if not is_there:
        raise OperatorError(f"{purpose} need the extra `production`: pip install 'walkiosk[production]'")
