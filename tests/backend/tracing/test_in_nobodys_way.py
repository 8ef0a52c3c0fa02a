"""Recording a request changes nothing of it, whatever the application and its span processors do."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Tracer
from werkzeug.test import Client, TestResponse

from services.tracing.pipeline import Pipeline
from services.tracing.recorder import Recorder
from services.tracing.recording.ids import TraceIds
from services.tracing.recording.provider import Provider
from services.tracing.recording.served import WsgiApplication
from services.tracing.sampling import RuleSampler
from services.tracing.settings import TracingSettings
from xray.sampling import SamplingRule

RATES = pytest.mark.parametrize("rate", [1.0, 0.0], ids=["sampled", "unsampled"])
Makers = Callable[[Pipeline, SpanProcessor | None], Tracer]


def _ours(pipeline: Pipeline, processor: SpanProcessor | None = None) -> Tracer:
    provider = Provider(Resource({}))
    provider.renew(Resource({}), ALWAYS_ON, pipeline)
    if processor is not None:
        provider.add_span_processor(processor)
    return provider.get_tracer("test")


def _theirs(_: Pipeline, processor: SpanProcessor | None = None) -> Tracer:
    provider = TracerProvider(ALWAYS_ON, shutdown_on_exit=False)
    if processor is not None:
        provider.add_span_processor(processor)
    return provider.get_tracer("test")


class Recorded:
    """A WSGI application with a recorder around it."""

    def __init__(
        self,
        app: WsgiApplication,
        rate: float = 1.0,
        processor: SpanProcessor | None = None,
        make: Makers = _ours,
    ) -> None:
        self._app = app
        self.pipeline = Pipeline([])
        rules = RuleSampler("test", [SamplingRule("all", 1, rate, 0)])
        self._recorder = Recorder(make(self.pipeline, processor), TraceIds(), rules, TracingSettings())

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return self._recorder.handle(self._app, environ, start)

    def get(self) -> TestResponse:
        """Send a request."""
        return Client(self).get("/", buffered=True)


def _answering(*headers: tuple[str, str]) -> WsgiApplication:
    def app(_: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", list(headers))
        return [b"ok"]

    return app


@RATES
@pytest.mark.parametrize("length", ["1" * 5000, "1" * 19, "-1", "\u0663", "two", ""])
def test_a_length_that_is_none_is_passed_on(length: str, rate: float) -> None:
    """The server and the client may make of it what they will."""
    response = Recorded(_answering(("Content-Length", length)), rate).get()
    assert response.data == b"ok"
    assert response.headers["Content-Length"] == length
    assert response.headers["X-Amzn-Trace-Id"]


@RATES
@pytest.mark.parametrize("name", ["X-Amzn-Trace-Id", "x-amzn-trace-id"])
def test_the_response_names_one_trace(name: str, rate: float) -> None:
    """What an application passes on of another service's response is replaced, all else stays."""
    kept = [("Content-Length", "2"), ("X-Fifteen-Chars", "kept"), ("Set-Cookie", "a"), ("Set-Cookie", "b")]
    response = Recorded(_answering((name, "Root=1-other"), *kept, (name, "Root=1-another")), rate).get()
    (told,) = response.headers.getlist("X-Amzn-Trace-Id")
    assert told.startswith("Root=1-")
    assert "other" not in told
    assert [pair for pair in response.headers if pair[0] != "X-Amzn-Trace-Id"] == kept


@RATES
def test_the_outer_of_two_recorders_names_the_trace(rate: float) -> None:
    """Tracing around tracing leaves one header."""
    response = Recorded(Recorded(_answering(), rate), rate).get()
    assert len(response.headers.getlist("X-Amzn-Trace-Id")) == 1


@RATES
def test_what_is_no_header_reaches_the_server_as_it_is(rate: float) -> None:
    """The server tells what is wrong with it: not the recorder."""
    told: list[Any] = []
    odd: Any = [("Content-Length", 2), (b"X", b"y", b"z")]

    def app(_: dict[str, Any], start: Any) -> list[bytes]:
        start(200, odd)
        return [b"ok"]

    body = Recorded(app, rate)({"REQUEST_METHOD": "GET"}, lambda *arguments: told.append(arguments))
    assert b"".join(body) == b"ok"
    assert told == [(200, odd)]


class Failing(SpanProcessor):
    """A span processor of the application's own, which doesn't work."""

    def __init__(self, method: str) -> None:
        self._method = method

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Fail, if it is to."""
        self._maybe("on_start", span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        """Fail, if it is to."""
        self._maybe("on_end", span)

    def _maybe(self, method: str, *_: object) -> None:
        if self._method == method:
            raise RuntimeError("theirs")


@pytest.mark.parametrize("method", ["on_start", "on_end"])
@pytest.mark.parametrize("make", [_ours, _theirs], ids=["ours", "theirs"])
def test_a_processor_that_fails_fails_no_request(
    make: Makers, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the request is served; where the provider is ours its span is queued too."""
    recorded = Recorded(_answering(), 1.0, Failing(method), make)
    assert recorded.get().data == b"ok"
    assert "RuntimeError: theirs" in caplog.text
    assert recorded.pipeline.recorded == (make is _ours)


@pytest.mark.parametrize("method", ["on_start", "on_end"])
def test_a_processor_that_fails_fails_no_span_within_a_request(method: str) -> None:
    """The spans that the application makes are no more in its way."""
    pipeline = Pipeline([])
    with _ours(pipeline, Failing(method)).start_as_current_span("work"):
        pass
    assert pipeline.recorded == 1
