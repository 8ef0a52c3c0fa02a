"""services/tracing and xray copied beside an application of somebody else's, with and without what it has."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.backend.process.backend_process import BackendProcess
from tests.backend.tracing.servers import HttpServer
from tests.end_to_end.backend import trace_id_of
from tests.end_to_end.foreign_process import flask_run, gunicorn, serving, surroundings, their_spans
from tests.end_to_end.traces import honeycomb_id, in_both, in_honeycomb, in_xray

if TYPE_CHECKING:
    from tests.end_to_end.backend import Stage

ROOT = Path(__file__).resolve().parents[2]
TRACING = ROOT / "backend-flask" / "services" / "tracing"
SAMPLES = Path(__file__).with_name("another_app")
OWN_VARIANTS = ["nothing_else", "exporter_on_ours", "instrumented_before", "instrumented_after"]
VARIANTS = [*OWN_VARIANTS, "provider_before", "wsgi_middleware", "common"]
SPANS = ["POST", "in-pool", "in-thread", "work"]
"""What a request makes besides its server span."""
REQUESTS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with the samples, and the copy that another application takes."""
    target = tmp_path_factory.mktemp("another")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SAMPLES, target / SAMPLES.relative_to(ROOT), ignore=ignored)
    shutil.copytree(TRACING, target / "services" / "tracing", ignore=ignored)
    shutil.copy(TRACING.parent / "__init__.py", target / "services")
    shutil.copytree(ROOT / "xray", target / "xray", ignore=ignored)
    return target


def get_together(backend: BackendProcess, count: int = REQUESTS) -> list[str]:
    """Send requests at once, the process's very first among them; return their traces' ids."""
    with ThreadPoolExecutor(count) as pool:
        responses = list(pool.map(lambda number: backend.get(f"/work/{number}"), range(count)))
    assert {response.status_code for response in responses} == {200}, backend.output()
    return [trace_id_of(response) for response in responses]


def check_traces(stage: Stage, trace_ids: list[str]) -> None:
    """Find each request once in both sinks, with all that belongs to it in its one trace."""
    assert len(set(trace_ids)) == len(trace_ids)
    for ours, theirs in in_both(stage.xray, stage.honeycomb, trace_ids, spans=len(SPANS) + 1).values():
        assert set(ours) == set(theirs)
        names = sorted(span.fields["name"] for span in theirs.values())
        [server] = [span for span in theirs.values() if span.fields["name"] not in SPANS]
        assert names == sorted([server.fields["name"], *SPANS])
        segment = ours[server.span_id]
        assert segment.parent_id is None
        assert segment.fields["name"] == stage.name
        assert segment.fields["http"]["response"]["status"] == 200
        [work] = [span for span in theirs.values() if span.fields["name"] == "work"]
        assert work.parent_id == segment.span_id
        children = [
            span for span in theirs.values() if span.fields["name"] in {"POST", "in-pool", "in-thread"}
        ]
        assert {span.parent_id for span in children} == {work.span_id}
        assert {span.fields["service.name"] for span in theirs.values()} == {stage.name}


@pytest.mark.parametrize("server", [gunicorn, flask_run])
@pytest.mark.parametrize("variant", VARIANTS)
def test_each_request_is_once_in_both_sinks(
    folder: Path, stage: Stage, tmp_path: Path, variant: str, server: Any
) -> None:
    """Also the first ones, which start the tracing; the response and the upstream are told the trace."""
    with (
        surroundings(stage) as (environment, upstream, theirs),
        serving(folder, tmp_path, server(variant), environment) as backend,
    ):
        trace_ids = get_together(backend)
        check_traces(stage, trace_ids)
        status = backend.get("/status").json()
        assert backend.stop(signal.SIGTERM if server is gunicorn else signal.SIGINT) == 0, backend.output()
        assert "Traceback" not in backend.output()
        assert stage.key not in backend.output()
    told = [request.headers["x-amzn-trace-id"] for request in upstream.requests]
    assert {header.split(";")[0].removeprefix("Root=") for header in told} == set(trace_ids)
    has_random_ids = variant in {"wsgi_middleware", "common"}
    assert [problem for problem in status["problems"] if "RandomIdGenerator" in problem] == status["problems"]
    assert bool(status["problems"]) is has_random_ids
    if variant == "exporter_on_ours":
        printed = Counter(name for name in SPANS for _ in range(backend.output().count(f'"name": "{name}"')))
        assert printed == dict.fromkeys(SPANS, REQUESTS)
    if variant not in OWN_VARIANTS:
        names = Counter(span.name for span in their_spans(theirs))
        assert {name: names[name] for name in SPANS} == dict.fromkeys(SPANS, REQUESTS)
        ids = {span.trace_id.hex() for span in their_spans(theirs) if span.name == "work"}
        assert ids == {honeycomb_id(trace_id) for trace_id in trace_ids}


@pytest.mark.parametrize(
    "options",
    [("-k", "sync"), ("-k", "gevent"), ("-k", "gthread", "--preload"), ("-k", "gevent", "--preload")],
)
def test_under_each_kind_of_worker(
    folder: Path, stage: Stage, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Two workers that nobody but their first requests starts, forked before or after the import.

    gunicorn loses a stop that comes while a worker boots, and ends that one, which has served nothing, after
    the graceful timeout: 30 s by default, as long as the stop is waited for here.
    """
    variant = "patched" if options == ("-k", "gevent", "--preload") else "nothing_else"
    command = gunicorn(variant, "-w", "2", "--graceful-timeout", "15", *options)
    with (
        surroundings(stage) as (environment, _, _),
        serving(folder, tmp_path, command, environment) as backend,
    ):
        trace_ids = get_together(backend)
        assert backend.stop() == 0, backend.output()
    check_traces(stage, trace_ids)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_callers_trace_is_continued(folder: Path, stage: Stage, tmp_path: Path, variant: str) -> None:
    """X-Amzn-Trace-Id reaches whichever instrumentation makes the server span."""
    header = f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()};Parent=53995c3f42cd8ad8;Sampled=1"
    root = header.split(";")[0].removeprefix("Root=")
    with (
        surroundings(stage) as (environment, _, _),
        serving(folder, tmp_path, gunicorn(variant), environment) as backend,
    ):
        # A middleware outside of ours reads the first request's headers before our propagator is there.
        backend.get("/health")
        response = requests.get(backend.url("/work/1"), headers={"X-Amzn-Trace-Id": header}, timeout=10)
        assert trace_id_of(response) == root
        ours, theirs = in_both(stage.xray, stage.honeycomb, [root], spans=len(SPANS) + 1)[root]
    [server] = [span for span in theirs.values() if span.fields["name"] not in SPANS]
    assert server.parent_id == ours[server.span_id].parent_id == "53995c3f42cd8ad8"


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_rules_decide(folder: Path, stage: Stage, tmp_path: Path, variant: str) -> None:
    """What they leave out is in neither sink, wherever it is recorded; their exporter has it all the same."""
    with (
        surroundings(stage) as (environment, upstream, theirs),
        serving(folder, tmp_path, gunicorn(variant), environment) as backend,
    ):
        stage.set_rate(0)
        left_out = [trace_id_of(backend.get(f"/work/{number}")) for number in range(3)]
        stopped = backend.stop()
        assert stopped == 0, backend.output()
    assert all(request.headers["x-amzn-trace-id"].endswith(";Sampled=0") for request in upstream.requests)
    assert in_xray(stage.xray, left_out) == {}
    assert in_honeycomb(stage.honeycomb, left_out) == {}
    if variant not in OWN_VARIANTS:
        assert Counter(span.name for span in their_spans(theirs))["work"] == 3


def test_an_exception_is_recorded(folder: Path, stage: Stage, tmp_path: Path) -> None:
    """By whoever makes the server span."""
    with (
        surroundings(stage) as (environment, _, _),
        serving(folder, tmp_path, gunicorn("common"), environment) as backend,
    ):
        response = backend.get("/fail")
        assert response.status_code == 500
        trace_id = trace_id_of(response)
        ours, _ = in_both(stage.xray, stage.honeycomb, [trace_id], spans=1)[trace_id]
    [segment] = ours.values()
    assert segment.fields["fault"] is True
    assert segment.fields["cause"]["exceptions"][0]["message"] == "no luck"


def _comparable(receiver: HttpServer) -> Counter[str]:
    """Return all of theirs but what differs from run to run: ids, times, ports, process."""
    found: Counter[str] = Counter()
    changing = {"net.host.name", "net.host.port", "net.peer.port", "http.host", "http.url"}
    for request in list(receiver.requests):
        for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans:
            about = sorted(str(a) for a in resource.resource.attributes if a.key != "service.instance.id")
            for scope in resource.scope_spans:
                for span in scope.spans:
                    attributes = sorted(str(a) for a in span.attributes if a.key not in changing)
                    events = [event.name for event in span.events]
                    said = (span.name, span.kind, str(span.status), attributes, events, len(span.links))
                    found[repr((about, scope.scope.name, said))] += 1
    return found


def test_the_common_set_up_goes_on_unchanged(folder: Path, stage: Stage, tmp_path: Path) -> None:
    """Its exporter and its console get with ours what they get without; nothing of ours is in it."""
    received = []
    for more in ({}, {"WITHOUT_OURS": "1"}):
        with (
            surroundings(stage) as (environment, _, theirs),
            serving(folder, tmp_path, gunicorn("common"), {**environment, **more}) as backend,
        ):
            for number in range(3):
                assert backend.get(f"/work/{number}").status_code == 200
            assert backend.get("/fail").status_code == 500
            assert backend.stop() == 0
            printed = backend.output().count('"name": "work"')
        received.append((_comparable(theirs), printed))
    (with_ours, printed_with), (without, printed_without) = received
    assert (with_ours - without, without - with_ours) == (Counter(), Counter())
    assert printed_with == printed_without == 3
    assert with_ours.total() == 3 * 5 + 1
