"""The spans that the services make themselves."""

from datetime import UTC, datetime
from types import ModuleType

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services import home_activities, notifications_activities

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, UTC)


@pytest.mark.parametrize(
    ("service", "name"),
    [(home_activities, "home-activities"), (notifications_activities, "notifications-activities")],
)
def test_a_service_describes_its_work(
    monkeypatch: pytest.MonkeyPatch, service: ModuleType, name: str
) -> None:
    """The span carries the time as ISO 8601 text and the number of activities as a number."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(service, "_tracer", provider.get_tracer("test"))
    activities = service.run(NOW)
    [span] = exporter.get_finished_spans()
    provider.shutdown()
    assert span.name == name
    assert dict(span.attributes or {}) == {
        "app.now": "2026-11-20T12:00:00.123456+00:00",
        "app.received.date": "2026-11-20T12:00:00.123456+00:00",
        "app.result_length": len(activities),
    }
