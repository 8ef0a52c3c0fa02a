"""A probe against real gunicorn and the local cloud: it arrives, whatever would be sampled otherwise."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests

from scripts.verify.check import Status
from scripts.verify.probe import request
from scripts.verify.probe.header import HEADER_NAME, read_answer
from tests.backend.process.backend_process import GUNICORN, started
from tests.end_to_end.backend import KEY_PARAMETER, control, rule_of, tracing_of, until
from tests.end_to_end.probing import Prober, honeycomb_key
from tests.end_to_end.traces import in_both, in_honeycomb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from scripts.verify.check import Result
    from tests.end_to_end.backend import Stage
    from tests.end_to_end.checkout import Checkout

BACKEND, XRAY, HONEYCOMB = "probe.backend", "probe.xray", "probe.honeycomb"


@pytest.fixture(autouse=True, scope="module")
def unlimited(cloud: Checkout) -> Iterator[None]:
    """Let these tests together run more than ten queries a minute."""
    limits = f"{cloud.addresses()['HONEYCOMB_API_ENDPOINT']}/_localcloud/limits"
    before = requests.get(limits, timeout=10).json()
    requests.put(limits, json={"query_results_per_minute": None}, timeout=10).raise_for_status()
    yield
    requests.put(limits, json=before, timeout=10).raise_for_status()


@pytest.fixture
def prober(stage: Stage) -> Prober:
    """Sends probes for the stage."""
    return Prober(stage)


def statuses(results: dict[str, Result]) -> dict[str, str]:
    """Return each check's status."""
    return {check_id: result.status.value for check_id, result in results.items()}


def trace_of(results: dict[str, Result]) -> str:
    """Return the id of the trace that a forced probe made."""
    return results[BACKEND].actual.removeprefix("trace ").split(",")[0]


ALL_PASS = {BACKEND: "pass", XRAY: "pass", HONEYCOMB: "pass"}


def test_it_arrives_whatever_the_rules_say(
    stage: Stage, prober: Prober, xray: XRayClient, tmp_path: Path
) -> None:
    """No rule samples health checks and no caller is trusted: the probe is in both places all the same.

    It is marked, stands for itself alone, and its header is nowhere. No rule has counted it.
    """
    stage.set_rate(0)
    with stage.serving(tmp_path, TRACING_TRUSTED_CALLERS="none") as backend:
        before = rule_of(backend, stage.health_rule)
        results = prober.probe(backend.url(""))
        asked_meanwhile = 2  # /health/tracing, before the probe and here
        after = rule_of(backend, stage.health_rule)
        document = tracing_of(backend)
        assert statuses(results) == ALL_PASS
        found = in_both(xray, stage.honeycomb, [trace_of(results)], spans=1)[trace_of(results)]
        output = backend.output()
    assert after["matched"] - before["matched"] == asked_meanwhile
    assert after["sampled"] == 0
    assert document["probes"] == {"possible": True, "key_version": 1, "forced": 1, "refused": {}}
    [segment], [event] = (spans.values() for spans in found)
    assert event.fields["user_agent.synthetic.type"] == "test"
    assert segment.fields["metadata"]["default"]["user_agent.synthetic.type"] == "test"
    assert event.fields["samplerate"] == 1
    assert "parent_id" not in segment.fields
    assert not [word for word in ("v1;", "racing-probe") if word in f"{segment.fields}{event.fields}"]
    assert "v1;" not in output
    assert trace_of(results) in results[XRAY].actual
    assert "_localcloud/traces/" in results[HONEYCOMB].actual


def test_every_worker_takes_one(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """With two workers, each forces the probes that come to it, and the account is that worker's."""
    with stage.serving(tmp_path, GUNICORN_WORKERS="2") as backend:
        by = set()

        def probed() -> set[int]:
            sent = request.send(backend.url(""), stage.key)
            assert sent.answer is not None
            assert sent.answer.refusal is None
            by.add(sent.answer.pid or 0)
            return by

        until(probed, lambda pids: len(pids) == 2)
        assert statuses(prober.probe(backend.url(""))) == ALL_PASS


def test_a_caller_alone_forces_nothing(stage: Stage, tmp_path: Path) -> None:
    """X-Amzn-Trace-Id with Sampled=1 from nobody known leaves a health check out, and gets no answer."""
    with stage.serving(tmp_path, TRACING_TRUSTED_CALLERS="none") as backend:
        trace_id = f"1-{int(time.time()):08x}-{'ab' * 12}"
        header = {"X-Amzn-Trace-Id": f"Root={trace_id};Parent={'cd' * 8};Sampled=1"}
        answer = requests.get(backend.url("/health"), headers=header, timeout=10)
        assert HEADER_NAME not in answer.headers
        assert tracing_of(backend)["queue"]["recorded"] == 0
        assert tracing_of(backend)["probes"]["forced"] == 0


def test_what_is_no_probe_is_served_as_any_request(stage: Stage, xray: XRayClient, tmp_path: Path) -> None:
    """Forged, replayed, out of time or torn: answered 200, not recorded, counted, and the reason is told."""
    with stage.serving(tmp_path) as backend:
        path = request.PATH
        good, kept = request.signed_headers(stage.key, path, int(time.time()))
        forged, _ = request.signed_headers("hcaik_" + "q" * 58, path, int(time.time()))
        late, _ = request.signed_headers(stage.key, path, int(time.time()) - 90)
        early, _ = request.signed_headers(stage.key, path, int(time.time()) + 90)
        elsewhere, _ = request.signed_headers(stage.key, "/api/activities/home", int(time.time()))
        other_trace = {**request.signed_headers(stage.key, path, int(time.time()))[0]}
        other_trace["X-Amzn-Trace-Id"] = f"Root=1-{int(time.time()):08x}-{'ab' * 12}"
        untraced, _ = request.signed_headers(stage.key, path, int(time.time()))
        del untraced["X-Amzn-Trace-Id"]
        torn = {**good, HEADER_NAME: good[HEADER_NAME][:-1]}
        sent = {
            "forced": good,
            "replayed": good,
            "signature": forged,
            "clock": late,
            "malformed": torn,
            "no-trace": untraced,
        }
        told = []
        for headers in (*sent.values(), early, elsewhere, other_trace):
            answer = requests.get(backend.url(path), headers=headers, timeout=10)
            assert answer.status_code == 200
            read = read_answer(answer.headers[HEADER_NAME])
            assert read is not None
            told.append(read.refusal or "forced")
        assert told == [*sent, "clock", "signature", "signature"]
        document = tracing_of(backend)
        assert document["probes"]["forced"] == document["queue"]["recorded"] == 1
        assert document["probes"]["refused"] == {
            "replayed": 1,
            "signature": 3,
            "clock": 2,
            "malformed": 1,
            "no-trace": 1,
        }
        in_both(xray, stage.honeycomb, [kept], spans=1)


def test_through_a_collector_no_probe_is_possible(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """The backend holds no key there: the check is skipped and says so, and nothing is sent."""
    with stage.serving(
        tmp_path, TRACING_MODE="collector", OTEL_EXPORTER_OTLP_ENDPOINT=stage.honeycomb
    ) as backend:
        results = prober.probe(backend.url(""))
        assert tracing_of(backend)["probes"]["refused"] == {}
    assert statuses(results) == dict.fromkeys(ALL_PASS, "skip")
    assert "in mode collector the collector alone has Honeycomb's key" in results[BACKEND].actual


def test_a_key_of_a_variable_signs_too(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """Where the backend has its key from OTEL_EXPORTER_OTLP_HEADERS, the operator hands over the same."""
    header = {"OTEL_EXPORTER_OTLP_HEADERS": f"x-honeycomb-team={stage.key}"}
    stage.put(KEY_PARAMETER, "hcaik_" + "q" * 58)
    with stage.serving(tmp_path, **header) as backend:
        refused = prober.probe(backend.url(""))[BACKEND]
        assert tracing_of(backend)["probes"]["key_version"] is None
        stage.put(KEY_PARAMETER, stage.key)
        assert statuses(prober.probe(backend.url(""), key=stage.key)) == ALL_PASS
    assert refused.status is Status.FAIL
    assert "the worker holds one of a variable" in refused.actual


def test_without_a_parameter_path_the_standard_sampler_gives_way(stage: Stage, tmp_path: Path) -> None:
    """In mode otlp nothing is sampled by OTEL_TRACES_SAMPLER=always_off, but the probe."""
    environment = {
        "TRACING_PARAMETER_PATH": "",
        "OTEL_SERVICE_NAME": stage.name,
        "OTEL_TRACES_SAMPLER": "always_off",
        "OTEL_EXPORTER_OTLP_ENDPOINT": stage.honeycomb,
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-honeycomb-team={stage.key}",
    }
    with stage.serving(tmp_path, **environment) as backend:
        sent = request.send(backend.url(""), stage.key)
        assert sent.answer is not None
        assert sent.answer.refusal is None
        until(lambda: in_honeycomb(stage.honeycomb, [sent.trace_id]), bool)
        assert tracing_of(backend)["queue"]["recorded"] == 1


def test_with_an_ingest_key_the_workers_account_counts(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """Nobody may ask Honeycomb: it passes by the worker's account of what was taken, and says so."""
    with honeycomb_key(stage.honeycomb, "createDatasets", kind="ingest") as ingest:
        stage.put(KEY_PARAMETER, ingest)
        with stage.serving(tmp_path) as backend:
            results = prober.probe(backend.url(""))
            found = in_honeycomb(stage.honeycomb, [trace_of(results)])
    assert statuses(results) == ALL_PASS
    assert results[HONEYCOMB].expected.endswith("taken by Honeycomb within 25 s")
    assert "not asked for there: the backend's key: " in results[HONEYCOMB].actual
    assert found


def test_the_operators_own_key_asks(stage: Stage, prober: Prober, tmp_path: Path) -> None:
    """Where the backend's key can only send, HONEYCOMB_API_KEY asks; one of another environment doesn't."""
    with (
        honeycomb_key(stage.honeycomb, "createDatasets", kind="ingest", environment="prod") as ingest,
        honeycomb_key(stage.honeycomb, "queries", "columns", kind="configuration", environment="prod") as own,
        honeycomb_key(
            stage.honeycomb, "queries", "columns", kind="configuration", environment="test"
        ) as others,
    ):
        stage.put(KEY_PARAMETER, ingest)
        with stage.serving(tmp_path) as backend:
            asked = prober.probe(backend.url(""), key=own)
            not_asked = prober.probe(backend.url(""), key=others)
    assert statuses(asked) == statuses(not_asked) == ALL_PASS
    assert asked[HONEYCOMB].actual.startswith("1 event after")
    assert "/test, the backend's of" in not_asked[HONEYCOMB].actual


def test_the_command(applied: Checkout, tmp_path: Path) -> None:
    """verify with a probe makes three checks more, after all others; an address that is wrong is told."""
    addresses = applied.addresses()
    names = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    environment = {
        **{name: addresses[name] for name in (*names, "AWS_XRAY_DAEMON_ADDRESS")},
        "TRACING_PARAMETER_PATH": "/cruddur/local/backend-flask",
    }
    with started(GUNICORN, tmp_path, environment) as backend:
        backend.wait_until_serving()
        _, document = applied.verify("--probe", "--backend", backend.url(""))
    checks = document["checks"]
    assert [check["id"] for check in checks if check["id"].startswith("probe.")] == list(ALL_PASS)
    assert {check["status"] for check in checks if check["id"].startswith("probe.")} == {"pass"}
    calls = control(addresses["AWS_ENDPOINT_URL"], "calls")
    assert "BatchGetTraces" in str(calls)
    gone = applied.verify("--probe", "--backend", backend.url(""))
    assert gone[0] == 1
    told = {check["id"]: check for check in gone[1]["checks"]}
    assert "not reached: " in told[BACKEND]["actual"]
    wrong = applied.run("verify", "--probe", "--backend", "ftp://x")
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr
    assert "BACKEND is no address of a backend" in wrong.stderr
