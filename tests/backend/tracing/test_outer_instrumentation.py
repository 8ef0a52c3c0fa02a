"""Another instrumentation makes the server span: a caller who isn't trusted decides nothing there either."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from opentelemetry import propagate, trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from werkzeug.test import TestResponse

from services.tracing import TracingSettings, init_tracing
from services.tracing.coexistence import installation
from services.tracing.coexistence.guest import Guest
from services.tracing.pipeline import Pipeline
from services.tracing.recording.trusted_callers import TrustedCallers
from services.tracing.sampling import RuleSampler, standard_sampler
from xray.sampling import SamplingRule

TRACE_ID, PARENT = "5f84c7a1e7d1852db8c4fd35d88bf49a", "53995c3f42cd8ad8"
ROOT = f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}"
YES, NO = f"00-{TRACE_ID}-{PARENT}-01", f"00-{TRACE_ID}-{PARENT}-00"
NEVER = SamplingRule("never", 1, 0.0, 0, url_path="/never")
EVERYTHING = SamplingRule("all", 2, 1.0, 0)
UNTRUSTED, TRUSTED = ["none", "10.0.0.0/8"], ["all", "10.0.0.0/8,127.0.0.1"]


class Taken(Pipeline):
    """A pipeline that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(())
        self.spans: list[ReadableSpan] = []

    def put(self, span: ReadableSpan) -> None:
        """Keep a span."""
        self.spans.append(span)


class Instrumented:
    """An application with our tracing, and with the WSGI middleware around it or Flask's within it."""

    def __init__(self, kind: str, trusted: str, sampler: Sampler | None = None) -> None:
        callers = TrustedCallers.parse(trusted)
        self.rules = RuleSampler("cruddur", [NEVER, EVERYTHING], trusted=callers)
        self.taken = Taken()
        installed = installation.install(Resource({}), sampler or self.rules, self.taken, callers)
        provider = installed.provider if isinstance(installed, Guest) else installed
        settings = TracingSettings(trusted_callers=callers)
        self.app = Flask("instrumented")
        rules = self.rules if sampler is None else None
        tracing = init_tracing(self.app, settings)
        tracing.recorder = installation.make_recorder(installed, "ours", rules, settings)
        if kind == "wsgi":
            around: Any = OpenTelemetryMiddleware(self.app.wsgi_app, tracer_provider=provider)
            self.app.wsgi_app = around  # type: ignore[method-assign]
        else:
            FlaskInstrumentor().instrument_app(self.app, tracer_provider=provider)  # type: ignore[no-untyped-call]

        @self.app.get("/work")
        @self.app.get("/never")
        def called() -> dict[str, str]:
            carrier: dict[str, str] = {}
            propagate.inject(carrier)
            return carrier

    def get(self, path: str, **headers: str) -> TestResponse:
        """Send a request from 127.0.0.1 and read its body to the end."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().get(path, headers=named, buffered=True)

    @property
    def matched(self) -> dict[str, int]:
        """Return how many requests each rule decided."""
        return {state.rule.rule_name: state.status()["matched"] for state in self.rules.states()}


@pytest.fixture(params=["wsgi", "flask"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return which instrumentation makes the server span."""
    return str(request.param)


@pytest.fixture(params=["our provider", "their provider"])
def process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process in which nothing is installed yet, with and without a provider of the application's own."""
    propagator = propagate.get_global_textmap()
    current: Any = trace.ProxyTracerProvider()
    if request.param == "their provider":
        current = TracerProvider(shutdown_on_exit=False)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: current)
    monkeypatch.setattr(trace, "set_tracer_provider", lambda _: None)
    monkeypatch.setattr(installation, "_installed", None)
    monkeypatch.setattr(installation, "_notes", [])
    yield
    propagate.set_global_textmap(propagator)


pytestmark = pytest.mark.usefixtures("process")


@pytest.mark.parametrize("trusted", UNTRUSTED)
def test_the_decision_of_a_caller_who_is_not_trusted_does_not_count(kind: str, trusted: str) -> None:
    """In whichever header, in either direction; the rules decide once, and the trace goes on."""
    application = Instrumented(kind, trusted)
    for headers in ({"X_Amzn_Trace_Id": f"Root={ROOT};Parent={PARENT};Sampled=1"}, {"traceparent": YES}):
        response = application.get("/never", **headers)
        assert response.headers.getlist("X-Amzn-Trace-Id") == [f"Root={ROOT}"]
    assert application.taken.spans == []
    application.get("/work", traceparent=NO)
    assert {span.context.trace_id for span in application.taken.spans} == {int(TRACE_ID, 16)}
    assert application.matched == {"never": 2, "all": 1}


@pytest.mark.parametrize("trusted", TRUSTED)
def test_the_decision_of_a_trusted_caller_counts(kind: str, trusted: str) -> None:
    """No rule is asked."""
    application = Instrumented(kind, trusted)
    application.get("/work", traceparent=NO)
    assert application.taken.spans == []
    application.get("/never", traceparent=YES)
    assert len(application.taken.spans) == 1
    assert application.matched == {"never": 0, "all": 0}


@pytest.mark.parametrize(("trusted", "rate"), [("all", None), ("127.0.0.1", 10)])
def test_a_rate_counts_from_a_caller_that_is_listed(kind: str, trusted: str, rate: int | None) -> None:
    """And goes on from there; a stranger's does neither."""
    application = Instrumented(kind, trusted)
    answer = application.get("/never", traceparent=YES, tracestate="xray-rate=10,a=1").get_json()
    assert {getattr(span, "sample_rate", None) for span in application.taken.spans} == {rate}
    assert answer["tracestate"] == ("a=1" if rate is None else "xray-rate=10,a=1")


def test_a_standard_sampler_decides_for_callers_who_are_not_trusted(kind: str) -> None:
    """Without rules a forced decision runs up no bill either."""
    trusted = TrustedCallers.parse("none")
    application = Instrumented(kind, "none", standard_sampler("parentbased_always_off", 1.0, trusted))
    application.get("/work", traceparent=YES)
    # An application's own provider has its own sampler, which decides what it records.
    is_guest = isinstance(installation._installed, Guest)
    assert bool(application.taken.spans) is is_guest


@pytest.mark.parametrize("trusted", UNTRUSTED)
def test_another_propagator_brings_no_decision_along(kind: str, trusted: str) -> None:
    """What the application chose to read headers with doesn't know whom to trust."""
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    application = Instrumented(kind, trusted)
    application.get("/never", traceparent=YES)
    assert application.taken.spans == []
    assert application.matched == {"never": 1, "all": 0}


def test_a_decision_within_another_propagator_is_the_middlewares() -> None:
    """It knows where the request came from, and decides once."""
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    application = Instrumented("flask", "127.0.0.1")
    application.get("/never", traceparent=YES, tracestate="xray-rate=10")
    assert [getattr(span, "sample_rate", None) for span in application.taken.spans] == [10]
    assert application.matched == {"never": 0, "all": 0}


@pytest.mark.parametrize(
    ("passed_on", "answered"),
    [
        ("Root=1-00000001-000000000000000000000001", f"Root={ROOT}"),
        (f"Root={ROOT};Sampled=1", f"Root={ROOT};Sampled=1"),
    ],
)
def test_the_response_names_its_trace_once(kind: str, passed_on: str, answered: str) -> None:
    """Not that of a service that was called; what a recorder further in has told of it stays."""
    application = Instrumented(kind, "all")

    @application.app.get("/passing-on")
    def passing_on() -> tuple[str, dict[str, str]]:
        return "", {"x-amzn-trace-id": passed_on}

    response = application.get("/passing-on", traceparent=YES)
    assert response.headers.getlist("X-Amzn-Trace-Id") == [answered]
