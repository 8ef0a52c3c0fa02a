"""Whatever an application does to its spans: it isn't told, memory stays bounded, each loss is counted."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.accounts import SINKS, held
from tests.end_to_end.backend import Stage, control, staged, tracing_of, until
from tests.end_to_end.checkout import ROOT, Checkout
from tests.end_to_end.hostile_spans import CASES, STORM_SPANS, STORMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEGABYTE = 1024 * 1024
GROWTH_MAX_BYTES = 256 * MEGABYTE
"""Generous: the queues hold 64 MiB of long text, and encoding a batch takes some more for a moment."""
DEADLINE_SECONDS = 150


def run(stage: Stage, names: list[str]) -> dict[str, dict[str, Any]]:
    """Run the cases in a process of their own; return what it said of each."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.hostile_process", *names],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}:{ROOT / 'backend-flask'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **stage.environment(),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=DEADLINE_SECONDS,
    )
    assert finished.returncode == 0, finished.stderr[-4000:]
    said = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [one["case"] for one in said] == names
    return {one["case"]: one for one in said}


@pytest.fixture(scope="module")
def place(cloud: Checkout) -> Iterator[Stage]:
    """One stage for all cases."""
    with staged(cloud) as stage:
        yield stage


@pytest.fixture(scope="module")
def unprocessed_before(place: Stage) -> int:
    """How many documents X-Ray had refused before any case."""
    count: int = control(place.addresses["AWS_ENDPOINT_URL"], "daemon")["unprocessed"]
    return count


@pytest.fixture(scope="module")
def outcomes(place: Stage, unprocessed_before: int) -> dict[str, dict[str, Any]]:
    """What became of every case, all in one process, one after the other."""
    return run(place, [case.__name__ for case in CASES])


def assert_counted(outcome: dict[str, Any]) -> None:
    """The application saw nothing, was served, and every span was sent or counted as dropped."""
    assert outcome["failures"] == []
    assert outcome["status"] == 200
    counts = outcome["counts"]
    for name in SINKS:
        assert counts[f"{name}.sent"] + counts[f"{name}.dropped"] == counts["recorded"], (name, counts)


@pytest.mark.parametrize("case", [case.__name__ for case in CASES])
def test_a_hostile_span(place: Stage, outcomes: dict[str, dict[str, Any]], case: str) -> None:
    """No exception, each span accounted for; both sinks took what was sent, the request's own span too."""
    outcome = outcomes[case]
    assert_counted(outcome)
    trace_id, counts = outcome["trace_id"], outcome["counts"]
    sent = {name: counts[f"{name}.sent"] for name in SINKS}
    assert min(sent.values()) >= 1
    until(
        lambda: {name: found.get(trace_id, 0) for name, found in held(place, [trace_id]).items()},
        lambda found: found == sent,
    )


def test_xray_refuses_none_of_it(
    place: Stage, outcomes: dict[str, dict[str, Any]], unprocessed_before: int
) -> None:
    """Every document that left for X-Ray is valid, whatever it came from."""
    assert len(outcomes) == len(CASES)
    daemon = control(place.addresses["AWS_ENDPOINT_URL"], "daemon")
    assert daemon["unprocessed"] == unprocessed_before


@pytest.mark.parametrize("case", [case.__name__ for case in STORMS])
def test_a_storm(stage: Stage, case: str) -> None:
    """More than the sinks can take: memory keeps its bound, and what was too much is counted."""
    outcome = run(stage, [case])[case]
    assert_counted(outcome)
    if case == "storm":
        assert outcome["counts"]["recorded"] == STORM_SPANS + 1
    assert outcome["grown_bytes"] < GROWTH_MAX_BYTES


HOSTILE_HEADERS: dict[str, dict[str, bytes]] = {
    "empty": {"X-Amzn-Trace-Id": b"", "traceparent": b"", "tracestate": b"", "baggage": b""},
    "separators": {"X-Amzn-Trace-Id": b";" * 4000, "traceparent": b"-" * 4000, "tracestate": b"," * 4000},
    "no hex": {"X-Amzn-Trace-Id": b"Root=1-zzzzzzzz-" + b"z" * 24, "traceparent": b"00-" + b"z" * 32},
    "zeros": {
        "X-Amzn-Trace-Id": b"Root=1-00000000-" + b"0" * 24 + b";Parent=" + b"0" * 16 + b";Sampled=1",
        "traceparent": b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01",
    },
    "not UTF-8": {"X-Amzn-Trace-Id": b"Root=\xff\xfe\x80;Parent=\xff", "traceparent": b"\xff" * 55},
    "huge": {"X-Amzn-Trace-Id": b"Root=1-" + b"5" * 8000, "baggage": b"k=" + b"v" * 8000},
    "other digits": {"X-Amzn-Trace-Id": "Root=1-٣٣٣٣٣٣٣٣-٣".encode(), "traceparent": "00-٣".encode()},
    "repeated": {"X-Amzn-Trace-Id": b"Root=a;Root=b;Parent=c;Parent=d;Sampled=1;Sampled=0;Sampled=?" * 20},
    "version ff": {"traceparent": b"ff-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"},
    "many": {"tracestate": b",".join(b"v%d=1" % number for number in range(900))},
    "unknown": {"X-Amzn-Trace-Id": b";".join(b"Field%d=%d" % (n, n) for n in range(400))},
    "far future": {"X-Amzn-Trace-Id": b"Root=1-ffffffff-" + b"a" * 24 + b";Sampled=1"},
    "no sense": {"X-Amzn-Trace-Id": b"=;=;==;a=;=b;\t;Root;Sampled;Self=", "traceparent": b"00-\t-\t-01"},
}


def test_hostile_headers(stage: Stage, tmp_path: Path) -> None:
    """Broken trace headers cost no request its answer; each is traced, under its own id or theirs."""
    with stage.serving(tmp_path) as backend:
        for name, headers in HOSTILE_HEADERS.items():
            connection = http.client.HTTPConnection("127.0.0.1", backend.port, timeout=10)
            connection.putrequest("GET", "/api/activities/home")
            for header, value in headers.items():
                connection.putheader(header, value)
            connection.endheaders()
            response = connection.getresponse()
            assert response.status == 200, name
            assert response.read(), name
            assert "Root=1-" in (response.headers["X-Amzn-Trace-Id"] or ""), name
            connection.close()
        recorded = 2 * len(HOSTILE_HEADERS)
        status = until(
            lambda: tracing_of(backend),
            lambda status: all(sink["sent"] >= recorded for sink in status["sinks"].values()),
        )
        assert status["queue"]["recorded"] == recorded
        assert backend.stop() == 0
        assert "Traceback" not in backend.output()
        assert [line for line in backend.log() if line["level"] != "INFO"] == []
