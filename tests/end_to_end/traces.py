"""One trace, read back from both sinks through their own interfaces, in one form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.end_to_end.backend import control, until

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mypy_boto3_xray import XRayClient

IDS_MAX_PER_CALL = 5


@dataclass(frozen=True)
class Span:
    """A span as one sink has it: `start` and `end` in epoch seconds, `fields` in the sink's own words."""

    span_id: str
    parent_id: str | None
    start: float
    end: float
    fields: Mapping[str, Any]


Spans = dict[str, Span]
"""By span id."""


def honeycomb_id(trace_id: str) -> str:
    """Return X-Ray's `1-8hex-24hex` as 32 hex digits."""
    return trace_id[2:].replace("-", "")


def in_xray(xray: XRayClient, trace_ids: Iterable[str]) -> dict[str, Spans]:
    """Return what X-Ray has of these traces at the moment; one that it doesn't have is left out.

    So are the segments that it infers for services that sent nothing.
    """
    ids = list(trace_ids)
    found: dict[str, Spans] = {}
    for first in range(0, len(ids), IDS_MAX_PER_CALL):
        for trace in xray.batch_get_traces(TraceIds=ids[first : first + IDS_MAX_PER_CALL])["Traces"]:
            documents = (json.loads(segment["Document"]) for segment in trace["Segments"])
            found[trace["Id"]] = {
                span.span_id: span for one in documents if "inferred" not in one for span in _flat(one)
            }
    return found


def _flat(document: Mapping[str, Any], enclosing: str | None = None) -> Iterator[Span]:
    fields = {key: value for key, value in document.items() if key != "subsegments"}
    parent_id = document.get("parent_id", enclosing)
    yield Span(document["id"], parent_id, document["start_time"], document["end_time"], fields)
    for subsegment in document.get("subsegments", ()):
        yield from _flat(subsegment, document["id"])


def in_honeycomb(honeycomb: str, trace_ids: Iterable[str]) -> dict[str, Spans]:
    """Return what Honeycomb has of these traces at the moment; span events and links are left out."""
    found: dict[str, Spans] = {}
    for trace_id in trace_ids:
        events = control(honeycomb, f"traces/{honeycomb_id(trace_id)}")["events"]
        spans = [_span(event) for event in events if "meta.annotation_type" not in event["data"]]
        if spans:
            found[trace_id] = {span.span_id: span for span in spans}
    return found


def _span(event: Mapping[str, Any]) -> Span:
    fields = {**event["data"], "dataset": event["dataset"], "samplerate": event["samplerate"]}
    start = datetime.fromisoformat(event["time"]).timestamp()
    end = start + fields["duration_ms"] / 1000
    return Span(fields["trace.span_id"], fields.get("trace.parent_id"), start, end, fields)


def in_both(
    xray: XRayClient, honeycomb: str, trace_ids: Collection[str], *, spans: int
) -> dict[str, tuple[Spans, Spans]]:
    """Wait until each trace has at least *spans* spans in both sinks; return what each has, X-Ray's first."""

    def read() -> dict[str, tuple[Spans, Spans]]:
        theirs, ours = in_honeycomb(honeycomb, trace_ids), in_xray(xray, trace_ids)
        return {trace_id: (ours.get(trace_id, {}), theirs.get(trace_id, {})) for trace_id in trace_ids}

    return until(read, lambda found: all(min(map(len, pair)) >= spans for pair in found.values()))
