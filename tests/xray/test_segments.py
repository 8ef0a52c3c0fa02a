"""Which documents X-Ray takes."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xray.traces.documents import traces
from xray.segments import list_problems, validate_document
from xray.sound_segments import is_sound

SEGMENT: dict[str, Any] = {
    "trace_id": "1-5f84c7a1-e7d1852db8c4fd35d88bf49a",
    "id": "53995c3f42cd8ad8",
    "name": "cruddur",
    "start_time": 1602537377.125,
    "end_time": 1602537377.25,
}
CHILD: dict[str, Any] = {"id": "1111222233334444", "name": "db", "start_time": 1.0, "end_time": 2.0}
BAD_BLOCKS: list[dict[str, Any]] = [
    {"annotations": {"a-b": 1}},
    {"annotations": {"": 1}},
    {"annotations": {"a" * 501: 1}},
    {"annotations": {"ä": 1}},
    {"annotations": {"a": "x" * 1001}},
    {"metadata": {"default": 1}},
    {"metadata": {"AWS.own": {}}},
    {"user": "u" * 251},
    {"user": 1},
    {"origin": 1},
    {"service": {"version": 1}},
    {"http": {"request": []}},
    {"http": {"request": {"url": "u" * 251}}},
    {"http": {"request": {"method": 1}}},
    {"http": {"request": {"x_forwarded_for": "yes"}}},
    {"http": {"response": {"status": "200"}}},
    {"http": {"response": {"status": -1}}},
    {"http": {"response": {"status": True}}},
    {"http": {"response": {"content_length": 2**63}}},
    {"aws": {"region": 1}},
    {"aws": {"ec2": []}},
    {"aws": {"ecs": {"container": 1}}},
    {"aws": {"elastic_beanstalk": {"deployment_id": "1"}}},
    {"aws": {"cloudwatch_logs": {}}},
    {"aws": {"cloudwatch_logs": [1]}},
    {"aws": {"table_names": [1]}},
    {"sql": {"sanitized_query": 1}},
    {"sql": {"user": "u" * 251}},
    {"links": [{"trace_id": "x"}]},
    {"links": [{"id": "x"}]},
    {"precursor_ids": [1]},
    {"cause": {"exceptions": {}}},
    {"cause": {"exceptions": [{}]}},
    {"cause": {"exceptions": [{"id": "x"}]}},
    {"cause": {"exceptions": [{"id": SEGMENT["id"], "message": 1}]}},
    {"cause": {"exceptions": [{"id": SEGMENT["id"], "stack": [{"line": "1"}]}]}},
    {"cause": {"exceptions": [{"id": SEGMENT["id"], "stack": [{"line": 10**400}]}]}},
    {"cause": {"paths": [1]}},
    *({field: None} for field in ("parent_id", "type", "subsegments", "end_time", "fault", "namespace")),
    *({field: None} for field in ("user", "origin", "cause", "http", "aws", "sql", "links", "annotations")),
    {"http": {"request": None}},
    {"http": {"response": {"status": None}}},
    {"annotations": {"a": None}},
    {"metadata": {"default": None}},
    {"cause": {"exceptions": [{"id": SEGMENT["id"], "message": None}]}},
]


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
        {
            **SEGMENT,
            "user": "u" * 250,
            "service": {"version": "1"},
            "http": {
                "request": {"method": "GET", "url": "u" * 250, "x_forwarded_for": True},
                "response": {"status": 200, "content_length": 0},
                "more": 1,
            },
            "aws": {
                "account_id": "1",
                "ecs": {"container": "c", "launch_type": "fargate"},
                "cloudwatch_logs": [{"log_group": "g"}],
                "table_names": ["t"],
                "xray": {"sdk": "s", "auto_instrumentation": False},
                "retries": 1,
            },
            "sql": {"url": "x" * 9000, "user": "u"},
            "metadata": {"default": {"any": [None, 1.5]}},
            "links": [{"trace_id": SEGMENT["trace_id"], "id": SEGMENT["id"], "attributes": {"a": 1}}] * 21,
            "cause": {
                "working_directory": "/",
                "paths": ["a"],
                "exceptions": [
                    {
                        "id": SEGMENT["id"],
                        "message": "x" * 9000,
                        "remote": False,
                        "truncated": 3,
                        "stack": [{"path": "a.py", "line": 1, "label": "f"}],
                    }
                ],
            },
        },
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
        ({**SEGMENT, "end_time": -1}, "InvalidSegment"),
        ({**SEGMENT, "start_time": 10**400}, "InvalidSegment"),
        ({**SEGMENT, "in_progress": True}, "InvalidSegment"),
        ({**SEGMENT, "http": []}, "InvalidSegment"),
        ({**SEGMENT, "annotations": {"a": []}}, "InvalidSegment"),
        *(
            ({**SEGMENT, **block}, "MissingEndTime" if "end_time" in block else "InvalidSegment")
            for block in BAD_BLOCKS
        ),
        ({**without("end_time"), "end_time": None, "in_progress": True}, "InvalidSegment"),
        ({**SEGMENT, "type": "subsegment", "parent_id": None}, "InvalidSegment"),
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


@pytest.mark.parametrize("field", ["user", "type", "id", "name", "start_time", "cause", "namespace"])
def test_values_nested_too_deep_to_be_shown_are_a_problem(field: str) -> None:
    """A value of thousands of lists in one another, as a parser may let it in, is told in words."""
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    assert validate_document({**SEGMENT, field: deep})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [*SEGMENT, "subsegments", "cause", "http", "annotations", "metadata", "links", "type"]
        ),
        _JSON
        | st.dictionaries(
            st.sampled_from(["exceptions", "request", "response", "id"]),
            _JSON | st.lists(st.dictionaries(st.sampled_from(["id", "stack", "cause"]), _JSON, max_size=2)),
            max_size=2,
        ),
    )
)
def test_no_json_raises(document: dict[str, Any]) -> None:
    """Whatever JSON arrives, the answer is a list of problems."""
    assert isinstance(validate_document(document), list)
    assert isinstance(validate_document({**SEGMENT, **document}), list)


@given(traces())
def test_documents_of_the_usual_kind_are_seen_to_be_sound_at_once(documents: list[dict[str, Any]]) -> None:
    """The quick look suffices for valid documents, and agrees with the long one."""
    assert all(map(is_sound, documents))
    assert [list_problems(document) for document in documents] == [[]] * len(documents)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every object and list in a value, each with every key or index of it."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            found += [(value, key), *_places(value[key])]
    return found


@given(traces(), st.data())
def test_the_quick_look_agrees_with_the_long_one(
    documents: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Whatever is changed in a valid document, what the quick look takes has no problem."""
    document = deepcopy(documents[0])
    for _ in range(data.draw(st.integers(1, 3))):
        places = _places(document)
        if not places:
            break
        holder, key = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = data.draw(_JSON | st.sampled_from([1e300, "subsegment", "AWS.own", "x" * 251, {}]))
    problems = list_problems(document)
    assert validate_document(document) == problems
    assert not (is_sound(document) and problems)
