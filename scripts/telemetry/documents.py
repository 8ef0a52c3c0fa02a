"""Segment documents of a command's spans: the root a segment, all others independent subsegments.

Source: X-Ray segment documents (devguide/xray-api-segmentdocuments.html). A trace has 50 indexed annotations:
only the root's attributes become some, those of the others are metadata.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xray.names import ANNOTATIONS_MAX_PER_TRACE, clean_segment_name, to_xray_trace_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.telemetry.spans import Span

_NANOSECONDS = 1_000_000_000
_NOT_IN_KEYS = str.maketrans({"-": "_", " ": "_", "/": "_"})


def of(spans: Sequence[Span], root: Span, service: str) -> list[str]:
    """Return the documents of *spans* as JSON, that of *root* first."""
    others = [span for span in spans if span is not root]
    return [
        json.dumps(one) for one in (_segment(root, service), *(_subsegment(other, root) for other in others))
    ]


def _segment(span: Span, service: str) -> dict[str, Any]:
    indexed = [("name", span.name), *span.attributes.items()][:ANNOTATIONS_MAX_PER_TRACE]
    document = _entity(span, clean_segment_name(service))
    document["annotations"] = {name.translate(_NOT_IN_KEYS): value for name, value in indexed}
    return document


def _subsegment(span: Span, root: Span) -> dict[str, Any]:
    # One that knows of nothing above it is the command's all the same.
    above = f"{span.parent_id or root.span_id:016x}"
    return {**_entity(span, clean_segment_name(span.name)), "type": "subsegment", "parent_id": above}


def _entity(span: Span, name: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": name,
        "id": f"{span.span_id:016x}",
        "trace_id": to_xray_trace_id(span.trace_id),
        "start_time": span.start_ns / _NANOSECONDS,
        "end_time": max(span.start_ns, span.end_ns) / _NANOSECONDS,
        "metadata": {"default": {"recorder": span.recorder, **span.attributes}},
    }
    if span.parent_id:
        document["parent_id"] = f"{span.parent_id:016x}"
    if span.is_error:
        document["fault"] = True
    return document
