"""How much waits between a request and the sinks: OpenTelemetry's batch span processor's variables.

Source: OpenTelemetry specification, SDK environment variables, batch span processor.
"""

from dataclasses import dataclass
from typing import Self

from services.tracing.pipeline import BATCH_SPANS, CAPACITY_SPANS, DELAY_SECONDS
from services.tracing.settings_reader import SettingsReader, milliseconds_from, whole_from

QUEUE_MAX_SPANS = 131_072
BATCH_MAX_SPANS = 8192
DELAY_MIN_MILLISECONDS, DELAY_MAX_MILLISECONDS = 10, 60_000


@dataclass(frozen=True, slots=True)
class QueueBounds:
    """Spans that wait at most, spans of a batch, and after how long a batch goes that isn't full."""

    spans: int = CAPACITY_SPANS
    batch_spans: int = BATCH_SPANS
    delay_seconds: float = DELAY_SECONDS

    @classmethod
    def read(cls, read: SettingsReader) -> Self:
        """Read the variables; what is wrong with them is among the reader's problems."""
        spans = read.parsed(
            "OTEL_BSP_MAX_QUEUE_SIZE", whole_from(1, QUEUE_MAX_SPANS, "number of spans"), CAPACITY_SPANS
        )
        batch = read.parsed(
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", whole_from(1, BATCH_MAX_SPANS, "number of spans"), None
        )
        if batch is not None and batch > spans:
            read.problems.append(
                f"OTEL_BSP_MAX_EXPORT_BATCH_SIZE is {batch}, but the queue has room for {spans};"
                " raise OTEL_BSP_MAX_QUEUE_SIZE, or take a smaller batch"
            )
        return cls(
            spans,
            min(BATCH_SPANS, spans) if batch is None else batch,
            read.parsed(
                "OTEL_BSP_SCHEDULE_DELAY",
                milliseconds_from(DELAY_MIN_MILLISECONDS, DELAY_MAX_MILLISECONDS),
                DELAY_SECONDS,
            ),
        )
