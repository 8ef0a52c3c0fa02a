"""The queue between spans and sinks."""

import logging
import threading
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from services.tracing.pipeline import Pipeline
from services.tracing.recording.processor import PipelineProcessor
from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.worker_counts import WorkerCounts
from tests.backend.tracing.servers import WAIT_SECONDS
from tests.backend.tracing.spans import make_span


class Memory:
    """A sink that keeps what it is sent, and may be held up."""

    def __init__(self) -> None:
        self.counters = SinkCounters("memory")
        self.batches: list[Sequence[ReadableSpan]] = []
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.flushed_until: float | None = None
        self.never_flushes = False

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Keep a batch."""
        self.entered.set()
        self.go_on.wait(WAIT_SECONDS)
        self.batches.append(spans)

    def flush(self, deadline: float) -> bool:
        """Tell how much time was left."""
        self.flushed_until = deadline
        return not self.never_flushes

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
    assert pipeline.status() == {"size": 0, "capacity": 8192, "recorded": 36, "dropped": 0, "causes": {}}


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
    assert pipeline.status() == {
        "size": 5,
        "capacity": 5,
        "recorded": 9,
        "dropped": 3,
        "causes": {"queue_full": 3},
    }
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


def test_long_strings_are_bounded_as_spans_are(caplog: pytest.LogCaptureFixture) -> None:
    """A few huge spans must not fill the memory; one line says that dropping begins, one that it is over."""
    caplog.set_level(logging.INFO)
    sink = Memory()
    sink.go_on.clear()
    pipeline = Pipeline([sink], batch=1, long_bytes=1000)
    pipeline.start()
    huge, small = make_span("huge"), make_span("small")
    huge.long_bytes = 600  # type: ignore[attr-defined]
    pipeline.put(huge)
    assert sink.entered.wait(WAIT_SECONDS)
    pipeline.put(huge)  # the first one is with the sink, and still held
    pipeline.put(small)
    assert pipeline.status()["causes"] == {"queue_full": 1}
    sink.go_on.set()
    assert pipeline.flush(deadline())
    pipeline.put(huge)
    assert pipeline.flush(deadline())
    pipeline.close(deadline())
    assert [span.name for span in sink.spans] == ["huge", "small", "huge"]
    said = [record.getMessage() for record in caplog.records]
    assert [("is full" in line, "room again" in line) for line in said] == [(True, False), (False, True)]


def test_a_span_that_can_not_be_redacted_is_sent_to_nobody() -> None:
    """It is counted by its cause, the others of its batch are sent, and the thread lives on."""

    def redact(span: ReadableSpan) -> ReadableSpan:
        if span.name == "bad":
            raise RuntimeError
        return span

    sink = Memory()
    pipeline = Pipeline([sink], redact=redact)
    pipeline.start()
    for _ in range(2):
        for name in ("good", "bad", "good"):
            pipeline.put(make_span(name))
        assert pipeline.flush(deadline())
    pipeline.close(deadline())
    assert [span.name for span in sink.spans] == ["good"] * 4
    assert pipeline.status()["causes"] == {"unredactable": 2}
    assert pipeline.recorded - pipeline.dropped == len(sink.spans)


def test_every_span_is_redacted_once_for_all_sinks() -> None:
    """What the sinks get is what the redaction made of it."""
    seen = []

    def redact(span: ReadableSpan) -> ReadableSpan:
        seen.append(span)
        return clean

    clean, span = make_span("clean"), make_span("raw")
    sinks = Memory(), Memory()
    pipeline = Pipeline(sinks, redact=redact)
    pipeline.start()
    pipeline.put(span)
    pipeline.close(deadline())
    assert seen == [span]
    assert [sink.spans for sink in sinks] == [[clean], [clean]]


def test_a_sink_that_raises_harms_no_other() -> None:
    """Its batch is counted as dropped by it; the other sink has everything, and so has it later."""

    class Broken(Memory):
        def send(self, spans: Sequence[ReadableSpan]) -> None:
            if not self.entered.is_set():
                self.entered.set()
                raise RuntimeError
            super().send(spans)

    broken, whole = Broken(), Memory()
    pipeline = Pipeline([broken, whole])
    pipeline.start()
    spans = [make_span(), make_span()]
    for _ in range(2):
        for span in spans:
            pipeline.put(span)
        assert pipeline.flush(deadline())
    pipeline.close(deadline())
    assert (broken.spans, whole.spans) == (spans, spans * 2)
    assert broken.counters.status()["dropped"] == {"unexpected_error": 2}


@given(
    st.lists(st.tuples(st.sampled_from(["sent", "dropped", "lost"]), st.integers(0, 50))), st.integers(0, 99)
)
def test_a_finished_sink_has_accounted_for_every_span(calls: list[tuple[str, int]], unknown: int) -> None:
    """What was neither sent nor dropped at the deadline counts as stopped, and later news change nothing."""
    counters = SinkCounters("sink")
    given_spans = unknown
    for call, spans in calls:
        if call == "sent":
            counters.sent(spans)
            given_spans += spans
        elif call == "dropped":
            counters.dropped("cause", spans)
            given_spans += spans
        else:
            counters.lost("refused", min(spans, counters.status()["sent"]))
    counters.finish(given_spans)
    counters.sent(7)
    counters.dropped("late", 7)
    status = counters.status()
    assert status["sent"] + sum(status["dropped"].values()) == given_spans
    assert status["dropped"].get("stopped", 0) == unknown


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


def test_a_thread_that_outlives_the_stop_changes_no_count() -> None:
    """What was told at the stop stays so, also for a worker's parent: no span is counted twice."""
    entered, go_on = threading.Event(), threading.Event()

    def redact(span: ReadableSpan) -> ReadableSpan:
        entered.set()
        go_on.wait(WAIT_SECONDS)
        if span.name == "bad":
            raise RuntimeError
        return span

    counts = WorkerCounts(1)
    slot = counts.take(counts.reserve() or 0)
    sink = Memory()
    sink.counters = SinkCounters("memory", slot.sink("xray"))
    pipeline = Pipeline([sink], redact=redact, cells=slot.queue)
    pipeline.start()
    for name in ("bad", "good", "bad"):
        pipeline.put(make_span(name))
    assert entered.wait(WAIT_SECONDS)
    pipeline.close(time.monotonic() + 0.01)
    told = pipeline.finish()
    sink.counters.finish(told["recorded"] - told["dropped"])
    go_on.set()
    assert sink.entered.wait(WAIT_SECONDS)
    assert pipeline.status() == told
    pipeline.put(make_span("late"))
    assert pipeline.status()["causes"].get("stopped", 0) == told["causes"].get("stopped", 0) + 1
    ended = counts.end(0, 1)
    assert (ended.recorded, ended.lost) == (4, {})


def test_each_round_has_an_end() -> None:
    """A sink can go on with what waits there while no span comes; its errors harm nobody."""
    rounds = threading.Semaphore(0)

    def end() -> None:
        rounds.release()
        raise RuntimeError

    sink = Memory()
    pipeline = Pipeline([sink], delay=0.001, each_round=end)
    pipeline.start()
    for _ in range(3):
        assert rounds.acquire(timeout=WAIT_SECONDS)
    pipeline.put(make_span())
    pipeline.close(deadline())
    assert len(sink.spans) == 1


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


def test_a_flush_is_the_sinks_too() -> None:
    """Each is given the deadline, and one that isn't done makes it incomplete."""
    sinks = Memory(), Memory()
    pipeline = Pipeline(sinks)
    pipeline.start()
    pipeline.put(make_span())
    until = deadline()
    assert pipeline.flush(until)
    sinks[0].never_flushes = True
    assert not pipeline.flush(until)
    assert [sink.flushed_until for sink in sinks] == [until, until]
    pipeline.close(deadline())
