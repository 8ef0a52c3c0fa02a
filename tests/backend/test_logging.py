"""Log lines as JSON."""

import json
import logging
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from services.logging import configure_logging
from services.logging.formatter import JsonFormatter
from services.logging.request_formatter import RequestFormatter


def line(formatter: logging.Formatter, message: str, *arguments: object, **attributes: Any) -> dict[str, Any]:
    """Format one record and read it back."""
    record = logging.LogRecord(
        "name", logging.INFO, "path", 1, message, arguments, attributes.pop("exc", None)
    )
    record.__dict__.update(attributes)
    text = formatter.format(record)
    assert "\n" not in text
    assert text.isascii()
    document: dict[str, Any] = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return document


def test_a_line_has_the_usual_fields() -> None:
    """Time in UTC with milliseconds, level, logger, the message with its arguments, and extras by name."""
    document = line(JsonFormatter(), "%d spans", 3, sink="xray")
    assert document["timestamp"].endswith("+00:00")
    assert (document["level"], document["logger"], document["message"]) == ("INFO", "name", "3 spans")
    assert document["sink"] == "xray"


def test_extras_never_replace_fields() -> None:
    """An extra of a field's name does not hide the field."""
    assert line(JsonFormatter(), "text", timestamp="mine", level="mine")["level"] == "INFO"


def test_control_characters_are_escaped() -> None:
    """A message can neither begin a line of its own nor command a terminal."""
    assert line(JsonFormatter(), "a\n\x1b[2J\u202eb")["message"] == "a\n\x1b[2J\u202eb"


def test_an_exception_has_its_traceback() -> None:
    """Type, message and traceback are fields of the same line, the cause included."""
    error = ValueError("outer")
    error.__cause__ = KeyError("inner")
    document = line(JsonFormatter(), "failed", exc=(ValueError, error, None))
    assert document["exception.type"] == "builtins.ValueError"
    assert document["exception.message"] == "outer"
    assert "KeyError: 'inner'" in document["traceback"]


def test_a_line_within_a_span_names_the_trace() -> None:
    """Both forms of the trace id, the span's id and the decision."""
    context = SpanContext(0x6720A5B3_000000000000000000000ABC, 0xDEF, False, TraceFlags(1))
    with trace.use_span(NonRecordingSpan(context)):
        document = line(RequestFormatter(), "text")
    assert document["trace_id"] == f"{context.trace_id:032x}"
    assert document["xray_trace_id"] == f"1-{document['trace_id'][:8]}-{document['trace_id'][8:]}"
    assert document["span_id"] == "0000000000000def"
    assert document["trace_sampled"] is True


def test_a_line_outside_of_everything() -> None:
    """Without a span and a request their fields are absent."""
    assert not {"trace_id", "xray_trace_id", "route"} & set(line(RequestFormatter(), "text"))


def test_a_line_within_a_request_names_the_route(app: Flask) -> None:
    """The route is the pattern, not the path: a path can hold anything."""
    with app.test_request_context("/api/activities/@worf"):
        document = line(RequestFormatter(), "text")
    assert (document["method"], document["route"]) == ("GET", "/api/activities/@<handle>")
    with app.test_request_context("/nowhere"):
        assert line(RequestFormatter(), "text")["route"] is None


@settings(deadline=None, max_examples=60)
@given(
    st.text(),
    st.recursive(
        st.none() | st.floats() | st.text() | st.binary() | st.tuples(st.integers()),
        lambda inner: st.dictionaries(st.text() | st.integers() | st.tuples(), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_anything_can_be_logged(message: str, extra: object) -> None:
    """Any text and any value, NaN, bytes and odd keys included, is one line of valid JSON."""
    assert line(JsonFormatter(), "%s", message, extra=extra)["message"] == message


def test_an_extra_that_contains_itself() -> None:
    """A circle is written as far as its own text goes."""
    circle: list[object] = []
    circle.append(circle)
    assert line(JsonFormatter(), "text", extra=circle)["extra"] == "[[...]]"


def test_configuration_writes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines of the level and above go to standard output, once also after configuring twice."""
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    try:
        configure_logging("WARNING")
        configure_logging("WARNING")
        logging.getLogger("anything").info("quiet")
        logging.getLogger("anything").warning("loud")
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
    captured = capsys.readouterr()
    assert [json.loads(text)["message"] for text in captured.out.splitlines()] == ["loud"]
    assert captured.err == ""
