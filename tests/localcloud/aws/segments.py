"""Segment documents for tests, and a way to send them."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_xray import XRayClient

START: Any = 1_700_000_000.0


def make_trace_id(at: float = START) -> str:
    """Return a new trace id of this second."""
    return f"1-{int(at):08x}-{secrets.token_hex(12)}"


def make_segment(trace_id: str, **members: Any) -> dict[str, Any]:
    """Return a segment of the second that begins half a second into the trace's.

    A member that is None is left out.
    """
    start = int(trace_id[2:10], 16)
    times = {"start_time": start + 0.5, "end_time": start + 1.5}
    segment = {"trace_id": trace_id, "id": secrets.token_hex(8), "name": "web", **times, **members}
    return {key: value for key, value in segment.items() if value is not None}


def make_call(segment: dict[str, Any], name: str, **members: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a segment with a call to a service, and that service's segment."""
    call = {"id": secrets.token_hex(8), "name": name, "namespace": "remote", **members}
    times = {key: segment[key] for key in ("start_time", "end_time")}
    caller = {**segment, "subsegments": [*segment.get("subsegments", []), {**times, **call}]}
    return caller, make_segment(segment["trace_id"], name=name, parent_id=call["id"], **members)


def put(xray: XRayClient, documents: Iterable[Any]) -> Any:
    """Send documents, or texts; return what wasn't taken."""
    texts = [document if isinstance(document, str) else json.dumps(document) for document in documents]
    return xray.put_trace_segments(TraceSegmentDocuments=texts)["UnprocessedTraceSegments"]
