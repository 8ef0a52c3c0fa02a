"""Spans that end when tracing has stopped are counted, in the process that began them."""

import os
import time

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from services.tracing.pipeline import Pipeline
from services.tracing.recording.provider import Provider

WATCHED = pytest.mark.parametrize("is_watched", [False, True], ids=["alone", "watched"])


def _provider(pipeline: Pipeline, *, is_watched: bool) -> Provider:
    provider = Provider(Resource({}))
    provider.renew(Resource({}), ALWAYS_ON, pipeline)
    if is_watched:
        provider.add_span_processor(SimpleSpanProcessor(InMemorySpanExporter()))
    return provider


@WATCHED
def test_what_ends_after_the_stop_is_counted_as_dropped(is_watched: bool) -> None:
    """Recorded and dropped with the cause `stopped`, so that nothing is unaccounted for."""
    pipeline = Pipeline([])
    provider = _provider(pipeline, is_watched=is_watched)
    tracer = provider.get_tracer("test")
    span = tracer.start_span("late")
    provider.stop_recording()
    provider.stop_recording()
    pipeline.close(time.monotonic())
    span.end()
    status = pipeline.status()
    assert (status["recorded"], status["causes"]) == (1, {"stopped": 1})
    assert not tracer.start_span("after").is_recording()


@WATCHED
def test_after_a_new_start_it_is_recorded_there(is_watched: bool) -> None:
    """The pipeline that is at work takes it."""
    old, new = Pipeline([]), Pipeline([])
    provider = _provider(old, is_watched=is_watched)
    span = provider.get_tracer("test").start_span("late")
    provider.stop_recording()
    provider.renew(Resource({}), ALWAYS_ON, new)
    span.end()
    assert (old.recorded, new.recorded) == (0, 1)


@WATCHED
def test_in_a_child_the_parents_span_counts_nowhere(is_watched: bool) -> None:
    """The pipeline is the parent's, and so are its counters: the child leaves them alone."""
    pipeline = Pipeline([])
    provider = _provider(pipeline, is_watched=is_watched)
    span = provider.get_tracer("test").start_span("late")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        provider.stop_recording()
        span.end()
        os.write(writing, str(pipeline.recorded).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    assert os.waitpid(child, 0)[1] == 0
    assert told == b"0"
    span.end()
    assert pipeline.recorded == 1
