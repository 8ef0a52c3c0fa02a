"""Requests of X-Ray's model that are wrong in one place, and segments that are wrong in a few."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SQL = "x'; DROP TABLE traces; --"
EXAMPLES = {
    "InsightId": "12345678-1234-4234-8234-123456789abc",
    "ClientID": "a" * 24,
    "PolicyName": "policy",
    "TraceId": "1-65538f80-0123456789abcdef01234567",
}


def _nested(depth: int) -> Any:
    value: Any = 0
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63 - 1,
    10**400,
    1e308,
    -1e308,
    0.5,
    "",
    "\ud800",
    "\x00",
    "é" * 200,
    "x" * 100_000,
    SQL,
    '" OR 1=1 --',
    "../../../../etc/passwd",
    "${jndi:ldap://127.0.0.1/a}",
    "1-" + "f" * 8 + "-" + "f" * 24,
    [],
    {},
    [None],
    ["x"] * 1000,
    {"x": "y"},
    _nested(400),
]
hostile_values = st.sampled_from(VALUES) | st.text(max_size=40) | st.integers() | st.floats(allow_nan=False)


_SEGMENT_FIELDS = st.sampled_from(
    [
        *("trace_id", "id", "name", "start_time", "end_time", "parent_id", "type", "in_progress", "origin"),
        *(
            "user",
            "http",
            "aws",
            "service",
            "annotations",
            "metadata",
            "subsegments",
            "cause",
            "links",
            "sql",
        ),
        *("error", "fault", "throttle", "namespace", "resource_arn", "precursor_ids", "inferred"),
    ]
)
_NESTED = st.recursive(
    hostile_values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_SEGMENT_FIELDS, inner, max_size=3),
    max_leaves=6,
)
hostile_members = st.dictionaries(_SEGMENT_FIELDS, _NESTED, min_size=1, max_size=3)
"""Members of a segment, most of them wrong."""


_text = st.text(max_size=40) | st.sampled_from([SQL, "\x00", "../x", "%s", "{}"])
_frame = st.fixed_dictionaries({}, optional={"label": _text, "path": _text, "line": st.integers(0, 2**31)})
_exception = st.fixed_dictionaries(
    {"id": st.just("e" * 16)},
    optional={
        "type": _text,
        "message": _text,
        "remote": st.booleans(),
        "stack": st.lists(_frame, max_size=3),
    },
)
_json = st.recursive(
    _text | st.booleans() | st.none(), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)
odd_members = st.fixed_dictionaries(
    {},
    optional={
        "user": _text,
        "origin": _text,
        "namespace": st.sampled_from(["aws", "remote", "local"]),
        "error": st.booleans(),
        "fault": st.booleans(),
        "throttle": st.booleans(),
        "start_time": st.floats(0, 1.7e308) | st.integers(0, 2**63 - 1),
        "end_time": st.floats(0, 1.7e308) | st.integers(0, 2**63 - 1),
        "service": st.fixed_dictionaries({}, optional={"version": _text}),
        "http": st.fixed_dictionaries(
            {},
            optional={
                "request": st.fixed_dictionaries({}, optional={"method": _text, "url": _text}),
                "response": st.fixed_dictionaries({}, optional={"status": st.integers(0, 999)}),
            },
        ),
        "aws": st.fixed_dictionaries({}, optional={"operation": _text, "account_id": _text}),
        "sql": st.fixed_dictionaries({}, optional={"sanitized_query": _text, "database_type": _text}),
        "annotations": st.dictionaries(st.from_regex(r"[a-z_.]{1,9}", fullmatch=True), _text, max_size=3),
        "metadata": st.dictionaries(_text, st.dictionaries(_text, _json, max_size=2), max_size=2),
        "cause": st.fixed_dictionaries({}, optional={"exceptions": st.lists(_exception, max_size=2)}),
    },
)
"""Members of a segment, most of them allowed, with odd contents."""


def example(shape: Any, name: str = "") -> Any:
    """Return a value that the model allows for a shape."""
    limits = shape.metadata
    match shape.type_name:
        case "structure":
            required = shape.required_members or list(shape.members)[:1]
            return {key: example(shape.members[key], key) for key in required}
        case "list":
            return [example(shape.member, shape.member.name)] * max(1, limits.get("min", 0))
        case "map":
            return {"key": "value"}
        case "string" if "enum" in limits:
            return limits["enum"][0]
        case "string":
            known = EXAMPLES.get(shape.name) or EXAMPLES.get(name)
            return known or "a" * max(1, limits.get("min", 0))
        case "boolean":
            return False
        case _:
            return max(1, limits.get("min", 0))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of everything inside a value."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((*path, key), *places(value[key], (*path, key)))]


def put(value: Any, place: tuple[Any, ...], hostile: Any) -> Any:
    """Return the value with something else in one place."""
    if not place:
        return hostile
    key, *rest = place
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[key] = put(value[key], tuple(rest), hostile)
    return changed


@st.composite
def hostile_requests(draw: st.DrawFn, shape: Any) -> Any:
    """Draw a request that the model allows, with up to two members more and one place spoilt."""
    request = example(shape)
    optional = [name for name in shape.members if name not in request]
    for name in draw(st.lists(st.sampled_from(optional), max_size=2, unique=True)) if optional else ():
        request[name] = example(shape.members[name], name)
    where = places(request)
    place = draw(st.sampled_from(where)) if where else ()
    return put(request, place, draw(hostile_values)) if place else draw(hostile_values)
