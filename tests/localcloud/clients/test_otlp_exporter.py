"""OpenTelemetry's own exporter, OTLP over HTTP, against the local Honeycomb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

if TYPE_CHECKING:
    from tests.localcloud.clients.cloud import RunningCloud


def _events(cloud: RunningCloud, trace_id: int) -> list[dict[str, Any]]:
    answer = requests.get(f"{cloud.honeycomb_url}/_localcloud/traces/{trace_id:032x}", timeout=30)
    events: list[dict[str, Any]] = answer.json().get("events", [])
    return events


def _export(cloud: RunningCloud, key: str, compression: Compression) -> int:
    """Export a trace of two spans and an event, as an application would; return its id."""
    exporter = OTLPSpanExporter(
        endpoint=f"{cloud.honeycomb_url}/v1/traces",
        headers={"x-honeycomb-team": key},
        compression=compression,
        timeout=10,
    )
    provider = TracerProvider(resource=Resource.create({"service.name": "otlp-shop"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests", "1")
    with tracer.start_as_current_span("GET /", kind=SpanKind.SERVER) as root:
        root.set_attribute("http.response.status_code", 503)
        with tracer.start_as_current_span("query") as child:
            child.add_event("slow", {"rows": 7})
        root.set_status(Status(StatusCode.ERROR, "unavailable"))
    provider.shutdown()
    context = root.get_span_context()
    return context.trace_id


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_spans_arrive(cloud: RunningCloud, compression: Compression) -> None:
    """Both spans and the event are in the data set of the service, with Honeycomb's field names."""
    events = _events(cloud, _export(cloud, cloud.honeycomb_key, compression))
    assert {event["dataset"] for event in events} == {"otlp-shop"}
    found = {event["data"]["name"]: event["data"] for event in events}
    assert found.keys() == {"GET /", "query", "slow"}
    assert found["GET /"]["http.response.status_code"] == 503
    assert found["GET /"]["service.name"] == "otlp-shop"
    assert found["GET /"]["error"] is True
    assert found["query"]["trace.parent_id"] == found["GET /"]["trace.span_id"]
    assert found["slow"]["trace.parent_id"] == found["query"]["trace.span_id"]
    assert found["slow"]["meta.annotation_type"] == "span_event"
    assert found["slow"]["rows"] == 7


def test_a_wrong_key_is_refused(cloud: RunningCloud, caplog: pytest.LogCaptureFixture) -> None:
    """The exporter is told, doesn't try again, and nothing is stored."""
    trace_id = _export(cloud, "x" * 32, Compression.NoCompression)
    assert _events(cloud, trace_id) == []
    assert any("401" in record.getMessage() for record in caplog.records)
