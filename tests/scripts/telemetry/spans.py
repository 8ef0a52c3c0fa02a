"""Spans of every shape, for the properties, and OTLP as Terragrunt sends it."""

from __future__ import annotations

import time

from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire

from scripts.telemetry.spans import Span

TRACE_ID = (int(time.time()) << 96) + 7
_CHARACTERS = st.characters(codec="utf-8")
_NAMES = st.text(_CHARACTERS, min_size=1, max_size=300)
_VALUES = st.one_of(
    st.text(_CHARACTERS, max_size=500),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
_KEYS = st.from_regex(r"[a-z][a-z._-]{0,30}", fullmatch=True)
ANY = st.builds(
    Span,
    trace_id=st.just(TRACE_ID),
    span_id=st.integers(1, 2**64 - 1),
    parent_id=st.integers(0, 2**64 - 1),
    name=_NAMES,
    start_ns=st.integers(1_600_000_000 * 10**9, 1_900_000_000 * 10**9),
    end_ns=st.integers(1_600_000_000 * 10**9, 1_900_000_000 * 10**9),
    attributes=st.dictionaries(_KEYS, _VALUES, max_size=60),
    is_error=st.booleans(),
    recorder=st.sampled_from(["scripts", "terragrunt"]),
)


def span(number: int, parent: int = 0, *, milliseconds: int = 100, recorder: str = "terragrunt") -> Span:
    """Return a span of *TRACE_ID* that takes so long."""
    start = 1_700_000_000 * 10**9
    return Span(
        TRACE_ID, number, parent, f"span {number}", start, start + milliseconds * 10**6, recorder=recorder
    )


def request(
    name: str = "run_terraform", attributes: dict[str, str] | None = None, *, trace_id: int = TRACE_ID
) -> ExportTraceServiceRequest:
    """Return one span as Terragrunt sends it."""
    values = [
        KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in (attributes or {}).items()
    ]
    one = Wire(
        trace_id=trace_id.to_bytes(16, "big"),
        span_id=(9).to_bytes(8, "big"),
        name=name,
        start_time_unix_nano=5,
        end_time_unix_nano=6,
        attributes=values,
    )
    return ExportTraceServiceRequest(resource_spans=[ResourceSpans(scope_spans=[ScopeSpans(spans=[one])])])
