"""Traces as ListRetrievedTraces shows them (source: the X-Ray API, RetrievedTrace and Span)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from localcloud.aws.xray.documents import recompiled
from localcloud.aws.xray.otel_spans import otel_spans
from xray.segments import merge_trace

SPANS_MAX = 100
DOCUMENT_MAX_CHARACTERS = 204_800
XRAY = "XRAY"


class KeptTrace(Protocol):
    """What is read of a trace; times are epoch seconds."""

    @property
    def trace_id(self) -> str:
        """The trace's id."""

    @property
    def start_time(self) -> float:
        """When the first segment starts."""

    @property
    def end_time(self) -> float:
        """When the last segment ends."""

    def documents(self) -> list[Mapping[str, Any]]:
        """Return the segment documents."""


def retrieved_traces(trace: KeptTrace, trace_format: str) -> Iterator[dict[str, Any]]:
    """Yield a trace as the API's `RetrievedTrace`; one of more than 100 spans comes in several parts."""
    if trace_format == XRAY:
        spans = list(_segments(trace))
    else:
        waterfall = merge_trace(trace.documents())
        spans = [_span(span["spanId"], span) for span in otel_spans(trace.trace_id, waterfall)]
    for start in range(0, len(spans), SPANS_MAX):
        yield {
            "Id": trace.trace_id,
            "Duration": round(trace.end_time - trace.start_time, 6),
            "Spans": spans[start : start + SPANS_MAX],
        }


def _segments(trace: KeptTrace) -> Iterator[dict[str, str]]:
    """Yield the segments as BatchGetTraces has them; of one too long for a span, its parts as they came."""
    documents = trace.documents()
    whole = [_span(document["id"], document) for document in recompiled(documents)]
    if all(len(span["Document"]) <= DOCUMENT_MAX_CHARACTERS for span in whole):
        return iter(whole)
    return (_span(document["id"], document) for document in documents)


def _span(span_id: str, document: Mapping[str, Any]) -> dict[str, str]:
    return {"Id": span_id, "Document": json.dumps(document, separators=(",", ":"))}
