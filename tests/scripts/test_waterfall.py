"""Waterfalls from X-Ray documents and from Honeycomb events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.traces import trees
from scripts.traces.spans import failing
from scripts.waterfall import Span, draw, place, walk, window
from tests.scripts.traces.drawn import assert_fits, drawn, without_colour
from tests.scripts.traces.generated import TRACE_ID, documents
from xray.segments import validate_document

DOCUMENTS = [
    {
        "name": "backend",
        "id": "a" * 16,
        "trace_id": TRACE_ID,
        "start_time": 10.0,
        "end_time": 11.0,
        "fault": True,
        "http": {"response": {"status": 500}},
        "subsegments": [{"name": "work", "id": "b" * 16, "start_time": 10.25, "end_time": 10.5}],
    },
    {
        "name": "below",
        "id": "c" * 16,
        "trace_id": TRACE_ID,
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
            "service.name": "other",
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
    assert [(depth, span.name, span.status, span.detail, span.service) for depth, span in walk(roots)] == [
        (0, "backend", "fault", "500", "backend"),
        (1, "work", "ok", "", "backend"),
        (2, "below", "in progress", "", "below"),
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
    assert [span.marks for _, span in walk(roots)] == [(), ("of other",)]


def test_a_span_whose_parent_is_missing_is_a_root() -> None:
    """It is shown, not lost, and says so where it is a segment."""
    assert [span.id for span in trees.from_events(EVENTS[:1])] == ["b" * 16]
    (orphan,) = trees.from_documents(DOCUMENTS[1:])
    assert orphan.marks == (trees.PARENT_MISSING,)


def test_events_in_a_circle_are_shown() -> None:
    """Two that name each other as parents hang below the earlier one."""
    circle = [
        {"time": second, "data": {"trace.span_id": own, "trace.parent_id": other, "name": own}}
        for second, own, other in ((2, "b" * 16, "a" * 16), (1, "a" * 16, "b" * 16))
    ]
    assert [(depth, span.name[0]) for depth, span in walk(trees.from_events(circle))] == [(0, "a"), (1, "b")]


def _exception(sdk: str) -> dict[str, Any]:
    frames = [{"path": "one.py", "line": 1, "label": "first"}, {"path": "two.py", "line": 2}]
    cause = {"exceptions": [{"id": "1" * 16, "type": "KeyError", "message": "'k'", "stack": frames}]}
    below = {"id": "b" * 16, "name": "work", "start_time": 1, "end_time": 2, "fault": True, "cause": cause}
    segment = {"id": "a" * 16, "name": "a", "trace_id": TRACE_ID, "start_time": 1, "end_time": 2}
    return {
        **segment,
        "fault": True,
        "cause": "1" * 16,
        "aws": {"xray": {"sdk": sdk}},
        "subsegments": [below],
    }


@pytest.mark.parametrize(
    ("sdk", "frame"),
    [("opentelemetry for python", "one.py:1 in first"), ("X-Ray for Python", "two.py:2")],
)
def test_the_innermost_frame_is_told(sdk: str, frame: str) -> None:
    """X-Ray's stacks begin with it, but for those of its own Python SDK; an id stands for the exception."""
    spans = [span for _, span in walk(trees.from_documents([_exception(sdk)]))]
    assert [(one.type, one.message, one.frame) for span in spans for one in span.exceptions] == [
        ("KeyError", "'k'", frame)
    ] * 2
    assert [span.name for span in failing(spans[:1])] == ["work"]


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


SNAPSHOT = [
    {
        "name": "cruddur-backend",
        "id": "a" * 16,
        "trace_id": TRACE_ID,
        "start_time": 10.0,
        "end_time": 11.0,
        "fault": True,
        "origin": "AWS::ECS::Container",
        "http": {
            "request": {"method": "GET", "url": "http://127.0.0.1:4567/api/activities/home"},
            "response": {"status": 500},
        },
        "annotations": {"app.result_length": 3, "app.now": "2026-11-21", "found": True},
        "subsegments": [
            {"name": "home", "id": "b" * 16, "start_time": 10.05, "end_time": 10.2},
            {
                "name": "dynamodb",
                "id": "c" * 16,
                "start_time": 10.25,
                "end_time": 10.5,
                "namespace": "aws",
                "throttle": True,
                "error": True,
                "cause": {
                    "exceptions": [
                        {
                            "id": "1" * 16,
                            "type": "ValueError",
                            "message": "no\nsuch [bold]table[/bold]",
                            "stack": [{"path": "a.py", "line": 3, "label": "run"}],
                        },
                        {"id": "2" * 16, "type": "KeyError", "message": "'users'"},
                    ]
                },
            },
            *(
                {
                    "name": "query",
                    "id": f"{n:016x}",
                    "start_time": 10.5 + n / 1000,
                    "end_time": 10.501 + n / 1000,
                }
                for n in range(10)
            ),
        ],
    },
    {
        "name": "users",
        "id": "d" * 16,
        "trace_id": TRACE_ID,
        "parent_id": "c" * 16,
        "start_time": 10.26,
        "end_time": 10.5,
        "inferred": True,
        "origin": "AWS::DynamoDB::Table",
    },
    {
        "name": "mail",
        "id": "e" * 16,
        "trace_id": TRACE_ID,
        "parent_id": "9" * 16,
        "start_time": 10.9,
        "in_progress": True,
    },
]
AT_80 = """\
span                            0               1000.0 ms        ms status
cruddur-backend (AWS::ECS::Con… █████████████████████████    1000.0 fault 500
    GET http://127.0.0.1:4567/api/activities/home
    app.now=2026-11-21  app.result_length=3  found=true
  home                           ████                         150.0 ok
  dynamodb (aws)                      ██████                  250.0 throttle
      ValueError: no such [bold]table[/bold]
      at a.py:3 in run
      caused by KeyError: 'users'
    users (AWS::DynamoDB::Tabl…       ██████                  240.0 ok
  query                                     █                   1.0 ok
  query                                     █                   1.0 ok
  query                                     █                   1.0 ok
  … 7 more like query                       ·
  no span below                             ············      490.0
mail (parent missing)                                 ░░            in progress
"""


def test_drawing_at_80_columns() -> None:
    """Status in words, a time scale, annotations, exceptions, marks, folded siblings, a gap."""
    assert drawn(draw(trees.from_documents(SNAPSHOT), details=True)) == AT_80


def test_colours_only_repeat_what_words_say() -> None:
    """Without them the text is the same; a throttled span's line is magenta, one that is fine green."""
    waterfall = draw(trees.from_documents(SNAPSHOT), details=True)
    text = drawn(waterfall, colour=True)
    assert without_colour(text) == AT_80
    (line,) = [line for line in text.split("\n") if "throttle" in line]
    bar = "\x1b[35m      ██████             \x1b[0m"
    assert line == f"  dynamodb (aws)                {bar}     250.0 \x1b[35mthrottle\x1b[0m"


def test_drawing_in_ascii() -> None:
    """Where the terminal's encoding has no boxes; names beyond ASCII are escaped."""
    named = [{**SNAPSHOT[1], "name": "größe"}]
    text = drawn(draw(trees.from_documents([*SNAPSHOT[:1], *named]), details=True), encoding="ascii")
    assert "gr\\xf6\\xdfe" in text
    assert "#####" in text
    assert "... 7 more like query" in text


@pytest.mark.parametrize("width", [200, 80, 60, 44, 30, 20, 8, 1])
def test_drawing_in_any_width(width: int) -> None:
    """Bars go first, then the time; what fails is still to be seen."""
    text = drawn(draw(trees.from_documents(SNAPSHOT), details=True), width=width)
    assert_fits(text, width)
    assert ("fault" in text) == (width >= 8)
    assert ("█" in text) == (width >= 44)


@settings(max_examples=120, deadline=None)
@given(documents(), st.integers(1, 120), st.sampled_from(("utf-8", "ascii")), st.booleans())
def test_any_valid_documents_are_drawn(
    found: list[dict[str, Any]], width: int, encoding: str, focused: bool
) -> None:
    """No line is wider than the terminal, and nothing in it acts on the terminal."""
    assert [problem for document in found for problem in validate_document(document)] == []
    roots = trees.from_documents(found)
    failures = failing(roots)
    assert bool(failures) == any(span.fails for _, span in walk(roots))
    focus = failures[-1] if focused and failures else None
    assert_fits(drawn(draw(roots, details=True, focus=focus), width=width, encoding=encoding), width)


def test_a_deep_trace_is_drawn() -> None:
    """Ten thousand services in a row: neither a stack overflow nor ten thousand lines."""
    chain = [
        {
            "name": "s",
            "id": f"{n:016x}",
            "trace_id": TRACE_ID,
            "start_time": n,
            "end_time": n + 1,
            **({"parent_id": f"{n - 1:016x}"} if n else {}),
            **({"fault": True} if n == 9_000 else {}),
        }
        for n in range(10_000)
    ]
    roots = trees.from_documents(chain)
    text = drawn(draw(roots))
    assert_fits(text, 80)
    assert "… 9800 more" in text
    assert "1 failing" in text
    (failure,) = failing(roots)
    around = drawn(draw(roots, focus=failure))
    assert_fits(around, 80)
    assert "+9000 s" in around
    assert "between" in around
