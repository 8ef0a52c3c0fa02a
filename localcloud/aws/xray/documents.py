"""A trace's documents as BatchGetTraces gives them back: whole segments, their subsegments in place."""

import json
from collections.abc import Mapping
from typing import Any

from localcloud.aws.xray.traces import StoredTrace
from xray.segments import SUBSEGMENT_DEPTH_MAX, Node, merge_trace
from xray.traces import inferred_documents

_OF_INDEPENDENT_SUBSEGMENTS = {"subsegments", "trace_id", "parent_id", "type"}


def trace_to_api(trace: StoredTrace) -> dict[str, Any]:
    """Return the API's `Trace`."""
    return {
        "Id": trace.trace_id,
        "Duration": round(trace.end_time - trace.start_time, 6),
        "LimitExceeded": trace.limit_exceeded,
        "Segments": [
            {"Id": document["id"], "Document": json.dumps(document, separators=(",", ":"))}
            for document in recompiled(trace.documents())
        ],
    }


def recompiled(documents: Any) -> list[dict[str, Any]]:
    """Return the segments with the subsegments that were sent apart from them in their places.

    A subsegment whose segment hasn't come yet stands for itself. Services that sent nothing have their
    inferred segments behind the others.
    """
    waterfall = merge_trace(documents)
    segments: list[dict[str, Any]] = []
    stack: list[tuple[Node, dict[str, Any] | None, int]] = [
        (root, None, 0) for root in reversed(waterfall.roots)
    ]
    while stack:
        node, enclosing, depth = stack.pop()
        if not node.is_subsegment or enclosing is None or depth > SUBSEGMENT_DEPTH_MAX:
            document, depth = _without(node.document, {"subsegments"}), 0
            segments.append(document)
        else:
            document = _without(node.document, _OF_INDEPENDENT_SUBSEGMENTS)
            enclosing.setdefault("subsegments", []).append(document)
        stack.extend((child, document, depth + 1) for child in reversed(node.children))
    return segments + inferred_documents(waterfall)


def _without(document: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}
