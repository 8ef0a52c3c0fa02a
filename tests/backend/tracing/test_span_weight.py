"""What a span's long texts take is weighed, and bounded by OpenTelemetry's limits."""

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanContext, StatusCode

from services.tracing.pipeline import Pipeline
from services.tracing.recorder import Recorder
from services.tracing.recording.provider import Provider
from services.tracing.recording.span import Span
from services.tracing.settings import TracingSettings

LONG = "x" * 100_000


class Kept(Pipeline):
    """Keeps what is put into it."""

    def __init__(self) -> None:
        super().__init__([])
        self.spans: list[ReadableSpan] = []

    def put(self, span: ReadableSpan) -> None:
        """Keep a span."""
        self.spans.append(span)


def _provider(settings: TracingSettings | None = None) -> tuple[Provider, Kept]:
    kept = Kept()
    provider = Provider(Resource({}))
    provider.renew(Resource({}), ALWAYS_ON, kept, settings.bounds if settings else None)
    return provider, kept


@pytest.mark.parametrize(
    "make",
    [
        lambda span: span.set_attribute("a", LONG),
        lambda span: span.set_attribute(LONG, 1),
        lambda span: span.set_attribute("a", [LONG]),
        lambda span: span.set_known("http.route", LONG),
        lambda span: span.add_event(LONG),
        lambda span: span.add_event("e", {"a": LONG}),
        lambda span: span.add_event("e", {LONG: 1}),
        lambda span: span.add_link(SpanContext(1, 1, False), {"a": LONG}),
        lambda span: span.add_link(SpanContext(1, 1, False), {LONG: 1}),
        lambda span: span.set_status(StatusCode.ERROR, LONG),
        lambda span: span.update_name(LONG),
    ],
    ids=[
        *("value", "key", "list", "known", "event", "event-value", "event-key", "link-value", "link-key"),
        *("status", "name"),
    ],
)
def test_every_long_text_is_weighed(make: Callable[[Any], None]) -> None:
    """Wherever a span holds it: the pipeline's queue is bounded by it."""
    provider, kept = _provider()
    span = provider.get_tracer("test").start_span("work")
    make(span)
    span.end()
    (weighed,) = kept.spans
    assert isinstance(weighed, Span)
    assert len(LONG) <= weighed.long_bytes < 2 * len(LONG)


def test_short_texts_weigh_nothing() -> None:
    """They are bounded by how many there may be."""
    provider, kept = _provider()
    span = provider.get_tracer("test").start_span("work", attributes={"a": "b"})
    span.add_link(SpanContext(1, 1, False), {"a": "b"})
    span.add_event("seen", {"a": "b"})
    with pytest.raises(ValueError, match="no"), span:
        raise ValueError("no")
    (weighed,) = kept.spans
    assert isinstance(weighed, Span)
    assert weighed.long_bytes == 0


def _request(settings: TracingSettings, path: str) -> Span:
    provider, kept = _provider(settings)
    recorder = Recorder(provider.get_tracer("test"), provider.id_generator, None, settings)

    def app(_: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b""]

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_HOST": "h" * 5000,
        "HTTP_USER_AGENT": "u" * 5000,
        "HTTP_X_FORWARDED_FOR": "f" * 5000,
        "REMOTE_ADDR": "r" * 5000,
        "wsgi.url_scheme": "s" * 5000,
        "SERVER_PROTOCOL": "HTTP/" + "1" * 5000,
    }
    recorder.handle(app, environ, lambda *_: None)
    (span,) = kept.spans
    assert isinstance(span, Span)
    return span


def test_what_a_request_says_of_itself_is_weighed() -> None:
    """Its path may be as long as the server lets it be; what else is long is cut."""
    span = _request(TracingSettings(), "/" + LONG)
    assert len(LONG) <= span.long_bytes < 2 * len(LONG)
    assert _request(TracingSettings(), "/").long_bytes == 0


@pytest.mark.parametrize("limit", [20, 1024, 5000])
def test_the_limit_on_lengths_holds_for_what_a_request_says_of_itself(limit: int) -> None:
    """OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT cuts the recorder's own attributes as all others."""
    settings = TracingSettings.from_environment({"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": str(limit)})
    texts = [value for value in _request(settings, "/" + LONG).attributes.values() if isinstance(value, str)]
    assert max(map(len, texts)) == limit
