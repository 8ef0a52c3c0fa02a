"""What the console prints of a span."""

import json
import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext

from services.tracing.sending.console import ConsoleSink, span_document
from tests.backend.tracing.generated import SPANS
from tests.backend.tracing.spans import make_span


def refused(constant: str) -> Any:
    """Refuse what Python's decoder reads beyond JSON."""
    raise AssertionError(f"{constant} is no JSON")


def printed(spans: Sequence[ReadableSpan], capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """Return what the sink prints, all of which has to be JSON, and all of it counted as sent."""
    capsys.readouterr()
    sink = ConsoleSink()
    sink.send(spans)
    status = sink.counters.status()
    assert (status["sent"], status["dropped"]) == (len(spans), {})
    return [json.loads(line, parse_constant=refused) for line in capsys.readouterr().out.splitlines()]


def span_with(value: Any) -> ReadableSpan:
    """Return a span that holds the value as it is, in its attributes and its resource."""
    span = ReadableSpan("x", SpanContext(1, 2, False), attributes={"a": value}, start_time=1, end_time=2)
    span._resource = Resource({})
    span._resource._attributes = {"b": value}  # type: ignore[assignment]
    return span


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (b"\xff", "/w=="),
        ({"inner": [b"\xff", math.nan]}, {"inner": ["/w==", "nan"]}),
        ("\ud800", "\ud800"),
        ([1, None, 1.5], [1, None, 1.5]),
    ],
)
def test_what_json_has_no_form_for_is_text(
    value: Any, expected: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number that isn't finite is its name, bytes are base64: the line is JSON, and the span is counted."""
    (document,) = printed([span_with(value)], capsys)
    assert document["attributes"] == {"a": expected}
    assert document["resource"]["attributes"] == {"b": expected}


def test_it_prints_what_opentelemetrys_exporter_does() -> None:
    """Of a span that the SDK can print too, the document is the same."""
    span = make_span(app="demo", sizes=(1, 2))
    assert span_document(span) == json.loads(span.to_json())


@given(spans=st.lists(SPANS, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_span_is_a_line(spans: list[ReadableSpan], capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a span holds."""
    assert len(printed(spans, capsys)) == len(spans)
