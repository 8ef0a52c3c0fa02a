"""Spans as OTLP: protobuf, gzip."""

import gzip
import logging
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace import ReadableSpan

GZIP_LEVEL = 3
BODY_MAX_BYTES = 4 * 1024 * 1024
"""Uncompressed. Honeycomb reads 20 MiB, X-Ray's endpoint 5 MB: a larger batch is sent in halves."""

_log = logging.getLogger(__name__)


def encode(spans: Sequence[ReadableSpan]) -> tuple[bytes, int]:
    """Return the spans as an ExportTraceServiceRequest, and how many could not be encoded and are not in it.

    What makes a span unencodable (a lone surrogate, a number out of range) would cost the whole batch.
    """
    try:
        return encode_spans(spans).SerializeToString(), 0
    except Exception:  # noqa: BLE001
        _log.debug("a batch holds a span that can't be encoded", exc_info=True)
    good = [span for span in spans if _is_encodable(span)]
    return encode_spans(good).SerializeToString(), len(spans) - len(good)


def _is_encodable(span: ReadableSpan) -> bool:
    try:
        encode_spans([span]).SerializeToString()
    except Exception:  # noqa: BLE001
        return False
    return True


def compress(body: bytes) -> bytes:
    """Return the body gzipped, cheaply."""
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def rejected_spans(body: bytes) -> tuple[int, str]:
    """Return how many spans a 200 answer says were rejected, and why; 0 where it says nothing readable."""
    if not body:
        return 0, ""
    try:
        partial = ExportTraceServiceResponse.FromString(body).partial_success
    except Exception:  # noqa: BLE001 (protobuf's DecodeError, which has moved between versions)
        return 0, ""
    return partial.rejected_spans, partial.error_message
