"""Vectors read from tests/data/segments.json, and how a document is compared with what one expects."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "segments.json").read_text(encoding="utf-8")
)
TIME_TOLERANCE_SECONDS = 1e-6
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\['([^']*)'\]|\[(\d+)\]")


def span_of(vector: Mapping[str, Any]) -> ReadableSpan:
    """Build the vector's span."""
    span = vector["span"]
    context = _context(span["trace_id"], span["span_id"])
    parent = span["parent_span_id"]
    kind = span["kind"]
    return ReadableSpan(
        name=span["name"],
        context=context,
        parent=_context(span["trace_id"], parent, remote=span["parent_is_remote"]) if parent else None,
        resource=Resource(vector["resource"]["attributes"]),
        attributes=span["attributes"],
        events=[Event(e["name"], e["attributes"], e["time_unix_nano"]) for e in span["events"]],
        links=[Link(_context(k["trace_id"], k["span_id"]), k["attributes"]) for k in span["links"]],
        kind=SpanKind.INTERNAL if kind == "UNSPECIFIED" else SpanKind[kind],
        status=Status(StatusCode[span["status"]["code"]], span["status"]["message"] or None),
        start_time=span["start_unix_nano"],
        end_time=span["end_unix_nano"],
    )


def _context(trace_id: str, span_id: str, *, remote: bool = False) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), remote, TraceFlags(TraceFlags.SAMPLED))


def differences(expected: Any, actual: Any, place: str = "$") -> list[str]:
    """Return where `actual` lacks what is expected: objects by subset, lists by length and subset."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{place}: expected an object, got {actual!r}"]
        found = []
        for key, value in expected.items():
            if key in actual:
                found += differences(value, actual[key], f"{place}.{key}")
            elif value is not False:
                found.append(f"{place}.{key}: expected {value!r}, got nothing")
        return found
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return [f"{place}: expected {expected!r}, got {actual!r}"]
        pairs = enumerate(zip(expected, actual, strict=True))
        return [line for i, (one, other) in pairs for line in differences(one, other, f"{place}[{i}]")]
    if place.endswith("_time") and isinstance(actual, float):
        equal = abs(expected - actual) <= TIME_TOLERANCE_SECONDS
    else:
        equal = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
    return [] if equal else [f"{place}: expected {expected!r}, got {actual!r}"]


def lookup(document: Any, path: str) -> tuple[bool, Any]:
    """Return whether a JSON path exists in the document, and what it leads to."""
    steps = list(_STEP.finditer(path))
    assert path == "$" + "".join(step[0] for step in steps), f"{path} can't be read"
    value = document
    for step in steps:
        name, quoted, index = step.groups()
        if index is not None:
            if not isinstance(value, list) or int(index) >= len(value):
                return False, None
            value = value[int(index)]
        else:
            key = name if name is not None else quoted
            if not isinstance(value, dict) or key not in value:
                return False, None
            value = value[key]
    return True, value
