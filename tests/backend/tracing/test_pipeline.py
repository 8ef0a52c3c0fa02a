"""The queue between spans and sinks."""

import threading
import time
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from services.tracing.pipeline import Pipeline
from services.tracing.processor import PipelineProcessor
from tests.backend.tracing.servers import WAIT_SECONDS
from tests.backend.tracing.spans import make_span


class Memory:
    """A sink that keeps what it is sent, and may be held up."""

    def __init__(self) -> None:
        self.batches: list[Sequence[ReadableSpan]] = []
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Keep a batch."""
        self.entered.set()
        self.go_on.wait(WAIT_SECONDS)
        self.batches.append(spans)

    @property
    def spans(self) -> list[ReadableSpan]:
        """Return every span, in order."""
        return [span for batch in self.batches for span in batch]


def deadline() -> float:
    """Return some seconds from now, on the pipeline's clock."""
    return time.monotonic() + WAIT_SECONDS


def test_every_sink_gets_every_span_in_order() -> None:
    """Batches are bounded, and stopping hands over the rest."""
    sinks = Memory(), Memory()
    pipeline = Pipeline(sinks, batch=10)
    pipeline.start()
    spans = [make_span(str(number)) for number in range(35)]
    for span in spans:
        pipeline.put(span)
    assert pipeline.flush(deadline())
    pipeline.put(spans[0])
    pipeline.close(deadline())
    for sink in sinks:
        assert sink.spans == [*spans, spans[0]]
        assert max(map(len, sink.batches)) <= 10
    assert pipeline.status() == {"size": 0, "capacity": 8192, "recorded": 36, "dropped": 0}


def test_a_full_queue_drops_and_counts() -> None:
    """Nobody waits for room."""
    sink = Memory()
    sink.go_on.clear()
    pipeline = Pipeline([sink], capacity=5, batch=1)
    pipeline.start()
    span = make_span()
    pipeline.put(span)
    assert sink.entered.wait(WAIT_SECONDS)
    for _ in range(8):
        pipeline.put(span)
    assert pipeline.status() == {"size": 5, "capacity": 5, "recorded": 9, "dropped": 3}
    sink.go_on.set()
    pipeline.close(deadline())
    assert len(sink.spans) == 6


def test_after_stopping_spans_are_dropped_and_counted() -> None:
    """A span that ends late has nowhere to go, which is told."""
    pipeline = Pipeline([])
    pipeline.start()
    pipeline.close(deadline())
    pipeline.put(make_span())
    assert pipeline.status()["dropped"] == 1


def test_a_sink_that_hangs_does_not_hold_the_stop() -> None:
    """The deadline is kept, and what was not handed over is counted."""
    sink = Memory()
    sink.go_on.clear()
    pipeline = Pipeline([sink], batch=1)
    pipeline.start()
    pipeline.put(make_span())
    assert sink.entered.wait(WAIT_SECONDS)
    pipeline.put(make_span())
    pipeline.close(time.monotonic() + 0.05)
    assert pipeline.status()["dropped"] == 1
    assert not pipeline.flush(time.monotonic() + 0.01)
    sink.go_on.set()


def test_the_processor_takes_sampled_spans_while_there_is_a_pipeline() -> None:
    """Between a fork and the new start there is none."""
    sink = Memory()
    pipeline = Pipeline([sink])
    pipeline.start()
    processor = PipelineProcessor()
    provider = TracerProvider(ALWAYS_ON, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("test")
    tracer.start_span("lost").end()
    processor.pipeline = pipeline
    tracer.start_span("kept").end()
    assert processor.force_flush()
    pipeline.close(deadline())
    assert [span.name for span in sink.spans] == ["kept"]
