"""The console sink: each span as a line of JSON on standard output, for a first look."""

import json
import logging
import sys
from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util import ns_to_iso_str
from opentelemetry.trace import SpanContext, format_span_id, format_trace_id

from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.worker_counts import Cells
from services.tracing.times import bounded_nanoseconds
from services.tracing.translation.values import json_value

_log = logging.getLogger(__name__)


class ConsoleSink:
    """Writes spans to standard output. Used by one thread, the pipeline's."""

    def __init__(self, *, cells: Cells | None = None) -> None:
        self.counters = SinkCounters("the console", cells)

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Write each span; what can't be written is counted. Never raises."""
        for span in spans:
            try:
                line = json.dumps(span_document(span), allow_nan=False) + "\n"
            except Exception as error:  # noqa: BLE001 (no span may stop the others)
                _log.debug("a span has no JSON: %s", type(error).__name__)
                self.counters.dropped("untranslatable")
                continue
            try:
                # In one piece: other threads write lines of the log to it.
                sys.stdout.write(line)
                sys.stdout.flush()
            except (OSError, ValueError) as error:
                self.counters.down(type(error).__name__)
                self.counters.dropped("send_failed")
            else:
                self.counters.up()
                self.counters.sent()

    def flush(self, _deadline: float) -> bool:
        """Do nothing: a batch is sent when `send` returns."""
        return True

    def close(self, _deadline: float | None = None) -> None:
        """Do nothing: what was written is out already."""


def span_document(span: ReadableSpan) -> dict[str, Any]:
    """Return what OpenTelemetry's console exporter prints of a span, its values as the segments have them.

    NaN, infinities and bytes, which JSON has no form for, are text.
    """
    status: dict[str, str] = {"status_code": span.status.status_code.name}
    if span.status.description:
        status["description"] = span.status.description
    document: dict[str, Any] = {
        "name": span.name,
        "context": None if span.context is None else _context(span.context),
        "kind": str(span.kind),
        "parent_id": None if span.parent is None else f"0x{format_span_id(span.parent.span_id)}",
        "start_time": _time(span.start_time),
        "end_time": _time(span.end_time),
        "status": status,
        "attributes": dict(span.attributes or {}),
        "events": [
            {
                "name": event.name,
                "timestamp": _time(event.timestamp),
                "attributes": dict(event.attributes or {}),
            }
            for event in span.events
        ],
        "links": [
            {"context": _context(link.context), "attributes": dict(link.attributes or {})}
            for link in span.links
        ],
        "resource": {
            "attributes": dict(span.resource.attributes),
            "schema_url": span.resource.schema_url,
        },
    }
    written: dict[str, Any] = json_value(document)
    return written


def _context(context: SpanContext) -> dict[str, str]:
    return {
        "trace_id": f"0x{format_trace_id(context.trace_id)}",
        "span_id": f"0x{format_span_id(context.span_id)}",
        "trace_state": repr(context.trace_state),
    }


def _time(nanoseconds: int | None) -> str | None:
    return None if nanoseconds is None else ns_to_iso_str(bounded_nanoseconds(nanoseconds))
