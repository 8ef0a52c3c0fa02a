"""Which documents X-Ray takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.segments import validate_document

SEGMENT: dict[str, Any] = {
    "trace_id": "1-5f84c7a1-e7d1852db8c4fd35d88bf49a",
    "id": "53995c3f42cd8ad8",
    "name": "cruddur",
    "start_time": 1602537377.125,
    "end_time": 1602537377.25,
}
CHILD: dict[str, Any] = {"id": "1111222233334444", "name": "db", "start_time": 1.0, "end_time": 2.0}


def without(*keys: str) -> dict[str, Any]:
    """Return the segment without some keys."""
    return {key: value for key, value in SEGMENT.items() if key not in keys}


@pytest.mark.parametrize(
    "document",
    [
        SEGMENT,
        {**without("end_time"), "in_progress": True},
        {**SEGMENT, "in_progress": False},
        {**SEGMENT, "type": "subsegment", "parent_id": "1111222233334444", "namespace": "aws"},
        {**SEGMENT, "type": "subsegment", "parent_id": "1111222233334444", "namespace": "local"},
        {**SEGMENT, "subsegments": [{**CHILD, "subsegments": [CHILD]}], "cause": "1111222233334444"},
        {**SEGMENT, "annotations": {"a": 1, "b": "x", "c": True, "d": 0.5}, "unknown": object()},
    ],
)
def test_valid_documents_have_no_problems(document: dict[str, Any]) -> None:
    """Segments, independent subsegments, nested ones and those in progress are taken."""
    assert validate_document(document) == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (without("id"), "MissingId"),
        (without("name"), "MissingName"),
        ({**SEGMENT, "name": ""}, "MissingName"),
        (without("trace_id"), "MissingTraceId"),
        (without("end_time"), "MissingEndTime"),
        ({**SEGMENT, "name": "no!"}, "InvalidName"),
        ({**SEGMENT, "name": "n" * 201}, "InvalidName"),
        ({**SEGMENT, "name": 7}, "InvalidName"),
        ({**SEGMENT, "trace_id": "5f84c7a1e7d1852db8c4fd35d88bf49a"}, "InvalidTraceId"),
        ({**SEGMENT, "id": "53995c3f42cd8ad"}, "InvalidSegment"),
        ({**SEGMENT, "parent_id": "x"}, "InvalidSegment"),
        ({**SEGMENT, "type": "subsegment"}, "InvalidSegment"),
        ({**SEGMENT, "type": "segment"}, "InvalidSegment"),
        ({**SEGMENT, "start_time": "1"}, "InvalidSegment"),
        ({**SEGMENT, "start_time": float("nan")}, "InvalidSegment"),
        ({**SEGMENT, "end_time": True}, "InvalidSegment"),
        ({**SEGMENT, "in_progress": True}, "InvalidSegment"),
        ({**SEGMENT, "http": []}, "InvalidSegment"),
        ({**SEGMENT, "annotations": {"a": []}}, "InvalidSegment"),
        ({**SEGMENT, "fault": "yes"}, "InvalidSegment"),
        ({**SEGMENT, "namespace": "else"}, "InvalidSegment"),
        ({**SEGMENT, "cause": 1}, "InvalidSegment"),
        ({**SEGMENT, "links": {}}, "InvalidSegment"),
        ({**SEGMENT, "subsegments": {}}, "InvalidSegment"),
        ({**SEGMENT, "subsegments": [1]}, "InvalidSegment"),
        ({**SEGMENT, "subsegments": [{**CHILD, "name": "?"}]}, "InvalidName"),
        (["a"], "InvalidSegment"),
        (None, "InvalidSegment"),
    ],
)
def test_each_problem_has_its_code(document: object, code: str) -> None:
    """A document that X-Ray refuses has X-Ray's code and message, and a detail that says where."""
    (problem,) = validate_document(document)
    kind = "subsegment" if isinstance(document, dict) and document.get("type") == "subsegment" else "segment"
    assert problem.code == code
    assert problem.message.startswith(f"Invalid {kind}. ErrorCode: {code}")
    assert problem.detail


def test_every_problem_is_reported() -> None:
    """One document with three problems has three."""
    codes = {problem.code for problem in validate_document({"start_time": 1})}
    assert codes == {"MissingId", "MissingName", "MissingTraceId", "MissingEndTime"}


def test_endless_nesting_is_a_problem() -> None:
    """Subsegments nested too deep are refused instead of overflowing the stack."""
    document: dict[str, Any] = dict(CHILD)
    for _ in range(5000):
        document = {**CHILD, "subsegments": [document]}
    (problem,) = validate_document({**SEGMENT, "subsegments": [document]})
    assert "deeper than 100" in problem.detail


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*SEGMENT, "subsegments", "cause", "http", "annotations", "type"]), _JSON)
)
def test_no_json_raises(document: dict[str, Any]) -> None:
    """Whatever JSON arrives, the answer is a list of problems."""
    assert isinstance(validate_document(document), list)
    assert isinstance(validate_document({**SEGMENT, **document}), list)
