"""OpenTelemetry's limits reach the spans of a started process."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

_PROGRAM = """
import os
from flask import Flask
from opentelemetry import trace
from services.tracing import TracingSettings, init_tracing

tracing = init_tracing(Flask("limits"), TracingSettings.from_environment(os.environ))
tracing.start()
with trace.get_tracer("limits").start_as_current_span("work") as span:
    for number in range(4):
        span.set_attribute(f"key{number}", "long text")
        span.add_event(f"event{number}")
tracing.shutdown()
"""


def test_limits_are_those_of_the_variables() -> None:
    """Set when the process starts, they bound each span, and texts are cut."""
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'backend-flask'}",
        "OTEL_TRACES_EXPORTER": "console",
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "2",
        "OTEL_SPAN_EVENT_COUNT_LIMIT": "1",
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "4",
    }
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    document = json.loads(result.stdout)
    assert document["attributes"] == {"key0": "long", "key1": "long"}
    assert [event["name"] for event in document["events"]] == ["event0"]
