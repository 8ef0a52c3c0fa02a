"""Requests through the middleware, recorded by a real tracer."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, request, stream_with_context
from flask.testing import FlaskClient
from opentelemetry import trace
from opentelemetry.context import get_current
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Sampler
from opentelemetry.trace import StatusCode
from werkzeug.test import TestResponse

from services.tracing import Tracing, TracingSettings, init_tracing, recorder
from services.tracing.pipeline import Pipeline
from services.tracing.propagation import XRayAndW3CPropagator
from services.tracing.recorder import Recorder
from services.tracing.recording.provider import Provider
from services.tracing.sampling import RuleSampler, standard_sampler
from services.tracing.segments import segment_documents
from xray.sampling import SamplingRule
from xray.trace_header import parse_trace_header

ROOT = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
TRACE_ID = 0x5F84C7A1E7D1852DB8C4FD35D88BF49A
PARENT = "53995c3f42cd8ad8"
EVERYTHING = SamplingRule("all", 2, 1.0, 0)
HEALTH = SamplingRule("health", 1, 0.0, 0, url_path="/health*")


class Closing(FlaskClient):
    """A client that reads and closes each response, as servers do."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        return super().open(*args, **{"buffered": True, **kwargs})


class Recorded:
    """A Flask application with tracing, and the spans that it recorded."""

    def __init__(self, sampler: Sampler | None = None, settings: TracingSettings | None = None) -> None:
        self.rules = RuleSampler("cruddur", [HEALTH, EVERYTHING]) if sampler is None else None
        self.exporter = InMemorySpanExporter()
        provider = Provider(Resource({}))
        provider.renew(Resource({}), sampler or self.rules or ALWAYS_OFF, Pipeline([]))
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = provider.get_tracer("test")
        self.app = Flask("test")
        settings = settings or TracingSettings()
        self.tracing: Tracing = init_tracing(self.app, settings)
        self.tracing.recorder = Recorder(self.tracer, provider.id_generator, self.rules, settings)
        self.client = Closing(self.app)
        self._routes()

    def _routes(self) -> None:
        @self.app.route("/item/<int:number>", methods=["GET", "POST"])
        def item(number: int) -> dict[str, Any]:
            with self.tracer.start_as_current_span("work"):
                carrier: dict[str, str] = {}
                XRayAndW3CPropagator().inject(carrier)
                return {"number": number, **carrier}

        @self.app.get("/health")
        def health() -> dict[str, Any]:
            with self.tracer.start_as_current_span("work") as span:
                return {"recording": span.is_recording(), "id": span.get_span_context().trace_id}

        @self.app.get("/fail")
        def fail() -> str:
            raise RuntimeError("no luck")

        @self.app.get("/stream")
        def stream() -> Response:
            def parts() -> Iterator[str]:
                for number in range(3):
                    with self.tracer.start_as_current_span(f"part-{number}"):
                        yield str(number)
                if request.args.get("fail"):
                    raise RuntimeError("in the middle")

            return Response(stream_with_context(parts()))

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        """Return the recorded spans by name."""
        return {span.name: span for span in self.exporter.get_finished_spans()}


def test_a_request_is_a_server_span_named_after_its_route() -> None:
    """Stable conventions, the route and not the path in the name, no query."""
    recorded = Recorded()
    response = recorded.client.get(
        "/item/7?token=secret", headers={"User-Agent": "t/1", "X-Forwarded-For": "203.0.113.7, 10.0.0.1"}
    )
    server, work = recorded.spans["GET /item/<int:number>"], recorded.spans["work"]
    assert dict(server.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/item/<int:number>",
        "http.response.status_code": 200,
        "url.path": "/item/7",
        "url.scheme": "http",
        "server.address": "localhost",
        "client.address": "203.0.113.7",
        "user_agent.original": "t/1",
        "network.protocol.version": "1.1",
        "http.response.body.size": int(response.headers["Content-Length"]),
    }
    assert server.status.status_code is StatusCode.UNSET
    assert work.parent == server.context
    header = parse_trace_header(response.headers["X-Amzn-Trace-Id"])
    assert (header.trace_id, header.parent_id, header.sampled) == (server.context.trace_id, None, None)


def test_an_unsampled_request_records_nothing_and_still_has_a_trace() -> None:
    """Spans within it aren't recorded, and the response names the trace that all it calls belongs to."""
    recorded = Recorded()
    response = recorded.client.get("/health")
    assert recorded.spans == {}
    answer = response.get_json()
    assert answer["recording"] is False
    assert parse_trace_header(response.headers["X-Amzn-Trace-Id"]).trace_id == answer["id"]


@pytest.mark.parametrize("sampler", [None, standard_sampler(None, 1.0)], ids=["rules", "standard"])
@pytest.mark.parametrize(
    ("headers", "parent", "sampled", "told"),
    [
        ({"X-Amzn-Trace-Id": f"Root={ROOT}"}, None, True, ""),
        ({"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=1"}, PARENT, True, ""),
        ({"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=0"}, PARENT, False, ""),
        ({"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=?"}, PARENT, True, ";Sampled=1"),
        ({"traceparent": f"00-{TRACE_ID:032x}-{PARENT}-01"}, PARENT, True, ""),
        ({"traceparent": f"00-{TRACE_ID:032x}-{PARENT}-00"}, PARENT, False, ""),
    ],
)
def test_an_incoming_trace_is_continued(
    headers: dict[str, str], parent: str | None, sampled: bool, told: str, sampler: Sampler | None
) -> None:
    """Its id, its parent and its decision are the caller's; what is left open is decided here."""
    recorded = Recorded(sampler)
    response = recorded.client.get("/item/1", headers=headers)
    assert response.headers["X-Amzn-Trace-Id"] == f"Root={ROOT}{told}"
    assert bool(recorded.spans) is sampled
    if sampled:
        server = recorded.spans["GET /item/<int:number>"]
        assert server.context.trace_id == TRACE_ID
        assert (server.parent and f"{server.parent.span_id:016x}") == parent


def test_a_root_alone_with_a_decision_is_honoured() -> None:
    """A load balancer in front of a decided trace: the id is kept, the decision too."""
    recorded = Recorded()
    recorded.client.get("/health", headers={"X-Amzn-Trace-Id": f"Root={ROOT};Sampled=1"})
    assert recorded.spans["GET /health"].context.trace_id == TRACE_ID
    recorded.client.get("/item/1")
    assert recorded.spans["GET /item/<int:number>"].context.trace_id != TRACE_ID


def test_an_unhandled_exception_is_recorded_once() -> None:
    """The response is Flask's 500, the span has the exception and the error status."""
    recorded = Recorded()
    response = recorded.client.get("/fail")
    span = recorded.spans["GET /fail"]
    assert response.status_code == 500
    assert response.headers["X-Amzn-Trace-Id"]
    assert span.status.status_code is StatusCode.ERROR
    assert [event.name for event in span.events] == ["exception"]
    assert (span.attributes or {})["error.type"] == "RuntimeError"


def test_an_exception_that_flask_passes_on_is_recorded_once_and_raised() -> None:
    """Under test or debugger; it is the application's own exception that arrives."""
    recorded = Recorded()
    recorded.app.testing = True
    with pytest.raises(RuntimeError, match="no luck"):
        recorded.client.get("/fail")
    span = recorded.spans["GET /fail"]
    assert len(span.events) == 1
    assert span.status.status_code is StatusCode.ERROR


@pytest.mark.parametrize(
    ("method", "path", "name", "status"),
    [
        ("GET", "/nothing", "GET", 404),
        ("DELETE", "/item/1", "DELETE", 405),
        ("BREW", "/item/1", "HTTP", 405),
        ("POST", "/item/1", "POST /item/<int:number>", 200),
    ],
)
def test_other_answers(method: str, path: str, name: str, status: int) -> None:
    """Without a route the method is the name; 4xx is no error of the server; odd methods are `_OTHER`."""
    recorded = Recorded()
    recorded.client.open(path, method=method)
    span = recorded.spans[name]
    assert (span.attributes or {})["http.response.status_code"] == status
    assert span.status.status_code is StatusCode.UNSET
    if method == "BREW":
        assert (span.attributes or {})["http.request.method"] == "_OTHER"
        assert (span.attributes or {})["http.request.method_original"] == "BREW"


@pytest.mark.parametrize("sampled", ["1", "0"])
def test_a_streamed_body_belongs_to_its_request(sampled: str) -> None:
    """Spans made while it is generated are children, or not recorded; the request ends with its body."""
    recorded = Recorded()
    response = recorded.client.get("/stream", headers={"X-Amzn-Trace-Id": f"Root={ROOT};Sampled={sampled}"})
    assert response.text == "012"
    if sampled == "0":
        assert recorded.spans == {}
        return
    server = recorded.spans["GET /stream"]
    for number in range(3):
        assert recorded.spans[f"part-{number}"].parent == server.context
    assert list(recorded.spans)[-1] == "GET /stream"


def test_a_body_that_fails_fails_its_request() -> None:
    """After the status was sent nothing else can tell."""
    recorded = Recorded()
    with pytest.raises(RuntimeError, match="in the middle"):
        recorded.client.get("/stream?fail=1")
    assert recorded.spans["GET /stream"].status.status_code is StatusCode.ERROR


def test_no_context_is_left_behind() -> None:
    """After a request, streamed or not, sampled or not, the thread belongs to no trace."""
    recorded = Recorded()
    before = get_current()
    for path in ("/item/1", "/health", "/fail", "/stream"):
        recorded.client.get(path)
    assert get_current() == before
    assert trace.get_current_span() is trace.INVALID_SPAN


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Amzn-Trace-Id": "Root=" + "\u00ff" * 5000},
        {"traceparent": "00-" + "f" * 9000, "tracestate": "\u00e4=" * 999},
        {"Host": "h:\u00b2"},
        {"Host": "[::1]:4567"},
        {"Host": "a" * 5000 + ":99999999"},
        {"X-Forwarded-For": ",,,"},
        {"User-Agent": "\u00ff" * 3000},
        {"baggage": "a=b" * 3000},
    ],
)
def test_hostile_headers_change_no_answer(headers: dict[str, str]) -> None:
    """The request is served and traced as any other."""
    recorded = Recorded()
    response = recorded.client.get("/health", headers=headers)
    assert response.status_code in {200, 400}
    assert response.headers["X-Amzn-Trace-Id"]
    assert recorded.client.get("/item/1", headers=headers).status_code in {200, 400}


def test_a_path_in_utf8_is_text() -> None:
    """WSGI's Latin-1 is undone, what is no UTF-8 replaced."""
    recorded = Recorded()
    recorded.client.get("/gr\u00fc\u00dfe")
    recorded.client.get("/%ff")
    paths = [(span.attributes or {})["url.path"] for span in recorded.exporter.get_finished_spans()]
    assert paths == ["/gr\u00fc\u00dfe", "/\ufffd"]


def test_an_error_of_ours_is_not_the_requests(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Tracing that fails leaves a line, and the request is served untraced."""

    def broken(*_: object) -> dict[str, Any]:
        raise ZeroDivisionError

    recorded = Recorded()
    monkeypatch.setattr(recorder, "request_attributes", broken)
    assert recorded.client.get("/item/1").status_code == 200
    assert "served untraced" in caplog.text


def test_an_exception_without_words_is_recorded() -> None:
    """An exception whose text can't be had replaces nothing, and is named."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    recorded = Recorded()

    @recorded.app.get("/mute")
    def mute() -> str:
        raise Mute

    recorded.app.logger.disabled = True
    assert recorded.client.get("/mute").status_code == 500
    span = recorded.spans["GET /mute"]
    assert span.status.status_code is StatusCode.ERROR
    assert (span.events[0].attributes or {})["exception.message"] == "<unprintable Mute>"


UNTRUSTED = {
    "nobody": {"TRACING_TRUSTED_CALLERS": "none"},
    "others": {"TRACING_TRUSTED_CALLERS": "10.0.0.0/8,::1"},
}
TRUSTED = {
    "everybody": {},
    "this one": {"TRACING_TRUSTED_CALLERS": "10.0.0.0/8,127.0.0.0/8"},
}
FORCED = f"Root={ROOT};Parent={PARENT};Sampled=1"


@pytest.mark.parametrize("variables", UNTRUSTED.values(), ids=UNTRUSTED)
@pytest.mark.parametrize("sampled", ["0", "1", "?"])
def test_the_decision_of_a_caller_who_is_not_trusted_does_not_count(
    variables: dict[str, str], sampled: str
) -> None:
    """Whatever it says, the rules decide; the trace goes on all the same, and so does the parent."""
    recorded = Recorded(settings=TracingSettings.from_environment(variables))
    headers = {"X-Amzn-Trace-Id": FORCED.replace("Sampled=1", f"Sampled={sampled}")}
    recorded.client.get("/health", headers=headers)
    assert recorded.spans == {}
    response = recorded.client.get("/item/1", headers=headers)
    assert response.headers["X-Amzn-Trace-Id"].startswith(f"Root={ROOT}")
    server = recorded.spans["GET /item/<int:number>"]
    assert server.parent is not None
    assert (server.context.trace_id, server.parent.span_id) == (TRACE_ID, int(PARENT, 16))


@pytest.mark.parametrize("variables", TRUSTED.values(), ids=TRUSTED)
def test_the_decision_of_a_trusted_caller_counts(variables: dict[str, str]) -> None:
    """It goes before the rules, in both directions."""
    recorded = Recorded(settings=TracingSettings.from_environment(variables))
    recorded.client.get("/item/1", headers={"traceparent": f"00-{TRACE_ID:032x}-{PARENT}-00"})
    assert recorded.spans == {}
    recorded.client.get("/health", headers={"X-Amzn-Trace-Id": FORCED})
    assert recorded.spans["GET /health"].context.trace_id == TRACE_ID


def test_a_standard_sampler_decides_for_callers_who_are_not_trusted() -> None:
    """Without rules too a forced decision runs up no bill."""
    settings = TracingSettings.from_environment({"TRACING_TRUSTED_CALLERS": "none"})
    recorded = Recorded(standard_sampler("parentbased_always_off", 1.0), settings)
    recorded.client.get("/item/1", headers={"X-Amzn-Trace-Id": FORCED})
    assert recorded.spans == {}


def test_dynamic_naming_names_the_segment_after_the_host() -> None:
    """A host that matches names the segment in X-Ray; the resource, and so Honeycomb's data set, stays."""
    settings = TracingSettings.from_environment({"AWS_XRAY_URL": "*.example.com"})
    recorded = Recorded(settings=settings)
    recorded.client.get("/item/1", headers={"Host": "api.example.com"})
    server = recorded.spans["GET /item/<int:number>"]
    (document,) = segment_documents(server)
    assert document["name"] == "api.example.com"
    assert (server.attributes or {})["aws.local.service"] == "api.example.com"
    recorded.exporter.clear()
    recorded.client.get("/item/1", headers={"Host": "example.org"})
    assert "aws.local.service" not in (recorded.spans["GET /item/<int:number>"].attributes or {})


def test_rules_match_the_name_that_x_ray_shows() -> None:
    """With dynamic naming a rule's service name is matched against the host's."""
    sampler = RuleSampler(
        "cruddur", [SamplingRule("hosts", 1, 0.0, 0, service_name="*.example.com"), EVERYTHING]
    )
    assert sampler.decide("api.example.com", "GET", "/", "api.example.com").rule_name == "hosts"
    assert sampler.decide("api.example.com", "GET", "/").rule_name == "all"


def test_what_a_sampled_request_stands_for_is_on_each_of_its_spans() -> None:
    """The server span's weight is its children's, in threads of the request's context as well."""
    recorded = Recorded()
    assert recorded.rules is not None
    recorded.rules.load([SamplingRule("half", 1, 1.0, 0)])
    recorded.client.get("/item/1")
    assert {getattr(span, "sample_rate", None) for span in recorded.spans.values()} == {1}
    recorded.exporter.clear()
    recorded.client.get("/item/1", headers={"X-Amzn-Trace-Id": FORCED})
    assert {getattr(span, "sample_rate", None) for span in recorded.spans.values()} == {None}


def test_sizes_of_bodies_are_recorded() -> None:
    """The request's as announced, the response's as announced or, streamed, as it was sent."""
    recorded = Recorded()
    recorded.client.post("/item/1", data="x" * 10)
    attributes = recorded.spans["POST /item/<int:number>"].attributes or {}
    assert attributes["http.request.body.size"] == 10
    recorded.client.get("/stream")
    assert (recorded.spans["GET /stream"].attributes or {})["http.response.body.size"] == 3


def test_what_a_request_stands_for_is_told_to_those_it_calls() -> None:
    """A decision by a rate of a tenth goes out as `xray-rate`, and counts where the caller is listed."""
    recorded = Recorded(settings=TracingSettings.from_environment(TRUSTED["this one"]))
    assert recorded.rules is not None
    recorded.rules.load([SamplingRule("tenth", 1, 0.1, 0)])
    answers = [recorded.client.get("/item/1").get_json() for _ in range(200)]
    states = {answer.get("tracestate") for answer in answers}
    assert states == {None, "xray-rate=10"}
    recorded.exporter.clear()
    headers = {"traceparent": f"00-{TRACE_ID:032x}-{PARENT}-01", "tracestate": "a=1,xray-rate=10"}
    answer = recorded.client.get("/item/1", headers=headers).get_json()
    assert {getattr(span, "sample_rate", None) for span in recorded.spans.values()} == {10}
    assert answer["tracestate"] == "xray-rate=10,a=1"


@pytest.mark.parametrize("variables", [*UNTRUSTED.values(), TRUSTED["everybody"]])
def test_a_stranger_weights_nothing(variables: dict[str, str]) -> None:
    """Neither here nor further on, also where everybody's decision counts."""
    recorded = Recorded(settings=TracingSettings.from_environment(variables))
    headers = {"traceparent": f"00-{TRACE_ID:032x}-{PARENT}-01", "tracestate": "xray-rate=999999999,a=1"}
    answer = recorded.client.get("/item/1", headers=headers).get_json()
    assert {getattr(span, "sample_rate", None) for span in recorded.spans.values()} <= {None, 1}
    assert answer["tracestate"] == "a=1"


@pytest.mark.parametrize("told", ["-1", "1.5", "ten", "9" * 40, "٣"])
def test_a_rate_that_is_none_is_as_good_as_untold(told: str) -> None:
    """What a caller tells is checked: its spans then have no rate."""
    recorded = Recorded(settings=TracingSettings.from_environment(TRUSTED["this one"]))
    headers = {"traceparent": f"00-{TRACE_ID:032x}-{PARENT}-01", "tracestate": f"xray-rate={told}"}
    recorded.client.get("/item/1", headers=headers)
    assert {getattr(span, "sample_rate", None) for span in recorded.spans.values()} == {None}
