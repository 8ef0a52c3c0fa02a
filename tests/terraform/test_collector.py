"""The collector's two configurations: whole, fed with every variable that they name, and without a key."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from services.tracing.settings import TracingSettings
from tests.terraform.commands import APP

STACK = APP / "stacks" / "service"
FILES = ("collector.yaml", "collector-direct.yaml")
KINDS = ("receivers", "processors", "exporters")
# AWS's distribution v0.43: aws-observability/aws-otel-collector, pkg/defaultcomponents/defaults.go.
COMPONENTS = {
    "extensions": {"health_check", "awsproxy"},
    "receivers": {"otlp", "awsxray"},
    "processors": {"memory_limiter", "batch"},
    "exporters": {"awsxray", "otlphttp"},
}


def configuration(file: str) -> dict[str, Any]:
    """Return the file as the collector reads it, its variables not yet replaced."""
    found: dict[str, Any] = yaml.safe_load((STACK / file).read_text())
    return found


def listening(document: Any) -> set[str]:
    """Return every ``host:port`` that something of *document* listens on."""
    if isinstance(document, dict):
        own = {document["endpoint"]} if "endpoint" in document else set()
        return own.union(*(listening(one) for one in document.values()))
    return set()


@pytest.mark.parametrize("file", FILES)
def test_every_component_is_defined_used_and_in_the_distribution(file: str) -> None:
    """What a pipeline or the list of extensions names is defined, and nothing else is."""
    found = configuration(file)
    assert set(found) == {"extensions", "service", *KINDS}
    assert set(found["service"]["extensions"]) == set(found["extensions"])
    pipelines = found["service"]["pipelines"].values()
    assert pipelines
    for kind in KINDS:
        assert {name for pipeline in pipelines for name in pipeline[kind]} == set(found[kind])
    for kind, known in COMPONENTS.items():
        assert set(found[kind]) <= known


@pytest.mark.parametrize("file", FILES)
def test_memory_is_limited_before_anything_is_kept(file: str) -> None:
    """memory_limiter is the first processor: OpenTelemetry Collector, memorylimiterprocessor."""
    found = configuration(file)
    for pipeline in found["service"]["pipelines"].values():
        assert pipeline["processors"] == ["memory_limiter", "batch"]
    batch = found["processors"]["batch"]
    assert batch["send_batch_size"] <= batch["send_batch_max_size"]


@pytest.mark.parametrize("file", FILES)
def test_nothing_listens_but_on_the_tasks_loopback(file: str) -> None:
    """Neighbours in the VPC reach neither receivers nor the proxy that signs with the task's role."""
    found = configuration(file)
    ports = listening(found["receivers"]) | listening(found["extensions"])
    assert {address.rpartition(":")[0] for address in ports} == {"127.0.0.1"}
    assert "127.0.0.1:13133" in ports
    assert "127.0.0.1:2000" in ports
    assert ({"127.0.0.1:4317", "127.0.0.1:4318"} <= ports) is (file == "collector.yaml")


def test_tcp_2000_is_taken_by_one_component() -> None:
    """The receiver of segments brings its own proxy: an extension beside it could not listen."""
    assert configuration("collector.yaml")["extensions"]["awsproxy"]["endpoint"] == "127.0.0.1:2000"
    direct = configuration("collector-direct.yaml")
    assert "awsproxy" not in direct["extensions"]
    receiver = direct["receivers"]["awsxray"]
    assert (receiver["transport"], receiver["endpoint"]) == ("udp", receiver["proxy_server"]["endpoint"])


@pytest.mark.parametrize("file", FILES)
def test_xray_is_reached_in_the_tasks_region_without_asking_an_instance(file: str) -> None:
    """Fargate has no instance metadata: exporter and proxy are told the region."""
    found = configuration(file)
    proxy = found["extensions"].get("awsproxy") or found["receivers"]["awsxray"]["proxy_server"]
    for one, address in ((found["exporters"]["awsxray"], "endpoint"), (proxy, "aws_endpoint")):
        assert (one["region"], one[address]) == ("${env:AWS_REGION}", "${env:XRAY_ENDPOINT}")
        assert one["local_mode"] is True


def test_both_sinks_get_every_span_and_honeycombs_are_tried_again() -> None:
    """One pipeline, two exporters; a Honeycomb that is down for a while loses nothing that fits."""
    found = configuration("collector.yaml")
    [pipeline] = found["service"]["pipelines"].values()
    assert pipeline["exporters"] == ["awsxray", "otlphttp"]
    honeycomb = found["exporters"]["otlphttp"]
    assert honeycomb["retry_on_failure"]["max_elapsed_time"] == "120s"
    assert honeycomb["sending_queue"]["queue_size"] >= 1
    assert honeycomb["headers"]["x-honeycomb-team"] == "${env:HONEYCOMB_API_KEY}"


@pytest.mark.parametrize("file", FILES)
def test_no_key_stands_in_the_file(file: str) -> None:
    """Values that are secret come from variables; nothing looks like a key of Honeycomb's or AWS's."""
    text = (STACK / file).read_text()
    assert not re.search(r"hc[a-z]{1,2}k_|AKIA[A-Z0-9]{16}|\b[0-9a-f]{32}\b|[A-Za-z0-9]{40}", text)


def test_the_same_attributes_are_indexed_as_by_the_backend() -> None:
    """The exporter is told them by a variable, whose default in the stack is the backend's own."""
    exporter = configuration("collector.yaml")["exporters"]["awsxray"]
    assert exporter["indexed_attributes"] == "${env:INDEXED_ATTRIBUTES}"
    assert exporter["index_all_attributes"] == "${env:INDEX_ALL_ATTRIBUTES}"
    text = (STACK / "container_collector.tf").read_text()
    said = re.search(r'"TRACING_INDEXED_ATTRIBUTES", "([^"]*)"', text)
    assert said is not None
    assert tuple(said[1].split(",")) == TracingSettings().indexed_attributes
