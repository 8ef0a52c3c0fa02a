"""How much memory the long texts of a span of the SDK's take: our own spans weigh theirs as they come."""

from opentelemetry.sdk.trace import ReadableSpan

from services.tracing.recording.attribute_values import long_bytes_of, long_bytes_within


def long_bytes_of_span(span: ReadableSpan) -> int:
    """Return about how many bytes its long texts take, and its collections."""
    size = long_bytes_of(span.name) + long_bytes_of(span.status.description)
    size += long_bytes_within(span.attributes or {})
    for event in span.events:
        size += long_bytes_of(event.name) + long_bytes_within(event.attributes or {})
    for link in span.links:
        size += long_bytes_within(link.attributes or {})
    return size
