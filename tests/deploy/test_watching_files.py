"""The dashboard and the alerts ask for metrics that the server has, with labels and values that it gives them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.realtime.kiosk_events import EndReason
from server.watching.metrics import KioskMetrics
from tools.checkout_table import Event

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "walkiosk.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
OF_PROMETHEUS = {"up", "instance", "job"}
OF_VLLM = {
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:kv_cache_usage_perc",
    "vllm:prefix_cache_hits_total",
    "vllm:prefix_cache_queries_total",
}
VALUES = {
    "event": {event.value for event in Event},
    "outcome": {"ok", "refused", "failed", "given_up", "completed", "cancelled"},
    "reason": {"401", "403", "503", "too_many_sessions", *EndReason.__args__},
    "level": {"warning", "error", "critical"},
    "job": {"walkiosk", "vllm"},
}


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (rule["expr"] for rule in RULES)


def offered() -> dict[str, set[str]]:
    """Every series the server can give, and its labels; of those with labels also before anything has happened."""
    series: dict[str, set[str]] = {}
    for collector in KioskMetrics().registry._collector_to_names:  # pyright: ignore[reportPrivateUsage]
        described: Any = collector
        for family in [*getattr(described, "describe", lambda: [])(), *described.collect()]:
            labels = set(getattr(described, "_labelnames", ()))
            endings = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",)}.get(family.type, ("",))
            series |= {f"{family.name}{ending}": labels for ending in endings}
            series |= {sample.name: set(sample.labels) for sample in family.samples if sample.name not in series}
    return series


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_an_expression_asks_for_what_there_is(expression: str) -> None:
    series = offered()
    names = set(re.findall(r"\b(?:walkiosk|process|vllm:|up\b)[a-z_:]*", re.sub('"[^"]*"', "", expression)))
    assert names, "it asks for nothing"
    for name in names - OF_VLLM - OF_PROMETHEUS:
        assert name in series, name
    labels = {label for name in names - OF_VLLM for label in series.get(name, set())} | {"le"} | OF_PROMETHEUS
    for listed in re.findall(r"by \(([^)]*)\)", expression):
        assert set(re.split(r",\s*", listed)) <= labels
    for label, value in re.findall(r'(\w+)[=!]~?"([^"]*)"', expression):
        assert label in labels
        assert set(value.split("|")) <= VALUES[label], value


def test_each_metric_is_shown() -> None:
    asked = " ".join(expressions())
    own = {
        re.sub(r"_(bucket|sum|count|created|total)$", "", name) for name in offered() if name.startswith("walkiosk_")
    }
    assert not [name for name in own if name not in asked]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "warn")
    assert all(rule["annotations"][name].strip() for name in ("summary", "action"))


def test_the_dashboard_can_be_imported() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert all(panel["datasource"]["uid"] == "${source}" for panel in DASHBOARD["panels"])
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)


def test_prometheus_itself_takes_the_files() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (apt-get install prometheus)")
    subprocess.run([promtool, "check", "config", str(DEPLOY / "prometheus" / "prometheus.yaml")], check=True)
