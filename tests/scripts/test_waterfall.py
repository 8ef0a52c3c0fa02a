"""Waterfalls from X-Ray documents and from Honeycomb events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from scripts.traces import trees
from scripts.waterfall import Span, draw, place, walk, window

DOCUMENTS = [
    {
        "name": "backend",
        "id": "a" * 16,
        "trace_id": "1-581cf771-a006649127e371903a2de979",
        "start_time": 10.0,
        "end_time": 11.0,
        "fault": True,
        "http": {"response": {"status": 500}},
        "subsegments": [{"name": "work", "id": "b" * 16, "start_time": 10.25, "end_time": 10.5}],
    },
    {
        "name": "below",
        "id": "c" * 16,
        "trace_id": "1-581cf771-a006649127e371903a2de979",
        "parent_id": "b" * 16,
        "start_time": 10.3,
        "in_progress": True,
    },
]
EVENTS = [
    {
        "time": "1970-01-01T00:00:10.25Z",
        "data": {
            "name": "work",
            "trace.span_id": "b" * 16,
            "trace.parent_id": "a" * 16,
            "duration_ms": 250.0,
        },
    },
    {
        "time": "1970-01-01T00:00:10Z",
        "data": {
            "name": "GET /",
            "trace.span_id": "a" * 16,
            "duration_ms": 1000.0,
            "error": True,
            "http.response.status_code": 500,
        },
    },
    {"time": "1970-01-01T00:00:10.3Z", "data": {"name": "exception", "trace.parent_id": "a" * 16}},
]


def test_documents_become_a_tree() -> None:
    """Subsegments and segments of other services stand below what caused them."""
    roots = trees.from_documents(DOCUMENTS)
    assert [(depth, span.name, span.status, span.detail) for depth, span in walk(roots)] == [
        (0, "backend", "fault", "500"),
        (1, "work", "ok", ""),
        (2, "below", "in progress", ""),
    ]
    assert window(roots) == (10.0, 11.0)


def test_events_become_the_same_tree() -> None:
    """A span event is no span; times and parents are as in the spans that were sent."""
    roots = trees.from_events(EVENTS)
    assert [(depth, span.id, span.status, span.detail) for depth, span in walk(roots)] == [
        (0, "a" * 16, "error", "500"),
        (1, "b" * 16, "ok", ""),
    ]
    assert window(roots) == (10.0, 11.0)


def test_a_span_whose_parent_is_missing_is_a_root() -> None:
    """It is shown, not lost."""
    assert [span.id for span in trees.from_events(EVENTS[:1])] == ["b" * 16]


TIMES = st.floats(min_value=0, max_value=2e9, allow_nan=False)


@given(TIMES, st.floats(min_value=-5, max_value=1e6), TIMES, TIMES, st.integers(1, 200))
def test_a_bar_is_never_empty_and_never_outside(
    start: float, took: float, one: float, other: float, width: int
) -> None:
    """Whatever the clocks said."""
    begin, end = min(one, other), max(one, other)
    offset, length = place(Span("a", "a", start, start + took), begin, end, width)
    assert 0 <= offset < width
    assert 1 <= length <= width - offset


def test_drawing_shows_names_times_and_status() -> None:
    """One line a span, in plain text where there is no terminal; brackets are no markup."""
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    with console.file:
        console.print(draw(trees.from_documents(DOCUMENTS), title="[x]"))
    text = console.export_text()
    assert "backend" in text
    assert "1000.0" in text
    assert "fault 500" in text
    assert "░" in text
