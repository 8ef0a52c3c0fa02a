"""Which requests are forced as probes, and what becomes of them, whoever makes the server span."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import propagate, trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler
from werkzeug.test import TestResponse

from scripts.verify.probe.header import Answer, read_answer, signed
from services.tracing import TracingSettings, init_tracing
from services.tracing.coexistence import installation
from services.tracing.coexistence.guest import Guest
from services.tracing.pipeline import Pipeline
from services.tracing.privacy.sensitive_headers import verdict_on_header
from services.tracing.privacy.verdict import Verdict
from services.tracing.probe_header import SYNTHETIC_TYPE, Refusal
from services.tracing.probes import PROBE_HEADER, Probes
from services.tracing.propagation import Incoming
from services.tracing.recording.trusted_callers import TrustedCallers
from services.tracing.sampling import RuleSampler, standard_sampler
from services.tracing.worker_id import worker_id
from xray.sampling import SamplingRule

KEY, OTHER_KEY = "hcaik_" + "k" * 58, "hcaik_" + "o" * 58
NOW = 1_795_000_000
TRACE_ID = 0x5F84C7A1E7D1852DB8C4FD35D88BF49A
ROOT = "Root=1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
NONCE = "00112233aabbccdd"
NEVER = SamplingRule("never", 1, 0.0, 0)
CALLER = Incoming(TRACE_ID)


def header(key: str = KEY, *, path: str = "/work", seconds: int = NOW, nonce: str = NONCE) -> str:
    """Return a probe's header for a GET in the trace."""
    return signed(key, method="GET", path=path, trace_id=TRACE_ID, seconds=seconds, nonce=nonce)


def gate(now: float = NOW, **options: Any) -> Probes:
    """Return what tells probes, with the key."""
    probes = Probes(clock=lambda: now, **options)
    probes.use(KEY, 3)
    return probes


def looked(probes: Probes, text: str, incoming: Incoming | None = CALLER) -> Refusal | None:
    """Return why a GET to /work is refused, None where it is forced; its header is taken out."""
    environ = {PROBE_HEADER: text}
    refusal = probes.look(environ, "GET", "/work", lambda: incoming).refusal
    assert environ == {}
    return refusal


@given(st.floats(-200, 200))
def test_it_is_valid_for_a_minute_either_way(skew: float) -> None:
    """By our clock, to the second and both ends included."""
    assert looked(gate(NOW + skew), header()) is (None if abs(skew) <= 60 else Refusal.CLOCK)


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 70)), max_size=30))
def test_a_nonce_counts_once(uses: list[tuple[int, float]]) -> None:
    """However late it comes again: as long as its time is valid it is known, and then its time refuses it."""
    now = float(NOW)
    probes = Probes(clock=lambda: now)
    probes.use(KEY)
    forced: list[int] = []
    for number, later in uses:
        now += later
        if looked(probes, header(nonce=f"{number:016x}", seconds=NOW + 60)) is None:
            forced.append(number)
    assert len(forced) == len(set(forced))


def test_at_once_in_many_threads_a_nonce_counts_once() -> None:
    """Of a hundred of the same, one is forced."""
    probes = gate()
    with ThreadPoolExecutor(8) as pool:
        refusals = list(pool.map(lambda _: looked(probes, header()), range(100)))
    assert refusals.count(None) == 1
    assert probes.status()["refused"] == {"replayed": 99}


def test_memory_is_bounded_and_nothing_valid_is_forgotten() -> None:
    """Where no more nonces can be kept, more probes are refused, until the kept ones are out of time."""
    now = float(NOW)
    probes = Probes(clock=lambda: now, nonces_max=2)
    probes.use(KEY)
    told = [looked(probes, header(nonce=f"{number:016x}")) for number in range(3)]
    assert told == [None, None, Refusal.TOO_MANY]
    assert looked(probes, header(nonce=f"{0:016x}")) is Refusal.REPLAYED
    now += 121
    assert looked(probes, header(nonce=f"{3:016x}", seconds=NOW + 121)) is None


def test_only_who_can_sign_takes_memory() -> None:
    """A stranger's headers, however many, leave the room for the operator's."""
    probes = gate(nonces_max=1)
    for number in range(50):
        assert looked(probes, header(OTHER_KEY, nonce=f"{number:016x}")) is Refusal.SIGNATURE
    assert looked(probes, header()) is None


def test_refusals_are_told_apart_and_counted() -> None:
    """In this order: form, trace, key, time, signature."""
    probes = gate()
    assert looked(probes, "v1;") is Refusal.MALFORMED
    assert looked(probes, header(), None) is Refusal.NO_TRACE
    assert looked(probes, header(seconds=NOW + 61)) is Refusal.CLOCK
    assert looked(probes, header(path="/other")) is Refusal.SIGNATURE
    assert looked(probes, header(), Incoming(TRACE_ID + 1)) is Refusal.SIGNATURE
    probes.use(OTHER_KEY, 4)
    assert looked(probes, header()) is Refusal.SIGNATURE
    for nothing in (None, ""):
        probes.use(nothing, 5)
        assert looked(probes, header()) is Refusal.NO_KEY
    refused = {"malformed": 1, "no-trace": 1, "clock": 1, "signature": 3, "no-key": 2}
    assert probes.status() == {"possible": False, "key_version": None, "forced": 0, "refused": refused}


def test_a_reading_that_fails_refuses() -> None:
    """Whatever reading the caller's headers raises stays here."""

    def fail() -> Incoming | None:
        raise RuntimeError("no luck")

    assert gate().look({PROBE_HEADER: header()}, "GET", "/work", fail).refusal is Refusal.MALFORMED


def test_nobody_sees_the_header() -> None:
    """Captured by an instrumentation around ours, its value is hidden like a key's."""
    assert verdict_on_header("x-tracing-probe") is verdict_on_header("x_tracing_probe") is Verdict.HIDE


class Taken(Pipeline):
    """A pipeline that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(())
        self.spans: list[ReadableSpan] = []

    def put(self, span: ReadableSpan) -> None:
        """Keep a span."""
        self.spans.append(span)


class Probed:
    """An application that samples nothing, with our tracing; `sampler` decides instead of rules."""

    def __init__(self, sampler: Sampler | None = None) -> None:
        callers = TrustedCallers.parse("none")
        self.rules = RuleSampler("cruddur", [NEVER], trusted=callers)
        self.taken = Taken()
        self.probes = gate()
        installed = installation.install(Resource({}), sampler or self.rules, self.taken, callers)
        self.provider: Any = installed.provider if isinstance(installed, Guest) else installed
        settings = TracingSettings(trusted_callers=callers)
        self.app = Flask("probed")
        tracing = init_tracing(self.app, settings)
        rules = self.rules if sampler is None else None
        tracing.recorder = installation.make_recorder(installed, "ours", rules, settings, self.probes)
        self.seen: list[Any] = []

        @self.app.get("/work")
        def work() -> dict[str, str]:
            self.seen.append(request.headers.get("X-Tracing-Probe"))
            carrier: dict[str, str] = {}
            propagate.inject(carrier)
            return carrier

    def get(self, probe: str | None = None, **headers: str) -> TestResponse:
        """Send a request in the trace and read its body to the end."""
        named = {"X-Amzn-Trace-Id": ROOT, **headers}
        if probe is not None:
            named["X-Tracing-Probe"] = probe
        return self.app.test_client().get("/work", headers=named, buffered=True)

    def answer(self, probe: str) -> Answer | None:
        """Return what the answer says of a probe."""
        return read_answer(self.get(probe).headers.get("X-Tracing-Probe"))

    @property
    def matched(self) -> list[int]:
        """Return how many requests each rule decided."""
        return [state.status()["matched"] for state in self.rules.states()]


@pytest.fixture(params=["ours", "flask", "wsgi"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return who makes the server span: we, an instrumentation within our middleware, or one around it."""
    return str(request.param)


@pytest.fixture
def theirs() -> TracerProvider | None:
    """The application's own provider; None: it has none."""
    return None


@pytest.fixture(autouse=True)
def process(theirs: TracerProvider | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process in which nothing is installed yet."""
    propagator = propagate.get_global_textmap()
    current: Any = theirs or trace.ProxyTracerProvider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: current)
    monkeypatch.setattr(trace, "set_tracer_provider", lambda _: None)
    monkeypatch.setattr(installation, "_installed", None)
    monkeypatch.setattr(installation, "_notes", [])
    yield
    propagate.set_global_textmap(propagator)


def instrumented(kind: str, application: Probed) -> Probed:
    """Return the application with another instrumentation, where `kind` names one."""
    if kind == "wsgi":
        around: Any = OpenTelemetryMiddleware(application.app.wsgi_app, tracer_provider=application.provider)
        application.app.wsgi_app = around  # type: ignore[method-assign]
    elif kind == "flask":
        FlaskInstrumentor().instrument_app(application.app, tracer_provider=application.provider)  # type: ignore[no-untyped-call]
    return application


SAMPLERS = {
    "rules": None,
    "always_off": standard_sampler("always_off", 1.0, TrustedCallers.parse("none")),
    "traceidratio": standard_sampler("traceidratio", 0.0, TrustedCallers.parse("none")),
}


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
@pytest.mark.parametrize("kind", ["ours", "flask"], indirect=True)
def test_a_probe_is_recorded_whoever_would_decide(kind: str, sampler: Sampler | None) -> None:
    """In the trace that it named, marked, for one request; no rule counts it, and nobody sees its header."""
    application = instrumented(kind, Probed(sampler))
    assert application.get().headers.get("X-Tracing-Probe") is None
    assert application.taken.spans == []
    answer = application.answer(header())
    assert answer is not None
    assert (answer.refusal, answer.key_version) == (None, 3)
    [span] = application.taken.spans
    assert span.context.trace_id == TRACE_ID
    assert span.parent is None
    assert (span.attributes or {})[SYNTHETIC_TYPE] == "test"
    assert getattr(span, "sample_rate", None) in {1, None}
    assert application.matched == ([1] if sampler is None else [0])
    assert application.seen == [None, None]
    again = application.answer(header())
    assert again is not None
    assert again.refusal == "replayed"
    assert len(application.taken.spans) == 1


def test_what_a_probe_calls_is_sampled_too() -> None:
    """The decision goes along, without a rate: it stands for itself."""
    told = Probed().get(header()).get_json()
    assert f"{ROOT};" in told["X-Amzn-Trace-Id"]
    assert told["X-Amzn-Trace-Id"].endswith("Sampled=1")
    assert told["traceparent"].endswith("-01")
    assert "tracestate" not in told


@pytest.mark.parametrize(
    "probe",
    ["x", header(OTHER_KEY), header(seconds=NOW - 61), header(path="/other")],
    ids=["malformed", "key", "clock", "path"],
)
def test_who_can_not_sign_learns_nothing_of_the_worker(probe: str) -> None:
    """A stranger's header is refused, without pid, worker and version of the key."""
    answer = Probed().answer(probe)
    assert answer is not None
    assert answer == Answer(answer.refusal)
    assert answer.refusal in {"malformed", "signature", "clock"}


def test_who_can_sign_learns_which_worker_it_was() -> None:
    """By the id that /health/tracing tells, also where the probe is refused for being a replay."""
    application = Probed()
    for refusal in (None, "replayed"):
        assert application.answer(header()) == Answer(refusal, worker_id(), os.getpid(), 3)


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
def test_another_trace_of_a_mesh_is_told(key: str) -> None:
    """A traceparent beside X-Amzn-Trace-Id wins: not what was signed, which only the signer is told."""
    named = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    answer = read_answer(Probed().get(header(key), **named).headers.get("X-Tracing-Probe"))
    assert answer is not None
    assert answer.refusal == ("other-trace" if key == KEY else "signature")


def test_a_refused_probe_is_any_request(kind: str) -> None:
    """Decided by the rules once, and not sampled."""
    application = instrumented(kind, Probed())
    answer = application.answer(header(OTHER_KEY))
    assert answer is not None
    assert answer.refusal == "signature"
    assert application.taken.spans == []
    assert application.matched == [1]
    assert application.seen == [None]


@pytest.mark.parametrize("kind", ["wsgi"], indirect=True)
def test_what_was_decided_around_us_stays(kind: str) -> None:
    """An instrumentation around the middleware has decided: the answer says so, and nothing is forced."""
    application = instrumented(kind, Probed())
    answer = application.answer(header())
    assert answer is not None
    assert answer.refusal == "decided"
    assert application.taken.spans == []
    assert application.probes.status()["refused"] == {"decided": 1}
    assert application.probes.status()["forced"] == 0


@pytest.mark.parametrize("theirs", [TracerProvider(sampler=ALWAYS_ON, shutdown_on_exit=False)])
@pytest.mark.parametrize("kind", ["ours", "flask"], indirect=True)
@pytest.mark.usefixtures("theirs")
def test_in_the_applications_own_provider(kind: str) -> None:
    """What their provider records is taken, whatever the rules say; the answer names its own trace."""
    application = instrumented(kind, Probed())
    application.get()
    assert application.taken.spans == []
    answered = application.get(header())
    told = read_answer(answered.headers["X-Tracing-Probe"])
    assert told is not None
    assert told.refusal is None
    [span] = application.taken.spans
    assert (span.attributes or {})[SYNTHETIC_TYPE] == "test"
    digits = f"{span.context.trace_id:032x}"
    assert f"1-{digits[:8]}-{digits[8:]}" in answered.headers["X-Amzn-Trace-Id"]


@pytest.mark.parametrize("theirs", [TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)])
@pytest.mark.parametrize("kind", ["ours", "flask"], indirect=True)
@pytest.mark.usefixtures("theirs")
def test_what_their_provider_leaves_out(kind: str) -> None:
    """A span that the application's own sampler drops can't be recorded: the answer says so."""
    application = instrumented(kind, Probed())
    answer = application.answer(header())
    assert answer is not None
    assert answer.refusal == "not-recorded"
    assert application.taken.spans == []
    assert application.probes.status()["forced"] == 0
