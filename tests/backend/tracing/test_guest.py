"""In the application's own TracerProvider: its exporter gets all, our pipeline what the rules chose."""

import os
import signal
import threading
from typing import Any

import pytest
from flask import Flask
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from services.tracing import Tracing, TracingSettings, init_tracing
from services.tracing.coexistence.guest import Guest
from services.tracing.coexistence.process_propagator import ProcessPropagator
from services.tracing.coexistence.recent_decisions import RecentDecisions
from services.tracing.pipeline import Pipeline
from services.tracing.recording.trusted_callers import TrustedCallers
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import RuleSampler
from xray.sampling import SamplingRule

ROOT = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
PARENT = "53995c3f42cd8ad8"
OTHER = SpanContext(1, 2, True, TraceFlags(1))
HEALTH = SamplingRule("health", 1, 0.0, 0, url_path="/health*")
EVERYTHING = SamplingRule("all", 2, 1.0, 0)
OURS = Resource({"service.name": "ours", "cloud.platform": "aws_ecs"})


class Taken(Pipeline):
    """A pipeline that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(())
        self.spans: list[ReadableSpan] = []

    def put(self, span: ReadableSpan) -> None:
        """Keep a span."""
        self.spans.append(span)

    @property
    def names(self) -> list[str]:
        """Return the names of what was taken."""
        return sorted(span.name for span in self.spans)


class Joined:
    """An application with a provider of its own, which we joined."""

    def __init__(
        self, *rules: SamplingRule, ids: Any = None, settings: TracingSettings | None = None
    ) -> None:
        self.theirs = InMemorySpanExporter()
        self.provider = TracerProvider(
            resource=Resource({"service.name": "theirs", "their.own": "x"}),
            shutdown_on_exit=False,
            id_generator=ids,
        )
        self.provider.add_span_processor(SimpleSpanProcessor(self.theirs))
        self.tracer = self.provider.get_tracer("theirs")
        self.guest = Guest(self.provider)
        self.taken = Taken()
        self.rules = RuleSampler("ours", rules or [HEALTH, EVERYTHING])
        self.guest.renew(OURS, self.rules, self.taken)
        self.app = Flask("joined")
        self.tracing: Tracing = init_tracing(self.app, TracingSettings())
        self.tracing.recorder = self.guest.make_recorder("ours", self.rules, settings or TracingSettings())

        @self.app.get("/work")
        @self.app.get("/health")
        def work() -> str:
            with self.tracer.start_as_current_span("work"):
                return f"{trace.get_current_span().get_span_context().trace_id:032x}"

    def get(self, path: str, **headers: str) -> Any:
        """Send a request and read its body to the end."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().get(path, headers=named, buffered=True)

    @property
    def their_names(self) -> list[str]:
        """Return the names of what their exporter got."""
        return sorted(span.name for span in self.theirs.get_finished_spans())


@pytest.fixture(params=[False, True], ids=["ours", "flask-instrumentor"])
def joined(request: pytest.FixtureRequest) -> Joined:
    """Both ways of making the server span, with their provider."""
    application = Joined()
    if request.param:
        instrumentor = FlaskInstrumentor()
        instrumentor.instrument_app(application.app, tracer_provider=application.provider)  # type: ignore[no-untyped-call]
    return application


def test_a_request_is_once_in_both(joined: Joined) -> None:
    """One trace, one server span; ours says of which service it is, theirs is as they made it."""
    response = joined.get("/work")
    assert joined.taken.names == joined.their_names == ["GET /work", "work"]
    ids = {span.context.trace_id for span in (*joined.taken.spans, *joined.theirs.get_finished_spans())}
    assert ids == {int(response.text, 16)}
    assert response.headers["X-Amzn-Trace-Id"] == f"Root=1-{response.text[:8]}-{response.text[8:]}"
    for span in joined.taken.spans:
        assert span.resource.attributes["service.name"] == "ours"
        assert span.resource.attributes["their.own"] == "x"
        assert vars(span)["sample_rate"] == 1
    for span in joined.theirs.get_finished_spans():
        assert span.resource.attributes["service.name"] == "theirs"
        assert "sample_rate" not in vars(span)


def test_what_the_rules_leave_out_is_theirs_alone(joined: Joined) -> None:
    """Decided once: the rule counts one request for all its spans."""
    response = joined.get("/health")
    assert joined.taken.names == []
    assert joined.their_names == ["GET /health", "work"]
    assert response.headers["X-Amzn-Trace-Id"]
    [rule] = [state.status() for state in joined.rules.states() if state.rule.rule_name == "health"]
    assert rule["matched"] == 1


@pytest.mark.parametrize(
    ("header", "path", "is_taken"),
    [
        (f"Root={ROOT};Parent={PARENT};Sampled=1", "/health", True),
        (f"Root={ROOT};Parent={PARENT};Sampled=?", "/health", False),
        (f"Root={ROOT};Parent={PARENT};Sampled=?", "/work", True),
        (f"Root={ROOT};Parent={PARENT}", "/work", True),
    ],
)
def test_a_callers_decision_counts(header: str, path: str, is_taken: bool) -> None:
    """Else the rules decide, for a trace that goes on."""
    joined = Joined()
    joined.get(path, X_Amzn_Trace_Id=header)
    assert bool(joined.taken.spans) is is_taken
    assert {span.context.trace_id for span in joined.theirs.get_finished_spans()} == {
        int(ROOT.removeprefix("1-").replace("-", ""), 16)
    }


def test_a_caller_who_is_not_trusted_decides_nothing() -> None:
    """A forced Sampled=1 is left to the rules."""
    joined = Joined(settings=TracingSettings(trusted_callers=TrustedCallers.parse("none")))
    joined.get("/health", X_Amzn_Trace_Id=f"Root={ROOT};Parent={PARENT};Sampled=1")
    assert joined.taken.spans == []
    assert joined.their_names == ["GET /health", "work"]


def test_a_whole_trace_agrees_whatever_a_thread_is_given() -> None:
    """The span itself, its context alone, and spans begun after the root has ended."""
    joined = Joined(SamplingRule("half", 1, 0.5, 0))
    for _ in range(40):
        root = joined.tracer.start_span("root")
        contexts = [
            set_span_in_context(root),
            set_span_in_context(NonRecordingSpan(root.get_span_context())),
        ]
        threads = [
            threading.Thread(
                target=lambda given: joined.tracer.start_span("child", given).end(), args=(context,)
            )
            for context in contexts
        ]
        for thread in threads:
            thread.start()
        root.end()
        for thread in threads:
            thread.join()
        joined.tracer.start_span("late", contexts[0]).end()
    sizes: dict[int, int] = {}
    for span in joined.taken.spans:
        sizes[span.context.trace_id] = sizes.get(span.context.trace_id, 0) + 1
    assert set(sizes.values()) == {4}
    assert 0 < len(sizes) < 40


def test_spans_that_began_before_us_are_decided_by_their_root() -> None:
    """By its attributes, once for all that is below it; the query is no part of the path."""
    joined = Joined(HEALTH, EVERYTHING)
    joined.guest.stop_recording()
    roots = {
        path: joined.tracer.start_span(
            path, kind=SpanKind.SERVER, attributes={"http.target": f"{path}?a=1", "http.method": "GET"}
        )
        for path in ("/health", "/work")
    }
    joined.guest.renew(OURS, joined.rules, joined.taken)
    for root in roots.values():
        joined.tracer.start_span("child", set_span_in_context(root)).end()
        root.end()
    assert joined.taken.names == ["/work", "child"]
    matched = {state.rule.rule_name: state.status()["matched"] for state in joined.rules.states()}
    assert matched == {"health": 1, "all": 1}


def test_the_weight_travels_with_the_span() -> None:
    """A span that the rate chose stands for several."""
    joined = Joined(SamplingRule("tenth", 1, 0.1, 0))
    for _ in range(300):
        joined.tracer.start_span("root", Context()).end()
    assert {vars(span)["sample_rate"] for span in joined.taken.spans} == {10}
    assert len(joined.theirs.get_finished_spans()) == 300


def test_after_a_stop_nothing_is_taken() -> None:
    """Theirs goes on, and a renewal takes again."""
    joined = Joined()
    joined.guest.stop_recording()
    joined.tracer.start_span("between", Context()).end()
    joined.guest.renew(OURS, joined.rules, joined.taken)
    joined.tracer.start_span("after", Context()).end()
    assert joined.taken.names == ["after"]
    assert joined.their_names == ["after", "between"]


def test_what_ends_after_the_stop_counts_as_dropped() -> None:
    """It began while there was tracing; what begins later, or was not chosen, is nobody's loss."""
    joined = Joined()
    pipeline = Pipeline(())
    joined.guest.renew(OURS, joined.rules, pipeline)
    attributes = {"url.path": "/health"}
    spans = [
        joined.tracer.start_span("open", Context()),
        joined.tracer.start_span("not chosen", Context(), attributes=attributes),
    ]
    joined.guest.stop_recording()
    joined.guest.stop_recording()
    pipeline.close(0)
    for span in (*spans, joined.tracer.start_span("later", Context())):
        span.end()
    status = pipeline.status()
    assert (status["recorded"], status["causes"]) == (1, {"stopped": 1})


def test_a_child_has_nothing_of_its_parents() -> None:
    """Neither the lock of its decisions, which another thread may have held, nor what it has open."""
    joined = Joined()
    propagator = ProcessPropagator(joined.guest.decision_of)
    span = joined.tracer.start_span("of the parent", Context())
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with joined.guest._processor._decisions._lock:
            held.set()
            assert over.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        joined.guest.stop_recording()
        with joined.tracer.start_as_current_span("of the child"):
            propagator.inject({})
        span.end()
        os._exit(len(joined.taken.spans))
    over.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_spans_are_weighed() -> None:
    """The queue is bounded by long texts, wherever they are; what is short weighs nothing."""
    joined = Joined()
    joined.tracer.start_span("short", attributes={"a": "b" * 1024, "n": 1}).end()
    long = "x" * 2000
    span = joined.tracer.start_span(
        long, attributes={"text": long, long: 1, "many": ["abc"] * 10}, links=[Link(OTHER, {"l": long})]
    )
    span.add_event(long, {"e": long})
    span.set_status(StatusCode.ERROR, long)
    span.end()
    assert [vars(span)["long_bytes"] for span in joined.taken.spans] == [0, 7 * 2000 + 10 * 67]


def test_long_spans_are_dropped_where_the_queue_is_full_of_them() -> None:
    """And counted, in this mode too."""
    joined = Joined()
    pipeline = Pipeline((), long_bytes=10_000)
    joined.guest.renew(OURS, joined.rules, pipeline)
    for _ in range(5):
        joined.tracer.start_span("long", attributes={"text": "x" * 4000}).end()
    assert pipeline.status()["causes"] == {"queue_full": 3}


def test_what_a_request_stands_for_is_told_to_those_it_calls(joined: Joined) -> None:
    """Within either server span, by the decision that is on its spans."""
    joined.rules.load([SamplingRule("tenth", 1, 0.1, 0)])
    propagator = ProcessPropagator(joined.guest.decision_of)

    @joined.app.get("/calling")
    def calling() -> dict[str, str]:
        carrier: dict[str, str] = {}
        propagator.inject(carrier)
        return carrier

    told = [joined.get("/calling").get_json() for _ in range(200)]
    for carrier in told:
        is_sampled = carrier["X-Amzn-Trace-Id"].endswith(";Sampled=1")
        assert carrier.get("tracestate") == ("xray-rate=10" if is_sampled else None)
    assert sum("tracestate" in carrier for carrier in told) == len(joined.taken.spans) > 0


def test_the_garbage_collector_may_begin_a_span_while_one_is_looked_up() -> None:
    """Its decision is put without waiting for the thread that it interrupted."""
    decisions = RecentDecisions()

    def interrupted() -> None:
        with decisions._lock:
            decisions.put(1, Decision(True, ""))

    thread = threading.Thread(target=interrupted, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert decisions.get(1) is not None


def test_without_rules_all_that_theirs_sampled_is_taken() -> None:
    """A standard sampler has decided already."""
    joined = Joined()
    joined.guest.renew(OURS, joined.provider.sampler, joined.taken)
    joined.tracer.start_span("root", Context()).end()
    assert joined.taken.names == ["root"]


def test_random_ids_are_told() -> None:
    """What they mean for X-Ray, and the remedy; AWS's generator is no problem."""
    [problem] = Joined().guest.problems()
    assert "RandomIdGenerator" in problem
    assert "AwsXRayIdGenerator()" in problem
    assert Joined(ids=AwsXRayIdGenerator()).guest.problems() == []


def test_spans_that_never_end_are_forgotten() -> None:
    """Memory stays within its bound; what is asked for stays."""
    decisions = RecentDecisions(capacity=100)
    kept = Decision(True, "kept")
    decisions.put(1, kept)
    for number in range(2, 1000):
        decisions.put(number, Decision(False, ""))
        assert decisions.get(1) is kept
    assert len(decisions) == 100
    assert decisions.get(2) is None
