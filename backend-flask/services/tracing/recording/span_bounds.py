"""How much a span may hold: OpenTelemetry's limits.

Source: OpenTelemetry specification, SDK environment variables, attribute limits and span limits.
"""

from dataclasses import dataclass
from typing import Self

from services.tracing.settings_reader import SettingsReader, whole_number

LONG_CHARACTERS = 1024
"""Texts from here on are weighed: the pipeline's queue is bounded by what they take, too."""
DEFAULT_COUNT = 128


@dataclass(frozen=True, slots=True)
class SpanBounds:
    """Counts of attributes, events and links, and lengths of texts in characters, None where unlimited.

    Texts of a span's own attributes longer than `long_from` need a second look: to be cut, or weighed.
    """

    attributes: int = DEFAULT_COUNT
    events: int = DEFAULT_COUNT
    links: int = DEFAULT_COUNT
    event_attributes: int = DEFAULT_COUNT
    link_attributes: int = DEFAULT_COUNT
    text: int | None = None
    span_text: int | None = None
    long_from: int = LONG_CHARACTERS

    @classmethod
    def read(cls, read: SettingsReader) -> Self:
        """Read the variables; what is wrong with them is among the reader's problems."""
        count = read.parsed("OTEL_ATTRIBUTE_COUNT_LIMIT", whole_number, DEFAULT_COUNT)
        text = read.parsed("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", whole_number, None)
        span_text = read.parsed("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", whole_number, text)
        return cls(
            attributes=read.parsed("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", whole_number, count),
            events=read.parsed("OTEL_SPAN_EVENT_COUNT_LIMIT", whole_number, DEFAULT_COUNT),
            links=read.parsed("OTEL_SPAN_LINK_COUNT_LIMIT", whole_number, DEFAULT_COUNT),
            event_attributes=read.parsed("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", whole_number, count),
            link_attributes=read.parsed("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", whole_number, count),
            text=text,
            span_text=span_text,
            long_from=LONG_CHARACTERS if span_text is None else min(span_text, LONG_CHARACTERS),
        )
